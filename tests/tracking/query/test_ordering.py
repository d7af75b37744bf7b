"""Sorting: several keys, NaN and missing at the end both ways, mixed kinds."""

import json
import math
from datetime import datetime

from magnus_tracking.query import SummaryRows, order, parse_sort
from magnus_tracking.runlog.summary import MetricSummary, RunSummary


def ordered(sort, **values):
    runs = [RunSummary(run_id, parameters={} if value is None else {"x": value}) for run_id, value in values.items()]
    rows = SummaryRows(runs)
    return [runs[position].run_id for position in order(rows, range(len(runs)), parse_sort(sort))]


def test_nan_and_then_what_is_missing_come_last_in_both_directions_and_keep_their_order():
    values = {"a": None, "b": 2, "c": math.nan, "d": 1.5, "e": None, "f": math.nan}
    assert ordered("param.x", **values) == ["d", "b", "c", "f", "a", "e"]
    assert ordered("-param.x", **values) == ["b", "d", "c", "f", "a", "e"]


def test_infinities_and_large_integers_are_in_their_place():
    values = {"a": math.inf, "b": 2**53 + 1, "c": -math.inf, "d": 2**53}
    assert ordered("param.x", **values) == ["c", "d", "b", "a"]


def test_numbers_come_before_text_and_text_sorts_without_case():
    values = {"a": "beta", "b": 10, "c": "Alpha", "d": [1], "e": True}
    assert ordered("param.x", **values) == ["b", "e", "c", "a", "d"]


def test_equal_rows_keep_their_order_in_both_directions():
    values = {"a": 1, "b": 1.0, "c": 0}
    assert ordered("param.x", **values) == ["c", "a", "b"]
    assert ordered("-param.x", **values) == ["a", "b", "c"]


def test_a_second_key_decides_among_equals():
    runs = [
        RunSummary("a", tag="x", metrics={"loss": MetricSummary(0.1)}),
        RunSummary("b", tag="y", metrics={"loss": MetricSummary(0.3)}),
        RunSummary("c", tag="x", metrics={"loss": MetricSummary(0.2)}),
        RunSummary("d", metrics={"loss": MetricSummary(0.0)}),
    ]
    rows = SummaryRows(runs)
    keys = parse_sort(["tag", "-metric.loss"])
    assert [runs[position].run_id for position in order(rows, range(4), keys)] == ["c", "a", "b", "d"]


def test_only_the_given_rows_are_sorted():
    runs = [RunSummary(name, started=datetime(2026, 1, day)) for name, day in (("a", 3), ("b", 2), ("c", 1))]
    assert order(SummaryRows(runs), [0, 2], parse_sort("started")) == [2, 0]


def test_keys_may_hold_commas_in_quotes():
    assert [str(key) for key in parse_sort('-param."a,b", min(metric.loss) ,tag')] == [
        '-param."a,b"',
        "min(metric.loss)",
        "tag",
    ]
    assert parse_sort(" , ") == []


def test_steps_and_code_sort_as_json():
    many = [
        RunSummary(f"{number}", step_names=(f"s{number % 7}", 'a"b'), commit=f"{number * 7919 % 100:x}", dirty=dirty)
        for number, dirty in zip(range(60), [True, False, None] * 20, strict=True)
    ]
    runs = [*many, RunSummary("none")]
    rows = SummaryRows(runs)
    by_step = order(rows, range(len(runs)), parse_sort("step"))
    by_code = order(rows, range(len(runs)), parse_sort("-code"))
    steps = [json.dumps(runs[position].step_names) for position in by_step[:-1]]
    code = [json.dumps([runs[position].commit, runs[position].dirty]) for position in by_code[:-1]]
    assert steps == sorted(steps)
    assert code == sorted(code, reverse=True)
    assert by_step[-1] == by_code[-1] == len(many)
