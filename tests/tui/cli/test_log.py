"""``magnus-tui log``: what a step printed, or that nothing was kept."""

import json

import pytest

from expected_runs import expected_runs, leaf_steps
from magnus_tracking.analysis.failures import failures_of_store
from magnus_tracking.stores import open_store
from support.stores import DATA_STORES, STORE_NAMES


def in_store(name):
    return ["-s", DATA_STORES / name]


def failed_with_traceback():
    for name in STORE_NAMES:
        store = open_store(str(DATA_STORES / name))
        for failed in failures_of_store(store, store.runs()):
            if failed.source == "traceback":
                yield name, failed


@pytest.mark.parametrize(
    ("store", "failed"), list(failed_with_traceback()), ids=lambda one: one if isinstance(one, str) else one.run_id
)
def test_every_failure_that_left_a_traceback_is_printed(run, store, failed):
    for arguments in ([failed.run_id], [failed.run_id, failed.step, "--attempt", failed.attempt]):
        ran = run("log", *arguments, *in_store(store))
        assert ran.status == 0
        assert f"{failed.exception}: {failed.message}" in ran.out
        assert "\x1b" not in ran.out


@pytest.mark.parametrize("store", STORE_NAMES)
def test_every_failed_run_gives_a_log_or_says_why_not(run, store):
    for run_id, log in expected_runs(store).items():
        if any(step["status"] == "FAIL" for step in leaf_steps(log)):
            ran = run("log", run_id, *in_store(store))
            assert ran.out.strip() or (ran.status == 1 and "kept no" in ran.err)


def test_the_log_is_printed_as_it_is(run):
    ran = run("log", "fixed-3", "train model", *in_store("magnus-sweep"))
    log = DATA_STORES / "magnus-sweep" / ".catalog" / "fixed-3" / "train_model.execution.log"
    assert ran.out == log.read_text("utf-8").rstrip("\n") + "\n"
    assert ran.err == ""


def test_without_a_failure_the_last_step_is_meant(run):
    assert (
        run("log", "fixed-3", *in_store("magnus-sweep")).out
        == run("log", "fixed-3", "evaluate", *in_store("magnus-sweep")).out
    )


def test_several_logs_stand_below_lines_that_name_them(run):
    ran = run("log", "lazy-yonath", *in_store("runnable-examples"))
    assert [line for line in ran.out.split("\n") if line.startswith("==>")] == [
        "==> check_envvar_task, attempt 1, inferred <==",
        "==> check_envvar_task, attempt 2, inferred <==",
    ]


def test_one_attempt_is_printed_without_such_a_line(run):
    ran = run("log", "lazy-yonath", "--attempt", 2, *in_store("runnable-examples"))
    assert "==>" not in ran.out
    assert "Traceback" not in ran.out


def test_branches_that_failed_side_by_side_are_all_printed(run):
    ran = run("log", "swarm-raman", "--attempt", 1, *in_store("runnable-examples"))
    assert ran.out.count("ValueError: Environment variable check failed!") == 3


def test_an_empty_log_of_a_failed_shell_step_is_told_in_words(run):
    ran = run("log", "chocolaty-murdock", *in_store("magnus-examples"))
    assert ran.status == 1
    assert ran.err == "magnus-tui: step 1: no traceback: the engine kept no error output of this shell step\n"


def test_a_step_that_was_skipped_has_no_log(run):
    ran = run("log", "lr-too-high-rerun", "prepare", *in_store("magnus-reruns"))
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == "magnus-tui: prepare: the engine kept no execution log for this step\n"


def test_an_attempt_that_is_not_there_is_told_with_those_that_are(run):
    ran = run("log", "lazy-yonath", "--attempt", 7, *in_store("runnable-examples"))
    assert ran.status == 1
    assert ran.err == "magnus-tui: check_envvar_task: no attempt 7: its attempts are 1, 2\n"


def test_a_composite_step_says_where_the_logs_are(run):
    ran = run("log", "swarm-raman", "map_state", *in_store("runnable-examples"))
    assert ran.status == 1
    assert "the steps inside have execution logs" in ran.err


def test_a_step_that_is_not_there_is_told_with_those_that_are(run):
    ran = run("log", "fixed-3", "nothing", *in_store("magnus-sweep"))
    assert ran.status == 1
    assert "prepare, train model, evaluate" in ran.err


def test_the_logs_of_two_attempts_are_compared(run):
    ran = run("log", "lazy-yonath", "--diff", *in_store("runnable-examples"))
    lines = ran.out.split("\n")
    assert lines[:2] == ["--- check_envvar_task, attempt 1, inferred", "+++ check_envvar_task, attempt 2, inferred"]
    assert "- ValueError: Environment variable check failed!" in lines
    assert not [line for line in lines if line.startswith("  [16:")]
    assert [line for line in lines if line.startswith("≈ [16:51:")]
    assert not [line for line in lines[2:] if line.startswith("+") and line[1:].strip()]
    assert run("log", "lazy-yonath", "--diff", "--attempt", 1, *in_store("runnable-examples")).out == ran.out


def test_there_is_nothing_to_compare_one_attempt_with(run):
    ran = run("log", "fixed-11", "--diff", *in_store("magnus-sweep"))
    assert ran.status == 1
    assert "no logs of two attempts" in ran.err


def test_terminal_escapes_are_not_passed_on(run, tmp_path, make_store, make_run):
    project = make_store(make_run("one"))
    folder = project / ".catalog" / "one"
    folder.mkdir(parents=True)
    (folder / "trainABC.execution.log").write_text("\x1b[31mred\x1b[0m \x1b]0;title\x07[bold]not markup[/bold]\n")
    assert run("log", "one", "-s", project).out == "red [bold]not markup[/bold]\n"


def test_a_catalog_outside_the_project_is_printed_only_if_it_is_named(run, tmp_path):
    outside = tmp_path / "elsewhere"
    (outside / "r").mkdir(parents=True)
    (outside / "r" / "train.execution.log").write_text("not yours\n")
    entry = {
        "name": "train.execution.log",
        "data_hash": "",
        "catalog_relative_path": "r/train.execution.log",
        "catalog_handler_location": str(outside),
        "stage": "put",
    }
    step = {
        "name": "train",
        "internal_name": "train",
        "status": "SUCCESS",
        "step_type": "task",
        "attempts": [{"attempt_number": 1, "status": "SUCCESS"}],
        "data_catalog": [entry],
    }
    store = tmp_path / "project" / ".run_log_store"
    store.mkdir(parents=True)
    (store / "r.json").write_text(
        json.dumps({"run_id": "r", "use_cached": False, "status": "SUCCESS", "steps": {"train": step}})
    )
    refused = run("log", "r", "--store", str(store))
    assert (refused.status, refused.out) == (1, "")
    assert f"--catalog {outside}" in refused.err
    assert str(store.parent / ".catalog" / "r") in refused.err
    assert run("log", "r", "--store", str(store), "--catalog", str(outside)).out == "not yours\n"
    (found,) = run("check", str(store), "--format", "json").json
    assert (found["kind"], f"--catalog {outside}" in found["detail"]) == ("outside", True)
    assert run("check", str(store), "--catalog", str(outside), "--format", "json").json == []


@pytest.mark.parametrize("step", [(), ("train",)])
def test_a_run_without_steps_has_no_log_and_says_so(run, make_store, make_run, step):
    ran = run("log", "one", *step, "-s", make_store({**make_run("one"), "steps": {}}))
    assert (ran.status, ran.out, ran.err) == (1, "", "magnus-tui: run 'one' has no steps\n")
