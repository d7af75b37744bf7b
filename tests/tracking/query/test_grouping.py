"""Groups of rows with their counts, and which value is best."""

import math

import pytest

from magnus_tracking.query import Field, SummaryRows, best_value, direction_of, group, parse_field
from magnus_tracking.runlog.live_metric_summary import RunningMetric
from magnus_tracking.runlog.metric_summary import summarize_values
from magnus_tracking.runlog.summary import MetricSummary, RunSummary

LOSS = parse_field("metric.loss")


def run(run_id, tag="", status="SUCCESS", loss=None, **parameters):
    metrics = {} if loss is None else {"loss": MetricSummary(last=loss)}
    return RunSummary(run_id, status, tag=tag, metrics=metrics, parameters=parameters)


def test_groups_count_by_status_and_give_best_and_mean():
    rows = SummaryRows(
        [run("a", "x", loss=0.5), run("b", "y"), run("c", "x", "FAIL", 0.1), run("d", "x", loss=math.nan)]
    )
    first, second = group(rows, range(4), Field("tag"), [(LOSS, "min")])
    assert (first.value, first.positions, dict(first.statuses)) == ("x", (0, 2, 3), {"SUCCESS": 2, "FAIL": 1})
    (loss,), (none,) = first.aggregates, second.aggregates
    assert (loss.best, loss.mean, loss.low, loss.high) == (0.1, pytest.approx(0.3), 0.1, 0.5)
    assert (second.value, none.best, none.mean, none.low, none.high) == ("y", None, None, None, None)


def test_the_group_without_a_value_is_last_and_numbers_sort_as_numbers():
    rows = SummaryRows(
        [run("a"), run("b", lr=10), run("c", lr=9.0), run("d", lr=9), run("e", lr=True), run("f", lr="9")]
    )
    groups = group(rows, range(6), parse_field("param.lr"))
    assert [(one.label, one.positions) for one in groups] == [
        ("9.0", (2, 3, 5)),
        ("10", (1,)),
        ("true", (4,)),
        ("", (0,)),
    ]


def test_nan_is_a_value_of_its_own_and_not_missing():
    rows = SummaryRows([run("a"), run("b", lr=math.nan), run("c", lr=1), run("d", lr=None), run("e", lr=-math.nan)])
    groups = group(rows, range(5), parse_field("param.lr"))
    assert [(one.label, one.positions) for one in groups] == [("1", (2,)), ("NaN", (1, 4)), ("", (0, 3))]


def test_nested_values_make_groups_too():
    rows = SummaryRows([run("a", x=[1, 2]), run("b", x=[1, 2]), run("c", x={"k": 1})])
    assert [one.positions for one in group(rows, range(3), parse_field("param.x"))] == [(0, 1), (2,)]


def test_a_pipeline_without_a_hash_is_named_by_its_steps():
    rows = SummaryRows([RunSummary("a", planned=("prepare", "train")), RunSummary("b", dag_hash="540e")])
    assert [one.label for one in group(rows, range(2), Field("pipeline"))] == ["540e", "prepare → train"]


def test_means_of_extreme_numbers_do_not_fail():
    rows = SummaryRows([run("a", "x", loss=10**400), run("b", "x", loss=10**400 + 2), run("c", "y", loss=math.inf)])
    ((first,), (second,)) = (one.aggregates for one in group(rows, range(3), Field("tag"), [(LOSS, "max")]))
    assert (first.mean, first.best) == (10**400 + 1, 10**400 + 2)
    assert second.mean == math.inf


def test_the_mean_of_numbers_that_no_float_holds_is_a_number_between_them():
    huge = [2**53 + 1] * 3, [10**400, -1.5], [-(10**400)], [1.7e308, 1.7e308, 10**308], [10**30 + 1, 10**30 + 3]
    for numbers in huge:
        live = RunningMetric()
        for step, number in enumerate(numbers, 1):
            live.add(step, number)
        rows = SummaryRows([run("r", "x", loss=number) for number in numbers])
        (grouped,) = group(rows, range(len(numbers)), Field("tag"), [(LOSS, None)])
        (total,) = grouped.aggregates
        means = {summarize_values(numbers).mean, live.summaries("loss")["loss"].mean, total.mean}
        assert len(means) == 1, means
        assert min(numbers) <= means.pop() <= max(numbers)


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        ("loss", "min"),
        ("val_loss", "min"),
        ("valLoss", "min"),
        ("train.error_rate", "min"),
        ("RMSE", "min"),
        ("accuracy", "max"),
        ("report.f1-score", "max"),
        ("top5_acc", "max"),
        ("roc_auc", "max"),
        ("f1", "max"),
        ("r2", "max"),
        ("accuracy_error", "min"),
        ("lr", None),
        ("rows", None),
        ("closset", None),
    ],
)
def test_the_name_of_a_metric_tells_its_direction(metric, direction):
    assert direction_of(metric) == direction


def test_the_users_choice_wins():
    assert direction_of("loss", {"loss": "max"}) == "max"
    assert direction_of("lr", {"lr": "min"}) == "min"
    assert direction_of("loss", {"accuracy": "max"}) == "min"


@pytest.mark.parametrize("others", [[], ["text"], [True, False]], ids=["numbers", "text", "booleans"])
def test_the_best_value_is_that_of_the_numbers_whatever_stands_between_them(others):
    values = [math.nan, 2.5, None, 3, *others]
    assert best_value(values, "min") == 2.5
    assert best_value(values, "max") == 3


def test_the_best_value_ignores_nan_and_text():
    values = [math.nan, None, "a", True, 3, 2.5]
    assert best_value(values, "min") == 2.5
    assert best_value(values, "max") == 3
    assert best_value(values, None) is None
    assert best_value([math.nan], "min") is None


def test_a_group_counts_rows_with_and_without_a_number():
    rows = SummaryRows(
        [run("a", loss=1.0), run("b", loss=3), run("c", loss=math.nan), run("d"), run("e", loss="good"), run("f", "x")]
    )
    ((chosen,), (none,)) = (one.aggregates for one in group(rows, range(6), Field("tag"), [(LOSS, None)])[::-1])
    assert (chosen.mean, chosen.n, chosen.nan, chosen.missing) == (2.0, 2, 1, 2)
    assert (none.mean, none.n, none.nan, none.missing) == (None, 0, 0, 1)
