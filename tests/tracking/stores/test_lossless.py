"""What a store returns is what the engine's own reader returned, key for key and in the same order."""

import json
import math

import pytest

from magnus_tracking.stores import open_store
from magnus_tracking.stores.formats import CHUNKED
from support.stores import DATA_STORES, STORE_NAMES, runs_with_expected

UNORDERED_IN_CHUNKS = ("parameters", "branches")


def differences(expected, found, where=""):
    """Where two JSON values differ, NaN being equal to NaN; the order of keys counts except where it can't."""
    if isinstance(expected, dict) and isinstance(found, dict):
        if set(expected) != set(found):
            return [f"{where}: keys {sorted(set(expected) ^ set(found))}"]
        if list(expected) != list(found) and not where.endswith(UNORDERED_IN_CHUNKS):
            return [f"{where}: order {list(expected)} became {list(found)}"]
        return [line for key in expected for line in differences(expected[key], found[key], f"{where}/{key}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for index, (a, b) in pairs for line in differences(a, b, f"{where}/{index}")]
    if isinstance(expected, float) and isinstance(found, float) and math.isnan(expected) and math.isnan(found):
        return []
    return [] if type(expected) is type(found) and expected == found else [f"{where}: {expected!r} became {found!r}"]


@pytest.mark.parametrize(("name", "run_id"), runs_with_expected())
def test_a_run_is_what_the_engines_reader_returned(name, run_id):
    expected = json.loads((DATA_STORES / name / "expected" / f"{run_id}.json").read_text("utf-8"))
    found = open_store(DATA_STORES / name).load(run_id).model_dump()
    assert differences(expected, found) == []


@pytest.mark.parametrize("name", STORE_NAMES)
def test_branches_and_parameters_of_chunked_runs_come_in_natural_order(name):
    def check(steps):
        for step in steps.values():
            last_parts = [key.rpartition(".")[2] for key in step.get("branches") or {}]
            if all(part.isdigit() for part in last_parts):
                assert last_parts == sorted(last_parts, key=int)
            for branch in (step.get("branches") or {}).values():
                check(branch["steps"])

    store = open_store(DATA_STORES / name)
    for handle in store.handles():
        if handle.format is CHUNKED:
            run = store.load(handle.run_id).model_dump()
            check(run["steps"])


@pytest.mark.parametrize("name", STORE_NAMES)
def test_a_run_that_the_engine_refuses_is_read_too(name):
    store = open_store(DATA_STORES / name)
    expected = {file.stem for file in (DATA_STORES / name / "expected").glob("*.json")}
    refused = {handle.run_id for handle in store.handles()} - expected
    assert len(refused) == (1 if name in ("runnable-0.20.0", "runnable-0.36.1") else 0)
    for run_id in refused:
        assert store.load(run_id).status == "SUCCESS"
        assert store.summarize(store.handle(run_id)).error is None
