import asyncio
import threading
import tomllib
from collections import Counter

import pytest
from textual.command import CommandList
from textual.css.stylesheet import Stylesheet
from textual.events import Key
from textual.worker import Worker

from magnus_tui.feed.messages import CopyChanged, RunsChanged
from magnus_tui.theme import THEMES
from support.explorer import at_home, explore, press, screen_text, settle
from support.waiting import LONG


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_every_theme_that_is_offered_draws_every_screen(theme):
    app = explore(at_home("magnus-sweep"), theme=f'"{theme}"')
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        assert set(app.available_themes) > {known.name for known in THEMES}
        assert app.theme == theme
        for keys in (["enter", "2", "escape"], ["space", "space", "c"], ["f"], ["v"], ["question_mark"]):
            await press(pilot, *keys)
            assert screen_text(app).strip()
            while len(app.screen_stack) > 1:
                await press(pilot, "escape")


async def test_what_was_read_for_a_screen_that_is_left_meanwhile_is_dropped():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "f")
        failures, told = app.screen, []
        begun, is_left, is_read = threading.Event(), threading.Event(), threading.Event()

        def read():
            begun.set()
            assert is_left.wait(LONG)
            try:
                told.append(app.call_from_thread(failures.query_one, "#failures-table"))
            finally:
                is_read.set()

        failures.run_worker(read, thread=True)
        while not begun.is_set():
            await pilot.pause(0.01)
        await pilot.press("escape")
        while failures.query("#failures-table"):
            await pilot.pause(0.01)
        is_left.set()
        while not is_read.is_set():
            await pilot.pause(0.01)
        assert told == [None]


@pytest.mark.parametrize("size", [(160, 45), (80, 24)], ids=["160x45", "80x24"])
async def test_every_screen_opens_without_colours(size, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        tabs = ["enter", *"23456789", "escape", "escape"]
        for keys in (tabs, ["space", "space", "c"], ["f"], ["v"], ["question_mark"], ["o"], ["b"], ["w"], ["p", "p"]):
            await press(pilot, *keys)
            assert screen_text(app).strip()
            while len(app.screen_stack) > 1:
                await press(pilot, "escape")


async def test_a_theme_that_is_chosen_is_remembered():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        app.theme = "magnus-light"
        await settle(pilot)
    assert tomllib.loads(app.settings_file.read_text())["theme"] == "magnus-light"


async def test_the_palette_finds_what_a_key_does():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p", *"failed runs only", "down", "enter")
        assert len(app.screen.table.row_ids) == 2


async def test_the_palette_finds_no_command_whose_sentence_only_has_the_letters_of_what_is_typed():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p", *"loss")
        await settle(pilot)
        found = [str(option.prompt) for option in app.screen.query_one(CommandList).options]
        assert [text.split() for text in found] == [["runs", "by", "metric", "loss"]]
        assert "enter choose  esc close" in screen_text(app)


async def test_the_palette_starts_with_what_can_be_done_here_each_with_its_key():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p")
        shown = screen_text(app)
        assert "enter   open                Open the run under the cursor; fold or unfold a group" in shown
        assert "!       failed              Show failed runs only, or all runs again" in shown


async def test_a_command_of_the_palette_is_one_line_however_long_its_sentence_is():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p", "down")
        lines = screen_text(app).splitlines()
    place = next(place for place, line in enumerate(lines) if "compare  " in line)
    assert lines[place].rstrip(" │▆▇█▁▂▃▄▅").endswith("…")
    assert lines[place + 1].split()[1:3] == ["!", "failed"]


@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ("fixed-9", lambda app: app.screen.run_id == "fixed-9"),
        ("prepare", lambda app: app.screen.query_text == "step:prepare" and len(app.screen.table.row_ids) == 15),
        ("accuracy", lambda app: app.screen.table.sorted_by == ("metric.accuracy", False)),
    ],
)
async def test_the_palette_jumps_to_a_run_a_step_and_a_metric_by_name(typed, then):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "ctrl+p", *typed, "down", "enter")
        await settle(pilot)
        assert then(app)


async def test_the_help_shows_the_keys_of_the_screen():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "question_mark")
        assert "Compare the marked runs" in screen_text(app)


async def test_nothing_that_is_begun_beside_the_screen_writes_out_what_it_is_given():
    described = []

    def listen(message):
        if isinstance(message, Worker.StateChanged):
            described.append(message.worker.description)

    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45), message_hook=listen) as pilot:
        await settle(pilot)
        screens = (["enter", "2", "enter", "m", "escape", "escape"], ["f"], ["v"], ["space", "down", "space", "c", "s"])
        for keys in screens:
            await press(pilot, *keys)
            while len(app.screen_stack) > 1:
                await press(pilot, "escape")
    assert {"curves of runs", "rows of a comparison"} <= set(described)
    assert max(map(len, described)) < 300


async def test_what_is_copied_outside_tmux_is_said_to_be_sent_to_the_terminal():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "y")
        assert [one.message for one in app._notifications] == ["sent to the terminal: fixed-11"]
        assert app.clipboard == "fixed-11"


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_what_is_said_lies_over_the_keys_and_hides_no_row_of_the_list(size):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        *before, _ = screen_text(app).splitlines()
        for _ in range(3):
            await press(pilot, "u")
        *after, said = screen_text(app).splitlines()
        assert "no run is marked" in said
        assert after == before


@pytest.mark.parametrize("key", ["question_mark", "f", "b"])
async def test_what_a_screen_shows_is_styled_as_it_is_mounted_and_not_again_before_its_first_frame(key, monkeypatch):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        updated = Counter()
        update = Stylesheet.update_nodes

        def counted(self, nodes, animate=False):
            nodes = list(nodes)
            updated.update(type(node).__name__ for node in nodes)
            update(self, nodes, animate)

        monkeypatch.setattr(Stylesheet, "update_nodes", counted)
        await pilot.press(key)
        await settle(pilot)
        assert len(app.screen_stack) == 2
        assert not updated["TitleBar"]
        assert not updated["Vertical"]


async def test_a_screen_is_low_on_a_low_terminal_from_its_first_frame_on():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 12)) as pilot:
        await settle(pilot)
        assert app.screen.has_class("-low")
        await press(pilot, "question_mark")
        assert app.screen.has_class("-low")
        await pilot.resize_terminal(80, 30)
        await settle(pilot)
        assert app.screen.has_class("-high")
        assert not app.screen.has_class("-low")


async def test_a_thread_that_works_goes_on_once_the_key_was_answered():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        seen = []

        def work():
            app.let_answer()
            seen.append(app.screen.table.cursor)

        await app.on_event(Key("down", None))
        await asyncio.to_thread(work)
        assert seen == [1]


async def test_changes_that_come_while_the_application_ends_are_told_to_no_screen_that_is_taken_apart():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        # As when an application ends: each screen goes before the messages that are still under way.
        await app._prune(app.screen)
        for message in (
            RunsChanged(frozenset({"fixed-1"}), frozenset(), 1, 1),
            CopyChanged("copying", None),
        ):
            app.post_message(message)
            await pilot.pause()
        assert app.is_running
