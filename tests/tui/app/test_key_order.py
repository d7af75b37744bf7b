"""Text that comes in one burst, as a terminal sends what is pasted, does what it does when it is typed slowly."""

import pytest
from textual import events
from textual.keys import _character_to_key

from magnus_tui.run.log_view import LogView
from support.explorer import at_home, explore, open_run, press, screen_text, settle

NAMES = {"\r": "enter", "\x1b": "escape"}
TYPED = {"space": " "}


def key_of(typed):
    """The event of a character, or of a key by its name."""
    if len(typed) > 1:
        return events.Key(typed, TYPED.get(typed))
    return events.Key(NAMES.get(typed) or _character_to_key(typed) or typed, typed if typed.isprintable() else None)


def burst(app, keys):
    """Send keys as a terminal does that has them all at once."""
    for key in keys:
        app.post_message(key_of(key))


async def typed(pilot, keys):
    for key in keys:
        burst(pilot.app, [key])
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


BURSTS = [
    # the list, whose rows are being selected or put in order
    *(f"{key} enter" for key in ("!", "s", "S", "B", "*")),
    *(f"{key} down enter" for key in ("!", "S", "*")),
    "/ s u c c enter enter",
    "/ f a i l enter ! enter",
    "/ f a i l enter escape down enter",
    "! down escape enter",
    "! S s enter",
    "! a c",
    "S space space c",
    "! n enter",
    "S : 3 enter enter",
    "b down down enter enter down enter",
    "b down down enter - down enter",
    "b down down enter - + down down enter",
    "o down space enter s enter",
    "b / l r enter enter",
    "? / s o r t enter",
    "ctrl+p n e x t space f enter",
    "p p tab down enter",
    # a run that is being read, and what is read of it
    "enter 5 n",
    "enter 5 / d i v e r g e d enter n",
    "end enter 2 enter + +",
    "end enter 2 / l o s s enter enter",
    "enter 2 v down down right enter",
    "enter 9 / l r enter down enter",
    "enter 3 / l r enter down",
    "enter 6 down",
    "enter 1 down down",
    "enter / t r enter enter",
    "down enter } 2 enter",
    "enter down enter 5 escape",
    "enter t down enter",
    "enter t B enter",
    # other screens
    "v left enter",
    "space down space c d s down",
    "space down space c / l r enter down enter",
    "space down space c s i",
    "space down space c p p tab",
    "space down space c d down space",
    "enter c d down",
    "f enter",
    "f enter enter",
    "f / n a n enter enter",
    "f 2 enter enter",
    "enter f enter enter",
]


@pytest.mark.parametrize("keys", BURSTS)
async def test_a_burst_of_keys_ends_in_the_state_of_the_same_keys_typed_slowly(keys):
    project = at_home("magnus-sweep")
    ends = []
    for at_once in (False, True):
        app = explore(project)
        async with app.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            if at_once:
                burst(app, keys.split())
            else:
                await typed(pilot, keys.split())
            await settle(pilot)
            await settle(pilot)
            stack = [type(screen).__name__ for screen in app.screen_stack]
            ends.append((stack, type(app.focused).__name__, screen_text(app)))
    assert ends[0] == ends[1]


async def test_a_paste_behind_a_key_that_waits_stays_behind_it():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        burst(app, ["enter", "9", "/"])
        app.post_message(events.Paste("lr"))
        await settle(pilot)
        await settle(pilot)
        assert app.screen.query_one("FilterBar Input").value == "lr"
