"""What the list says of runs as time goes by, although nothing is written."""

from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking import start_run
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores import open_store
from magnus_tui import format
from magnus_tui.app.explorer import ExplorerApp
from magnus_tui.runs.age_refresh import seconds_to_change
from magnus_tui.runs.columns import Row
from support.explorer import NOW as TODAY
from support.explorer import at_home, press, screen_text, settle, until_shown

NOW = datetime(2026, 3, 4, 12)
INSTANT = timedelta(microseconds=10)


def row(liveness=None, *, status="SUCCESS", ago=None, error=None):
    started = NOW - ago if ago is not None else None
    return Row(RunSummary(run_id="one", status=status, started=started, error=error), liveness, NOW)


@given(st.timedeltas(timedelta(days=-3), timedelta(days=400)))
def test_a_relative_time_reads_the_same_until_it_is_said_to_change(ago):
    started = NOW - ago
    change = timedelta(seconds=format.ago_changes(started, NOW))
    before, after = NOW + max(change - INSTANT, timedelta(0)), NOW + change + INSTANT
    assert format.ago(started, before) == format.ago(started, NOW) != format.ago(started, after)


def test_a_list_changes_with_the_run_that_changes_first():
    rows = [row(ago=timedelta(days=40)), row(ago=timedelta(hours=3, minutes=20)), row(ago=timedelta(hours=7))]
    assert seconds_to_change(rows) == timedelta(minutes=40).total_seconds()


def test_runs_that_may_go_on_change_soon_and_dead_ones_as_finished_ones_do():
    ago = timedelta(hours=3)
    for liveness in ("live", "silent", None):
        assert seconds_to_change([row(liveness, status="PROCESSING", ago=ago)]) < 10
    for liveness in ("stalled", "lost"):
        assert seconds_to_change([row(liveness, status="PROCESSING", ago=ago)]) == 3600


def test_what_has_no_time_never_changes():
    assert seconds_to_change([]) is None
    assert seconds_to_change([row(), row(error="no JSON")]) is None


async def test_what_was_covered_for_hours_is_told_anew():
    now = TODAY
    app = ExplorerApp(open_store(at_home("magnus-sweep")), clock=lambda: now)
    async with app.run_test(size=(160, 45)) as pilot:
        await settle(pilot)
        before = screen_text(app)
        await press(pilot, "question_mark")
        now += timedelta(days=100)
        await press(pilot, "escape")
        ages = [line.split(" d ago")[0].split()[-1] for line in screen_text(app).splitlines() if " d ago" in line]
        assert len(ages) > 10
        assert all(int(age) >= 100 for age in ages)
        assert screen_text(app) != before


async def test_a_run_that_goes_on_takes_longer_and_longer():
    store = Path.home() / "live" / ".run_log_store"
    with start_run(store=store, run_id="live") as run, run.step("train", capture=False):
        app = ExplorerApp(open_store(store))
        async with app.run_test(size=(160, 45)) as pilot:
            await until_shown(pilot, "live")
            await settle(pilot)
            first = row_of(app, "live")
            while row_of(app, "live") == first:
                await until_shown(pilot, "live")
                await pilot.pause(0.1)


def row_of(app, run_id):
    return next(line for line in screen_text(app).splitlines()[2:] if run_id in line)
