"""``magnus-tui failures``: causes, counted."""

import csv
import io
import json
from datetime import datetime

import pytest

from expected_runs import expected_runs, leaf_steps
from magnus_tracking.runlog.failing import NO_STEP_FAILED
from support.stores import DATA_STORES, STORE_NAMES

KEYS = [
    "signature",
    "exception",
    "message",
    "count",
    "first_seen",
    "last_seen",
    "steps",
    "runs",
    "still_failing",
]


def in_store(name, *more):
    return ["failures", "-s", DATA_STORES / name, *more]


@pytest.mark.parametrize("store", STORE_NAMES)
def test_json_says_of_each_cause_when_where_and_how_often(run, store):
    groups = run(*in_store(store, "--format", "json")).json
    assert all(list(group) == KEYS for group in groups)
    failed = [
        (run_id, step["internal_name"], attempt["end_time"])
        for run_id, log in expected_runs(store).items()
        for step in leaf_steps(log)
        for attempt in step["attempts"]
        if attempt["status"] == "FAIL"
    ]
    assert sum(group["count"] for group in groups) == len(failed)
    assert {run_id for group in groups for run_id in group["runs"]} == {run_id for run_id, _, _ in failed}
    assert {step for group in groups for step in group["steps"]} == {step for _, step, _ in failed}
    ends = [datetime.fromisoformat(end).isoformat() for _, _, end in failed]
    assert min(group["first_seen"] for group in groups) == min(ends)
    assert max(group["last_seen"] for group in groups) == max(ends)


def test_runs_can_be_chosen_by_a_query(run):
    groups = run(*in_store("magnus-reruns", "--where", "id:toFail", "--format", "json")).json
    assert [(group["signature"], group["runs"]) for group in groups] == [("Command failed", ["toFail"])]


def test_a_query_that_is_wrong_is_one_clear_line(run):
    ran = run(*in_store("magnus-reruns", "--where", "status:"))
    assert ran.status == 2
    assert "Traceback" not in ran.err


def test_a_table_shows_the_causes_by_count(run):
    ran = run(*in_store("runnable-examples"))
    heading, first, second = ran.out.rstrip("\n").split("\n")
    assert heading.split()[:2] == ["count", "cause"]
    assert (first.split()[0], second.split()[0]) == ("6", "5")
    assert "ValueError: Environment variable check failed!" in first
    assert "Exception: This is an exception" in second
    assert second.rstrip().endswith("yes")


def test_csv_has_a_row_for_each_cause(run):
    rows = list(csv.DictReader(io.StringIO(run(*in_store("magnus-sweep", "--format", "csv")).out)))
    assert [(row["count"], row["exception"], row["still_failing"]) for row in rows] == [("2", "ValueError", "true")]


def test_markdown_is_one_table(run):
    lines = run(*in_store("magnus-sweep", "--format", "markdown")).out.rstrip("\n").split("\n")
    assert len(lines) == 3
    assert "loss diverged: nan at step \\<n\\>" in lines[2]


def test_a_store_without_failures_says_so(run, make_store, make_run):
    ran = run("failures", "-s", make_store(make_run("one")))
    assert (ran.status, ran.out) == (0, "")
    assert "no attempt has failed" in ran.err


def test_flaky_steps_are_listed_with_their_rate(run):
    steps = run(*in_store("runnable-examples", "--flaky", "--format", "json")).json
    assert {(step["step"], step["rate"], step["passed_on_retry"]) for step in steps} >= {("check_envvar_task", 0.5, 1)}
    assert "50 %" in run(*in_store("runnable-examples", "--flaky")).out
    assert "no step failed and then passed" in run(*in_store("magnus-sweep", "--flaky")).err


def test_a_flaky_step_tells_its_commit_and_whether_there_were_uncommitted_changes(run, tmp_path):
    for run_id, status in (("a", "FAIL"), ("b", "SUCCESS")):
        code = {"code_identifier": "9f2c1aab", "code_identifier_type": "git", "code_identifier_dependable": False}
        attempt = {"attempt_number": 1, "end_time": f"2026-01-01 1{run_id == 'b':d}:00:00", "status": status}
        step = {"name": "s", "internal_name": "s", "status": status, "attempts": [attempt], "code_identities": [code]}
        log = {"run_id": run_id, "status": status, "dag_hash": "d", "steps": {"s": step}}
        (tmp_path / f"{run_id}.json").write_text(json.dumps(log))
    (step,) = run("failures", "--flaky", "-s", tmp_path, "--format", "json").json
    assert (step["commit"], step["dirty"], step["passed_in_later_run"]) == ("9f2c1aab", True, 1)
    assert "uncommitted changes" in run("failures", "--flaky", "-s", tmp_path).out


def test_a_name_that_no_run_has_is_noted_beside_an_empty_list_of_causes(run):
    ran = run(*in_store("magnus-sweep", "--where", "metric.lozz<1", "--format", "json"))
    assert (ran.status, ran.json) == (0, [])
    assert ran.err == "magnus-tui: no run has metric.lozz; did you mean metric.loss?\n"
    assert run(*in_store("magnus-sweep", "--where", "tag:nothing")).err == "no runs match\n"


def test_a_branch_that_never_ended_has_the_time_of_its_last_sign_of_life(run, tmp_path):
    died = {"internal_name": "p.a", "status": "PROCESSING", "steps": {}}
    attempt = {"attempt_number": 1, "start_time": "2026-01-01 10:00:00", "end_time": "2026-01-01 10:00:05"}
    parallel = {"name": "p", "internal_name": "p", "status": "FAIL", "step_type": "parallel", "branches": {"p.a": died}}
    fail = {"name": "fail", "internal_name": "fail", "status": "SUCCESS", "step_type": "fail", "attempts": [attempt]}
    log = {"run_id": "r", "status": "FAIL", "steps": {"p": parallel, "fail": fail}}
    (tmp_path / "r.json").write_text(json.dumps(log))
    assert "~2026-01-01 10:00:05" in run("failures", "-s", tmp_path).out
    (cause,) = run("failures", "-s", tmp_path, "--format", "json").json
    assert (cause["first_seen"], cause["last_seen"]) == ("2026-01-01T10:00:05",) * 2
    assert "2026-01-01T10:00:05,2026-01-01T10:00:05" in run("failures", "-s", tmp_path, "--format", "csv").out


def test_a_failed_run_without_a_failed_step_is_listed_with_that_reason(run, tmp_path):
    step = {"name": "s", "internal_name": "s", "status": "SUCCESS", "attempts": []}
    (tmp_path / "r.json").write_text(json.dumps({"run_id": "r", "status": "FAIL", "steps": {"s": step}}))
    (cause,) = run("failures", "-s", tmp_path, "--format", "json").json
    assert (cause["message"], cause["steps"], cause["runs"]) == (NO_STEP_FAILED, [], ["r"])
    for arguments in (("failures",), ("runs",), ("show", "r"), ("wait", "r")):
        assert NO_STEP_FAILED in run(*arguments, "-s", tmp_path).out
    page = tmp_path.with_suffix(".md")
    run("report", "r", "-s", tmp_path, "-o", page)
    assert f"Failure: r\n\n{NO_STEP_FAILED}" in page.read_text()
