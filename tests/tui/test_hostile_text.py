"""Whatever a store holds, no cell, message or clipboard text carries what a terminal would obey."""

import pytest
from rich.cells import cell_len

from magnus_tracking.printable import has_unprintable
from support.explorer import SIZE_NAMES, SIZES, explore, press, settle, show_charts
from support.hostile import make_hostile_store
from support.places import PLACES

TABS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"]


def cells_that_drive_the_terminal(app):
    """The texts on the screen that are not printable, and the lines that are not as wide as the screen."""
    found = []
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        text = "".join(segment.text for segment in strip)
        if has_unprintable(text) or cell_len(text) != app.size.width:
            found.append((y, text))
    return found


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize("name", ["magnus-sweep", "runnable-examples", "magnus-examples"])
async def test_no_screen_shows_what_a_terminal_would_obey(tmp_path, size, name):
    make_hostile_store(tmp_path, name)
    app = explore(tmp_path)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "o", "space", "enter")
        for place, keys in PLACES.items():
            for key in keys:
                await press(pilot, key)
                assert cells_that_drive_the_terminal(app) == [], (place, key)
        await press(pilot, "escape", "escape")
        for tab in [*TABS, "question_mark", "escape", "y", "ctrl+p", "r", "u", "n"]:
            await press(pilot, tab)
            assert cells_that_drive_the_terminal(app) == [], tab


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
async def test_no_chart_beside_the_list_shows_what_a_terminal_would_obey(tmp_path, size):
    make_hostile_store(tmp_path, "magnus-sweep")
    app = explore(tmp_path)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "a")
        curves = await show_charts(pilot)
        assert cells_that_drive_the_terminal(app) == []
        curves.focus_content()
        for key in ("right", "end", "colon", "1", "enter", "y", "enter", "left", "down", "escape", "escape"):
            await press(pilot, key)
            assert cells_that_drive_the_terminal(app) == [], key


async def test_messages_are_data_not_markup(tmp_path):
    make_hostile_store(tmp_path, "magnus-sweep")
    app = explore(tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        for teller in (app, app.screen):
            teller.notify("[red]a\x1b]0;TAKEN\x07b[/", title="\x9b31mt")
        await settle(pilot)
        assert [(said.message, said.title, said.markup) for said in app._notifications] == 2 * [
            ("[red]ab[/", "t", False)
        ]
        assert cells_that_drive_the_terminal(app) == []
