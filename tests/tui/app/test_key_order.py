"""Text that comes in one burst, as a terminal sends what is pasted, does what it does when it is typed slowly."""

import pytest
from textual import events

from magnus_tui.run.log_view import LogView
from support.explorer import at_home, explore, open_run, press, screen_text, settle

NAMES = {
    "/": "slash",
    ":": "colon",
    "\r": "enter",
    "\x1b": "escape",
    " ": "space",
    "<": "less_than_sign",
    ".": "full_stop",
    "!": "exclamation_mark",
}


def burst(app, text):
    """Send keys as a terminal does that has them all at once."""
    for character in text:
        app.post_message(events.Key(NAMES.get(character, character), character if character.isprintable() else None))


async def typed(pilot, text):
    for character in text:
        await pilot.press(NAMES.get(character, character))
        await settle(pilot)


TEXTS = [
    "/status:fail",
    "/status:fail\r",
    "/status:fail and",
    "/metric.loss<0.3 qS!uq",
    "/status:fail\x1b",
    "!/sweep\rs",
    "/metric.lozz<3",
    "/a\r/b\r/status:success",
]


@pytest.mark.parametrize("text", TEXTS)
async def test_a_filter_pasted_as_keys_ends_in_the_state_of_one_that_is_typed(text):
    project = at_home("magnus-sweep")
    shown = []
    for send in (typed, None):
        app = explore(project)
        async with app.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            if send is not None:
                await send(pilot, text)
            else:
                burst(app, text)
            await settle(pilot)
            await settle(pilot)
            table, bar = app.screen.table, app.screen.filter_bar
            shown.append((bar.query_text, list(table.row_ids), table.has_focus, bar.is_typing, table.sorted_by))
    assert shown[0] == shown[1]


async def test_a_bracketed_paste_right_behind_the_key_that_opens_the_filter_is_taken_whole():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        burst(app, "/")
        app.post_message(events.Paste("status:fail\nor tag:sweep-1\n"))
        await settle(pilot)
        assert app.screen.filter_bar.query_text == "status:fail or tag:sweep-1"
        app.post_message(events.Paste(" \n"))
        await settle(pilot)
        assert app.screen.filter_bar.query_text == "status:fail or tag:sweep-1"


async def test_a_name_pasted_behind_the_key_that_opens_the_dialog_of_queries_saves_the_query():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *"status:fail", "enter")
        burst(app, "Qfast\r")
        await settle(pilot)
        await settle(pilot)
        assert app.settings.queries == {"fast": "status:fail"}


async def test_a_search_pasted_behind_the_key_that_opens_it_in_a_log():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await open_run(pilot, "fixed-11", tab="log")
        await settle(pilot)
        screen.query_one(LogView).query_one("LogLines").focus()
        await settle(pilot)
        burst(app, "/diverged\r")
        await settle(pilot)
        await settle(pilot)
        assert screen.query_one("FilterBar Input").value == "diverged"
        assert "diverged" in screen_text(app)


async def test_a_run_opened_in_one_burst_with_its_filter_is_one_that_the_filter_selects():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        burst(app, "/sweep-4\r\r")
        await settle(pilot)
        await settle(pilot)
        assert app.screen.run_id == "sweep-4"
