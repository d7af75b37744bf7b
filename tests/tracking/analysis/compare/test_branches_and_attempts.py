import pytest

import expected_runs as expected
from magnus_tracking.analysis.compare import compare_inside
from magnus_tracking.analysis.compare.branches_and_attempts import comparable_step
from magnus_tracking.runlog.models import StepLog
from magnus_tracking.runlog.tree import find_step
from magnus_tracking.stores import open_store


@pytest.fixture
def retried():
    return open_store(expected.STORES / "runnable-examples").load("swarm-raman-1645")


def table(comparison, section):
    return {row.key: row.values for row in comparison.rows if row.section == section}


def test_branches_of_a_map_are_columns(retried):
    comparison = compare_inside(retried.steps["map_state"])
    raw = expected.expected_runs("runnable-examples")["swarm-raman-1645"]["steps"]["map_state"]["branches"]
    assert comparison.runs == ("1", "2", "3")
    parameters = table(comparison, "parameters")
    assert parameters["chunk"] == (1, 2, 3)
    for name in ("processed_python", "processed_notebook"):
        assert parameters[name] == tuple(branch["parameters"][name]["value"] for branch in raw.values())
    assert table(comparison, "steps")["execute_python.attempts"] == (2, 2, 2)
    assert not any(key.startswith("map_state") for key in table(comparison, "steps"))


def test_attempts_of_a_step_are_columns(retried):
    comparison = compare_inside(find_step(retried, "map_state.1.execute_python"))
    assert comparison.runs == ("attempt 1", "attempt 2")
    assert table(comparison, "run")["status"] == ("FAIL", "SUCCESS")
    assert table(comparison, "code")["dirty"] == (False, True)
    assert table(comparison, "parameters")["returned.processed_python"] == (None, 10)


def test_metrics_of_attempts_are_those_that_each_tracked():
    step = StepLog.model_validate(
        {
            "name": "train",
            "internal_name": "train",
            "status": "SUCCESS",
            "attempts": [
                {"attempt_number": 1, "status": "FAIL", "user_defined_metrics": {"loss": {"0": 1.0, "1": 9.0}}},
                {"attempt_number": 2, "status": "SUCCESS"},
            ],
            "user_defined_metrics": {"loss": {"0": 1.0, "1": 0.5}},
        }
    )
    metrics = table(compare_inside(step), "metrics")
    assert metrics == {"loss": (9.0, 0.5), "min(loss)": (1.0, 0.5), "max(loss)": (9.0, 1.0)}


def test_nested_parallel_branches_compare_by_the_names_that_they_share():
    run = open_store(expected.STORES / "magnus-examples").load("constant-swartz-1640")
    comparison = compare_inside(run.steps["outer most map"])
    assert comparison.runs == ("0", "1")
    statuses = table(comparison, "steps")
    assert statuses["nested parallel.a.inner most map.0.executable.status"] == ("SUCCESS", "SUCCESS")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("map_state", "map_state"),
        ("map_state.1.execute_python", "map_state.1.execute_python"),
        ("map_state.1.execute_shell", "map_state"),
        ("collect", None),
    ],
)
def test_what_is_compared_is_the_nearest_step_with_two_of_something(retried, name, found):
    step = comparable_step(retried, name)
    assert (step.internal_name if step else None) == found
