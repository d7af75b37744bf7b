"""Why attempts failed, and which failed for the same reason."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from expected_runs import expected_runs, leaf_steps
from magnus_tracking.analysis.failures import (
    MOST_READ,
    NO_REASON,
    FailedAttempt,
    failures_of_run,
    failures_of_store,
    group,
    latest_runs,
    may_have_failures,
    why_silent,
)
from magnus_tracking.runlog.models import RunLog
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores import Store, open_store
from support.stores import DATA_STORES, STORE_NAMES

DIVERGED = "ValueError: loss diverged: nan at step <n>"
EXCEPTION = "Exception: This is an exception"
GROUPS = {
    "runnable-minio": {
        "ValueError: chunk <n> is broken": {"map-minio", "map-chunked-minio"},
        "RuntimeError: the step failed on purpose": {"fail-minio", "fail-chunked-minio"},
    },
    "runnable-examples": {
        EXCEPTION: {"curious-kilby", "exact-dijkstra", "neat-turing", "persistent-knuth", "pureed-noether"},
        "ValueError: Environment variable check failed!": {"lazy-yonath", "swarm-raman", "vintage-bassi"},
    },
    "runnable-0.20.0": {EXCEPTION: {"current-keller", "raw-franklin", "thundering-sinoussi", "zesty-sammet"}},
    "runnable-0.36.1": {
        EXCEPTION: {
            "affable-golick",
            "binary-morse",
            "buttery-wright",
            "clean-swirles",
            "sticky-meitner",
            "tattered-brattain",
        },
        "Exception: This is a failure": {"persistent-wozniak", "simple-galileo"},
    },
    "magnus-sweep": {DIVERGED: {"fixed-11", "sweep-11"}},
    "magnus-reruns": {DIVERGED: {"lr-too-high", "lr-too-high-rerun"}, "Command failed": {"toFail"}},
    "magnus-examples": {"Command failed": {"chocolaty-murdock", "faded-easley", "muffled-meninsky"}},
}
"""By store and signature, the runs; the failed notebook steps of older runnable come on top."""


def groups_of(name):
    store = open_store(str(DATA_STORES / name))
    summaries = store.runs()
    return group(failures_of_store(store, summaries), latest_runs(summaries))


def without_time(run_id):
    """A run id without the clock time that the engines put behind it."""
    stem, _, last = run_id.rpartition("-")
    return stem if last.isdigit() and len(last) == 4 else run_id


@pytest.mark.parametrize("name", STORE_NAMES)
def test_attempts_of_real_stores_are_grouped_by_their_cause(name):
    found = {one.signature: {without_time(run) for run in one.runs} for one in groups_of(name)}
    known = {signature: runs for signature, runs in found.items() if not signature.startswith(NO_REASON)}
    assert known == GROUPS[name]


@pytest.mark.parametrize("name", STORE_NAMES)
def test_where_no_reason_was_kept_there_is_a_group_for_each_step_name(name):
    expected = {
        step["name"]
        for run_id, run in expected_runs(name).items()
        for step in leaf_steps(run)
        if step["status"] == "FAIL" and "notebook" in step.get("name", "")
    }
    found = [one for one in groups_of(name) if one.signature.startswith(NO_REASON)]
    assert {one.attempts[0].name for one in found} == expected
    assert len(found) == len(expected)
    assert {one.message for one in found} <= {NO_REASON}


@pytest.mark.parametrize("name", STORE_NAMES)
def test_every_failed_attempt_is_counted_once(name):
    expected = sum(
        attempt["status"] == "FAIL"
        for run in expected_runs(name).values()
        for step in leaf_steps(run)
        for attempt in step["attempts"]
    )
    assert sum(one.count for one in groups_of(name)) == expected


def test_branches_that_fail_alike_are_counted_apart():
    checks = next(one for one in groups_of("runnable-examples") if "Environment" in one.signature)
    by_run = [attempt.run_id for attempt in checks.attempts]
    assert by_run.count("swarm-raman-1645") == 3
    assert by_run.count("vintage-bassi-1645") == 2


def test_a_failure_that_a_retry_overcame_fails_no_longer():
    checks, exceptions = sorted(groups_of("runnable-examples"), key=lambda one: one.signature, reverse=True)
    assert all(attempt.passed_later for attempt in checks.attempts)
    assert not checks.still_failing
    assert exceptions.still_failing


def test_the_most_frequent_cause_comes_first():
    counts = [one.count for one in groups_of("runnable-0.36.1")]
    assert counts == sorted(counts, reverse=True)


def test_a_failed_attempt_points_at_its_traceback():
    store = open_store(str(DATA_STORES / "magnus-sweep"))
    (failed,) = failures_of_run(store.load("fixed-11"), store)
    assert (failed.step, failed.attempt, failed.source) == ("train model", 1, "traceback")
    assert str(failed.frame) == "train.py:28 in train"
    assert "Traceback" in failed.log.read_text("utf-8").splitlines()[failed.line]


def test_the_line_of_a_traceback_counts_from_the_beginning_of_a_huge_log(tmp_path):
    store = copy_of_one_run(tmp_path)
    log = tmp_path / ".catalog" / "fixed-11" / "train_model.execution.log"
    traceback = log.read_bytes()
    above = 20
    log.write_bytes(
        b"x" * (MOST_READ // above * 2) + b"\n" + b"".join([b"y" * (MOST_READ // above) + b"\n"] * above) + traceback
    )
    (failed,) = failures_of_run(store.load("fixed-11"), store)
    assert failed.exception == "ValueError"
    assert "Traceback" in log.read_text("utf-8").splitlines()[failed.line]


def copy_of_one_run(folder):
    import shutil

    source = DATA_STORES / "magnus-sweep"
    (folder / ".run_log_store").mkdir()
    shutil.copy(source / ".run_log_store" / "fixed-11.json", folder / ".run_log_store")
    shutil.copytree(source / ".catalog" / "fixed-11", folder / ".catalog" / "fixed-11")
    return open_store(str(folder))


def test_without_its_log_a_failure_has_the_attempts_message_or_no_reason(tmp_path):
    store = copy_of_one_run(tmp_path)
    (tmp_path / ".catalog" / "fixed-11" / "train_model.execution.log").unlink()
    run = store.load("fixed-11")
    (failed,) = failures_of_run(run, store)
    assert (failed.exception, failed.log, failed.source) == (None, None, "message")
    assert failed.message == run.steps["train model"].attempts[0].message
    run.steps["train model"].attempts[0].message = " "
    run.steps["train model"].message = ""
    (failed,) = failures_of_run(run, store)
    assert (failed.signature, failed.source) == (f"{NO_REASON}: train model", "none")


def test_what_the_engine_keeps_of_a_step_is_told_by_kind_and_engine():
    magnus = open_store(str(DATA_STORES / "magnus-examples")).load("chocolaty-murdock-1640")
    assert why_silent(magnus, magnus.steps["step 1"]) == "the engine kept no error output of this shell step"
    document = magnus.model_dump()
    del document["use_cached"]
    runnable = RunLog.model_validate(document)
    assert why_silent(runnable, runnable.steps["step 1"]) == "the execution log shows none"
    notebook = open_store(str(DATA_STORES / "runnable-0.20.0")).load("nutritious-knuth-1803")
    step = notebook.steps["hello notebook"]
    assert why_silent(notebook, step) == "the engine kept no error output of this notebook step"


def test_only_runs_that_can_have_failed_are_opened():
    class Watched(Store):
        def load(self, run_id):
            loaded.append(run_id)
            return super().load(run_id)

    loaded = []

    store = Watched(DATA_STORES / "magnus-sweep" / ".run_log_store")
    found = list(failures_of_store(store, open_store(str(DATA_STORES / "magnus-sweep")).runs()))
    assert sorted(loaded) == sorted(attempt.run_id for attempt in found) == ["fixed-11", "sweep-11"]


def test_a_run_that_vanished_or_can_not_be_read_is_passed_over(tmp_path):
    store = copy_of_one_run(tmp_path)
    summaries = store.runs()
    (tmp_path / ".run_log_store" / "fixed-11.json").unlink()
    assert list(failures_of_store(store, summaries)) == []
    assert not may_have_failures(RunSummary(run_id="x", error="not JSON"))


def attempt(run_id, ended, message="boom", **changes):
    made = FailedAttempt(
        run_id=run_id,
        step="train",
        name="train",
        attempt=1,
        exception="ValueError",
        message=message,
        signature=f"ValueError: {message}",
        frame=None,
        log=Path("x"),
        line=0,
        started=None,
        ended=datetime(2026, 1, ended),
        source="traceback",
        passed_later=False,
    )
    return replace(made, **changes)


def run(run_id, day, pipeline="p"):
    return RunSummary(run_id=run_id, dag_hash=pipeline, status="FAIL", started=datetime(2026, 1, day))


def test_a_group_fails_still_if_the_last_run_of_a_pipeline_failed_so():
    runs = [run("a", 1), run("b", 2), run("other", 3, "q")]
    (failing,) = group([attempt("a", 1), attempt("b", 2)], latest_runs(runs))
    assert failing.still_failing
    (mended,) = group([attempt("a", 1), attempt("b", 2)], latest_runs([*runs, run("c", 4)]))
    assert not mended.still_failing


def test_a_group_tells_first_and_last_sight_and_the_latest_message():
    (one,) = group(
        [attempt("b", 5, "new", signature="s"), attempt("a", 2, "old", signature="s", step="evaluate")], {"a"}
    )
    assert (one.first_seen, one.last_seen) == (datetime(2026, 1, 2), datetime(2026, 1, 5))
    assert (one.runs, one.steps, one.message) == (("a", "b"), ("evaluate", "train"), "new")


def test_causes_that_are_as_frequent_come_with_the_latest_first():
    groups = group([attempt("a", 1, "one"), attempt("b", 3, "two"), attempt("c", 2, "three")], set())
    assert [one.message for one in groups] == ["two", "three", "one"]


def a_shell_run(folder, log, *, kind="shell", **fields):
    """A run of runnable whose one step failed, with the execution log that it left behind."""
    attempt = {"attempt_number": 1, "start_time": "2026-01-01 10:00:00", "end_time": "2026-01-01 10:00:01"}
    step = {
        "name": "shell it",
        "internal_name": "shell it",
        "status": "FAIL",
        "step_type": "task",
        "message": "",
        "attempts": [{**attempt, "status": "FAIL", "message": ""}],
    }
    node = {"command_type": kind, "command": "exit 3", "node_type": "task"}
    run = {
        "run_id": "r",
        "status": "FAIL",
        "steps": {"shell it": step},
        "run_config": {"dag": {"nodes": {"shell it": node}}},
        **fields,
    }
    (folder / ".run_log_store").mkdir()
    (folder / ".run_log_store" / "r.json").write_text(json.dumps(run))
    (folder / ".catalog" / "r").mkdir(parents=True)
    (folder / ".catalog" / "r" / "shellit4AB.execution.log").write_text(log)
    store = open_store(folder)
    (failed,) = failures_of_run(store.load("r"), store)
    return failed


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("started\nthe real reason,\n", "the real reason"),
        ("started\n\x1b[31mthe real reason\x1b[0m,\n\n  \n", "the real reason"),
        ("ls: cannot access 'x': No such file\n", "ls: cannot access 'x': No such file"),
        ("one, two,,\n,\n", "one, two,"),
    ],
)
def test_a_failed_shell_step_of_runnable_failed_for_the_last_line_of_its_log(tmp_path, log, reason):
    failed = a_shell_run(tmp_path, log)
    assert (failed.message, failed.source, failed.exception) == (reason, "log", None)


def test_a_traceback_tells_more_than_the_last_line(tmp_path):
    failed = a_shell_run(tmp_path, 'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: boom\n,\n')
    assert (failed.exception, failed.message, failed.source) == ("ValueError", "boom", "traceback")


def test_only_shell_steps_of_runnable_keep_their_errors_so(tmp_path):
    for number, (kind, fields) in enumerate([("notebook", {}), ("python", {}), ("shell", {"use_cached": False})]):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert a_shell_run(folder, "all is well,\n", kind=kind, **fields).source == "none"


def test_where_the_log_does_not_tell_a_shell_step_the_comma_does(tmp_path):
    for number, (log, source) in enumerate([("the real reason,\n", "log"), ("all is well\n", "none")]):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert a_shell_run(folder, log, run_config={}).source == source


def test_a_run_that_is_still_going_does_not_mend_a_failure():
    going = replace_status(run("c", 4), "PROCESSING")
    (failing,) = group([attempt("b", 2)], latest_runs([run("b", 2), going]))
    assert failing.still_failing
    mended = replace_status(run("d", 5), "SUCCESS")
    (mended_group,) = group([attempt("b", 2)], latest_runs([run("b", 2), going, mended]))
    assert not mended_group.still_failing


def replace_status(summary, status):
    return msgspec.structs.replace(summary, status=status)
