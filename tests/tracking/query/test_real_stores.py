"""Queries and sorts over real stores give what a few lines of Python make of the engines' own reading."""

import math

import pytest

import expected_runs as expected
from magnus_tracking.query import SummaryRows, order, parse, parse_sort
from magnus_tracking.stores import open_store


def last(run, name):
    values = expected.metrics(run).get(name)
    return values[-1] if values else None


def number_or_none(value):
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value == value else None


def below(value, bound):
    return number_or_none(value) is not None and value < bound


def least(run, name):
    return min(expected.numbers(expected.metrics(run).get(name, [])), default=None)


def greatest(run, name):
    return max(expected.numbers(expected.metrics(run).get(name, [])), default=None)


def mean(run, name):
    numbers = expected.numbers(expected.metrics(run).get(name, []))
    return math.fsum(numbers) / len(numbers) if numbers else None


def seconds(run):
    ended = expected.ended(run)
    return (ended - expected.started(run)).total_seconds() if ended else None


def is_nan(value):
    return isinstance(value, float) and math.isnan(value)


QUERIES = {
    "status:fail": lambda run: run["status"] == "FAIL",
    "not status:success": lambda run: run["status"] != "SUCCESS",
    "tag:sweep-*": lambda run: (run["tag"] or "").startswith("sweep-"),
    "tag:SWEEP-2 status:success": lambda run: run["tag"] == "sweep-2" and run["status"] == "SUCCESS",
    "has:tag": lambda run: bool(run["tag"]),
    "param.lr>=0.01": lambda run: expected.parameters(run).get("lr", -1) >= 0.01,
    "param.lr<0.01 or param.lr>0.4": lambda run: (
        "lr" in expected.parameters(run) and not 0.01 <= expected.parameters(run)["lr"] <= 0.4
    ),
    "metric.loss<0.3": lambda run: below(last(run, "loss"), 0.3),
    "not metric.loss<0.3": lambda run: not below(last(run, "loss"), 0.3),
    "min(metric.loss)<0.1": lambda run: below(least(run, "loss"), 0.1),
    "max(metric.loss)>1e2": lambda run: (greatest(run, "loss") or 0) > 100,
    "mean(metric.accuracy)<0": lambda run: below(mean(run, "accuracy"), 0),
    "has:metric.loss": lambda run: "loss" in expected.metrics(run),
    "nan:metric.loss": lambda run: is_nan(last(run, "loss")),
    "has:metric.loss and not nan:metric.loss": lambda run: number_or_none(last(run, "loss")) is not None,
    'metric."report.f1-score">0.9': lambda run: (last(run, "report.f1-score") or 0) > 0.9,
    "metric.eggs.ham:universe": lambda run: last(run, "eggs.ham") == "universe",
    "metric.spam:h*": lambda run: str(last(run, "spam") or "").startswith("h"),
    "metric.is_it_true:false": lambda run: last(run, "is_it_true") is False,
    "retries>0": lambda run: expected.retries(run) > 0,
    "attempts>=3 and attempts<5": lambda run: 3 <= sum(len(s["attempts"]) for s in expected.leaf_steps(run)) < 5,
    "duration>1s": lambda run: seconds(run) is not None and seconds(run) > 1,
    "duration<=500ms": lambda run: seconds(run) is not None and seconds(run) <= 0.5,
    "started>=2026-11-23T16:45 and started<2026-11-23T16:48": lambda run: (
        "2026-11-23 16:45" <= str(expected.started(run)) < "2026-11-23 16:48"
    ),
    "code:dirty": lambda run: expected.is_dirty(run) is True,
    "code:clean": lambda run: expected.is_dirty(run) is False,
    'step:"train model"': lambda run: any(s["internal_name"] == "train model" for s in expected.leaf_steps(run)),
    'step:"hello *"': lambda run: any(
        s["internal_name"].rpartition(".")[2].startswith("hello ") for s in expected.leaf_steps(run)
    ),
    "has:failing": lambda run: expected.failing_step(run) is not None,
    'failing:"train model"': lambda run: expected.failing_step(run) == "train model",
    "param.pydantic_param.x:10": lambda run: (expected.parameters(run).get("pydantic_param") or {}).get("x") == 10,
    "has:original": lambda run: bool(run.get("original_run_id")),
    "kilby": lambda run: "kilby" in run["run_id"],
}


@pytest.mark.parametrize("store", expected.NAMES)
@pytest.mark.parametrize("text", QUERIES)
def test_a_query_selects_the_runs_that_python_selects(store, text):
    runs = expected.expected_runs(store)
    timed = {run_id: run for run_id, run in runs.items() if expected.started(run)}
    summaries = [summary for summary in open_store(expected.STORES / store).runs() if summary.run_id in timed]
    rows = SummaryRows(summaries)

    selected = {summaries[position].run_id for position in parse(text).select(rows)}

    considered = {id_ for id_, run in timed.items() if run["status"] in ("SUCCESS", "FAIL") or "duration" not in text}
    wanted = {run_id for run_id in considered if QUERIES[text](timed[run_id])}
    assert selected & considered == wanted


def test_the_queries_are_not_all_vacuous():
    everywhere = [run for store in expected.NAMES for run in expected.expected_runs(store).values()]
    timed = [run for run in everywhere if expected.started(run)]
    vacuous = {text for text, obeys in QUERIES.items() if not any(map(obeys, timed))}
    assert vacuous <= {"code:clean", "metric.eggs.ham:universe", "has:original", "code:dirty"}


SORTS = {
    "metric.loss": lambda run: number_or_none(last(run, "loss")),
    "min(metric.loss)": lambda run: least(run, "loss"),
    "max(metric.accuracy)": lambda run: greatest(run, "accuracy"),
    "mean(metric.grad_norm)": lambda run: mean(run, "grad_norm"),
    "param.lr": lambda run: expected.parameters(run).get("lr"),
    "started": expected.started,
    "retries": expected.retries,
}


@pytest.mark.parametrize("store", ["magnus-sweep", "magnus-examples", "runnable-examples"])
@pytest.mark.parametrize("key", SORTS)
@pytest.mark.parametrize("downwards", [False, True])
def test_a_sort_orders_as_python_does_with_missing_last(store, key, downwards):
    runs = expected.expected_runs(store)
    summaries = [summary for summary in open_store(expected.STORES / store).runs() if summary.run_id in runs]
    rows = SummaryRows(summaries)

    keys = parse_sort(f"-{key}" if downwards else key)
    ordered = [summaries[position].run_id for position in order(rows, range(len(rows)), keys)]

    values = {run_id: SORTS[key](run) for run_id, run in runs.items()}
    there = [run_id for run_id in ordered if values[run_id] is not None]
    if key == "started":
        there = [run_id for run_id in there if expected.started(runs[run_id])]
        ordered = [run_id for run_id in ordered if run_id in there]
    assert [values[run_id] for run_id in there] == sorted((values[run_id] for run_id in there), reverse=downwards)
    assert ordered[: len(there)] == there
