"""The few numbers of a metric are those of its values, whatever the values and their indexes look like."""

import json
import math

import pytest

from magnus_tracking.metrics import flatten, is_nan, is_number
from magnus_tracking.stores import open_store

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
    "an index of too many digits": {str(10**18): 1.0},
    "nothing": {},
    "a single number": 0.5,
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
    expected = {leaf: values for leaf, (_, values) in flatten(metrics).items()}
    assert set(run.metrics) == set(expected)
    for leaf, values in expected.items():
        found = run.metrics[leaf]
        numbers = [value for value in values if is_number(value) and not is_nan(value)]
        assert repr(found.last) == repr(values[-1])
        assert (found.min, found.max) == (min(numbers, default=None), max(numbers, default=None))
        assert (found.count, found.nans, found.complete) == (len(values), sum(map(is_nan, values)), True)
        assert (found.mean is None) == (not numbers)
