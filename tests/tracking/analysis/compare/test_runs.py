import math
from itertools import pairwise

import pytest

import expected_runs as expected
from magnus_tracking.analysis.compare import compare
from magnus_tracking.runlog.models import RunLog
from magnus_tracking.stores import open_store


def table(comparison, section):
    return {row.key: row for row in comparison.rows if row.section == section}


def alike(left, right):
    both_nan = isinstance(left, float) and isinstance(right, float) and math.isnan(left) and math.isnan(right)
    return both_nan or (left == right and isinstance(left, bool) == isinstance(right, bool))


def flat(value, path=""):
    """Leaves by dotted path, in the plainest way."""
    if isinstance(value, dict) and value:
        return {k: v for key, item in value.items() for k, v in flat(item, f"{path}.{key}" if path else key).items()}
    if isinstance(value, list) and value:
        return {k: v for i, item in enumerate(value) for k, v in flat(item, f"{path}.{i}").items()}
    return {path: value} if path else {}


@pytest.mark.parametrize("name", expected.NAMES)
def test_parameters_and_metrics_compare_as_the_engines_own_reading_says(name):
    store = open_store(expected.STORES / name)
    runs = expected.expected_runs(name)
    for left, right in pairwise(sorted(runs)):
        comparison = compare([store.load(left), store.load(right)])
        parameters = [flat(expected.parameters(runs[run])) for run in (left, right)]
        rows = table(comparison, "parameters")
        assert rows.keys() == parameters[0].keys() | parameters[1].keys()
        for key, row in rows.items():
            values = [column.get(key) for column in parameters]
            assert all(map(alike, row.values, values))
            assert row.differs is not alike(*values)
        rows = table(comparison, "metrics")
        metrics = [expected.metrics(runs[run]) for run in (left, right)]
        for key in metrics[0].keys() | metrics[1].keys():
            last = [flat({key: column[key][-1]}) if key in column else {} for column in metrics]
            for leaf in last[0].keys() | last[1].keys():
                assert all(map(alike, rows[leaf].values, [column.get(leaf) for column in last]))


@pytest.mark.parametrize(("word", "choose"), [("min", min), ("max", max)])
def test_extremes_of_metrics_leave_out_nan(word, choose):
    store = open_store(expected.STORES / "magnus-sweep")
    runs = expected.expected_runs("magnus-sweep")
    rows = table(compare([store.load(run) for run in runs]), "metrics")
    values = [expected.numbers(expected.metrics(run).get("loss", [])) for run in runs.values()]
    assert rows[f"{word}(loss)"].values == tuple(choose(column) if column else None for column in values)
    assert math.isnan(rows["loss"].values[list(runs).index("fixed-9")])


def test_the_best_value_of_a_metric_is_marked_by_its_direction():
    store = open_store(expected.STORES / "magnus-sweep")
    rows = table(compare([store.load(run) for run in ("fixed-1", "fixed-3", "fixed-9")]), "metrics")
    assert rows["loss"].best() == {1}
    assert rows["loss"].best({"loss": "max"}) == {0}
    assert rows["max(accuracy)"].best() == {1}
    assert rows["rows"].best() == frozenset()


def test_runs_of_different_engines_compare():
    ours = open_store(expected.STORES / "magnus-sweep").load("fixed-1")
    theirs = open_store(expected.STORES / "runnable-examples").load("swarm-raman-1645")
    comparison = compare([ours, theirs])
    assert table(comparison, "run")["engine"].values == ("magnus", "runnable")
    assert table(comparison, "parameters")["lr"].values == (0.001, None)
    assert table(comparison, "steps")["train model.status"].values == ("SUCCESS", None)
    assert table(comparison, "steps")["map_state.1.execute_python.attempts"].values == (None, 2)


def test_code_data_configuration_and_pipeline_have_their_rows():
    store = open_store(expected.STORES / "magnus-reruns")
    comparison = compare([store.load("lr-too-high"), store.load("absolute-catalog")])
    raw = expected.expected_runs("magnus-reruns")
    code = table(comparison, "code")
    commits = {
        run: next(iter(step["code_identities"]))["code_identifier"]
        for run in raw
        for step in [raw[run]["steps"][next(iter(raw[run]["steps"]))]]
    }
    assert code["commit"].values == (commits["lr-too-high"], commits["absolute-catalog"])
    assert code["dirty"].values == tuple(map(expected.is_dirty, (raw["lr-too-high"], raw["absolute-catalog"])))
    assert code["remote"].values == ("https://github.com/acme/sweep.git",) * 2
    entries = raw["absolute-catalog"]["steps"]["prepare"]["data_catalog"]
    for entry in entries:
        assert table(comparison, "data")[f"{entry['stage']} {entry['name']}"].values[1] == entry["data_hash"]
    configuration = table(comparison, "configuration")
    config = {k: v for k, v in raw["absolute-catalog"]["run_config"].items() if k not in ("dag", "dag_hash", "job")}
    for key, value in flat(config).items():
        if key not in ("run_id", "tag", "original_run_id"):
            assert alike(configuration[key].values[1], value)
    pipeline = table(comparison, "pipeline")
    for key, value in flat(raw["absolute-catalog"]["run_config"]["dag"]).items():
        assert pipeline[key].values[1] == value


def run_log(run_id, **fields):
    return RunLog.model_validate({"run_id": run_id, "status": "SUCCESS", "steps": {}, "parameters": {}, **fields})


def step(name, metrics=None, **fields):
    times = {"start_time": "2026-01-01 10:00:00", "end_time": fields.pop("ended", "2026-01-01 10:00:05")}
    return {
        "name": name,
        "internal_name": name,
        "status": "SUCCESS",
        "step_type": "task",
        "attempts": [{"attempt_number": 1, "status": "SUCCESS", **times}],
        "user_defined_metrics": metrics or {},
        **fields,
    }


def test_a_metric_that_several_steps_track_is_compared_step_by_step_too():
    runs = [
        run_log(
            f"r{n}",
            steps={
                "train": step("train", {"loss": 0.5 * n}),
                "test": step("test", {"loss": 0.7 * n}, ended="2026-01-01 10:00:09"),
            },
        )
        for n in (1, 2)
    ]
    comparison = compare(runs)
    assert table(comparison, "metrics")["loss"].values == (0.7, 1.4)
    by_step = table(comparison, "metrics by step")
    assert by_step["train.loss"].values == (0.5, 1.0)
    assert by_step["test.loss"].delta == (0.0, 0.7)


def test_what_was_tracked_once_has_no_extremes_of_its_own():
    rows = table(compare([run_log("a", steps={"s": step("s", {"answer": 42.0})})] * 2), "metrics")
    assert list(rows) == ["answer"]


def test_lists_and_objects_among_metrics_are_compared_by_leaf():
    one = run_log("a", steps={"s": step("s", {"confusion": [[10, 2], [3, 40]], "report": {"f1-score": 0.9}})})
    two = run_log("b", steps={"s": step("s", {"confusion": [[10, 2], [4, 39]], "report": {"f1-score": 0.9}})})
    rows = table(compare([one, two]).changed(), "metrics")
    assert {key: row.values for key, row in rows.items()} == {"confusion.1.0": (3, 4), "confusion.1.1": (40, 39)}


def test_large_integers_differ_exactly():
    comparison = compare([run_log("a", parameters={"n": 2**60}), run_log("b", parameters={"n": 2**60 + 1})])
    row = table(comparison, "parameters")["n"]
    assert row.differs
    assert row.delta == (0, 1)


def test_an_unfinished_run_has_lasted_until_now():
    from datetime import datetime

    run = run_log("a", status="PROCESSING", steps={"s": step("s")})
    now = datetime(2026, 1, 1, 10, 1, 0)
    assert table(compare([run, run], now=now), "run")["duration"].values == (60.0, 60.0)
    assert table(compare([run, run]), "run")["duration"].values == (None, None)


def test_entries_of_one_name_with_other_hashes_are_told_apart_by_step():
    def entry(digest):
        return {"name": "out.csv", "data_hash": digest, "stage": "put"}

    steps = {"a": step("a", data_catalog=[entry("1")]), "b": step("b", data_catalog=[entry("2")])}
    rows = table(compare([run_log("x", steps=steps), run_log("y", steps={"a": steps["a"]})]), "data")
    assert {key: row.values for key, row in rows.items()} == {
        "put out.csv of a": ("1", "1"),
        "put out.csv of b": ("2", None),
    }


def test_the_document_has_the_agreed_shape():
    document = compare([run_log("a", parameters={"lr": 0.1}), run_log("b")], baseline=1).document()
    assert document["runs"] == ["a", "b"]
    assert document["baseline"] == "b"
    row = next(row for row in document["rows"] if row["key"] == "lr")
    assert row == {"section": "parameters", "key": "lr", "values": [0.1, None], "differs": True, "delta": [None, None]}


def test_keys_that_would_read_the_same_have_the_names_in_quotes():
    metrics = {"loss": {"0": 3.0, "1": 1.0}, "min(loss)": 7.0, "top": [1, 2], "top.0": 5}
    rows = [row for row in compare([run_log("one", steps={"train": step("train", metrics)})]).rows if row.metric]
    values = {row.key: row.values for row in rows}
    assert len(values) == len(rows)
    assert (values["min(loss)"], values['"min(loss)"']) == ((1.0,), (7.0,))
    assert (values['"top".0'], values['"top.0"'], values["top.1"]) == ((1,), (5,), (2,))


def test_a_step_and_its_metric_read_otherwise_than_a_metric_of_their_names_joined():
    steps = {
        "train": step("train", {"loss": 1.0}),
        "test": step("test", {"loss": 2.0, "train": {"loss": 3.0}}, ended="2026-01-01 10:00:09"),
    }
    comparison = compare([run_log("one", steps=steps)])
    assert table(comparison, "metrics")["train.loss"].values == (3.0,)
    row = table(comparison, "metrics by step")['"train"."loss"']
    assert (row.step, row.metric, row.values) == ("train", "loss", (1.0,))
