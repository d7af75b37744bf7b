"""`magnus-tui runs`: its shapes, queries and order, against independently computed values."""

import csv
import io
import json
import math
from datetime import datetime

import pytest

import expected_runs as expected
from magnus_tracking.stores import open_store
from support.lookalikes import LOOKALIKES, make_lookalikes
from support.many_runs import make_many

SWEEP = expected.STORES / "magnus-sweep"
FIELDS = [
    *("run_id", "status", "liveness", "engine", "tag", "dag_hash", "original_run_id", "started", "ended", "duration"),
    *("steps", "attempts", "retries", "failing_step", "message", "parameters", "metrics", "error"),
]


def equal(left, right):
    if isinstance(left, float) and math.isnan(left):
        return isinstance(right, float) and math.isnan(right)
    return left == right


@pytest.mark.parametrize("store", expected.NAMES)
def test_json_gives_each_run_as_python_computes_it(run, store):
    listed = run("runs", "-s", expected.STORES / store, "--format", "json").json
    by_id = {row["run_id"]: row for row in listed}
    assert set(by_id) == {handle.run_id for handle in open_store(expected.STORES / store).handles()}
    for run_id, log in expected.expected_runs(store).items():
        row = by_id[run_id]
        assert list(row) == FIELDS
        leaves = expected.leaf_steps(log)
        ran = [step for step in leaves if not step["mock"]]
        assert row["status"] == log["status"]
        assert row["tag"] == (log["tag"] or None)
        assert row["original_run_id"] == (log.get("original_run_id") or None)
        assert row["steps"] == {
            "total": len(leaves),
            "succeeded": sum(step["status"] == "SUCCESS" for step in ran),
            "failed": sum(step["status"] == "FAIL" for step in ran),
            "skipped": len(leaves) - len(ran),
        }
        assert row["attempts"] == sum(len(step["attempts"]) for step in leaves)
        assert row["retries"] == expected.retries(log)
        assert row["failing_step"] == expected.failing_step(log)
        assert row["parameters"] == expected.parameters(log)
        last = {name: values[-1] for name, values in expected.metrics(log).items()}
        assert set(row["metrics"]) == set(last)
        assert all(equal(value, row["metrics"][name]) for name, value in last.items())
        if expected.started(log):
            assert row["started"] == expected.started(log).isoformat()
        if expected.ended(log):
            assert row["ended"] == expected.ended(log).isoformat()
            assert row["liveness"] is None
            took = expected.ended(log) - expected.started(log)
            assert row["duration"] == pytest.approx(took.total_seconds())


def test_the_newest_run_comes_first(run):
    started = [row["started"] for row in run("runs", "-s", SWEEP, "--format", "json").json]
    assert started == sorted(started, reverse=True)


def test_where_sort_and_limit_work_together(run):
    listed = run(
        "runs", "-s", SWEEP, "--where", "status:success has:metric.loss", "--sort", "metric.loss", "--limit", "3",
        "--format", "json",
    ).json  # fmt: skip
    logs = expected.expected_runs("magnus-sweep")
    done = {id_: expected.metrics(log)["loss"][-1] for id_, log in logs.items() if log["status"] == "SUCCESS"}
    best = sorted((loss, run_id) for run_id, loss in done.items() if loss == loss)[:3]
    assert [row["run_id"] for row in listed] == [run_id for _, run_id in best]


def test_sort_keys_may_be_given_together_or_one_by_one(run):
    finished = ("runs", "-s", SWEEP, "--where", "has:ended", "--format", "csv")
    together = run(*finished, "--sort", "tag,-metric.loss").out
    one_by_one = run(*finished, "--sort", "tag", "--sort", "-metric.loss").out
    assert together == one_by_one
    rows = list(csv.DictReader(io.StringIO(together)))
    assert [row["tag"] for row in rows] == sorted(row["tag"] for row in rows)
    losses = [float(row["metric.loss"] or "nan") for row in rows if row["tag"] == "sweep-2"]
    there = [loss for loss in losses if loss == loss]
    assert there == sorted(there, reverse=True)
    assert losses[: len(there)] == there


def test_the_answers_are_those_of_the_store_itself(run):
    from magnus_tracking.query import SummaryRows, order, parse, parse_sort

    for store in expected.NAMES:
        runs = open_store(expected.STORES / store).runs()
        rows = SummaryRows(runs)
        chosen = order(rows, parse("retries>0 or has:failing").select(rows), parse_sort("-duration"))
        listed = run(
            "runs", "-s", expected.STORES / store, "--where", "retries>0 or has:failing", "--sort", "-duration",
            "--format", "json",
        ).json  # fmt: skip
        assert [row["run_id"] for row in listed] == [runs[position].run_id for position in chosen]


def test_csv_holds_numbers_in_full_and_iso_times(run):
    rows = list(csv.DictReader(io.StringIO(run("runs", "-s", SWEEP, "--format", "csv").out)))
    fixed = next(row for row in rows if row["run_id"] == "fixed-3")
    log = expected.expected_runs("magnus-sweep")["fixed-3"]
    assert float(fixed["metric.loss"]) == expected.metrics(log)["loss"][-1]
    assert datetime.fromisoformat(fixed["started"]) == expected.started(log)
    assert fixed["metric.is_best"] == "false"
    assert fixed["metric.confusion"] == "[[10, 2], [3, 40]]"


def test_a_table_in_a_pipe_is_neither_cut_nor_coloured(run, make_store, make_run):
    message = "a very long message " * 20
    out = run("runs", "-s", make_store(make_run("one", message=message, status="FAIL"))).out
    assert message.strip() in out
    assert "\x1b" not in out
    assert "✘ FAIL" in out


def test_hostile_names_break_no_format(run, make_store, make_run):
    name = 'a|b,"c"\nnew [bold]\x1b[31m'
    store = make_store(make_run("one", metrics={name: 1.5}, tag=name, parameters={name: name}, message=name))
    rows = list(csv.reader(io.StringIO(run("runs", "-s", store, "--format", "csv").out)))
    assert len(rows) == 2
    assert len(rows[0]) == len(rows[1])
    assert rows[1][rows[0].index("tag")] == name
    lines = run("runs", "-s", store, "--format", "markdown").out.splitlines()
    assert len(lines) == 3
    assert {line.replace("\\|", "").count("|") for line in lines} == {lines[1].count("|")}
    assert len(run("runs", "-s", store).out.splitlines()) == 2
    assert "\x1b" not in run("runs", "-s", store).out


def test_an_unreadable_run_is_a_row_with_its_reason(run, make_store, make_run):
    store = make_store(make_run("good"))
    (store / ".run_log_store" / "torn.json").write_text('{"run_id": "torn", "sta')
    listed = run("runs", "-s", store, "--format", "json")
    assert listed.status == 0
    torn = next(row for row in listed.json if row["run_id"] == "torn")
    assert torn["error"]
    assert torn["status"] is None
    assert torn["steps"] is None
    assert "! UNREADABLE" in run("runs", "-s", store).out
    assert run("runs", "-s", store, "--where", "has:error", "--format", "json").json == [torn]


def test_nothing_to_list_is_said_on_standard_error(run, make_store, make_run):
    store = make_store(make_run("one"))
    assert run("runs", "-s", store, "--where", "tag:none", "--format", "json").json == []
    nothing = run("runs", "-s", store, "--where", "tag:none")
    assert (nothing.status, nothing.out) == (0, "")
    assert "no runs match" in nothing.err
    (store / ".run_log_store" / "one.json").unlink()
    assert "there are no runs in" in run("runs", "-s", store).err


def test_a_run_without_a_sign_of_life_is_stalled(run):
    listed = run("runs", "-s", SWEEP, "--where", "liveness:stalled", "--format", "json").json
    unfinished = {id_ for id_, log in expected.expected_runs("magnus-sweep").items() if log["status"] == "PROCESSING"}
    assert {row["run_id"] for row in listed if row["liveness"] == "stalled"} <= unfinished
    everything = run("runs", "-s", SWEEP, "--format", "json").json
    assert {row["run_id"] for row in everything if row["liveness"]} == unfinished
    assert all(row["duration"] > 0 for row in everything if row["run_id"] in unfinished)


def test_means_that_a_first_reading_left_out_are_listed_where_they_are_asked_for(run, tmp_path):
    project = make_many(tmp_path / "many")
    greatest = max(found.metrics["loss"].mean for found in open_store(project).runs())
    shown = run("runs", "-s", project, "--sort", "-mean(metric.loss)", "--limit", "1", "--format", "markdown")
    assert f"| {greatest:.4g} |" in shown.out


@pytest.mark.parametrize(
    ("options", "notes"),
    [
        (["--where", "metric.lozz<1"], ["no run has metric.lozz; did you mean metric.loss?"]),
        (["--where", "param.loss<1"], ["no run has param.loss; did you mean metric.loss?"]),
        (["--where", "status:failed"], ["no run has status failed; did you mean status:fail?"]),
        (
            ["--where", "tag:nothing", "--sort", "-metric.acuracy"],
            ["no run has metric.acuracy; did you mean metric.accuracy?"],
        ),
        (["--where", "tag:nothing metric.loss<1"], []),
        (["--where", "param.lr.deep=1"], ["no run has param.lr.deep; did you mean param.lr?"]),
        (
            ["--where", "crashed"],
            ["no run has crashed in its id, tag, failing step or message; did you mean status:fail?"],
        ),
    ],
)
def test_a_name_that_no_run_has_is_noted_on_standard_error_and_the_answer_stays_empty(run, options, notes):
    ran = run("runs", "-s", SWEEP, "--format", "json", *options)
    assert (ran.status, ran.json) == (0, [])
    assert ran.err.splitlines() == [f"magnus-tui: {note}" for note in notes]


@pytest.mark.parametrize("options", [("--where", "{}<1"), ("--sort", "-{}"), ("--columns", "tag,{}")])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("loss", "did you mean metric.loss? ("),
        ("foo", "no run has a parameter or metric of this name ("),
        ("wd", "did you mean metric.wd or param.wd? ("),
    ],
)
def test_a_field_that_does_not_exist_is_answered_with_what_some_run_has(run, make_store, make_run, options, name, said):
    store = make_store(make_run(metrics={"loss": 1.0, "wd": 2.0}, parameters={"wd": 0.1}))
    option, text = options
    ran = run("runs", "-s", store, option, text.format(name))
    assert (ran.status, ran.out) == (2, "")
    assert f"there is no field '{name}': {said}" in ran.err


def test_the_place_of_an_error_in_a_huge_query_is_shown_with_what_is_around_it(run):
    ran = run("runs", "-s", SWEEP, "--where", "tag:a or " * 5000 + "loss<1 " + "tag:b " * 5000)
    assert ran.status == 2
    said, query, caret = ran.err.splitlines()
    assert "metric.loss" in said
    assert query[caret.index("^") :].startswith("loss<1")
    assert len(query) < 500


def test_parameters_that_differ_look_different_in_one_column(run, tmp_path):
    said = run("runs", "-s", make_lookalikes(tmp_path), "--format", "markdown").out
    heading, _, two, one = ([cell.strip() for cell in line.split("|")] for line in said.splitlines())
    different = [name for name, *cells in zip(heading, one, two, strict=True) if cells[0] != cells[1]]
    assert set(different) - {"run", "started"} == {*LOOKALIKES, "null or missing"}


def test_only_text_that_would_be_taken_for_something_else_is_quoted_in_a_column(run, tmp_path):
    store = tmp_path / ".run_log_store"
    store.mkdir()
    for place, rate in enumerate(["auto", "cosine", 0.1, "0.1"]):
        (store / f"run-{place}.json").write_text(
            json.dumps({"run_id": f"run-{place}", "status": "SUCCESS", "steps": {}, "parameters": {"lr": rate}})
        )
    said = run("runs", "-s", store, "--sort", "id").out
    assert [line.split()[-1] for line in said.splitlines()[1:]] == ["auto", "cosine", "0.1", '"0.1"']


def test_durations_that_differ_look_different_in_one_column(run, tmp_path):
    for name, end in (("a", "10:04:07.200"), ("b", "10:04:07.400")):
        attempt = {"attempt_number": 1, "start_time": "2026-01-01 10:00:00", "end_time": f"2026-01-01 {end}"}
        step = {"name": "s", "internal_name": "s", "status": "SUCCESS", "attempts": [attempt]}
        (tmp_path / f"{name}.json").write_text(json.dumps({"run_id": name, "status": "SUCCESS", "steps": {"s": step}}))
    for options in ([], ["--columns", "duration"]):
        said = run("runs", "-s", tmp_path, *options).out
        assert "4m 07.2s" in said
        assert "4m 07.4s" in said


@pytest.mark.parametrize(
    ("others", "said"), [(0, ""), (1, " (and 1 other run without one)"), (2, " (and 2 other runs")]
)
def test_runs_without_a_duration_are_counted(run, make_store, make_run, others, said):
    runs = [make_run(f"r{place}") for place in range(others + 1)]
    for one in runs:
        one["steps"]["train"]["attempts"][0]["end_time"] = "2026-11-20 09:00:00"
    err = run("runs", "-s", make_store(*runs)).err
    assert "has no duration: the clock went back" in err
    assert err.rstrip("\n").partition("10:00:00")[2].startswith(said)
    assert bool(said) or err.endswith("10:00:00\n")


@pytest.mark.parametrize("options", [[], ["--changed"], ["--columns", "tag,param.p,started,duration,steps"]])
def test_the_columns_of_csv_and_the_keys_of_json_hold_the_same(run, make_store, make_run, options):
    texts = ["a\rb", 'quote " and, comma', "two\nlines", "\r", "a\r\nb"]
    store = make_store(*(make_run(f"r{number}", parameters={"p": text}) for number, text in enumerate(texts)))
    listed = run("runs", "-s", store, *options, "--format", "json").json
    rows = list(csv.DictReader(io.StringIO(run("runs", "-s", store, *options, "--format", "csv").out, newline="")))
    parameters = [row["parameters"]["p"] if "parameters" in row else row["param.p"] for row in listed]
    assert [row["run_id"] for row in rows] == [row["run_id"] for row in listed]
    assert [row["param.p"] for row in rows] == parameters == sorted(parameters, key=texts.index, reverse=True)
