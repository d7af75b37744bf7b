"""Stores that are not one folder of this disk, on the screen: an archive, and several stores in one list."""

import shutil
import time
from pathlib import Path

from magnus_tracking.stores import open_stores
from magnus_tui.app.explorer import ExplorerApp
from magnus_tui.screen_requests import RunsListed
from support.explorer import NOW, at_home, explore, press, screen_text, settle
from support.waiting import LONG


async def shows(pilot, *texts):
    """Wait until the screen shows all texts; what it shows."""
    end = time.monotonic() + LONG
    while not all(text in screen_text(pilot.app) for text in texts):
        assert time.monotonic() < end, f"waited for {texts} on the screen:\n{screen_text(pilot.app)}"
        await pilot.pause(0.02)
    return screen_text(pilot.app)


async def test_an_archive_is_explored_like_the_folder_that_was_packed():
    project = at_home("magnus-sweep")
    archive = shutil.make_archive(str(Path.home() / "packed"), "zip", project)
    app = explore(archive)
    async with app.run_test(size=(120, 30)) as pilot:
        await shows(pilot, "~/packed.zip", "15 runs", "fixed-11")
        await press(pilot, "n", "enter")
        await shows(pilot, "loss diverged", "train model", "end of traceback")


async def test_what_keeps_an_archive_from_being_read_stays_on_the_screen():
    archive = Path.home() / "broken.zip"
    archive.write_text("nothing of the kind")
    app = explore(str(archive))
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "no copy", "not an archive that this Python can open")


async def test_several_stores_are_one_list_with_a_column_that_says_which():
    projects = [at_home("magnus-sweep"), at_home("runnable-minio")]
    settings = Path.home() / "settings.toml"
    settings.write_text('follow = false\nwelcome = false\nsort = ["id"]\n')
    app = ExplorerApp(open_stores(projects), settings_file=settings, clock=lambda: NOW)
    async with app.run_test(size=(160, 45)) as pilot:
        shown = await shows(pilot, "magnus-sweep + runnable-minio", "21 runs", "store", "fail-minio", "fixed-11")
        lines = [line.split() for line in shown.splitlines()]
        assert any(line[1:3] == ["fail-minio", "runnable-minio"] for line in lines)
        assert any(line[1:3] == ["fixed-11", "magnus-sweep"] for line in lines)
        await settle(pilot)
        await press(pilot, "n", "enter")
        await shows(pilot, "the step failed on purpose")


async def test_several_stores_read_for_the_first_time_have_columns_and_keep_that_of_the_store():
    projects = [at_home("magnus-sweep"), at_home("runnable-minio")]
    settings = Path.home() / "settings.toml"
    settings.write_text('follow = false\nwelcome = false\nsort = ["id"]\n')
    app = ExplorerApp(open_stores(projects), settings_file=settings, clock=lambda: NOW)
    async with app.run_test(size=(160, 45)) as pilot:
        await shows(pilot, "21 runs", "fixed-11")
        await settle(pilot)
        table = app.screen.table
        assert [column.name for column in table.columns if column.name] == ["param.lr", "metric.loss"]
        app.post_message(RunsListed(metric="accuracy"))
        await settle(pilot)
        assert [column.title for column in table.columns if column.title in ("store", "accuracy")] == [
            "store",
            "accuracy",
        ]
