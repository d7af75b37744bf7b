"""Whatever word people would try, the palette finds what is meant."""

import pytest
from textual.events import Click
from textual.widgets import Input

from support.explorer import at_home, explore, press, screen_text, settle

FOUND = {
    "uncommitted": "code:dirty",
    "dirty": "code:dirty",
    "failed": "status:fail",
    "nan": "nan:metric.loss",
    "slowest": "sorted by -duration",
    "diff": "compare",
    "theme": "Choose the theme",
    "copy": "Copy the id",
    "export": "Copy or save",
    "traceback": "failures",
    "params": "columns",
}


@pytest.mark.parametrize("word", FOUND)
@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_a_word_of_the_field_finds_the_command_or_the_filter(word, size):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p", *word)
        assert FOUND[word] in screen_text(app)


async def test_a_filter_that_was_found_by_a_word_filters_the_list():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "ctrl+p", *"crashed", "enter")
        assert app.screen.filter_bar.query_text == "status:fail"
        assert len(app.screen.table.row_ids) == 2


async def test_runs_are_put_in_order_by_a_word():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p", *"slowest", "enter")
        assert app.screen.table.sorted_by == ("duration", True)


@pytest.mark.parametrize("size", [(120, 30), (20, 6), (10, 3)])
async def test_keys_that_come_faster_than_the_palette_can_answer_do_no_harm(size):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        listed = app.screen
        await pilot.press("ctrl+p")
        await press(pilot, "pagedown", "pageup", *"slowest")
        field = app.screen.query_one(Input)
        for _ in range(3):
            await field.action_submit()
        await settle(pilot)
        await press(pilot, "escape", "escape")
        assert app.screen is listed
        for _ in range(2):
            await pilot.press("ctrl+p")
            palette = app.screen
            palette.dismiss()
            palette.dismiss()
            await settle(pilot)
            assert app.screen is listed
        app.action_change_theme()
        await press(pilot, "pagedown", "pageup", *"light", "pageup", "escape", "escape")
        assert app.screen is listed


async def test_a_click_where_the_terminal_no_longer_reaches_does_nothing():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p")
        palette = app.screen
        palette.post_message(Click(palette, 150, 50, 0, 0, 1, False, False, False, 150, 50))
        await settle(pilot)
        assert app.screen is palette
