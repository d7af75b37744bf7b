"""Every tracked value has its time: while the step runs, once it ended, and after its process was killed."""

import itertools
import json
import time
from datetime import datetime, timedelta

import pytest

from magnus_tracking import start_run, track_this
from magnus_tracking.journal.journal_paths import find_journals, times_file
from magnus_tracking.recorder import sink
from magnus_tracking.recorder.recovery import recover_run
from magnus_tracking.runlog.times import of_ms
from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.series.read import run_and_series
from magnus_tracking.stores import Store

SLACK = timedelta(milliseconds=2)


def series_of(project, run_id):
    """The series of a run, of which both ways of reading them tell the same times."""
    store = Store(project / ".run_log_store")
    by_name = {(one.step, one.attempt, one.name): one for one in SeriesCache(store).open(run_id).series}
    for one in run_and_series(store, run_id)[1]:
        other = by_name[one.step, one.attempt, one.name].times
        assert (one.times is None) == (other is None)
        assert list(one.times or ()) == list(other or ())
    return by_name


def tracked(*values, **more):
    """Track, and tell between which moments."""
    before = datetime.now()
    for step, value in enumerate(values):
        track_this(step=step, loss=value, **more)
    return before, datetime.now()


def between(one, moments):
    before, after = moments
    assert one.times is not None
    assert len(one.times) == len(one.indexes)
    assert all(before - SLACK <= of_ms(ms) <= after + SLACK for ms in one.times)
    assert list(one.times) == sorted(one.times)


def test_values_have_their_times_while_the_step_runs_and_once_it_ended(project, store_type):
    with start_run(store=store_type, run_id="r") as run:
        with run.step("s"):
            moments = tracked(0.5, 0.25, 0.125, at={"f1": 1})
            live = series_of(project, "r")
            between(live["s", 1, "loss"], moments)
            between(live["s", 1, "at.f1"], moments)
        with run.step("other"):
            track_this(once=1)
    ended = series_of(project, "r")
    assert list(ended["s", None, "loss"].times) == list(live["s", 1, "loss"].times)
    assert list(ended["s", None, "at.f1"].times) == list(live["s", 1, "at.f1"].times)
    assert len(ended["other", None, "once"].times) == 1


def test_each_attempt_has_its_own_times_and_a_step_those_of_its_last(project, store_type):
    with start_run(store=store_type, run_id="r", on_error="warn") as run:
        with pytest.raises(ZeroDivisionError), run.step("s"):
            first = tracked(0.5, 0.4)
            1 / 0  # noqa: B018
        with run.step("s"):
            second = tracked(0.3)
    found = series_of(project, "r")
    between(found["s", 1, "loss"], first)
    between(found["s", 2, "loss"], second)


def test_a_step_tracked_again_has_the_time_of_the_last_value(project, monkeypatch):
    seconds = itertools.count(time.time())
    monkeypatch.setattr(sink, "_now", lambda: next(seconds))
    with start_run(run_id="r") as run, run.step("s"):
        for step in (3, 1, 2, 1):
            track_this(step=step, loss=step)
    one = series_of(project, "r")["s", None, "loss"]
    assert list(one.indexes) == [1, 2, 3]
    assert [ms - one.times[0] for ms in one.times] == [0, -1000, -3000]


def test_recovery_keeps_the_times(project, store_type):
    run = start_run(run_id="r", store=store_type)
    step = run.step("s").start()
    moments = tracked(3, 2, 1)
    root = project / ".run_log_store"
    for path in find_journals(root, "r"):
        header, _, rest = path.read_bytes().partition(b"\n")
        fields = json.loads(header)
        fields["writer"]["started"] = "another"
        path.write_bytes(json.dumps(fields).encode() + b"\n" + rest)
    recovery = recover_run(root, "r", chunked=store_type == "chunked-fs", force=True)
    assert recovery.attempts == ("s (attempt 1)",)
    between(series_of(project, "r")["s", 1, "loss"], moments)
    step.finish()
    run.finish()


def test_a_journal_without_times_is_read_as_before(project):
    with start_run(run_id="r") as run, run.step("s") as step:
        path = step.sink.path
        with path.open("a") as file:
            file.write('{"metric":"loss","step":0,"value":1}\n{"metric":"loss","step":1,"value":2,"ms":"soon"}\n')
        assert series_of(project, "r")["s", 1, "loss"].times is None
        track_this(step=2, loss=3)
        assert [of_ms(ms) is None for ms in series_of(project, "r")["s", 1, "loss"].times] == [True, True, False]
    one = series_of(project, "r")["s", None, "loss"]
    assert list(one.values) == [1, 2, 3]
    assert [of_ms(ms) is None for ms in one.times] == [True, True, False]


def test_a_process_that_the_step_started_tells_times_as_well(project):
    with start_run(run_id="r") as run, run.step("s") as step:
        before = datetime.now()
        attached = sink.Sink.attach(step.sink.path, run.failures)
        attached.track(0, {"child": 1})
        attached.close(remove=False)
        after = datetime.now()
    between(series_of(project, "r")["s", None, "child"], (before, after))


@pytest.mark.parametrize(
    "damage",
    [b'{"times":1,"step":"s","att', b"\xff\n", b"[]\n", b'{"times":9}\n', b'{"times":1,"step":"s","attempt":1,'
     b'"since":"2026-11-23 10:00:00","metrics":["loss"],"ms":[99999999999999999999]}\n'],
)  # fmt: skip
def test_a_damaged_line_costs_that_line(damage, project):
    with start_run(run_id="r") as run:
        with run.step("s"):
            track_this(loss=1)
        path = times_file(project / ".run_log_store", "r", chunked=False)
        with path.open("ab") as file:
            file.write(damage)
        with run.step("t"):
            track_this(loss=1)
    found = series_of(project, "r")
    assert found["s", None, "loss"].times
    assert found["t", None, "loss"].times


def test_times_lie_where_no_engine_looks(project, store_type):
    with start_run(run_id="r", store=store_type) as run, run.step("s"):
        track_this(loss=1)
    root = project / ".run_log_store"
    path = times_file(root, "r", chunked=store_type == "chunked-fs")
    assert path.exists()
    assert not path.name.endswith(".json")
    assert not path.name.startswith(("RunLog", "StepLog", "BranchLog", "Parameter-"))
    assert [handle.run_id for handle in Store(root).handles()] == ["r"]


def test_a_new_run_has_nothing_of_one_of_its_id_that_was_removed(project):
    for _ in range(2):
        with start_run(run_id="r") as run, run.step("s"):
            moments = tracked(1)
        found = series_of(project, "r")
        (project / ".run_log_store" / "r.json").unlink()
    between(found["s", None, "loss"], moments)
