"""Reading a store from Python: what scripts and notebooks get."""

import math
import re
import sys
from fractions import Fraction
from itertools import pairwise

import pytest

from magnus_tracking import AmbiguousNameError, CatalogError, QueryError, RunNotFoundError, open_store
from magnus_tracking.api import html
from magnus_tracking.printable import has_unprintable
from magnus_tracking.runlog.metrics import Series
from support.bad_input import make_bad_store
from support.imports import loaded_by
from support.stores import DATA_STORES, TESTS

SAMPLES = TESTS.parent / "sample_runs"


@pytest.fixture
def samples():
    return open_store(SAMPLES)


def test_runs_are_filtered_sorted_and_limited(samples):
    runs = samples.runs("tag:digits status:success", sort="metric.loss", limit=3)
    losses = [run.metrics["loss"].last for run in runs]
    assert len(runs) == 3
    assert losses == sorted(losses)
    assert runs.ids == [run.run_id for run in runs]
    assert [run.run_id for run in runs[:2]] == runs.ids[:2]


def test_a_query_that_means_nothing_is_refused(samples):
    with pytest.raises(QueryError):
        samples.runs("metric.loss <")


def test_rows_are_flat(samples):
    row = samples.runs("id:tracked-diverged").to_dicts()[0]
    assert row["run_id"] == "tracked-diverged"
    assert row["status"] == "FAIL"
    assert row["param.lr"] == 0.9
    assert math.isnan(row["metric.loss"])
    assert row["steps.total"] == sum(row[f"steps.{name}"] for name in ("succeeded", "failed", "skipped"))


def test_a_run_gives_its_steps_attempts_parameters_and_curves(samples):
    run = samples.run("tracked-retried")
    assert [step.internal_name for step in run.steps]
    assert run.step("train").name == "train"
    rows = run.attempts.to_dicts()
    assert [row["attempt"] for row in rows if row["step"] == "train"] == [1, 2, 3][: len(rows)]
    assert run.metrics.keys() == {one.name for one in run.series}
    assert len(run.to_dicts()) == sum(len(one.values) for one in run.series)


def test_latest_is_the_run_that_started_last(samples):
    assert samples.run().id == samples.runs(limit=1).ids[0]


def test_a_curve_is_named_with_its_step_where_several_have_one(samples):
    run = samples.run("tracked-nested")
    name = next(one.name for one in run.series if sum(other.name == one.name for other in run.series) > 1)
    with pytest.raises(AmbiguousNameError):
        run.curve(name)
    one = next(one for one in run.series if one.name == name)
    assert run.curve(name, one.step).values == one.values
    with pytest.raises(KeyError):
        run.curve("nothing of the kind")


def test_what_a_step_printed_is_text_or_says_why_not(samples):
    run = samples.run("tracked-failed")
    with pytest.raises(CatalogError):
        run.text("train", 99)
    assert "out of memory" in run.failures[0].message


def test_failures_are_grouped_by_cause(samples):
    groups = samples.failures()
    assert [one.count for one in groups] == sorted((one.count for one in groups), reverse=True)
    assert groups.to_dicts()[0]["signature"] == groups[0].signature


def test_a_comparison_has_a_column_for_each_run(samples):
    comparison = samples.compare("tracked-sweep-1", "tracked-sweep-2", ignore=["code.*"])
    assert comparison.runs == ("tracked-sweep-1", "tracked-sweep-2")
    assert all(row.differs for row in comparison.changed().rows)
    assert {"section", "key", "differs", *comparison.runs} == set(comparison.to_dicts()[0])
    with pytest.raises(ValueError, match="two runs"):
        samples.compare("tracked-sweep-1")
    with pytest.raises(RunNotFoundError):
        samples.compare("tracked-sweep-1", "no such run")


def test_asking_again_takes_in_what_has_changed(store_copy):
    project = store_copy("sample_runs")
    store = open_store(project)
    before = len(store.runs())
    next((project / ".run_log_store").glob("tracked-failed*.json")).unlink()
    assert len(store.runs()) == before - 1


@pytest.mark.parametrize("name", sorted(path.name for path in DATA_STORES.iterdir() if path.is_dir()))
def test_every_run_of_every_engine_draws_itself(name):
    store = open_store(DATA_STORES / name)
    assert store.runs()._repr_html_()
    for run_id in store.runs("not error:*").ids[:5]:
        assert run_id in store.run(run_id)._repr_html_()


def test_text_of_a_store_is_never_markup(tmp_path):
    make_bad_store(tmp_path)
    store = open_store(tmp_path)
    drawn = store.runs()._repr_html_()
    drawn += "".join(store.run(run.run_id)._repr_html_() for run in store.runs() if run.error is None)
    tags = set(re.findall(r"</?([a-zA-Z0-9]+)", drawn))
    assert tags <= {
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "p",
        "pre",
        "h3",
        "h4",
        "svg",
        "title",
        "text",
        "path",
        "circle",
    }
    assert not re.search(r"<[^>]*\son\w+=|javascript:", drawn)
    assert not has_unprintable(drawn.replace("\n", ""))


@pytest.mark.parametrize(
    "values",
    [[1.0], [1.0, 1.0], [0.0, 1e308, -1e308], [math.nan, math.inf], [10**400, 1], [1e-300, 2e-300], [0.25, 0.5, "x"]],
    ids=str,
)
def test_any_values_make_a_chart(values):
    drawn = html.chart("loss", [("train", Series("train", None, "loss", range(len(values)), values))])
    assert drawn.startswith("<svg")
    assert "nan" not in re.sub(r"<text[^>]*>[^<]*</text>", "", drawn)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        *((0.0, 1.0), (0.1, 0.35), (-5e-9, 7e-9), (1e6, 1e6 + 3), (0.0, 1e300), (0.0, 1.2e12)),
        *((1.7e18, 1.7e18 + 1e5), (1e16, 1e16 + 10), (1.0, 1.0 + 1e-13), (0.1, 0.1 + 1e-16)),
        *((0.0, 5e-324), (1e-320, 3e-320), (-5e307, 5e307)),
    ],
)
def test_ticks_are_round_and_inside(low, high):
    found = html.ticks(low, high)
    assert 2 <= len(found) <= 6
    assert all(low <= tick <= high for tick in found)
    step = found[1] - found[0]
    labels = [label for _, label in html.labelled(found)]
    assert all(abs(Fraction(label) - tick) <= step / 100 for tick, label in zip(found, labels, strict=True))
    assert len(set(labels)) == len(labels)


def test_labels_of_many_digits_neither_meet_nor_leave_a_chart():
    drawn = html.chart(
        "loss", [("train", Series("train", None, "loss", range(10**18, 10**18 + 9000, 1000), [0.1] * 9))]
    )
    places = [float(place) for place in re.findall(r'<text x="([\d.]+)" y="[\d.]+" text-anchor="middle">', drawn)]
    assert len(places) >= 2
    assert all(right - left >= 7 * len(str(10**18)) for left, right in pairwise(places))


def test_reading_imports_no_data_frames():
    loaded = loaded_by(f"import magnus_tracking; magnus_tracking.open_store({str(SAMPLES)!r}).runs()")
    assert not {"pandas", "polars", "numpy", "textual", "rich"} & set(loaded)


def test_finding_a_run_by_its_id_takes_no_more_among_many(tmp_path):
    text = (SAMPLES / ".run_log_store" / "tracked-sweep-1.json").read_text()
    efforts = []
    for count in (1, 50):
        root = tmp_path / str(count) / ".run_log_store"
        root.mkdir(parents=True)
        for number in range(count):
            (root / f"run-{number}.json").write_text(text)
        store = open_store(root)
        efforts.append(_calls(lambda store=store: store.find("run-0")))
    assert efforts[0] == efforts[1]


def _calls(action):
    """How many functions are called."""
    called = []
    sys.setprofile(lambda _frame, event, _argument: called.append(event))
    try:
        action()
    finally:
        sys.setprofile(None)
    return sum(event in ("call", "c_call") for event in called)
