"""A walk through the explorer in a process of its own, in which nothing of it was imported before.

``python -m support.loop_walk PROJECT STEP…`` opens the project, takes the steps, and prints as JSON what the thread of
the event loop did to files, databases, processes and modules meanwhile, and what other threads asked of widgets. A step
is a key, or a word after ``@`` from `STEPS`. The first is taken before anything was fetched beside the first screen.

Between ``@hold`` and ``@release`` every other thread waits before it does any of this, and each key must change the
picture, or say something, all the same.
"""

import asyncio
import contextlib
import faulthandler
import json
import os
import sys
import warnings
from pathlib import Path

from support.loop_guard import LoopGuard
from support.waiting import LONG

guard = LoopGuard()

from textual.drivers.headless_driver import HeadlessDriver  # noqa: E402 - what is imported later is watched
from textual.worker import WorkerCancelled  # noqa: E402

from magnus_tracking.errors import MagnusTrackingError  # noqa: E402
from magnus_tracking.stores import open_store  # noqa: E402
from magnus_tui.app.explorer import ExplorerApp  # noqa: E402

_GO_ON = {"follow", "zoom"}


async def settle(pilot):
    """Wait until nothing is being read and everything that was read is shown."""
    pilot.app.prepare_filter()
    quiet = 0
    while quiet < 2:
        await pilot.pause()
        running = [one for one in pilot.app.workers if not one.is_finished and one.group not in _GO_ON]
        quiet = 0 if running else quiet + 1
        for one in running:
            with contextlib.suppress(WorkerCancelled):
                await one.wait()


async def _another_run(pilot):
    """A run is written into the store by somebody else, and is seen in the list."""
    root = pilot.app.feed.store.root
    before = pilot.app.screen_stack[0].table.row_count()

    def write():
        source = next(path for path in sorted(root.iterdir()) if path.suffix == ".json")
        log = {**json.loads(source.read_text()), "run_id": "another-run"}
        (root / "another-run.json").write_text(json.dumps(log))

    await asyncio.to_thread(write)
    while pilot.app.screen_stack[0].table.row_count() == before:
        await pilot.pause(0.02)


async def _narrow(pilot):
    await pilot.resize_terminal(80, 24)


async def _wide(pilot):
    await pilot.resize_terminal(200, 60)


async def _theme(pilot):
    pilot.app.theme = "magnus-light"


async def _settled(pilot):
    await settle(pilot)


async def _hold(_pilot):
    guard.hold()


async def _release(_pilot):
    guard.release()


class Said:
    """How often something was said in passing, also what is gone again: such words are not drawn in tests."""

    def __init__(self, app):
        self.count = 0
        self._add = app._notifications.add
        app._notifications.add = self._counted

    def _counted(self, notification):
        self.count += 1
        self._add(notification)


def _answers(app, said):
    """What is on the screen, and how much was said so far."""
    return app.screen._compositor.render_strips(), said.count


async def _press_while_held(pilot, said, key):
    """Press a key and wait until it has changed the picture or something is said, while all reading stands still."""
    before = _answers(pilot.app, said)
    await pilot.press(key)
    faulthandler.dump_traceback_later(LONG, exit=True, file=sys.__stderr__)
    while _answers(pilot.app, said) == before:
        await pilot.pause(0.01)
    faulthandler.cancel_dump_traceback_later()


STEPS = {
    "hold": _hold,
    "release": _release,
    "another-run": _another_run,
    "narrow": _narrow,
    "wide": _wide,
    "theme": _theme,
    "settled": _settled,
}


async def _take(pilot, steps):
    said = Said(pilot.app)
    for step in steps:
        if step.startswith("@"):
            await STEPS[step.removeprefix("@")](pilot)
        elif guard.holds:
            await _press_while_held(pilot, said, step)
        else:
            await pilot.press(step)
        if not guard.holds:
            await settle(pilot)


async def walk(app, steps):
    """Take the steps; each is settled after it, as a user waits for what they asked for."""
    guard.arm()
    async with app.run_test(size=(160, 45)) as pilot:
        try:
            await _take(pilot, steps)
        finally:
            guard.release()
    guard.disarm()


def main():
    """Walk, and print what was found."""
    project, *steps = sys.argv[1:]
    # Python looks up the source of a warning's line to print it, which is none of the explorer's business.
    warnings.showwarning = lambda message, category, *_: print(category.__name__, message, file=sys.stderr)
    HeadlessDriver.can_suspend = property(lambda _: True)
    guard.watch_widgets()
    os.environ["EDITOR"] = "true"
    try:
        store = open_store(Path(project))
        store.check()
    except MagnusTrackingError as error:
        store = error
    asyncio.run(walk(ExplorerApp(store), steps))
    print(json.dumps(guard.found))


if __name__ == "__main__":
    main()
