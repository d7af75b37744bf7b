"""The few numbers of a metric are those of its values, whatever the values and their indexes look like."""

import json
import math
import random

import pytest

from magnus_tracking.runlog.metric_summary import COMPLETE
from magnus_tracking.runlog.metrics import flatten
from magnus_tracking.stores import open_store
from support import curves

METRICS = {
    "whole numbers": {"0": 1, "1": 3, "2": 2},
    "out of order": {"10": 1.0, "9": 2.0, "-1": 3.0},
    "a NaN in the middle": {"0": 0.5, "1": math.nan, "2": 0.25},
    "a NaN at the end": {"0": 0.5, "1": math.nan},
    "only NaN": {"0": math.nan},
    "an infinity": {"0": math.inf, "1": 1.0},
    "both infinities and NaN": {"0": math.inf, "1": math.nan, "2": -math.inf},
    "too great to add": {"0": 1.5e308, "1": 1.5e308, "2": math.nan},
    "greater than any float": {"0": 10**400, "1": 1},
    "texts": {"0": "warmup", "1": "train"},
    "a text that says NaN": {"0": "NaN", "1": 0.5},
    "a bit of everything": {"0": True, "1": None, "2": "a", "3": 4, "4": [math.nan]},
    "nested": {"0": {"f1": 0.5, "support": math.nan}, "1": {"f1": 0.75}},
    "wrapped": {"kind": "metric", "value": {"0": 0.5, "1": 0.25}, "description": ""},
    "no indexes": {"f1": 0.5, "01": 1},
    "nanoseconds": {"1795948817105555181": 1.0, "1795948817105555182": 2.0},
    "indexes beyond 64 bits": {str(10**30): 1.0, str(-(10**19)): 2.0, "5": 3.0},
    "an index of too many digits": {"1" * 641: 1.0},
    "whole floats as indexes": {"0.0": 1.0, "10.0": 2.0, "9.0": 3.0},
    "numbers as text": {"0": "1e-4", "1": "0.5", "2": "07"},
    "nothing": {},
    "a single number": 0.5,
    "numbers and a null": {"0": 0.5, "1": None, "2": 0.25},
    "numbers, and a text at the end": {"0": 0.5, "1": "done"},
    "whole and other numbers": {"0": 2, "1": 0.5, "2": 1},
    "more than a few": {str(step): math.sin(step) for step in range(1500)},
    "more indexes than are known by heart": {str(step): step % 7 for step in range(5000)},
    "every tenth step": {str(step): 1 / (step + 1) for step in range(0, 300, 10)},
    "the highest index in the middle": {"0": 1.0, "9": 2.0, "1": 3.0},
    "objects and numbers": {"a": {"b": 1}, "c": 2},
    "a wrapped number": {"kind": "json", "value": 7, "description": "seven"},
}


@pytest.mark.parametrize("indent", [4, None], ids=["as the engines write", "in one line"])
@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_summarised_as_its_values_say(tmp_path, name, indent):
    metrics = {"m": METRICS[name]}
    log = {"run_id": "run", "status": "SUCCESS", "steps": {"train": {"user_defined_metrics": metrics}}}
    folder = tmp_path / ".run_log_store"
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(log, indent=indent))
    (run,) = open_store(tmp_path).runs()
    expected = {leaf: values for leaf, (_, values, _) in flatten(metrics).items()}
    assert set(run.metrics) == set(expected)
    for leaf, values in expected.items():
        found = run.metrics[leaf]
        assert curves.agrees(found, values)
        assert found.depth == COMPLETE


def test_the_latest_attempt_counts_also_where_the_step_holds_it_too(tmp_path):
    first, last = {"loss": {"0": 9.0, "1": 8.0}, "early": 1}, {"loss": {"0": 2.0, "1": 1.0}}
    attempts = [{"user_defined_metrics": metrics} for metrics in (first, last)]
    log = {
        "run_id": "run",
        "status": "SUCCESS",
        "steps": {"train": {"attempts": attempts, "user_defined_metrics": last}},
    }
    folder = tmp_path / ".run_log_store"
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(log, indent=4))
    (run,) = open_store(tmp_path).runs()
    assert (run.metrics["loss"].last, run.metrics["loss"].max, run.metrics["early"].last) == (1.0, 2.0, 1)


def test_among_many_metrics_of_a_length_each_is_summarised_as_its_values_say(tmp_path):
    chance = random.Random(3)
    steps = {}
    for number in range(200):
        values = {str(index): chance.random() for index in range(40)}
        if number % 5 == 1:
            values = dict(reversed(values.items()))
        elif number % 5 == 2:
            values["17"] = chance.choice([math.nan, None, "text", True, [1], {"a": 1.5}, 3])
        elif number % 5 == 3:
            values[chance.choice(["-1", "41", "07", "x"])] = values.pop("20")
        steps[f"s{number}"] = {"user_defined_metrics": {f"m{number}": values}}
    log = {"run_id": "run", "status": "SUCCESS", "steps": steps}
    folder = tmp_path / ".run_log_store"
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(log, indent=4))
    (run,) = open_store(tmp_path).runs()
    for step in steps.values():
        for leaf, (_, values, _) in flatten(step["user_defined_metrics"]).items():
            found = run.metrics[leaf]
            assert curves.agrees(found, values)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 5_000], ids=["too great", "too small", "too long"])
@pytest.mark.parametrize("place", ["alone", "first", "last", "nested"])
def test_a_number_that_no_float_holds_does_not_hide_its_metric(tmp_path, number, place):
    written = {"alone": number, "first": f'{{"0": {number}, "1": 1}}', "last": f'{{"0": 1, "1": {number}}}'}
    written["nested"] = f'{{"0": {{"f1": 1}}, "1": {{"f1": {number}}}}}'
    metrics = f'{{"loss": {written[place]}, "other": 2}}'
    step = f'{{"internal_name": "train", "status": "SUCCESS", "user_defined_metrics": {metrics}}}'
    (tmp_path / "run.json").write_text(f'{{"run_id": "run", "status": "SUCCESS", "steps": {{"train": {step}}}}}')
    (run,) = open_store(tmp_path).runs()
    last = run.metrics["loss.f1" if place == "nested" else "loss"].last
    assert last == (1 if place == "first" else -math.inf if number.startswith("-") else math.inf)
    assert run.metrics["other"].last == 2
