"""The dialog that copies or saves what is seen: where files may lie, what it says, and how it ends."""

import threading
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from magnus_tracking.errors import StoreNotFoundError
from magnus_tui.app.explorer import ExplorerApp
from magnus_tui.dialogs.save import FileName, SaveScreen
from magnus_tui.format.seen import text_seen
from support.explorer import (
    SIZE_NAMES,
    SIZES,
    at_home,
    explore,
    open_run,
    press,
    screen_text,
    settle,
    until_shown,
)


@pytest.fixture(autouse=True)
def at_home_folder(monkeypatch):
    """The user starts the explorer at home, where files come to lie that say nothing else."""
    monkeypatch.chdir(Path.home())


def said(app):
    return [notification.message for notification in app._notifications]


async def name_it(pilot, name):
    """Type a name in place of the one that is offered."""
    await press(pilot, "w", "tab")
    line = pilot.app.screen.query_one(FileName)
    line.value = ""
    await settle(pilot)
    await press(pilot, *name)
    await press(pilot, "enter")
    return line


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_it_says_what_is_saved_how_and_where(snap_compare, size):
    async def before(pilot):
        await settle(pilot)
        await press(pilot, "w", "down")

    assert snap_compare(explore(at_home("magnus-sweep")), terminal_size=size, run_before=before)


async def test_a_file_that_is_there_stays_and_another_name_is_offered():
    there = Path.home() / "runs.csv"
    there.write_text("mine")
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "w", "enter")
        shown = screen_text(app)
        assert shown.index("runs-2.csv") < shown.index("runs.csv already exists; enter saves under the new name above")
        assert "in ~" in shown
        await press(pilot, "enter")
        assert said(app) == ["saved: ~/runs-2.csv"]
        assert app.screen.table.has_focus
    assert there.read_text() == "mine"
    assert (Path.home() / "runs-2.csv").read_text().startswith("status,run_id,")


@pytest.mark.parametrize("inside", [".run_log_store/runs.csv", ".catalog/runs.csv", "link/runs.csv"])
async def test_nothing_is_written_inside_a_store(inside):
    project = at_home("magnus-sweep")
    (project / "link").symlink_to(project / ".run_log_store")
    before = sorted(project.rglob("*"))
    app = explore(project)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        line = await name_it(pilot, f"~/magnus-sweep/{inside}")
        assert "nothing is ever written into a store" in screen_text(app)
        assert line.value == "~/runs.csv"
        await press(pilot, "enter")
        assert said(app) == ["saved: ~/runs.csv"]
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "type the name of a file"),
        ("~/nowhere/runs.csv", "no such file or directory"),
        ("~/magnus-sweep", "is a folder: type the name of a file in it"),
        ("~/" + "n" * 300, "file name too long"),
    ],
)
async def test_what_can_not_be_written_is_one_line(name, problem):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 24)) as pilot:
        await settle(pilot)
        await name_it(pilot, name)
        assert problem in screen_text(app)
        await press(pilot, "escape")
        assert app.screen.table.has_focus


async def test_the_name_and_the_format_follow_each_other():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        line = await name_it(pilot, "~/mine.md")
        await press(pilot, "w", "down")
        assert app.screen.query_one(FileName).value == "runs.json"
        assert line.value == "~/mine.md"
    assert (Path.home() / "mine.md").read_text().startswith("| status | run |")


@pytest.mark.parametrize(
    ("typed", "saved", "start"), [("foo.csv", "foo.csv", "status,"), ("foo.json", "foo.json", "[")]
)
async def test_an_ending_that_is_typed_before_the_offered_one_takes_its_place(typed, saved, start):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "w", "tab", "ctrl+u", *typed, "enter")
        assert said(app) == [f"saved: ~/{saved}"]
    assert (Path.home() / saved).read_text().startswith(start)


async def test_it_is_copied_as_any_text_is():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "w", "y")
        assert app.clipboard.count("\n") == 16
        assert said(app)[0].startswith("sent to the terminal: status,run_id,")
    assert list(Path.home().glob("runs*")) == []


async def test_what_is_too_long_for_a_terminal_is_not_copied():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 24)) as pilot:
        await settle(pilot)
        lines = text_seen("log", lambda: ((number, "x" * 1000) for number in range(1, 10_000)))
        app.push_screen(SaveScreen(lines, app.screen._compositor.render_strips(), lambda _: False))
        await press(pilot, "y")
        assert "not copied: terminals don't accept more than 8,388,608 characters" in screen_text(app)
        assert app.clipboard == ""


async def test_what_is_given_up_leaves_nothing():
    goes_on = threading.Event()

    def rows():
        for number in range(1, 2_000):
            if number == 700:
                goes_on.wait()
            yield number, "text"

    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        seen = text_seen("log", rows, 1_999)
        app.push_screen(SaveScreen(seen, app.screen._compositor.render_strips(), lambda _: False))
        await settle(pilot)
        await pilot.press("up", "up", "enter")
        try:
            await until_shown(pilot, "writing … 500 of 1,999 rows")
            assert (Path.home() / "log.csv").exists()
            await pilot.press("escape")
            assert app.screen.table.has_focus
        finally:
            goes_on.set()
        await settle(pilot)
        assert said(app) == []
    assert list(Path.home().glob("log*")) == []


async def test_what_is_nested_too_deeply_to_be_written_is_one_line_and_leaves_nothing():
    deep = None
    for _ in range(2_000):
        deep = [deep]
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        seen = replace(text_seen("raw", list, 0), document=lambda: deep)
        app.push_screen(SaveScreen(seen, app.screen._compositor.render_strips(), lambda _: False))
        await settle(pilot)
        await press(pilot, "up", "up", "down", "enter")
        assert "nested too deeply to be written" in screen_text(app)
    assert list(Path.home().glob("raw*")) == []


@pytest.mark.parametrize("keys", [["2"], ["t"], ["question_mark", "escape"]])
async def test_a_picture_shows_the_screen_and_fetches_nothing(keys):
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(pilot, "fixed-9")
        await press(pilot, *keys)
        shown = screen_text(app)
        await press(pilot, "w", "up", "enter")
    (picture,) = Path.home().glob("*.svg")
    drawn = "".join(ElementTree.parse(picture).getroot().itertext()).replace("\xa0", " ")
    for line in shown.splitlines()[:3]:
        assert line.strip().split("  ")[0] in drawn
    assert "url(http" not in picture.read_text()


async def test_where_there_is_no_store_there_is_the_picture(tmp_path):
    app = ExplorerApp(StoreNotFoundError("somewhere/project"), settings_file=tmp_path / "settings.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "w")
        assert "CSV" not in screen_text(app)
        await press(pilot, "enter")
        assert said(app) == ["saved: ~/screen.svg"]
