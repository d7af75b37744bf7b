"""When silence counts as stalled, on both sides of each limit."""

from datetime import datetime, timedelta

import msgspec
import pytest

from magnus_tracking.analysis.liveness import (
    AHEAD,
    StalledRule,
    Took,
    known_until,
    liveness_of,
    part_took,
    silence_of,
    state_of,
    step_state,
    took,
)
from magnus_tracking.runlog.outline import StepOutline
from magnus_tracking.runlog.summary import RunSummary
from support.stalled_rules import learnt_from

NOW = datetime(2026, 6, 1, 12)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)
"""The least difference that a time in a run log can have."""


def silent_for(silence, *, pipeline="p", step="train"):
    """A run that has been unfinished and silent for so long."""
    return RunSummary(
        run_id="r",
        status="PROCESSING",
        started=NOW - timedelta(days=9),
        last_sign=NOW - silence,
        dag_hash=pipeline,
        current_step=step,
    )


def finished(pipeline="p", **step_durations):
    return RunSummary(run_id="other", status="SUCCESS", dag_hash=pipeline, step_durations=step_durations)


@pytest.mark.parametrize(("silence", "liveness"), [(HOUR, "live"), (HOUR + TICK, "stalled")])
def test_a_run_of_a_new_pipeline_is_stalled_after_an_hour(silence, liveness):
    assert liveness_of(silent_for(silence), NOW, StalledRule()) == liveness


def test_the_setting_alone_holds_where_no_other_run_tells_how_long_is_usual():
    rule = learnt_from([finished(prepare=7200.0)], after=timedelta(seconds=1))
    assert liveness_of(silent_for(timedelta(seconds=1)), NOW, rule) == "live"
    assert liveness_of(silent_for(timedelta(seconds=1.5)), NOW, rule) == "stalled"


@pytest.mark.parametrize(("silence", "liveness"), [(5 * HOUR, "silent"), (5 * HOUR + TICK, "stalled")])
def test_a_step_may_be_silent_for_five_times_its_longest(silence, liveness):
    rule = learnt_from([finished(train=1800.0), finished(train=3600.0), finished(train=60.0)])
    assert liveness_of(silent_for(silence), NOW, rule) == liveness


@pytest.mark.parametrize(("silence", "liveness"), [(20 * HOUR, "live"), (20 * HOUR + TICK, "stalled")])
def test_the_setting_holds_where_it_is_longer_than_five_times_the_longest(silence, liveness):
    rule = learnt_from([finished(train=3600.0)], after=20 * HOUR)
    assert liveness_of(silent_for(silence), NOW, rule) == liveness


@pytest.mark.parametrize(
    "other",
    [silent_for(2 * HOUR, pipeline="q"), silent_for(2 * HOUR, step="evaluate"), silent_for(2 * HOUR, step=None)],
)
def test_only_the_same_step_of_the_same_pipeline_tells_how_long_is_usual(other):
    rule = learnt_from([finished(train=7200.0), finished("q", prepare=7200.0)])
    assert liveness_of(silent_for(2 * HOUR), NOW, rule) == "silent"
    assert liveness_of(other, NOW, rule) == "stalled"


def test_a_journals_writer_decides_whatever_the_silence():
    for silence in (TICK, 99 * HOUR):
        assert liveness_of(silent_for(silence), NOW, StalledRule(), writer_gone=True) == "lost"
        assert liveness_of(silent_for(silence), NOW, StalledRule(), writer_gone=False) == "live"


def test_only_an_unfinished_readable_run_is_silent():
    for run in (
        RunSummary(run_id="r", status="SUCCESS", last_sign=NOW - HOUR),
        RunSummary(run_id="r", status="PROCESSING", last_sign=NOW - HOUR, error="not JSON"),
        RunSummary(run_id="r", status="PROCESSING"),
    ):
        assert silence_of(run, NOW) is None
        assert liveness_of(run, NOW, StalledRule(), writer_gone=True) is None
    assert silence_of(silent_for(HOUR), NOW) == HOUR
    assert silence_of(silent_for(-MINUTE), NOW) == timedelta(0)


@pytest.mark.parametrize(("ahead", "liveness"), [(5 * MINUTE, "live"), (6 * MINUTE, "silent"), (90 * HOUR, "silent")])
def test_a_run_whose_times_all_lie_far_ahead_is_not_called_live(ahead, liveness):
    written = NOW + ahead + MINUTE
    for mtime_ns in (0, round(written.timestamp() * 1e9)):
        run = msgspec.structs.replace(silent_for(-ahead), mtime_ns=mtime_ns, started=NOW + ahead)
        assert liveness_of(run, NOW, StalledRule()) == liveness
        assert silence_of(run, NOW) == (timedelta(0) if liveness == "live" else None)
        assert liveness_of(run, NOW, StalledRule(), writer_gone=False) == "live"
        assert liveness_of(run, NOW, StalledRule(), writer_gone=True) == "lost"
        assert took(run, NOW, liveness) == Took(None, note=AHEAD, so_far=True)


@pytest.mark.parametrize("ahead", [TICK, 10 * HOUR, timedelta(days=20_000)])
def test_a_time_that_lies_ahead_is_no_sign_of_life_and_the_time_of_the_file_counts(ahead):
    written = NOW - 9 * HOUR
    run = msgspec.structs.replace(silent_for(-ahead), mtime_ns=round(written.timestamp() * 1e9))
    assert silence_of(run, NOW) == 9 * HOUR
    assert liveness_of(run, NOW, StalledRule()) == "stalled"
    assert known_until(run, NOW, "stalled") == written
    begun_ahead = msgspec.structs.replace(run, started=NOW + ahead)
    assert took(begun_ahead, NOW, "stalled") == Took(None, note=AHEAD)


@pytest.mark.parametrize("written", [timedelta(0), 3 * HOUR, None])
def test_a_dead_run_whose_clock_is_ahead_does_not_grow(written):
    started = NOW + HOUR
    mtime_ns = 0 if written is None else round((NOW + written).timestamp() * 1e9)
    run = msgspec.structs.replace(silent_for(-2 * HOUR), started=started, mtime_ns=mtime_ns)
    assert took(run, NOW, "lost") == Took(None, note=AHEAD)
    for later in (HOUR, HOUR + MINUTE, 2 * HOUR, 100 * HOUR):
        assert took(run, NOW + later, "lost") == Took(3600.0, inferred=True), later


def test_a_dead_run_lasted_until_its_last_sign_and_any_other_until_now():
    run = silent_for(HOUR)
    until = {liveness: known_until(run, NOW, liveness) for liveness in ("live", "silent", None, "stalled", "lost")}
    assert until == {"live": NOW, "silent": NOW, None: NOW, "stalled": NOW - HOUR, "lost": NOW - HOUR}
    before_it_started = RunSummary(run_id="r", status="PROCESSING", started=NOW, last_sign=NOW - HOUR)
    assert known_until(before_it_started, NOW, "lost") == NOW


def test_a_duration_is_marked_where_its_start_or_its_end_is_inferred():
    run = silent_for(HOUR)
    assert {liveness: took(run, NOW, liveness).inferred for liveness in ("live", "silent", "stalled", "lost")} == {
        "live": False,
        "silent": True,
        "stalled": True,
        "lost": True,
    }
    since_inferred = msgspec.structs.replace(run, started_inferred=True)
    assert took(since_inferred, NOW, "live").inferred
    ended = RunSummary(run_id="r", status="SUCCESS", started=NOW, started_inferred=True, duration=5.0)
    assert (took(ended, NOW, None).seconds, took(ended, NOW, None).inferred) == (5.0, True)
    without_an_end = msgspec.structs.replace(ended, duration=None)
    assert (took(without_an_end, NOW, None).seconds, took(without_an_end, NOW, None).inferred) == (None, False)


@pytest.mark.parametrize(
    ("status", "run_status", "liveness", "state"),
    [
        ("SUCCESS", "PROCESSING", "stalled", "SUCCESS"),
        ("FAIL", "FAIL", None, "FAIL"),
        ("PROCESSING", "PROCESSING", "live", "PROCESSING"),
        ("PROCESSING", "PROCESSING", None, "PROCESSING"),
        ("CREATED", "PROCESSING", "silent", "SILENT"),
        ("TRIGGERED", "PROCESSING", "stalled", "STALLED"),
        ("PROCESSING", "PROCESSING", "lost", "LOST"),
        ("PROCESSING", "FAIL", None, "NEVER ENDED"),
        ("TRIGGERED", "SUCCESS", None, "NEVER ENDED"),
        ("CREATED", "FAIL", None, "CREATED"),
    ],
)
def test_no_part_of_a_run_lives_longer_than_the_run(status, run_status, liveness, state):
    assert state_of(status, run_status, liveness) == state
    assert step_state(StepOutline(status=status), run_status, liveness) == state


def test_a_fail_node_is_where_the_run_went_and_a_mocked_step_is_skipped():
    assert step_state(StepOutline(status="SUCCESS", step_type="fail"), "FAIL", None) == "REACHED"
    assert step_state(StepOutline(status="FAIL", step_type="fail"), "FAIL", None) == "FAIL"
    assert step_state(StepOutline(status="SUCCESS", step_type="success"), "SUCCESS", None) == "SUCCESS"
    assert step_state(StepOutline(status="SUCCESS", mock=True), "SUCCESS", None) == "SKIPPED"


@pytest.mark.parametrize(
    ("state", "inferred", "so_far"),
    [("PROCESSING", False, True), ("SILENT", True, True), ("STALLED", True, False), ("NEVER ENDED", True, False)],
)
def test_a_part_that_has_not_ended_grows_until_nobody_writes_it_any_more(state, inferred, so_far):
    taken = part_took(NOW - HOUR, NOW, state, inferred=False)
    assert (taken.seconds, taken.inferred, taken.note, taken.so_far) == (3600.0, inferred, None, so_far)
    assert part_took(NOW - HOUR, NOW, state, inferred=True).inferred
    assert part_took(None, NOW, state, inferred=True) == Took(None)


def test_a_part_that_began_after_now_has_no_duration_and_says_why():
    taken = part_took(NOW + HOUR, NOW, "PROCESSING", inferred=True)
    assert (taken.seconds, taken.inferred, taken.note) == (None, False, AHEAD)


@pytest.mark.parametrize(
    ("liveness", "so_far"), [("live", True), ("silent", True), ("stalled", False), ("lost", False)]
)
def test_a_run_that_has_not_ended_grows_until_it_is_thought_dead(liveness, so_far):
    assert took(silent_for(HOUR), NOW, liveness).so_far == so_far


def test_nobody_can_tell_how_long_a_run_took_that_cannot_be_read():
    assert took(RunSummary(run_id="r", started=NOW - HOUR, error="not JSON"), NOW, None) == Took(None)
