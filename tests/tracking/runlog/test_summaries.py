"""Summaries against what a few lines of Python make of the run logs that the engines' readers returned."""

import math

import pytest

from expected_runs import (
    ended,
    expected_runs,
    failing_step,
    is_dirty,
    leaf_steps,
    metrics,
    numbers,
    parameters,
    retries,
    started,
)
from magnus_tracking.stores import open_store
from support.stores import DATA_STORES, STORE_NAMES


@pytest.fixture(scope="module", params=STORE_NAMES)
def pairs(request):
    """(what the reader returned, our summary) of each run of a store."""
    found = {summary.run_id: summary for summary in open_store(DATA_STORES / request.param).runs()}
    return [(run, found[run_id]) for run_id, run in expected_runs(request.param).items()]


def test_what_identifies_a_run(pairs):
    for run, summary in pairs:
        given = (run["run_id"], run["status"], run["tag"] or "", run.get("dag_hash") or "")
        assert (summary.run_id, summary.status, summary.tag, summary.dag_hash) == given
        assert summary.original_run_id == (run.get("original_run_id") or "")
        assert summary.engine == ("magnus" if "use_cached" in run else "runnable")
        assert summary.error is None


def test_times(pairs):
    for run, summary in pairs:
        assert summary.ended == ended(run)
        if started(run) is not None:
            assert (summary.started, summary.started_inferred) == (started(run), False)
        if ended(run) is not None:
            assert summary.duration == pytest.approx((ended(run) - started(run)).total_seconds())
        else:
            assert summary.duration is None


def test_counts(pairs):
    for run, summary in pairs:
        leaves = leaf_steps(run)
        done = [step["status"] for step in leaves if not step["mock"]]
        counted = (len(leaves), done.count("SUCCESS"), done.count("FAIL"), len(leaves) - len(done))
        steps = summary.steps
        assert (steps.total, steps.succeeded, steps.failed, steps.skipped) == counted
        assert summary.attempts == sum(len(step["attempts"]) for step in leaves)
        assert summary.retries == retries(run)


def test_the_failing_step_and_its_message(pairs):
    for run, summary in pairs:
        assert summary.failing_step == failing_step(run)
        if summary.failing_step is None:
            assert summary.message is None
            continue
        step = next(step for step in leaf_steps(run) if step["internal_name"] == summary.failing_step)
        messages = [attempt["message"] for attempt in step["attempts"] if attempt["status"] == "FAIL"]
        assert (summary.message or "") == (messages[-1] if messages else step["message"]).strip()


def test_parameters(pairs):
    for run, summary in pairs:
        assert summary.parameters == parameters(run)


def test_metrics(pairs):
    for run, summary in pairs:
        expected = metrics(run)
        assert set(summary.metrics) == set(expected)
        for name, values in expected.items():
            found, finite = summary.metrics[name], numbers(values)
            assert same(found.last, values[-1])
            assert found.count == len(values)
            assert found.nans == sum(isinstance(value, float) and math.isnan(value) for value in values)
            if finite:
                assert (found.min, found.max) == (min(finite), max(finite))
                assert found.mean == pytest.approx(math.fsum(finite) / len(finite))


def test_whether_the_code_was_committed(pairs):
    for run, summary in pairs:
        assert summary.dirty == is_dirty(run)


def same(one, other):
    both_nan = all(isinstance(value, float) and math.isnan(value) for value in (one, other))
    return both_nan or (one == other and isinstance(one, bool) == isinstance(other, bool))


def test_of_a_name_that_is_there_twice_the_last_value_counts_whatever_the_first_is(tmp_path):
    text = '{"run_id": "run", "status": 5, "status": "SUCCESS", "steps": "", "steps": {"train": {"status": "SUCCESS"}}}'
    (tmp_path / "run.json").write_text(text)
    (run,) = open_store(tmp_path).runs()
    assert (run.error, run.status, run.steps.succeeded) == (None, "SUCCESS", 1)
