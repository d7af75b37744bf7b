"""Every screen tells alike what became of an unfinished run, and soon after it died although nothing is written."""

import contextlib
import json
import re
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from magnus_tui.run.timeline_screen import TimelineScreen
from support.explorer import at_home, explore, open_run, press, screen_text, settle, until_shown

UNFINISHED = "sweep-10"
MORE_THAN_ITS_SILENCE = 1e4
"""Minutes."""

WRITER = """
import sys, time
from magnus_tracking import start_run
with start_run(store=sys.argv[1], run_id="live") as run, run.step("train", capture=False) as step:
    step.track(step=0, loss=1.0)
    print("tracked", flush=True)
    time.sleep(600)
"""


@contextlib.contextmanager
def recorded():
    """A run that another process records, and that process."""
    store = Path.home() / "live" / ".run_log_store"
    command = [sys.executable, "-c", WRITER, str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "tracked\n"
            yield process
        finally:
            process.kill()


def title(app):
    return screen_text(app).splitlines()[0]


async def test_a_run_that_dies_while_nothing_changes_moves_in_the_header():
    with recorded() as process:
        app = explore(Path.home() / "live")
        async with app.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            assert "1 ◐" in title(app)
            process.send_signal(signal.SIGKILL)
            process.wait()
            await until_shown(pilot, " lost")
            assert "1 ◐" not in title(app)


async def test_a_run_that_dies_while_it_is_open_is_said_to_be_lost():
    with recorded() as process:
        app = explore(Path.home() / "live")
        async with app.run_test(size=(120, 30)) as pilot:
            await open_run(pilot, "live")
            assert "processing" in title(app)
            process.send_signal(signal.SIGKILL)
            process.wait()
            await until_shown(pilot, "lost?")


async def test_a_bar_of_a_run_that_dies_stops_growing():
    with recorded() as process:
        now = datetime.now() + timedelta(hours=2)
        app = explore(Path.home() / "live")
        app._clock = lambda: now
        async with app.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            app.push_screen(TimelineScreen(app.feed, "live"))
            await until_shown(pilot, "2h 0")
            process.send_signal(signal.SIGKILL)
            process.wait()
            await until_shown(pilot, "(last sign of life)")


@pytest.mark.parametrize(("minutes", "said"), [(60.0, "stalled?"), (MORE_THAN_ITS_SILENCE, "processing")])
async def test_the_setting_holds_in_the_list_the_preview_and_the_run_alike(minutes, said):
    app = explore(at_home("magnus-sweep"), stalled_after_minutes=minutes)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        assert ("stalled" in title(app)) == (said == "stalled?")
        await press(pilot, "slash", *UNFINISHED, "enter")
        preview = screen_text(app)
        assert said in preview
        await press(pilot, "enter")
        assert said in title(app)


async def test_the_setting_holds_in_the_comparison():
    project, shown = at_home("magnus-sweep"), {}
    for minutes in (60.0, MORE_THAN_ITS_SILENCE):
        app = explore(project, stalled_after_minutes=minutes)
        async with app.run_test(size=(160, 45)) as pilot:
            await settle(pilot)
            await press(pilot, "slash", *"id:sweep-10,sweep-8", "enter", "space", "space", "c")
            shown[minutes] = screen_text(app)
    assert "3h 10m" not in shown[60.0]
    assert "3h 10m" in shown[MORE_THAN_ITS_SILENCE]


@pytest.mark.parametrize("between", [False, True], ids=["in a step", "between steps"])
async def test_the_axis_says_that_the_clock_went_back(between):
    project = at_home("magnus-sweep")
    path = project / ".run_log_store" / "fixed-9.json"
    run = json.loads(path.read_text())
    steps = list(run["steps"].values())
    hour = timedelta(hours=1)
    for place, step in enumerate(steps):
        for attempt in step["attempts"]:
            for name in ("start_time", "end_time"):
                back = place > 0 if between else (place > 0 or name == "end_time")
                if back:
                    attempt[name] = str(datetime.fromisoformat(attempt[name]) - hour)
    path.write_text(json.dumps(run))
    app = explore(project)
    async with app.run_test(size=(160, 45)) as pilot:
        await open_run(pilot, "fixed-9")
        axis = screen_text(app).splitlines()[1]
        assert "┤ ?" in axis


async def test_no_part_of_a_run_that_died_is_said_to_be_running():
    with recorded() as process:
        app = explore(Path.home() / "live")
        app._clock = datetime.now
        async with app.run_test(size=(160, 45)) as pilot:
            await open_run(pilot, "live")
            alive = screen_text(app)
            assert "◐ train" in alive
            assert "no sign of life" not in alive
            assert re.search(r"last heard +\d+ s ago", alive)
            process.send_signal(signal.SIGKILL)
            process.wait()
            dead = await until_shown(pilot, "lost?", "no sign of life for")
            assert "◍ train" in dead
            assert "◐" not in dead
            app._clock = lambda: datetime.now() + timedelta(days=3)
            await press(pilot, "question_mark", "escape")
            assert "no sign of life for 3 d" in screen_text(app)
            await press(pilot, "4")
            assert "lost" in screen_text(app).split("attempt 1", 1)[1]
            assert "◐" not in screen_text(app)
            await press(pilot, "t")
            timeline = screen_text(app)
            assert "◍ train" in timeline
            assert "(last sign of life)" in timeline
            assert "→ now" not in timeline
            assert "so far" not in timeline


async def test_a_step_of_a_stalled_run_is_not_shown_as_running():
    app = explore(at_home("magnus-sweep"))
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        await press(pilot, "slash", *UNFINISHED, "enter")
        assert "◍ evaluate" in screen_text(app)
        await press(pilot, "enter", "1")
        shown = screen_text(app)
        assert "◍ evaluate" in shown
        assert "·  stalled" in shown or "· stalled" in shown
        assert "◐" not in shown
        assert "no attempt was written" in shown
        assert "written yet" not in shown
