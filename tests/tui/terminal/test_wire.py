"""What is sent to the terminal shows exactly what was composed, and is little."""

import json

import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.web_driver import WebDriver
from textual.messages import TerminalSupportsSynchronizedOutput

from magnus_tui.feed.messages import RunsChanged
from magnus_tui.terminal.wire import SparingDriver, sparing
from magnus_tui.theme import THEMES
from support.explorer import SIZE_NAMES, SIZES, at_home, explore, press, settle
from support.hostile import make_hostile_store
from support.places import PLACES
from support.replay import composing, differences, replayed


@pytest.fixture(autouse=True)
def terminal_with_all_colours(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


WIDE = [
    "漢字かな",
    "한국어 xyz",
    "e\u0301a\u0308",
    "🚀 up",
    "👩\u200d🚀 zwj",
    "❤\ufe0f heart",
    "🇩🇪 flag",
    "\ue0b0 private",
    "ｆｕｌｌ",
]


def drawn(project, replay_driver):
    """The explorer of a project, drawing through the driver that sends only what changes."""
    app = explore(project)
    app.driver_class = replay_driver
    return app


@pytest.fixture
async def at_list():
    """The explorer on its list, and the terminal that it draws on."""
    replay, driver = replayed(160, 45)
    app = drawn(at_home("magnus-sweep"), driver)
    async with app.run_test(headless=False, size=(160, 45)) as pilot:
        await walked(pilot, replay, [])
        yield pilot, replay


async def walked(pilot, replay, keys):
    """Press keys one after the other, and look at every cell after each of them."""
    await settle(pilot)
    assert differences(pilot.app, replay) == []
    for key in keys:
        await press(pilot, key)
        assert differences(pilot.app, replay) == [], key


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
async def test_every_cell_shows_what_was_composed_on_every_screen(size):
    replay, driver = replayed(*size)
    app = drawn(at_home("magnus-sweep"), driver)
    async with app.run_test(headless=False, size=size, notifications=True, tooltips=True) as pilot:
        await walked(pilot, replay, [key for keys in PLACES.values() for key in keys])


async def test_after_a_resize_everything_is_sent_even_if_the_size_is_what_it_was(at_list):
    pilot, replay = at_list
    for width, height in [(100, 30), (160, 45), (160, 45), (80, 24), (120, 60), (160, 45)]:
        replay.scribble(width, height)
        await pilot.resize_terminal(width, height)
        await walked(pilot, replay, ["j"])


async def test_ctrl_l_paints_over_what_something_else_wrote(at_list):
    pilot, replay = at_list
    for keys in [[], ["enter"], ["question_mark"], ["escape", "escape", "slash"]]:
        await press(pilot, *keys)
        replay.scribble(160, 45)
        await press(pilot, "ctrl+l")
        await walked(pilot, replay, [])


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_a_change_of_theme_reaches_every_cell(at_list, theme):
    pilot, replay = at_list
    pilot.app.theme = theme
    await walked(pilot, replay, ["j"])


async def test_hostile_and_wide_text_shows_as_it_was_composed(tmp_path):
    make_hostile_store(tmp_path, "magnus-sweep")
    for number, name in enumerate(WIDE):
        log = next((tmp_path / ".run_log_store").glob("*.json"))
        document = json.loads(log.read_text()) | {"run_id": f"run-{number}", "tag": name}
        (tmp_path / ".run_log_store" / f"run-{number}.json").write_text(json.dumps(document))
    replay, driver = replayed(160, 45)
    app = drawn(tmp_path, driver)
    async with app.run_test(headless=False, size=(160, 45)) as pilot:
        await walked(pilot, replay, ["j", "j", "pagedown", "home", "enter", "9", "down", "right", "pagedown", "escape"])


async def test_what_is_shown_already_is_not_sent_again(at_list):
    pilot, replay = at_list
    before = len(replay.sent)
    pilot.app.screen.refresh(layout=True)
    await settle(pilot)
    assert replay.sent[before:] == []


async def test_a_frame_is_one_synchronised_write_where_the_terminal_takes_that(at_list):
    pilot, replay = at_list
    pilot.app.post_message(TerminalSupportsSynchronizedOutput())
    await settle(pilot)
    before = len(replay.sent)
    await press(pilot, "j")
    for part in replay.sent[before:]:
        assert part.startswith("\x1b[?2026h")
        assert part.endswith("\x1b[?2026l")


def test_a_variable_switches_it_off(monkeypatch):
    assert issubclass(sparing(HeadlessDriver), HeadlessDriver)
    assert sparing(HeadlessDriver) is not HeadlessDriver
    monkeypatch.setenv("MAGNUS_TUI_WIRE", "plain")
    assert sparing(HeadlessDriver) is HeadlessDriver


def test_in_a_browser_only_changes_are_sent_too(monkeypatch):
    monkeypatch.setattr("textual.constants.DRIVER", "textual.drivers.web_driver:WebDriver")
    app = explore(at_home("magnus-sweep"))
    assert issubclass(app.get_driver_class(), SparingDriver)
    assert issubclass(app.get_driver_class(), WebDriver)


@pytest.fixture
async def frames_at_list():
    """The explorer on its list, and the frames that are composed from then on."""
    frames, driver = composing()
    app = drawn(at_home("magnus-sweep"), driver)
    async with app.run_test(headless=False, size=(160, 45)) as pilot:
        await settle(pilot)
        frames.sent.clear()
        yield pilot, frames


async def test_a_covered_list_paints_nothing(frames_at_list):
    pilot, frames = frames_at_list
    await press(pilot, "enter")
    frames.sent.clear()
    below = pilot.app.screen_stack[0]
    below.runs_changed(RunsChanged(frozenset({"fixed-1"}), frozenset(), 1, 1))
    below.table.cursor += 3
    await settle(pilot)
    assert frames.sent == []


async def test_a_change_that_reads_the_same_paints_nothing(frames_at_list):
    pilot, frames = frames_at_list
    pilot.app.screen.runs_changed(RunsChanged(frozenset({"fixed-1"}), frozenset(), 1, 1))
    await settle(pilot)
    assert frames.sent == []


async def test_a_cursor_key_paints_two_rows_and_then_the_preview_once(frames_at_list):
    pilot, frames = frames_at_list
    await press(pilot, "j")
    rows, *preview = [len(frame) for frame in frames.sent]
    assert rows < 2_000
    assert len(preview) <= 1


async def test_a_line_that_is_typed_has_a_cursor_that_stands_still(frames_at_list):
    pilot, _ = frames_at_list
    await press(pilot, "slash")
    assert pilot.app.focused.cursor_blink is False
