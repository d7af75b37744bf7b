"""Series read from the text of a run log are the ones that its model gives, from memory and from disk, too."""

import json
import math
from array import array

import pytest

from magnus_tracking.metrics import series_of_run
from magnus_tracking.series import SeriesCache
from magnus_tracking.stores import open_store
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
}


@pytest.fixture
def long_run(store_copy):
    """A store with a run of long metrics; the store."""
    project = store_copy("magnus-sweep")
    root = project / ".run_log_store"
    document = json.loads((root / "fixed-1.json").read_text())
    step = next(step for step in document["steps"].values() if "loss" in (step.get("user_defined_metrics") or {}))
    step["user_defined_metrics"] = METRICS
    (root / "long.json").write_text(json.dumps({**document, "run_id": "long"}, indent=4))
    return open_store(project)


def load(store, tmp_path):
    """What a first look at the long run gives, kept on disk."""
    cache = SeriesCache(store, tmp_path / "series")
    series = cache.load("long")
    cache.close()
    return series


def test_long_metrics_of_every_kind_are_those_of_the_model(long_run, tmp_path):
    cache = SeriesCache(long_run, tmp_path / "series")
    assert plain(cache.load("long")) == plain(series_of_run(long_run.load("long")))


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
