"""A walk through the explorer in a process of its own, in which nothing of it was imported before.

``python -m support.loop_walk PROJECT STEP…`` opens the project, takes the steps, and prints as JSON what the thread of
the event loop did to files, databases, processes and modules meanwhile. A step is a key, or a word after ``@`` from
`STEPS`. The first is taken before anything was fetched beside the first screen.
"""

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path

from support.loop_guard import LoopGuard

guard = LoopGuard()

from textual.drivers.headless_driver import HeadlessDriver  # noqa: E402 - what is imported later is watched
from textual.worker import WorkerCancelled  # noqa: E402

from magnus_tracking.errors import MagnusTrackingError  # noqa: E402
from magnus_tracking.stores import open_store  # noqa: E402
from magnus_tui.app import ExplorerApp  # noqa: E402

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


STEPS = {"another-run": _another_run, "narrow": _narrow, "wide": _wide, "theme": _theme, "settled": _settled}


async def walk(app, steps):
    """Take the steps; each is settled after it, as a user waits for what they asked for."""
    guard.arm()
    async with app.run_test(size=(160, 45)) as pilot:
        for step in steps:
            if step.startswith("@"):
                await STEPS[step.removeprefix("@")](pilot)
            else:
                await pilot.press(step)
            await settle(pilot)
    guard.disarm()


def main():
    """Walk, and print what was found."""
    project, *steps = sys.argv[1:]
    HeadlessDriver.can_suspend = property(lambda _: True)
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
