"""The explorer as tests drive it: a settled screen, a clock that stands, a home with nothing in it."""

import contextlib
import shutil
import time
from datetime import datetime
from pathlib import Path

from textual.worker import WorkerCancelled

from magnus_tracking.stores import open_store
from magnus_tui.app.explorer import ExplorerApp
from magnus_tui.run.screen import RunScreen
from support.stores import DATA_STORES
from support.waiting import LONG

NOW = datetime(2026, 11, 23, 20, 0, 0)
SIZES = [(160, 45), (80, 24)]
SIZE_NAMES = ["160x45", "80x24"]


def explore(project, **settings):
    """The explorer of a project at a time that stands still, following nothing unless told to."""
    chosen = {"follow": "false", "welcome": "false", **settings}
    lines = [f"{name} = {value}" for name, value in chosen.items()]
    file = Path.home() / "settings.toml"
    file.write_text("\n".join(lines) + "\n")
    return ExplorerApp(open_store(project), settings_file=file, clock=lambda: NOW)


def at_home(name):
    """A copy of one of the real engines' stores in the test's home, so that its path is the same everywhere."""
    project = Path.home() / name
    for folder in (".run_log_store", ".catalog"):
        shutil.copytree(DATA_STORES / name / folder, project / folder)
    return project


_GOES_ON = {"follow", "zoom"}
"""Workers that end with the screen, or do what nobody sees yet."""


async def settle(pilot):
    """Wait until nothing is being read and everything that was read is shown."""
    if isinstance(pilot.app, ExplorerApp):
        pilot.app.prepare_filter()
    quiet = 0
    while quiet < 2:
        await pilot.pause()
        running = [one for one in pilot.app.workers if not one.is_finished and one.group not in _GOES_ON]
        quiet = 0 if running else quiet + 1
        for one in running:
            with contextlib.suppress(WorkerCancelled):
                await one.wait()
    await pilot.pause()


async def open_run(pilot, run_id, **where):
    """Open the screen of a run over the list, beginning at `where` (`step`, `attempt`, `tab`, `line`); the screen."""
    await settle(pilot)
    pilot.app.push_screen(RunScreen(pilot.app.feed, run_id, **where))
    await settle(pilot)
    return pilot.app.screen


async def press(pilot, *keys):
    """Press keys, each on a settled screen."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def show_charts(pilot):
    """Press the key that shows charts beside the list, or in its place, until it does."""
    while not pilot.app.screen.query("OverlaidCurves") or not pilot.app.screen.query_one("OverlaidCurves").display:
        await press(pilot, "p")
    return pilot.app.screen.query_one("OverlaidCurves")


def screen_text(app):
    """What the screen shows, line by line."""
    width = app.size.width
    lines = []
    for strip in app.screen._compositor.render_strips():
        lines.append("".join(segment.text for segment in strip)[:width].rstrip())
    return "\n".join(lines)


async def until_shown(pilot, *texts):
    """Wait until all texts are on the screen, put there by what happens meanwhile; the screen."""
    end = time.monotonic() + LONG
    while not all(text in screen_text(pilot.app) for text in texts):
        assert time.monotonic() < end, f"waited {LONG:g} s for {texts} on the screen:\n{screen_text(pilot.app)}"
        await pilot.pause(0.02)
    return screen_text(pilot.app)
