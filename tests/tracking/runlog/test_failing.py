"""Failed runs in which no step failed: what began and never ended is named as the cause."""

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.analysis.failures import failures_of_run, failures_of_store, group, latest_runs
from magnus_tracking.runlog.failing import BRANCH_FAILED, LED_TO_FAIL, NEVER_ENDED, NO_STEP_FAILED
from magnus_tracking.runlog.models import RunLog
from magnus_tracking.runlog.tree import failure_of, find_step
from magnus_tracking.stores import open_store


def attempt(start="", status="SUCCESS"):
    return {"attempt_number": 1, "start_time": start, "end_time": "", "status": status, "message": ""}


def step(name, status="SUCCESS", *, attempts=(), branches=None, kind="task"):
    return {
        "name": name.rpartition(".")[2],
        "internal_name": name,
        "status": status,
        "step_type": kind,
        "message": "",
        "mock": False,
        "attempts": list(attempts),
        "branches": {branch["internal_name"]: branch for branch in branches or ()},
        "data_catalog": [],
    }


def branch(name, status, *steps):
    return {"internal_name": name, "status": status, "steps": {one["internal_name"]: one for one in steps}}


def run_of(*steps, status="FAIL"):
    return {
        "run_id": "r",
        "dag_hash": "",
        "tag": "",
        "status": status,
        "steps": {one["internal_name"]: one for one in steps},
        "parameters": {},
        "run_config": {},
    }


def nested(*inner):
    """A parallel step, one branch of which holds a map whose branches are given."""
    each = step("outer.x.each", "PROCESSING", kind="map", branches=inner)
    done = branch("outer.dot", "SUCCESS", step("outer.dot.y", attempts=[attempt("2026-01-01 10:00:00")]))
    outer = step("outer", "FAIL", kind="parallel", branches=[done, branch("outer.x", "PROCESSING", each)])
    return run_of(outer, step("fail", kind="fail"))


def written(folder, run):
    store = folder / ".run_log_store"
    store.mkdir()
    (store / "r.json").write_text(json.dumps(run))
    return open_store(folder)


def failing(run):
    return failure_of(RunLog.model_validate(run)).name


def tried(number, status, end="", message=""):
    return {**attempt(status=status), "attempt_number": number, "end_time": end, "message": message}


def test_the_step_whose_failing_attempt_ended_first_is_the_failing_step():
    later = step(
        "later", "FAIL", attempts=[tried(1, "FAIL", "2026-01-01 10:00:00"), tried(2, "FAIL", "2026-01-01 13:00:00")]
    )
    first = step(
        "first", "FAIL", attempts=[tried(1, "FAIL", "2026-01-01 12:00:00"), tried(2, "SUCCESS", "2026-01-01 09:00:00")]
    )
    endless = step("endless", "FAIL", attempts=[tried(1, "FAIL")])
    passed = step("passed", attempts=[tried(1, "FAIL", "2026-01-01 08:00:00"), tried(2, "SUCCESS")])
    assert failing(run_of(endless, passed, later, first)) == "first"
    assert failing(run_of(step("none", "FAIL"), endless)) == "none"


def test_a_failure_says_what_its_failing_attempt_says_else_what_the_step_says():
    attempts = [
        tried(1, "FAIL", message="first"),
        tried(2, "FAIL", message=" second "),
        tried(3, "SUCCESS", message="ok"),
    ]

    def message(attempts, said):
        run = RunLog.model_validate(run_of({**step("a", "FAIL", attempts=attempts), "message": said}))
        return failure_of(run).message

    assert message(attempts, "of the step") == "second"
    assert message([tried(1, "FAIL", message="  ")], " of the step ") == "of the step"
    assert message([], "of the step") == "of the step"
    assert message([tried(1, "FAIL")], "") is None


def test_the_innermost_branch_that_never_ended_is_the_failing_step_everywhere(tmp_path):
    run = nested(*(branch(f"outer.x.each.{number}", "PROCESSING") for number in (10, 2)))
    store = written(tmp_path, run)
    (summary,) = store.runs()
    assert (summary.failing_step, summary.message) == ("outer.x.each.2", NEVER_ENDED)
    log = store.load("r")
    (failed,) = failures_of_run(log, store)
    assert (failed.step, failed.message, failed.attempt) == ("outer.x.each.2", NEVER_ENDED, None)
    (cause,) = group([failed], latest_runs([summary]))
    assert (cause.signature, cause.still_failing) == (NEVER_ENDED, True)


def test_of_several_the_one_that_began_first_comes_before_those_without_a_time():
    late = branch("outer.x.each.1", "PROCESSING", step("outer.x.each.1.a", attempts=[attempt("2026-01-01 12:00:00")]))
    early = branch("outer.x.each.3", "PROCESSING", step("outer.x.each.3.a", attempts=[attempt("2026-01-01 11:00:00")]))
    assert failing(nested(late, branch("outer.x.each.0", "PROCESSING"), early)) == "outer.x.each.3"


def test_the_log_of_a_branch_that_never_ended_is_that_of_its_last_step():
    first, last, next_one = step("outer.x.each.1.a"), step("outer.x.each.1.b"), step("outer.x.each.1.c", "CREATED")
    run = RunLog.model_validate(nested(branch("outer.x.each.1", "PROCESSING", first, last, next_one)))
    assert find_step(run).internal_name == "outer.x.each.1.b"


def test_a_composite_step_that_failed_by_its_own_attempt_is_the_failing_step_everywhere(tmp_path):
    passed = branch("outer.x", "SUCCESS", step("outer.x.a"))
    own = tried(1, "FAIL", "2026-01-01 10:00:00", "no branches could be made")
    inner = step("outer.y.each", "FAIL", kind="map", attempts=[own])
    outer = step("outer", "FAIL", kind="parallel", branches=[passed, branch("outer.y", "FAIL", inner)])
    store = written(tmp_path, run_of(outer, step("fail", kind="fail")))
    (summary,) = store.runs()
    assert (summary.failing_step, summary.message) == ("outer.y.each", "no branches could be made")
    log = store.load("r")
    (failed,) = failures_of_run(log, store)
    assert (failed.step, failed.message, failed.attempt) == ("outer.y.each", "no branches could be made", 1)


def test_what_never_ended_comes_before_a_composite_step_that_failed_by_itself():
    itself = step("a", "FAIL", kind="map", attempts=[tried(1, "FAIL", "2026-01-01 10:00:00")])
    assert failing(run_of(itself, step("b", "PROCESSING"))) == "b"
    assert failing(run_of(itself, step("b"))) == "a"


def test_a_step_that_never_ended_is_more_inner_than_its_branch():
    inner = step("outer.x.each.1.a", "TRIGGERED")
    assert failing(nested(branch("outer.x.each.1", "PROCESSING", inner))) == "outer.x.each.1.a"


def test_a_branch_that_failed_without_a_step_is_the_failing_step_everywhere(tmp_path):
    begun = [step("outer.y.a"), step("outer.y.b", "CREATED"), step("outer.y.c", "CANCELLED")]
    branches = [branch("outer.x", "SUCCESS", step("outer.x.a")), branch("outer.y", "FAIL", *begun)]
    store = written(
        tmp_path, run_of(step("outer", "FAIL", kind="parallel", branches=branches), step("late", "CREATED"))
    )
    (summary,) = store.runs()
    assert (summary.failing_step, summary.message) == ("outer.y", BRANCH_FAILED)
    (failed,) = failures_of_run(store.load("r"), store)
    assert (failed.step, failed.message, failed.attempt) == ("outer.y", BRANCH_FAILED, None)


@pytest.mark.parametrize("status", ["CREATED", "CANCELLED", "skipped", ""])
def test_what_has_not_begun_or_ended_in_a_way_of_its_own_never_reads_never_ended(status):
    alone = RunLog.model_validate(
        run_of(step("a"), step("b", status), step("c", status, branches=[branch("c.x", status)]))
    )
    assert failure_of(alone) is None
    assert failing(run_of(step("b", status), step("c", "PROCESSING"))) == "c"


def test_what_shows_that_it_began_never_ended_although_it_is_only_created():
    tried_once = step("b", "CREATED", attempts=[attempt("2026-01-01 10:00:00", "PROCESSING")])
    assert failing(run_of(step("a", "CREATED"), tried_once)) == "b"
    held = step("a", "CREATED", kind="map", branches=[branch("a.1", "CREATED", step("a.1.x"))])
    assert failing(run_of(held)) == "a.1"


def test_a_failed_step_is_the_cause_whatever_else_never_ended():
    failed = step("outer.x.each.1.a", "FAIL", attempts=[attempt("2026-01-01 11:00:00", "FAIL")])
    run = nested(branch("outer.x.each.0", "PROCESSING"), branch("outer.x.each.1", "FAIL", failed))
    assert failing(run) == "outer.x.each.1.a"


def test_a_run_that_is_unfinished_or_succeeded_has_no_such_failure():
    for status in ("PROCESSING", "SUCCESS", "CREATED"):
        run = RunLog.model_validate({**nested(branch("outer.x.each.0", "PROCESSING")), "status": status})
        assert failure_of(run) is None


STATUSES = st.sampled_from(["TRIGGERED", "PROCESSING", "SUCCESS"])
TIMES = st.sampled_from(["", "2026-01-01 10:00:00", "2026-01-01 11:00:00", "no time"])


@st.composite
def steps_in(draw, prefix, depth):
    made = []
    for number in range(draw(st.integers(0, 3))):
        name = f"{prefix}s{number}"
        branches = []
        if depth and draw(st.booleans()):
            for other in range(draw(st.integers(0, 3))):
                inner = draw(steps_in(f"{name}.b{other}.", depth - 1))
                branches.append(branch(f"{name}.b{other}", draw(STATUSES), *inner))
        attempts = [attempt(draw(TIMES))] if draw(st.booleans()) else []
        made.append(step(name, draw(STATUSES), attempts=attempts, branches=branches))
    return made


@given(steps_in("", 2))
def test_what_never_ended_holds_nothing_that_never_ended(steps):
    unfinished = []

    def collect(some):
        for one in some:
            if one["status"] != "SUCCESS":
                unfinished.append(one["internal_name"])
            for inner in one["branches"].values():
                if inner["status"] != "SUCCESS":
                    unfinished.append(inner["internal_name"])
                collect(inner["steps"].values())

    collect(steps)
    failure = failure_of(RunLog.model_validate(run_of(*steps)))
    assert (failure is None) == (not unfinished)
    if failure is not None:
        assert failure.name in unfinished
        assert not any(name.startswith(f"{failure.name}.") for name in unfinished)


def test_what_never_ended_tells_when_it_began_and_when_it_was_last_heard_of(tmp_path):
    inner = step("outer.x.each.2.work", "PROCESSING", attempts=[attempt("2026-01-01 10:05:00", "PROCESSING")])
    log = RunLog.model_validate(nested(branch("outer.x.each.2", "PROCESSING", inner)))
    (failed,) = failures_of_run(log, written(tmp_path, nested()))
    assert (failed.started, failed.ended, failed.last_sign) == (at(10, 5), None, at(10, 5))
    (cause,) = group([failed], {"r"})
    assert (cause.first_seen, cause.last_seen, cause.inferred) == (at(10, 5), at(10, 5), True)


def test_a_branch_that_shows_no_time_was_last_heard_of_when_its_run_was(tmp_path):
    run = nested(branch("outer.x.each.2", "PROCESSING"))
    (failed,) = failures_of_run(RunLog.model_validate(run), written(tmp_path, run))
    assert (failed.started, failed.last_sign) == (None, at(10, 0))


def at(hour, minute):
    return datetime(2026, 1, 1, hour, minute)


PASSED = step("a", attempts=[tried(1, "SUCCESS", "2026-01-01 10:00:00")])
RETRIED = step("a", attempts=[tried(1, "FAIL", "2026-01-01 09:00:00"), tried(2, "SUCCESS", "2026-01-01 10:00:00")])


@pytest.mark.parametrize(
    ("steps", "reason", "ended"),
    [
        ((), NO_STEP_FAILED, None),
        ((PASSED,), NO_STEP_FAILED, datetime(2026, 1, 1, 10)),
        ((RETRIED,), NO_STEP_FAILED, datetime(2026, 1, 1, 10)),
        ((PASSED, step("stop", kind="fail")), LED_TO_FAIL, datetime(2026, 1, 1, 10)),
    ],
    ids=["no steps", "all passed", "passed on a retry", "led to its fail node"],
)
def test_a_failed_run_in_which_nothing_failed_is_among_the_failures_and_says_so(tmp_path, steps, reason, ended):
    store = written(tmp_path, run_of(*steps))
    (summary,) = store.runs()
    assert (summary.failing_step, summary.message) == (None, reason)
    *_, itself = failures_of_store(store, [summary])
    assert (itself.run_id, itself.step, itself.message, itself.ended) == ("r", "", reason, ended)
    cause = next(one for one in group([itself], latest_runs([summary])))
    assert (cause.steps, cause.runs, cause.still_failing, cause.last_seen) == ((), ("r",), True, ended)


@pytest.mark.parametrize("status", ["SUCCESS", "PROCESSING"])
def test_a_run_that_passed_or_goes_on_has_no_failure_of_its_own(tmp_path, status):
    store = written(tmp_path, run_of(PASSED, status=status))
    assert failures_of_run(store.load("r"), store) == []
    assert store.runs()[0].message is None
