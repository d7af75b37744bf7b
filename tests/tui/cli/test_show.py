"""`magnus-tui show`: the full run log for scripts, an overview for people."""

import csv
import io
import json
import math
import re

import pytest

import expected_runs as expected
from magnus_tracking import open_store
from magnus_tracking.stores.run_listing import HUGE

RUNS = [(store, run_id) for store in expected.NAMES for run_id in expected.expected_runs(store)]
UNORDERED = ("parameters", "branches")


def same(left, right, *, ordered=True):
    """Equal key for key and in the same order, except where a folder's listing decides; NaN equals NaN."""
    if isinstance(left, dict) and isinstance(right, dict):
        keys = list(left) == list(right) if ordered else set(left) == set(right)
        return keys and all(same(left[key], right[key], ordered=key not in UNORDERED) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return type(left) is type(right) and left == right


@pytest.mark.parametrize(("store", "run_id"), RUNS)
def test_json_is_what_the_engines_own_reader_returns(run, store, run_id):
    shown = run("show", run_id, "-s", expected.STORES / store, "--format", "json")
    assert shown.status == 0
    assert same(shown.json, expected.expected_runs(store)[run_id])


def test_runs_that_the_engine_refuses_are_shown_too(run):
    for store in expected.NAMES:
        listed = run("runs", "-s", expected.STORES / store, "--format", "json").json
        refused = [row["run_id"] for row in listed if row["run_id"] not in expected.expected_runs(store)]
        for run_id in refused:
            shown = run("show", run_id, "-s", expected.STORES / store, "--format", "json")
            assert shown.status == 0
            assert shown.json["run_id"] == run_id


def test_the_overview_names_the_failing_attempt_and_its_message(run):
    shown = run("show", "lr-too-high-rerun", "-s", expected.STORES / "magnus-reruns").out
    assert "failing step train model, attempt 1 of 1" in shown
    assert "message      loss diverged: nan at step 201" in shown
    assert "re-run of    lr-too-high" in shown
    assert "⊘ prepare" in shown


def test_the_overview_lists_each_attempt_of_a_retried_step(run):
    shown = run("show", "swarm-raman", "-s", expected.STORES / "runnable-examples").out
    lines = shown.splitlines()
    at = next(number for number, line in enumerate(lines) if "execute_python ↻" in line)
    assert "✘ attempt 1" in lines[at + 1]
    assert "did not succeed" in lines[at + 1]
    assert "✔ attempt 2" in lines[at + 2]
    assert "16, 3 retries" in shown


def test_the_overview_of_an_unfinished_run_shows_what_was_planned(run):
    shown = run("show", "sweep-2", "-s", expected.STORES / "magnus-sweep").out
    assert "STALLED (the log says PROCESSING)" in shown
    assert "metric" in shown


def test_the_overview_draws_steps_over_time(run, make_store, make_run):
    log = make_run("one")
    step = log["steps"]["train"]

    def between(name, start, end):
        times = {"start_time": f"2026-11-20 10:00:{start}", "end_time": f"2026-11-20 10:00:{end}"}
        return {**step, "name": name, "internal_name": name, "attempts": [{**step["attempts"][0], **times}]}

    log["steps"] = {"a": between("a", "00", "10"), "b": between("b", "20", "40")}
    shown = run("show", "one", "-s", make_store(log)).out.splitlines()
    (first,) = (line for line in shown if line.startswith("✔ a "))
    (second,) = (line for line in shown if line.startswith("✔ b "))
    assert first.count("█") == 10
    assert (second.count("┄"), second.count("█")) == (10, 20)
    assert "①" in second
    assert any("critical path" in line for line in shown)


def test_steps_that_are_still_to_come_are_listed(run, make_store, make_run):
    plan = {name: {"type": kind} for name, kind in (("train", "task"), ("test", "task"), ("success", "success"))}
    log = make_run("one", status="PROCESSING", run_config={"dag": {"steps": plan}})
    shown = run("show", "one", "-s", make_store(log)).out
    assert "· test" in shown
    assert "· success" not in shown


def test_csv_has_a_row_for_each_attempt(run):
    shown = run("show", "swarm-raman", "-s", expected.STORES / "runnable-examples", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(shown)))
    attempts = [row for row in rows if row["step"] == "map_state.1.execute_python"]
    assert [(row["attempt"], row["attempt_status"]) for row in attempts] == [("1", "FAIL"), ("2", "SUCCESS")]
    assert rows[0]["started"] == ""
    assert "T" in attempts[0]["started"]


def test_markdown_holds_facts_steps_parameters_and_metrics(run):
    shown = run("show", "fixed-9", "-s", expected.STORES / "magnus-sweep", "--format", "markdown").out
    assert shown.startswith("# fixed-9\n")
    assert "| tag | sweep-2 |" in shown
    assert "| lr | 0.5 |" in shown
    assert "| loss | NaN |" in shown


def test_a_job_is_one_step(run):
    jobs = [
        (store, run_id)
        for store, run_id in RUNS
        if expected.expected_runs(store)[run_id].get("job") and not expected.expected_runs(store)[run_id]["steps"]
    ]
    for store, run_id in jobs:
        shown = run("show", run_id, "-s", expected.STORES / store).out
        assert "job" in shown
        assert "of 1 step succeeded" in shown


@pytest.mark.parametrize(("store", "run_id"), RUNS)
def test_steps_are_counted_alike_wherever_they_are(run, store, run_id):
    leaves = expected.leaf_steps(expected.expected_runs(store)[run_id])
    well = [step for step in leaves if step["status"] == "SUCCESS" and not step.get("mock")]
    shown = run("show", run_id, "-s", expected.STORES / store).out
    counted = re.findall(r"([0-9]+) of ([0-9]+) steps? succeeded([^\n·]*)", shown)
    assert len({tuple(map(str.strip, one)) for one in counted}) == 1
    assert counted[0][0] == str(len(well))


def test_nothing_that_a_log_holds_reaches_the_output_raw(run, make_store, make_run):
    hostile = "\x1b[31m[bold]red[/]\x1b[0m\n\u202eevil\ud800 | `x`"
    store = make_store(
        make_run("one", message=hostile, name=hostile, tag=hostile, status="FAIL", parameters={hostile: hostile})
    )
    for output_format in ("table", "markdown"):
        shown = run("show", "one", "-s", store, "--format", output_format)
        assert shown.status == 0
        assert not set(shown.out) & set("\x1b\u202e\x07")
        assert "[bold]red[/]" in shown.out
    shown = run("show", "one", "-s", store, "--format", "json")
    assert shown.json["tag"] == hostile


def test_of_a_huge_log_every_number_of_a_metric_is_told(run, make_store, make_run):
    store = make_store(make_run(metrics={"loss": {str(step): float(step % 1000) for step in range(400_000)}, "n": 5}))
    assert next(store.rglob("one.json")).stat().st_size > HUGE
    rows = [line.split("|")[1:-1] for line in run("show", "one", "-s", store, "--format", "markdown").out.splitlines()]
    (loss,) = ([cell.strip() for cell in row] for row in rows if row[:1] == [" loss "])
    assert loss == ["loss", "999", "0", "999", "499.5", "400,000", "", "train"]
    stored = open_store(store).run("one")
    assert (stored.summary.metrics["loss"].count, stored.metrics["loss"]) == (400_000, 999)


def test_infinities_and_large_integers_are_printed_as_they_are(run, make_store, make_run):
    metrics = {"a": {"0": math.inf, "1": -math.inf, "2": math.nan}, "b": 2**70 + 1, "c": 10**400}
    store = make_store(make_run("one", metrics=metrics))
    out = run("show", "one", "-s", store, "--format", "json").out
    assert "Infinity" in out
    assert "NaN" in out
    assert json.loads(out)["steps"]["train"]["user_defined_metrics"]["b"] == 2**70 + 1
    assert run("show", "one", "-s", store).status == 0
