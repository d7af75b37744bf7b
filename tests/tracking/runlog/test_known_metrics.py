"""Decoded together with the metrics that earlier runs had, a run says what it says when it is decoded by itself."""

import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnus_tracking.runlog.metric_decoder import KnowingDecoder, KnownMetrics
from magnus_tracking.runlog.metric_summary import DEFAULT_DETAIL, Detail
from magnus_tracking.runlog.outline import decode_run
from magnus_tracking.runlog.summary import summarize
from magnus_tracking.stores.formats import ONE_FILE, RunHandle

FILE = RunHandle("run", "run.json", ONE_FILE, 1, 10**18, 1)
LAST_VALUES = Detail(ranges=False)

SCALARS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from(["", "train", "NaN", "\x00bare NaN", "é", '"N"', "x" * 40]),
    st.booleans(),
    st.none(),
)
INDEXES = st.one_of(st.integers(0, 12).map(str), st.sampled_from(["-1", "07", "x", "1.0", "1025", str(10**18)]))
METRICS = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=12).map(lambda values: {str(index): value for index, value in enumerate(values)}),
    st.dictionaries(INDEXES, SCALARS, max_size=5),
    st.lists(SCALARS, max_size=2),
    st.dictionaries(INDEXES, st.dictionaries(INDEXES, SCALARS, max_size=2), max_size=2),
    SCALARS.map(lambda value: {"kind": "metric", "value": value, "description": ""}),
)
NAMES = ["loss", "lr", "", "é", "user_defined_metrics", 'a"b', "a\\b", "a\nb"]
OWNERS = st.dictionaries(st.sampled_from(NAMES), METRICS, max_size=4)
CONFIGURATIONS = st.one_of(
    st.none(),
    st.just({"executor": {"service_name": "magnus-tracking"}}),
    st.just({"dag": {"steps": {"a": {"type": "task"}, "b": {"node_type": "fail"}}}}),
    st.just({"dag": {"steps": [1]}, "executor": "local", "lr": math.nan}),
)


def log_of(metrics, **more):
    """A finished run whose only step has tracked `metrics`."""
    return {"run_id": "run", "status": "SUCCESS", "steps": {"train": {"user_defined_metrics": metrics}}, **more}


def written(log, indent=4):
    return json.dumps(log, indent=indent).encode()


def warmed(metrics, runs=40):
    """A decoder that has seen many runs with such metrics."""
    decoder = KnowingDecoder()
    for _ in range(runs):
        decoder.decode_run(written(log_of(metrics)))
    return decoder


def is_known(outline):
    return isinstance(outline.steps["train"].user_defined_metrics, KnownMetrics)


def assert_same(decoder, data):
    """That a run says the same however it is decoded, as bytes tell 1 from 1.0 and NaN is not equal to itself."""
    for detail in (LAST_VALUES, DEFAULT_DETAIL):
        expected = repr(summarize(FILE, decode_run(data), detail))
        assert repr(summarize(FILE, decoder.decode_run(data), detail)) == expected


@given(
    st.lists(st.tuples(OWNERS, st.lists(OWNERS, max_size=2), CONFIGURATIONS), min_size=1, max_size=12),
    st.sampled_from([4, None]),
)
def test_any_runs_after_each_other_say_what_each_says_by_itself(runs, indent):
    decoder = warmed({"loss": {"0": 0.5, "1": 0.25, "2": 0.125}, "lr": 0.1})
    for metrics, attempts, configuration in runs:
        log = log_of(metrics, run_config=configuration)
        log["steps"]["train"]["attempts"] = [{"user_defined_metrics": tracked} for tracked in attempts]
        log["steps"]["map"] = {"step_type": "map", "branches": {"map.1": {"steps": {"map.1.a": log["steps"]["train"]}}}}
        assert_same(decoder, written(log, indent))


@pytest.mark.parametrize(
    "metrics",
    [
        {"loss": {str(step): step / 7 for step in range(40)}, "lr": 0.1},
        {"loss": {str(step): step / 7 for step in range(12)}, "lr": "warm"},
        {"loss": {"7": 1.5, "3": 2.5}},
        {"loss": {"3": 2.5}},
        {"loss": {}, "lr": None},
        {"loss": 0.5},
        {"loss": {str(step): math.nan if step % 3 else step for step in range(40)}},
        {},
    ],
    ids=["as long", "shorter", "with gaps", "one late value", "empty", "a single value", "with NaN", "none"],
)
def test_what_fits_is_decoded_in_one_go_and_says_the_same(metrics):
    decoder = warmed({"loss": {str(step): step / 7 for step in range(40)}, "lr": 0.1})
    data = written(log_of(metrics))
    assert is_known(decoder.decode_run(data))
    assert_same(decoder, data)


def test_a_longer_series_and_a_new_metric_fit_from_the_second_time_on():
    decoder = warmed({"loss": {str(step): step / 7 for step in range(40)}})
    data = written(log_of({"loss": {str(step): step / 7 for step in range(90)}, "new": {"0": 1, "1": 2}}))
    assert not is_known(decoder.decode_run(data))
    assert is_known(decoder.decode_run(data))
    assert_same(decoder, data)


def test_a_metric_that_is_no_series_everywhere_stays_readable_everywhere():
    decoder = warmed({"loss": {"0": 0.5, "1": 0.25}, "other": {"0": 1, "1": 2}})
    odd = written(log_of({"loss": {"train": 0.5, "0": True}}))
    even = written(log_of({"loss": {"0": 3, "1": 4}}))
    for data in (odd, even, odd, even):
        assert_same(decoder, data)
    assert is_known(decoder.decode_run(odd))


def test_runs_that_have_nothing_in_common_are_read_as_before():
    decoder, chance = KnowingDecoder(), random.Random(2)
    for number in range(300):
        metrics = {f"m{number}": {str(step): chance.random() for step in range(chance.randrange(1, 30))}}
        assert_same(decoder, written(log_of(metrics)))
    assert not is_known(decoder.decode_run(written(log_of({"m299": 1}))))


@pytest.mark.parametrize("name", [*NAMES, "\x00", " ", "\x7f", "😀", "__dict__", "0", "items", "none"])
def test_a_metric_may_have_any_name(name):
    series = {str(step): step / 7 for step in range(20)}
    decoder = warmed({"loss": series})
    for metrics in ({name: series, "loss": series}, {name: 1}, {"loss": series}) * 3:
        assert_same(decoder, written(log_of(metrics)))


def test_broken_text_is_refused_for_the_same_reason():
    decoder = warmed({"loss": {"0": 0.5, "1": 0.25}})
    whole = written(log_of({"loss": {"0": 0.5, "1": 0.25}}))
    for data in (
        whole[:-3],
        whole.replace(b"0.25", b"0.2.5"),
        whole.replace(b"loss", b"\xff"),
        b"",
        b"[]",
        b'{"a": 1}',
    ):
        with pytest.raises(ValueError) as alone:
            decode_run(data)
        with pytest.raises(ValueError) as together:
            decoder.decode_run(data)
        assert str(together.value) == str(alone.value)
