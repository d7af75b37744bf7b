"""Steps that failed and then passed although the code was the same."""

from datetime import datetime

from magnus_tracking.analysis.flaky import Outcome, flaky_steps, outcomes_of_store
from magnus_tracking.stores import open_store
from support.stores import DATA_STORES

CODE = ("pipeline", "commit", False)


def outcome(passed, day, run_id="a", inputs="{}", code=CODE, step="train"):
    return Outcome(run_id, step, code, passed, datetime(2026, 1, day), inputs)


def flaky_in(name):
    store = open_store(str(DATA_STORES / name))
    return flaky_steps(outcomes_of_store(store, store.runs))


def test_steps_that_passed_on_retry_are_flaky_in_a_real_store():
    found = flaky_in("runnable-examples")
    assert {step.step for step in found} == {
        "check_envvar_task",
        "map_state.1.execute_python",
        "map_state.2.execute_python",
        "map_state.3.execute_python",
        "parallel_step.branch1.hello python",
        "parallel_step.branch2.hello python",
    }
    assert {(step.attempts, step.failed, step.passed_on_retry, step.rate) for step in found} == {(2, 1, 1, 0.5)}


def test_a_later_run_of_the_same_code_shows_a_flaky_step_too():
    (step,) = flaky_steps([outcome(False, 1), outcome(True, 2, "b"), outcome(True, 3, "c"), outcome(True, 4, "d")])
    assert (step.rate, step.passed_on_retry, step.passed_in_later_run, step.passed_otherwise) == (0.25, 0, 1, 0)
    assert step.runs == ("a",)
    assert step.last_failed == datetime(2026, 1, 1)


def test_a_pass_with_other_parameters_is_counted_apart():
    (step,) = flaky_steps([outcome(False, 1, inputs='{"lr": 0.9}'), outcome(True, 2, "b", inputs='{"lr": 0.1}')])
    assert (step.passed_in_later_run, step.passed_otherwise) == (0, 1)


def test_an_earlier_pass_makes_no_step_flaky():
    assert flaky_steps([outcome(True, 1), outcome(False, 2, "b")]) == []


def test_other_code_makes_no_step_flaky():
    other = ("pipeline", "another commit", False)
    assert flaky_steps([outcome(False, 1), outcome(True, 2, "b", code=other)]) == []


def test_another_step_that_passes_makes_no_step_flaky():
    assert flaky_steps([outcome(False, 1), outcome(True, 2, step="evaluate")]) == []


def test_steps_that_fail_most_often_come_first():
    rare = [outcome(False, 1), *(outcome(True, day, "b") for day in range(2, 10))]
    often = [outcome(False, 1, step="load"), outcome(True, 2, step="load")]
    assert [step.step for step in flaky_steps([*rare, *often])] == ["load", "train"]


def test_only_runs_of_code_that_failed_are_opened():
    store = open_store(str(DATA_STORES / "magnus-examples"))
    summaries = store.runs()
    opened = {outcome.run_id for outcome in outcomes_of_store(store, lambda: summaries)}
    assert opened
    assert len(opened) < len(summaries)


def test_runs_whose_code_is_not_known_are_not_taken_for_the_same():
    store = open_store(str(DATA_STORES / "magnus-examples"))
    found = {outcome.run_id: outcome.code for outcome in outcomes_of_store(store, store.runs)}
    unknown = [code for code in found.values() if code[1] is None]
    assert len(unknown) == len(set(unknown))
