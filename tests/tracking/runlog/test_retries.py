"""Attempts and retries, counted alike from the full model and from the outline."""

import json

from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.runlog.models import RunLog
from magnus_tracking.runlog.outline import decode_run
from magnus_tracking.runlog.retries import count_attempts, retries_of
from magnus_tracking.runlog.summary import summarize
from magnus_tracking.runlog.tree import failure_of, leaf_steps, walk
from magnus_tracking.stores.formats import ONE_FILE, RunHandle

FILE = RunHandle("run", "run.json", ONE_FILE, 1, 10**18, 1)
STATUSES = st.sampled_from(["SUCCESS", "FAIL", "PROCESSING"])
TIMES = st.sampled_from(["", "2026-11-23 08:00:00", "2026-11-23 08:00:05.5", "2026-11-23T07:00:03+00:00"])
ATTEMPTS = st.lists(
    st.fixed_dictionaries(
        {
            "status": STATUSES,
            "start_time": TIMES,
            "end_time": TIMES,
            "message": st.sampled_from(["", " ", "out of memory"]),
        }
    ),
    max_size=4,
)


def step(name, draw, depth=0):
    kind = draw(st.sampled_from(["task", "map", "fail", "parallel"]))
    inner = draw(st.integers(0, 2)) if depth < 2 else 0
    branches = {
        f"{name}.{place}": {
            "internal_name": f"{name}.{place}",
            "status": draw(STATUSES),
            "steps": {f"{name}.{place}.a": step(f"{name}.{place}.a", draw, depth + 1)},
        }
        for place in range(inner)
    }
    return {
        "name": name,
        "internal_name": name,
        "status": draw(STATUSES),
        "step_type": kind,
        "mock": draw(st.booleans()),
        "message": draw(st.sampled_from(["", "the step says so"])),
        "attempts": draw(ATTEMPTS),
        "branches": branches,
    }


@st.composite
def runs(draw):
    steps = {f"s{place}": step(f"s{place}", draw) for place in range(draw(st.integers(0, 3)))}
    return {"run_id": "run", "status": draw(STATUSES), "steps": steps}


@given(runs())
def test_a_row_and_the_opened_run_count_and_blame_alike(document):
    summary, run = summarize(FILE, decode_run(json.dumps(document).encode())), RunLog.model_validate(document)
    failure = failure_of(run)
    assert count_attempts(leaf_steps(run)) == (summary.attempts, summary.retries)
    assert sum(map(retries_of, leaf_steps(run))) == summary.retries
    assert [one.internal_name for one in leaf_steps(run)] == list(summary.step_names)
    assert [node.step for node in walk(run) if node.step.is_leaf] == leaf_steps(run)
    assert (
        (failure.name, failure.message) == (summary.failing_step, summary.message)
        if failure
        else (summary.failing_step is None)
    )


def test_a_step_without_an_attempt_has_no_retry():
    attempt = {"attempt_number": 1, "status": "FAIL"}
    steps = {name: {"internal_name": name, "attempts": [attempt] * count} for name, count in (("a", 0), ("b", 3))}
    run = RunLog.model_validate({"run_id": "run", "steps": steps})
    assert count_attempts(leaf_steps(run)) == (3, 2)
