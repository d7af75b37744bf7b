"""Series read from the text of a run log are the ones that its model gives, from memory and from disk, too."""

import json
import math
import os
from array import array
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from msgspec.structs import replace

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.runlog.metric_summary import COMPLETE
from magnus_tracking.runlog.metrics import series_of_run
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.series.blocks import blocks_of
from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.series.read import read_series
from magnus_tracking.series.reader_pool import ReaderProcesses
from magnus_tracking.stores import open_store
from magnus_tracking.stores.run_listing import HUGE
from support.stores import STORE_NAMES

STEPS = 8_000


def plain(series):
    return [(one.step, one.attempt, one.name, tuple(one.indexes), repr(list(one.values))) for one in series]


@pytest.mark.parametrize("name", [*STORE_NAMES, "sample_runs"])
def test_every_run_gives_the_series_of_its_model(store_copy, tmp_path, name):
    store = open_store(store_copy(name))
    cache = SeriesCache(store, tmp_path / "series")
    readable = [run.run_id for run in store.runs() if run.error is None]
    for run_id in readable:
        assert plain(cache.load(run_id)) == plain(series_of_run(store.load(run_id)))


METRICS = {
    "floats": {str(i): i / 7 for i in range(STEPS)},
    "diverged": {str(i): math.nan if i == 3_000 else -math.inf if i == 5 else i / 3 for i in range(STEPS)},
    "integers": {str(i): i * i for i in range(STEPS)},
    "mixed": {str(i): i if i % 2 else i / 2 for i in range(STEPS)},
    "big": {str(i): 1 << (i % 90) for i in range(STEPS)},
    "numeric texts": {str(i): str(i) for i in range(STEPS)},
    "truths": {str(i): i % 3 == 0 for i in range(STEPS)},
    "nested": {str(i): {"ham": i, "eggs": {"1": i}} for i in range(STEPS // 10)},
    "lists": {str(i): [i, i + 1] for i in range(STEPS // 10)},
    "backwards": {str(i): i / 7 for i in reversed(range(STEPS))},
    "every tenth": {str(i): i / 7 for i in range(-50, STEPS, 10)},
    "sorted as texts": {name: int(name) / 7 for name in sorted(map(str, range(STEPS)))},
    "wrapped": {"kind": "metric", "value": {str(i): i / 7 for i in range(STEPS)}, "description": "a b"},
    "no steps": {f"layer{i}": i / 7 for i in range(2_000)},
    "shapes": {str(i): "3,224,224" for i in range(STEPS)},
    "clocks": {str(i): "4:5,6" for i in range(STEPS)},
    "decimals": {str(i): "0.5" for i in range(STEPS)},
    "with a gap": {str(i): i / 7 for i in range(STEPS) if i != 4_000},
    "shorter": {str(i): i / 3 for i in range(STEPS // 2)},
    "longer": {str(i): i / 3 for i in range(2 * STEPS)},
    "from a hundred": {str(i): i / 3 for i in range(100, STEPS)},
    "leading zeros": {f"{i:07d}": i / 3 for i in range(STEPS)},
    "twice": {**{str(i): i / 3 for i in range(STEPS)}, **{f"0{i}": i / 7 for i in range(STEPS)}},
    "keys with spaces": {f"{i} ": i / 3 for i in range(STEPS)},
    "one key with spaces": {" 4000" if i == 4_000 else str(i): i / 3 for i in range(STEPS)},
    "keys of words": {"NaN" if i == 4_000 else str(i): i / 3 for i in range(STEPS)},
    "keys of pairs": {f"{i},{i}": i / 3 for i in range(STEPS)},
    "words": {str(i): "NaN" if i % 2 else "-Infinity" for i in range(STEPS)},
    "braces": {str(i): "{" if i % 2 else "}" for i in range(STEPS)},
    "nothing now and then": {str(i): None if i % 999 == 0 else i / 3 for i in range(STEPS)},
    "infinite": {str(i): (math.nan, math.inf, -math.inf)[i % 3] for i in range(STEPS)},
    "infinite integers": {str(i): (math.nan, i, -math.inf)[i % 3] for i in range(STEPS)},
    "of stand-ins": {str(i): 2.718923456789123e-301 if i % 9 else math.nan for i in range(STEPS)},
    "small": {str(i): 1e-05 if i % 2 else 1.5e-07 for i in range(STEPS)},
    "parts": {"train": {str(i): i / 3 for i in range(STEPS)}, "test": {str(i): i / 9 for i in range(STEPS)}},
    "parts of a step": {"0": {"train": {str(i): i / 3 for i in range(STEPS)}}},
    "only step": {"0": {str(i): i / 3 for i in range(STEPS)}},
    "list": [part for i in range(STEPS) for part in (str(i), i / 3)],
}


FEW = ("floats", "diverged", "nested", "wrapped")


@pytest.fixture
def long_run(store_copy):
    """A store with a run of long metrics; the store."""
    project = store_copy("magnus-sweep")
    root = project / ".run_log_store"
    document = json.loads((root / "fixed-1.json").read_text())
    step = next(step for step in document["steps"].values() if "loss" in (step.get("user_defined_metrics") or {}))
    step["user_defined_metrics"] = {name: METRICS[name] for name in FEW}
    (root / "long.json").write_text(json.dumps({**document, "run_id": "long"}, indent=4))
    return open_store(project)


def rewrite(store, change, **layout):
    """Change the document of the long run, and write it as `json.dumps` does with `layout`."""
    path = store.root / "long.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document, **layout))


def step_of(document):
    return next(step for step in document["steps"].values() if "floats" in (step.get("user_defined_metrics") or {}))


def load(store, tmp_path):
    """What a first look at the long run gives, kept on disk."""
    cache = SeriesCache(store, tmp_path / "series")
    series = cache.load("long")
    cache.close()
    return series


@pytest.mark.parametrize("layout", [{}, {"separators": (",", ":")}, {"indent": 4}], ids=repr)
def test_long_metrics_are_those_of_the_model_however_the_file_is_laid_out(long_run, tmp_path, layout):
    rewrite(long_run, lambda document: step_of(document).update(user_defined_metrics=METRICS), **layout)
    assert plain(load(long_run, tmp_path)) == plain(series_of_run(long_run.load("long")))


def test_metrics_of_attempts_and_what_only_looks_like_metrics_are_told_apart(long_run, tmp_path):
    def spread(document):
        step = step_of(document)
        step["attempts"][-1]["user_defined_metrics"] = {"floats": METRICS["floats"], "infinite": METRICS["infinite"]}
        document["parameters"]["table"] = METRICS["floats"]
        document["run_config"]["text"] = "{" + "x" * 100_000 + "}"

    rewrite(long_run, spread, indent=4)
    assert plain(load(long_run, tmp_path)) == plain(series_of_run(long_run.load("long")))


def grow(document):
    step = step_of(document)
    step["user_defined_metrics"] = {"ham": 1, "nan": math.nan, "eggs": {str(i): i / 7 for i in range(300_000)}}
    document["parameters"]["worst"] = math.inf


def step_of_grown(document):
    return next(step for step in document["steps"].values() if "eggs" in (step.get("user_defined_metrics") or {}))


def test_a_huge_run_is_opened_without_its_long_metrics_and_with_all_else(long_run, tmp_path):
    rewrite(long_run, grow, indent=4)
    assert (long_run.root / "long.json").stat().st_size > HUGE
    run, whole = SeriesCache(long_run, tmp_path / "series").open("long")[0], long_run.load("long")
    assert run.parameters == whole.parameters
    metrics = next(step.user_defined_metrics for step in run.steps.values() if "ham" in step.user_defined_metrics)
    assert metrics["ham"] == 1
    assert math.isnan(metrics["nan"])
    assert metrics["eggs"].endswith("kB of values, shown as a series")
    assert plain(load(long_run, tmp_path)) == plain(series_of_run(whole))


def test_the_row_of_a_huge_run_is_that_of_the_store_but_for_long_metrics(long_run, tmp_path):
    rewrite(long_run, grow, indent=4)
    row, whole = SeriesCache(long_run, tmp_path / "series").summary("long"), long_run.summarize(long_run.handle("long"))
    long = [name for name, metric in row.metrics.items() if metric.depth != COMPLETE]
    assert long == ["eggs"]
    assert {name: metric.last for name, metric in row.metrics.items() if name != "nan"} == {
        name: metric.last for name, metric in whole.metrics.items() if name != "nan"
    }
    without = [replace(one, metrics={**one.metrics, "eggs": None}) for one in (row, whole)]
    fields = msgspec.structs.fields(RunSummary)
    assert {f.name: repr(getattr(without[0], f.name)) for f in fields} == {
        f.name: repr(getattr(without[1], f.name)) for f in fields
    }


def test_the_row_of_a_run_that_is_not_huge_is_left_to_the_store(long_run, tmp_path):
    assert SeriesCache(long_run, tmp_path / "series").summary("long") is None


def test_a_huge_run_is_the_same_when_a_process_of_its_own_reads_it(long_run, tmp_path):
    rewrite(long_run, grow, indent=4)
    assert ReaderProcesses().read(long_run.handle("long")) is not None
    beside = SeriesCache(long_run, tmp_path / "beside", processes=ReaderProcesses())
    here = SeriesCache(long_run, tmp_path / "here")
    assert plain(beside.load("long")) == plain(here.load("long"))
    assert beside.open("long")[0].model_dump_json() == here.open("long")[0].model_dump_json()


@pytest.mark.parametrize("processes", [None, ReaderProcesses()], ids=["this process", "one of its own"])
def test_blocks_come_back_from_disk_whichever_process_read_the_run(long_run, tmp_path, processes):
    def diverge(document):
        grow(document)
        metrics = step_of_grown(document)["user_defined_metrics"]
        metrics["diverged"] = {str(i): math.nan if i % 997 == 5 else i / 7 for i in range(20_000)}
        metrics["nothing but NaN"] = {str(i): math.nan for i in range(20_000)}

    rewrite(long_run, diverge, indent=4)
    first = SeriesCache(long_run, tmp_path / "beside", processes=processes)
    first.load("long")
    first.close()
    again = {one.name: one for one in SeriesCache(long_run, tmp_path / "beside").load("long")}
    for name in ("eggs", "diverged", "nothing but NaN"):
        expected, found = blocks_of(again[name].values), again[name].blocks
        assert list(found.not_finite) == list(expected.not_finite)
        assert list(found.least) == list(expected.least)
        assert list(found.most) == list(expected.most)


def test_a_huge_run_that_has_been_begun_reads_as_any_other(long_run, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    rewrite(long_run, grow, indent=4)
    handle, beside = long_run.handle("long"), ReaderProcesses()
    expected = plain(read_series(handle).series)
    for _ in range(2):
        beside.start(handle)
    for _ in range(2):
        assert plain(beside.read(handle).series) == expected


def test_a_huge_run_in_flight_is_the_same_when_a_process_of_its_own_reads_it(long_run, tmp_path):
    def go_on(document):
        grow(document)
        document["status"] = "PROCESSING"

    rewrite(long_run, go_on, indent=4)
    beside = SeriesCache(long_run, tmp_path / "beside", processes=ReaderProcesses())
    assert plain(beside.load("long")) == plain(SeriesCache(long_run, tmp_path / "here").load("long"))
    assert beside.open("long")[0].status == "PROCESSING"
    beside.close()
    assert not (tmp_path / "beside").exists()


def test_a_huge_run_that_is_broken_says_the_same_when_a_process_of_its_own_reads_it(long_run, tmp_path):
    rewrite(long_run, grow, indent=4)
    path = long_run.root / "long.json"
    path.write_bytes(path.read_bytes()[:-1000])
    said = []
    for beside in (None, ReaderProcesses()):
        with pytest.raises(UnreadableRunError) as raised:
            SeriesCache(long_run, tmp_path / "series", processes=beside).load("long")
        said.append(str(raised.value))
    assert said[0] == said[1]


def test_who_asks_for_a_run_that_is_being_read_gets_the_same_series(long_run, tmp_path):
    cache = SeriesCache(long_run, tmp_path / "series")
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(cache.load, ["long"] * 8))
    assert all(series is found[0] for series in found)


def test_numbers_are_in_arrays_and_steps_that_count_up_take_no_room(long_run, tmp_path):
    series = {one.name: one for one in SeriesCache(long_run, tmp_path / "series").load("long")}
    assert isinstance(series["floats"].values, array)
    assert isinstance(series["floats"].indexes, range)
    assert isinstance(series["diverged"].values, array)
    assert isinstance(series["wrapped"].values, array)


def test_a_finished_run_comes_back_from_disk_as_it_was(long_run, tmp_path):
    first = load(long_run, tmp_path)
    assert list((tmp_path / "series").iterdir())
    again = SeriesCache(long_run, tmp_path / "series").load("long")
    assert plain(again) == plain(first)
    assert again is not first


def test_another_state_of_the_run_is_read_anew(long_run, tmp_path):
    load(long_run, tmp_path)
    path = long_run.root / "long.json"
    document = json.loads(path.read_text())
    for step in document["steps"].values():
        if step.get("user_defined_metrics"):
            step["user_defined_metrics"] = {"only": {str(i): i / 3 for i in range(60_000)}}
    path.write_text(json.dumps(document))
    assert {one.name for one in SeriesCache(long_run, tmp_path / "series").load("long")} == {"only"}


@pytest.mark.parametrize("keep", [0, 5, 500])
def test_a_damaged_file_of_the_cache_is_read_anew(long_run, tmp_path, keep):
    first = load(long_run, tmp_path)
    file = next((tmp_path / "series").iterdir())
    file.write_bytes(file.read_bytes()[:keep])
    assert plain(SeriesCache(long_run, tmp_path / "series").load("long")) == plain(first)


def test_a_cache_folder_that_can_not_be_made_costs_nothing_but_time(long_run, tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = SeriesCache(long_run, tmp_path / "file" / "series")
    assert plain(cache.load("long")) == plain(series_of_run(long_run.load("long")))


def test_memory_is_bounded_by_dropping_what_was_looked_at_longest_ago(long_run, tmp_path):
    cache = SeriesCache(long_run, tmp_path / "series", memory=1000)
    long, short = cache.load("long"), cache.load("fixed-1")
    assert cache.load("fixed-1") is short
    assert cache.load("long") is not long
