"""Whichever way a series is read, it is the same series: the same points, the same last value, bounds and mean."""

import contextlib
import io
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnus_tracking.journal.format import Header, encode_header
from magnus_tracking.runlog.metric_summary import COMPLETE, DEFAULT_DETAIL, PROVISIONAL, Detail
from magnus_tracking.runlog.metrics import flatten, last_of_series, series_of_run
from magnus_tracking.runlog.models import RunLog
from magnus_tracking.runlog.numbers_in_text import index_of
from magnus_tracking.runlog.outline import decode_run
from magnus_tracking.runlog.summary import summarize
from magnus_tracking.runlog.tree import leaf_steps
from magnus_tracking.series import stored
from magnus_tracking.series.blocks import with_blocks
from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.series.decoding import series_of_outline
from magnus_tracking.series.read import read_huge
from magnus_tracking.series.stripped_log import summary_of_text
from magnus_tracking.stores import open_store
from magnus_tracking.stores.formats import ONE_FILE, RunHandle
from magnus_tracking.stores.live_runs import LiveRuns
from support import curves

FILE = RunHandle("run", "run.json", ONE_FILE, 1, 10**18, 1)
DETAILS = {"in full": DEFAULT_DETAIL, "last values": Detail(ranges=False), "from the end": Detail(from_end_above=0)}

NUMBERS = st.one_of(st.floats(), st.integers(-(10**6), 10**6), st.sampled_from([2**53 + 1, 2**64, -(10**400), 1e308]))
WORDS = ["", "warmup", "NaN", "nan", "INFINITY", "-Infinity", "inf", "é", "\x00bare NaN "]
WRITTEN = ["1e-4", "+5", "-0.5", ".5", "1.10", "1e999", "007", "1_0", "0x1", " 1"]
OTHERS = st.sampled_from([None, True, False, *WORDS, *WRITTEN, [1], []])
VALUES = st.one_of(NUMBERS, NUMBERS, OTHERS)
INDEXES = st.one_of(
    st.integers(-3, 60).map(str),
    st.integers(1795948817105555181, 1795948817105555190).map(str),
    st.sampled_from(
        [str(2**63 - 1), str(2**63), str(-(2**63)), str(10**30), str(-(10**30)), "1" * 640, "4.0", "7.00", "01", "1"]
    ),
)
SERIES = st.one_of(
    st.lists(VALUES, min_size=1, max_size=40).map(lambda values: dict(zip(map(str, range(40)), values, strict=False))),
    st.dictionaries(INDEXES, VALUES, min_size=1, max_size=12),
    VALUES,
)


def log_of(metrics, status="SUCCESS"):
    attempt = {"attempt_number": 1, "status": status, "user_defined_metrics": metrics}
    step = {"name": "train", "internal_name": "train", "status": status, "step_type": "task", "attempts": [attempt]}
    return {"run_id": "run", "status": status, "steps": {"train": step}}


def points(series):
    return {one.name: (list(one.indexes), repr(list(one.values)), one.repeated) for one in series}


def expected_points(metrics):
    return {
        name: (list(indexes), repr(list(values)), again) for name, (indexes, values, again) in flatten(metrics).items()
    }


def ascends(tracked):
    keys = list(map(index_of, tracked))
    return keys == sorted(keys)


def check_summary(summary, metrics, detail="in full"):
    flat = flatten(metrics)
    assert set(summary.metrics) == set(flat)
    for name, (_, values, _) in flat.items():
        found = summary.metrics[name]
        if found.depth == PROVISIONAL and not ascends(metrics.get(name, {})):
            continue
        assert repr(found.last) == repr(curves.last(values)), (detail, name)
        assert found.depth < COMPLETE or curves.agrees(found, values), (detail, name)


NESTED = SERIES | st.dictionaries(st.sampled_from(["loss", "x"]), SERIES, min_size=1, max_size=2)


@given(metrics=st.dictionaries(st.sampled_from(["loss", "val.loss", "é", "val"]), NESTED, max_size=4))
@settings(max_examples=150, deadline=None)
def test_every_reading_of_a_log_gives_the_same_series(metrics):
    log = log_of(metrics)
    text = json.dumps(log, indent=4).encode()
    run = RunLog.model_validate(json.loads(text))
    expected = expected_points(metrics)
    assert points(series_of_run(run)) == expected
    assert points(last_of_series(leaf_steps(run), series_of_run(run)).values()) == expected
    assert points(series_of_outline(decode_run(text))) == expected
    for detail in DETAILS.values():
        check_summary(summarize(FILE, decode_run(text), detail), metrics, detail)


@given(
    metrics=st.dictionaries(st.sampled_from(["loss", "val.loss"]), SERIES, max_size=2),
    length=st.sampled_from([1, 7000]),
)
@settings(max_examples=60, deadline=None)
def test_a_huge_log_read_apart_and_kept_has_the_same_series(tmp_path_factory, metrics, length):
    for name, tracked in metrics.items():
        if isinstance(tracked, dict) and length > 1:
            values = list(tracked.values())
            first = int(float(next(iter(tracked)))) if len(next(iter(tracked))) < 12 else int(next(iter(tracked)))
            metrics[name] = {str(first + place): values[place % len(values)] for place in range(length)}
    path = tmp_path_factory.mktemp("store") / "run.json"
    path.write_text(json.dumps(log_of(metrics), indent=4))
    loaded = read_huge(str(path))
    expected = expected_points(metrics)
    assert points(loaded.series) == expected
    file = io.BytesIO()
    kept = loaded._replace(series=tuple(map(with_blocks, loaded.series)))
    try:
        stored.write(file, stored.NO_STATE, kept)
    except (UnicodeEncodeError, OverflowError, TypeError):
        return
    size = file.tell()
    file.seek(0)
    again = stored.read(file, size, stored.NO_STATE)
    assert points(again.series) == expected
    if loaded.short:
        check_summary(summary_of_text(FILE, loaded.short, loaded.series), metrics)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["train", "test"]),
        st.sampled_from(["", "2026-01-01 10:00:00", "2026-01-01 11:00:00", "2026-01-01 12:00:00"]),
        st.dictionaries(st.sampled_from(["loss", "val.loss", "val"]), NESTED, max_size=2),
        st.dictionaries(st.sampled_from(["loss", "val.loss", "val"]), NESTED, max_size=2),
    ),
    max_size=4,
)


@given(steps=STEPS)
@settings(max_examples=150, deadline=None)
def test_steps_of_one_name_give_a_run_the_same_values_in_every_reading(steps):
    log = log_of({})
    log["steps"] = {
        str(place): {
            **log["steps"]["train"],
            "internal_name": name,
            "attempts": [{"attempt_number": 1, "end_time": ended, "user_defined_metrics": of_attempt}],
            "user_defined_metrics": of_step,
        }
        for place, (name, ended, of_attempt, of_step) in enumerate(steps)
    }
    text = json.dumps(log).encode()
    run = RunLog.model_validate(json.loads(text))
    last = last_of_series(leaf_steps(run), series_of_run(run))
    rows = [summarize(FILE, decode_run(text))]
    with contextlib.suppress(ValueError):
        rows.append(summary_of_text(FILE, text, series_of_outline(decode_run(text))))
    for row in rows:
        assert row.metrics.keys() == last.keys()
        for name, one in last.items():
            found, expected = row.metrics[name].last, curves.last(one.values)
            assert found == expected or repr(found) == repr(expected), name


RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["loss", "acc", "acc.f1"]),
        st.one_of(st.integers(0, 12), st.sampled_from([-3, 2**63, 10**30, 1795948817105555181])),
        st.one_of(VALUES, st.sampled_from([{"f1": 0.5}, {"f1": None, "n": 3}, {"1": 2.0}, {}])),
    ),
    max_size=40,
)
SORTED_RECORDS = RECORDS.map(lambda found: sorted(found, key=lambda one: one[1]))


@given(
    parts=st.lists(st.tuples(st.sampled_from([1, 1, 2]), RECORDS | SORTED_RECORDS), max_size=3),
    engine=st.sampled_from(["", "", "magnus"]),
    recorded=st.dictionaries(st.sampled_from(["acc", "n"]), VALUES | st.just({"m": 7, "n": 8}), max_size=2),
)
@settings(max_examples=200, deadline=None)
def test_a_journal_read_on_gives_what_the_log_will_hold(tmp_path_factory, parts, engine, recorded):
    project = tmp_path_factory.mktemp("project")
    root = project / ".run_log_store"
    journals = root / "run.journal"
    journals.mkdir(parents=True)
    (root / "run.json").write_text(json.dumps(log_of(recorded if engine else {}, "PROCESSING"), indent=4))
    store = open_store(root)
    cache, in_flight = SeriesCache(store, project / "series"), LiveRuns(store)
    for number, records in [(1, []), *parts]:
        journal = journals / f"{number}.jsonl"
        if not journal.exists():
            journal.write_bytes(encode_header(Header("attempt", "run", "train", 1, time=f"{number}", engine=engine)))
        with journal.open("a") as file:
            for name, step, value in records:
                file.write(json.dumps({"metric": name, "step": step, "value": value}) + "\n")
        whole = store.load("run")
        metrics = whole.steps["train"].attempts[0].user_defined_metrics
        expected = expected_points(metrics)
        assert points(cache.load("run")) == expected
        summary = in_flight.summarize(next(iter(store.handles())))
        check_summary(summary, metrics)
        assert all(metric.depth == COMPLETE for metric in summary.metrics.values())


@pytest.mark.parametrize("first", [10**9, 2**53, 2**62, 2**63 - 1, 2**63, 10**18, 10**19, 10**30, -(10**30)])
def test_steps_of_any_size_are_one_series(tmp_path, monkeypatch, first):
    from magnus_tracking import start_run, track_this

    monkeypatch.chdir(tmp_path)
    with start_run(run_id="run") as run, run.step("s"):
        for step in range(3):
            track_this(step=step, a=step)
        track_this(step=first, a=9)
    (series,) = series_of_run(open_store(".").load("run"))
    assert list(series.indexes) == sorted([0, 1, 2, first])
    assert (series.last, series.is_curve) == (9 if first > 0 else 2, True)


def test_values_that_are_no_numbers_are_gaps_of_a_curve():
    from magnus_tracking.runlog.metrics import Series

    series = Series("s", None, "m", range(7), (0.5, None, "1e-4", "NaN", True, "words", None))
    assert series.is_curve
    assert [None if math.isnan(number) else number for number in series.numbers] == [
        0.5,
        None,
        1e-4,
        None,
        None,
        None,
        None,
    ]
    assert math.isnan(series.last)
    assert not Series("s", None, "m", range(2), (None, "words")).is_curve
    assert Series("s", None, "m", range(2), ("words", None)).last == "words"


def test_points_under_one_name_are_one_series_however_they_are_written():
    metrics = {"a.b": {"0": 1, "1": 2}, "a": {"b": {"1": 3, "2": 4}}, "c": {"2": 1, "1": 2}, "d": {"4": 1, "4.0": 2}}
    assert flatten(metrics) == {
        "a.b": ((0, 1, 2), (1, 3, 4), 1),
        "c": ((1, 2), (2, 1), None),
        "d": ((4,), (2,), 4),
    }
