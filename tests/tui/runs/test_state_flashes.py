"""A row flashes once when its run comes into another state, and never because of a value."""

import contextlib
from pathlib import Path

import pytest

from magnus_tracking import start_run
from support.explorer import explore, settle, until_shown
from support.replay import replayed

LIT = "48;2;223;175;"
"""The accent of the theme as a background, as it is sent."""


@pytest.fixture(autouse=True)
def terminal_with_all_colours(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@contextlib.asynccontextmanager
async def watched(*, animations="full"):
    """A run in flight below one that has ended, the explorer that lists both, and the terminal that it draws on."""
    store = Path.home() / "live" / ".run_log_store"
    with start_run(store=store, run_id="ended-before") as run, run.step("train", capture=False):
        pass
    replay, driver = replayed(160, 45)
    with contextlib.ExitStack() as stack:
        run = stack.enter_context(start_run(store=store, run_id="in-flight"))
        step = stack.enter_context(run.step("train", capture=False))
        step.track(step=0, loss=1.0)
        app = explore(Path.home() / "live", preview='"off"')
        app.driver_class, app.animation_level = driver, animations
        async with app.run_test(headless=False, size=(160, 45)) as pilot:
            await settle(pilot)
            assert LIT not in "".join(replay.sent)
            replay.sent.clear()
            yield pilot, replay, step, stack


async def test_a_run_that_ends_flashes_once_and_no_other_row_is_painted():
    async with watched() as (pilot, replay, _, stack):
        stack.close()
        pilot.app.updates.verify()
        await until_shown(pilot, "2 ✔")
        await settle(pilot)
        sent = "".join(replay.sent)
        assert LIT in sent
        assert "ended-before" not in sent
        while not any("in-flight" in part and LIT not in part for part in replay.sent):
            await pilot.pause(0.01)
        replay.sent.clear()
        pilot.app.screen.table.grow_older()
        await settle(pilot)
        assert LIT not in "".join(replay.sent)


async def test_a_value_of_a_run_in_flight_flashes_nothing():
    async with watched() as (pilot, replay, step, _):
        step.track(step=1, loss=0.125)
        pilot.app.updates.verify()
        await until_shown(pilot, "0.125")
        assert LIT not in "".join(replay.sent)


async def test_without_animations_nothing_flashes():
    async with watched(animations="none") as (pilot, replay, _, stack):
        stack.close()
        pilot.app.updates.verify()
        await until_shown(pilot, "2 ✔")
        await settle(pilot)
        assert LIT not in "".join(replay.sent)
