"""`magnus-tui compare`: its shapes and options, against independently computed values."""

import csv
import io
import math
import re

import pytest

import expected_runs as expected
from magnus_tui import format
from support.lookalikes import LOOKALIKES, make_lookalikes

SWEEP = expected.STORES / "magnus-sweep"
RUNNABLE = expected.STORES / "runnable-examples"


def alike(left, right):
    both_nan = isinstance(left, float) and isinstance(right, float) and math.isnan(left) and math.isnan(right)
    return both_nan or left == right


def rows_of(document, section):
    return {row["key"]: row for row in document["rows"] if row["section"] == section}


def test_json_has_the_agreed_shape_and_the_values_that_python_computes(run):
    ids = ["fixed-1", "fixed-3", "fixed-9"]
    document = run("compare", *ids, "-s", SWEEP, "--format", "json").json
    raw = [expected.expected_runs("magnus-sweep")[run_id] for run_id in ids]
    assert list(document) == ["runs", "baseline", "rows"]
    assert document["runs"] == ids
    assert document["baseline"] == "fixed-1"
    assert {tuple(row) for row in document["rows"]} == {("section", "key", "values", "differs", "delta")}
    for name, row in rows_of(document, "parameters").items():
        values = [expected.parameters(one)[name] for one in raw]
        assert row["values"] == values
        assert row["differs"] is (len(set(values)) > 1)
        assert row["delta"] == [value - values[0] for value in values]
    loss = [expected.metrics(one)["loss"] for one in raw]
    metrics = rows_of(document, "metrics")
    assert all(map(alike, metrics["loss"]["values"], [values[-1] for values in loss]))
    assert metrics["loss"]["delta"][2] is None
    assert metrics["min(loss)"]["values"] == [min(expected.numbers(values)) for values in loss]
    assert metrics["max(loss)"]["values"] == [max(expected.numbers(values)) for values in loss]


def test_changed_leaves_only_what_differs(run):
    whole = run("compare", "fixed-1", "fixed-9", "-s", SWEEP, "--format", "json").json["rows"]
    changed = run("compare", "fixed-1", "fixed-9", "-s", SWEEP, "--changed", "--format", "json").json["rows"]
    assert changed == [row for row in whole if row["differs"]]
    assert 0 < len(changed) < len(whole)


def test_the_baseline_may_be_any_run_and_is_added_where_it_is_not_among_them(run):
    document = run("compare", "fixed-1", "fixed-3", "--baseline", "fixed-3", "-s", SWEEP, "--format", "json").json
    assert (document["runs"], document["baseline"]) == (["fixed-1", "fixed-3"], "fixed-3")
    assert rows_of(document, "parameters")["seed"]["delta"] == [-2, 0]
    added = run("compare", "fixed-1", "--baseline", "fixed-9", "-s", SWEEP, "--format", "json").json
    assert added["runs"] == ["fixed-9", "fixed-1"]


def test_patterns_leave_keys_out(run):
    options = ("--ignore", "data.*", "--ignore", "*.duration", "--ignore", "started")
    document = run("compare", "fixed-1", "fixed-9", "-s", SWEEP, *options, "--format", "json").json
    assert not rows_of(document, "data")
    assert not any(key.endswith("duration") for key in rows_of(document, "steps"))
    assert "started" not in rows_of(document, "run")
    assert "fixed-1" in document["runs"]


def test_csv_has_a_column_a_run_and_one_for_each_difference(run):
    table = list(csv.DictReader(io.StringIO(run("compare", "fixed-1", "fixed-9", "-s", SWEEP, "--format", "csv").out)))
    assert list(table[0]) == ["section", "key", "differs", "fixed-1", "fixed-9", "delta fixed-9"]
    row = next(row for row in table if (row["section"], row["key"]) == ("parameters", "seed"))
    assert row == {
        "section": "parameters",
        "key": "seed",
        "differs": "true",
        "fixed-1": "1",
        "fixed-9": "9",
        "delta fixed-9": "8",
    }


def test_a_table_shows_the_best_and_the_changes(run):
    lines = run("compare", "fixed-1", "fixed-3", "-s", SWEEP, "--changed").out.splitlines()
    assert lines[0].split() == ["section", "key", "fixed-1", "(baseline)", "fixed-3"]
    loss = next(line for line in lines if line.split()[:2] == ["metrics", "loss"])
    assert "★ 0.05059  (-89.0 %  -0.4083)" in loss


def test_markdown_is_a_table(run):
    lines = run("compare", "fixed-1", "fixed-3", "-s", SWEEP, "--format", "markdown").out.splitlines()
    assert lines[0] == "| section | key | fixed-1 (baseline) | fixed-3 |"
    assert all(line.count(" | ") == 3 for line in lines[1:])


def test_runs_are_named_by_a_beginning_or_as_the_latest(run):
    document = run("compare", "swarm", "toasted", "-s", RUNNABLE, "--format", "json").json
    assert document["runs"] == ["swarm-raman-1645", "toasted-mclean-1645"]


def test_inside_a_run_branches_or_attempts_are_compared(run):
    branches = run("compare", "swarm", "--step", "map_state", "-s", RUNNABLE, "--format", "json").json
    assert branches["runs"] == ["1", "2", "3"]
    assert rows_of(branches, "parameters")["chunk"]["values"] == [1, 2, 3]
    attempts = run("compare", "swarm", "--step", "1.execute_python", "-s", RUNNABLE, "--format", "json").json
    assert attempts["runs"] == ["attempt 1", "attempt 2"]
    assert rows_of(attempts, "run")["status"]["values"] == ["FAIL", "SUCCESS"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["fixed-1"], 2, "needs two runs or more"),
        (["fixed-1", "fixed-3", "--step", "prepare"], 2, "inside one run"),
        (["fixed-1", "nowhere"], 1, "no run 'nowhere'"),
        (["fixed-", "fixed-1"], 1, "ambiguous"),
        (["fixed-1", "--step", "nowhere"], 1, "no step 'nowhere'"),
        (["fixed-1", "--step", "prepare", "--baseline", "9"], 2, "no column '9'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(run, arguments, status, said):
    ran = run("compare", *arguments, "-s", SWEEP)
    assert ran.status == status
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert ran.out == ""


@pytest.mark.parametrize("output_format", ["table", "markdown"])
def test_every_row_of_what_differs_shows_that_it_differs(run, tmp_path, output_format):
    store = make_lookalikes(tmp_path)
    said = run("compare", "one", "two", "-s", store, "--changed", "--format", output_format).out
    if output_format == "markdown":
        rows = [[cell.strip() for cell in line.split("|")[2:5]] for line in said.splitlines()[2:]]
    else:
        rows = [re.split(r"  +", line.strip(), maxsplit=3)[1:] for line in said.splitlines()[1:]]
    found = {key.split(".")[0]: (one, two) for key, one, two in rows}
    assert set(found) == {*LOOKALIKES, "null or missing"}
    assert all(one != two for one, two in found.values())
    assert found["null or missing"] == ("null", "–")


def test_a_null_and_a_missing_parameter_are_both_null_in_json_and_differ(run, tmp_path):
    document = run("compare", "one", "two", "-s", make_lookalikes(tmp_path), "--format", "json").json
    row = rows_of(document, "parameters")["null or missing"]
    assert (row["values"], row["differs"]) == ([None, None], True)


def test_a_comparison_says_of_runs_what_the_list_says(run, make_store, make_run):
    failed = make_run("failed", status="FAIL", steps={})
    store = make_store(failed, make_run("passed"), make_run("why", status="FAIL", message="no memory"))
    listed = {one["run_id"]: one for one in run("runs", "-s", store, "--format", "json").json}
    document = run("compare", *listed, "-s", store, "--format", "json").json
    for place, name in enumerate(document["runs"]):
        said = {row["key"]: row["values"][place] for row in document["rows"] if row["section"] == "run"}
        # When a run without attempts began is inferred from its file, which is not compared.
        known = {**listed[name], **({"started": None} if name == "failed" else {})}
        assert {key: known[key] or None for key in said} == said


def test_how_long_a_dead_run_lasted_is_marked_as_in_the_list(run):
    (listed,) = csv.DictReader(io.StringIO(run("runs", "-s", SWEEP, "--where", "id:sweep-10", "--format", "csv").out))
    rows = run("compare", "sweep-10", "fixed-1", "-s", SWEEP, "--format", "markdown").out.splitlines()
    (lasted,) = (row.split("|")[3].strip() for row in rows if row.startswith("| run | duration |"))
    assert lasted == f"~{format.duration(float(listed['duration']))}"


def test_every_column_and_row_is_told_from_every_other(run, make_store, make_run):
    names = ["key", "differs", "delta key"]
    store = make_store(
        *(make_run(name, metrics={"loss": {"0": 1, "1": at}, "min(loss)": at + 9}) for at, name in enumerate(names, 3))
    )
    (heading, *_) = csv.reader(io.StringIO(run("compare", *names, "-s", store, "--format", "csv").out))
    assert len(set(heading)) == len(heading)
    rows = run("compare", *names, "-s", store, "--format", "markdown").out.splitlines()
    least, tracked = (row for row in rows if "min(loss)" in row)
    assert least.startswith("| metrics | min(loss) | 1 | 1 | 1 |")
    assert tracked.startswith('| metrics | "min(loss)" | ★ 12 |')
