"""What the dialogs look like, over the screen that they are for."""

import pytest
from textual.widgets import Input

from support.explorer import SIZE_NAMES, SIZES, at_home, explore, press, settle

DIALOGS = {
    "filter": ["slash", *"status:"],
    "filter-error": ["slash", *"colour:red"],
    "columns": ["o"],
    "columns-filtered": ["o", "slash", *"loss"],
    "groups": ["b"],
    "saved-queries": ["slash", *"tag:sweep-2", "enter", "Q", *"two", "enter", "Q"],
    "help": ["question_mark"],
    "palette": ["ctrl+p"],
    "palette-of-names": ["ctrl+p", *"fixed-1"],
    "row": ["colon"],
    "step-of-a-curve": ["down", "enter", "2", "enter", "colon"],
    "ignored": ["space", "space", "c", "i", "I"],
}


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize("keys", DIALOGS.values(), ids=DIALOGS)
def test_dialogs(snap_compare, keys, size):
    async def before(pilot):
        await settle(pilot)
        await press(pilot, *keys)
        for line in pilot.app.screen.query(Input):
            line.cursor_blink = False
        await settle(pilot)

    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=before)


@pytest.mark.parametrize("keys", DIALOGS.values(), ids=DIALOGS)
async def test_ctrl_q_quits_from_every_dialog(keys):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *keys)
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert app.return_code == 0
