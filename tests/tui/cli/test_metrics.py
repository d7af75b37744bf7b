"""`magnus-tui metrics`: a row per step index, a column per series."""

import csv
import io
import math

import expected_runs as expected

SWEEP = expected.STORES / "magnus-sweep"


def test_json_holds_every_series_with_its_step_and_attempt(run):
    shown = run("metrics", "fixed-9", "-s", SWEEP, "--format", "json").json
    assert shown["run_id"] == "fixed-9"
    log = expected.expected_runs("magnus-sweep")["fixed-9"]
    for step in expected.leaf_steps(log):
        of_step = {one["name"]: one for one in shown["series"] if one["step"] == step["internal_name"]}
        wanted = expected.series(step["user_defined_metrics"])
        assert set(of_step) == set(wanted)
        for name, values in wanted.items():
            assert repr(of_step[name]["values"]) == repr(values)
            assert of_step[name]["attempt"] is None
            assert of_step[name]["indexes"] == sorted(of_step[name]["indexes"])


def test_runnable_keeps_metrics_on_the_attempt(run):
    store = expected.STORES / "runnable-examples"
    for run_id, log in expected.expected_runs("runnable-examples").items():
        if not expected.metrics(log):
            continue
        shown = run("metrics", run_id, "-s", store, "--format", "json").json
        assert all(one["attempt"] is not None for one in shown["series"])
        assert {one["name"] for one in shown["series"]} == set(expected.metrics(log))


def test_the_table_has_a_row_for_each_index(run):
    rows = list(csv.DictReader(io.StringIO(run("metrics", "fixed-9", "-s", SWEEP, "--format", "csv").out)))
    assert [row["index"] for row in rows] == [str(index) for index in range(300)]
    log = expected.expected_runs("magnus-sweep")["fixed-9"]
    losses = expected.metrics(log)["loss"]
    assert [float(row["loss"]) for row in rows[:5]] == losses[:5]
    first_nan = next(index for index, loss in enumerate(losses) if math.isnan(loss))
    assert rows[first_nan]["loss"] == "NaN"
    assert rows[first_nan - 1]["loss"] != "NaN"
    assert rows[1]["rows"] == ""


def test_a_step_and_metrics_can_be_chosen(run):
    shown = run(
        "metrics", "fixed-9", "-s", SWEEP, "--step", "model", "--metric", "lr", "--metric", "loss", "--format", "json"
    )
    assert {(one["step"], one["name"]) for one in shown.json["series"]} == {
        ("train model", "lr"),
        ("train model", "loss"),
    }


def test_a_metric_or_step_that_is_not_there_says_what_is(run):
    wrong = run("metrics", "fixed-9", "-s", SWEEP, "--metric", "lossy")
    assert (wrong.status, wrong.out) == (1, "")
    assert "no metric 'lossy' in 'fixed-9': its metrics are rows, split, loss" in wrong.err
    wrong = run("metrics", "fixed-9", "-s", SWEEP, "--step", "nowhere")
    assert wrong.status == 1
    assert "its steps are prepare, train model" in wrong.err


def test_the_same_name_in_several_steps_and_attempts_is_told_apart(run, make_store, make_run):
    log = make_run("one", metrics={"loss": {"0": 1, "2": 3}})
    other = {**log["steps"]["train"], "name": "test", "internal_name": "test", "user_defined_metrics": {"loss": 9}}
    attempt = log["steps"]["train"]["attempts"][0]
    log["steps"]["train"]["attempts"] = [
        {**attempt, "user_defined_metrics": {"loss": {"0": 5}}},
        {**attempt, "attempt_number": 2, "user_defined_metrics": {"loss": {"0": 1, "2": 3}}},
    ]
    log["steps"]["test"] = other
    out = run("metrics", "one", "-s", make_store(log), "--format", "csv").out
    assert list(csv.reader(io.StringIO(out))) == [
        ["index", "train: loss (attempt 1)", "train: loss (attempt 2)", "test: loss"],
        ["0", "5", "1", "9"],
        ["2", "", "3", ""],
    ]


def test_a_run_without_metrics_is_no_error(run, make_store, make_run):
    store = make_store(make_run("one"))
    shown = run("metrics", "one", "-s", store)
    assert (shown.status, shown.out) == (0, "")
    assert "one has no metrics" in shown.err
    assert run("metrics", "one", "-s", store, "--format", "json").json == {"run_id": "one", "series": []}


def test_steps_with_several_values_are_said_beside_the_values(run, make_store, make_run):
    store = make_store(make_run(metrics={"loss": {"1": 1, "01": 2, "1.0": 3}, "a.b": 1, "a": {"b": 2}, "fine": 1}))
    said = ["metric loss has several values at step 1: the last one counts", "metric a.b has several values at step 0"]
    values = run("metrics", "one", "-s", store, "--format", "json")
    assert {one["name"]: one["values"] for one in values.json["series"]} == {"loss": [3], "a.b": [2], "fine": [1]}
    assert all(text in values.err for text in said)
    assert "fine" not in values.err
    for output_format in ("table", "markdown"):
        shown = run("show", "one", "-s", store, "--format", output_format).out
        assert all(text in shown for text in said)


def test_a_metric_that_is_called_as_another_column_is_told_from_it(run, make_store, make_run):
    store = make_store(make_run(metrics={"index": {"0": 7, "1": 8}, "tracked": 9}))
    rows = list(csv.reader(io.StringIO(run("metrics", "one", "-s", store, "--format", "csv").out)))
    assert rows == [["index", "index (2)", "tracked (2)"], ["0", "7", "9"], ["1", "8", ""]]
