"""A run of very many steps is opened piece by piece: models and row are those of reading it at once."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.runlog.metric_summary import FULL_DETAIL
from magnus_tracking.runlog.summary import summarize
from magnus_tracking.stores import Store
from magnus_tracking.stores.full_run import validate
from magnus_tracking.stores.huge_run import run_in_pieces

STORES = sorted((Path(__file__).parents[2] / "data" / "stores").glob("*/.run_log_store"))
WINDOWS = (64, 700, 5000, 1 << 20)


def check_same(path: Path, window: int) -> bool:
    """Hold what is read in pieces against what is read at once; whether it was read in pieces."""
    store = Store(path.parent)
    handle = store.handle(path.stem)
    found = run_in_pieces(str(path), window=window)
    if found is None:
        return False
    run, outline = found
    at_once = validate(path, handle.format.document(handle))
    assert json.dumps(run.model_dump()) == json.dumps(at_once.model_dump())
    assert repr(run) == repr(at_once)
    assert outline is not None
    assert repr(summarize(handle, outline, FULL_DETAIL)) == repr(store.summarize(handle, FULL_DETAIL))
    without = run_in_pieces(str(path), window=window, late=False)
    assert without is not None
    assert without[1] is None
    assert repr(without[0]) == repr(run)
    return True


@pytest.mark.parametrize("root", STORES, ids=lambda root: root.parent.name)
def test_each_real_run_is_the_same_in_pieces(root: Path) -> None:
    for path in sorted(root.glob("*.json")):
        try:
            Store(root).load(path.stem)
        except UnreadableRunError:
            assert all(run_in_pieces(str(path), window=window) is None for window in WINDOWS), path.name
            continue
        assert all(check_same(path, window) for window in WINDOWS), path.name


def wide_run() -> dict[str, Any]:
    """A run whose branches hold every kind of thing."""
    real = Path(__file__).parents[2] / "data" / "stores" / "magnus-sweep" / ".run_log_store" / "fixed-3.json"
    run: dict[str, Any] = json.loads(real.read_text())
    leaf = next(iter(run["steps"].values()))
    branches = {}
    for number in range(6):
        step = copy.deepcopy(leaf)
        step["internal_name"] = f"m.{number}.s"
        step["attempts"] = [{**step["attempts"][0], "attempt_number": tried} for tried in range(1, number + 2)]
        branches[f"m.{number}"] = {
            "internal_name": f"m.{number}",
            "status": "SUCCESS",
            "steps": {f"m.{number}.s": step},
        }
    run["steps"]["m"] = {
        "name": "m",
        "internal_name": "m",
        "status": "SUCCESS",
        "branches": branches,
        "step_type": "map",
        "attempts": [],
    }
    return run


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


ODD = st.sampled_from(
    [None, True, 7, -1.5, math.nan, math.inf, "", "text", "NaN", "\ud800", "é\u2028", [], [1], {}, {"a": 1}, {"1": {}}]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), window=st.sampled_from(WINDOWS), indent=st.sampled_from([None, 4]))
def test_a_run_with_anything_in_it_is_the_same_in_pieces_or_read_at_once(
    tmp_path: Path, data: st.DataObject, window: int, indent: int | None
) -> None:
    run = wide_run()
    for _ in range(data.draw(st.integers(1, 2))):
        *above, last = data.draw(st.sampled_from([place for place in places(run) if place]))
        holder = run
        for key in above:
            holder = holder[key]
        holder[last] = data.draw(ODD)
    path = tmp_path / "run.json"
    path.write_text(json.dumps(run, indent=indent))
    try:
        Store(tmp_path).load("run")
    except UnreadableRunError:
        assert run_in_pieces(str(path), window=window) is None
    else:
        check_same(path, window)


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_diverged_run_is_read_in_pieces(tmp_path: Path, number: float, indent: int | None) -> None:
    run = wide_run()
    run["parameters"]["x"] = {"deep": [number]}
    for branch in run["steps"]["m"]["branches"].values():
        for step in branch["steps"].values():
            step["user_defined_metrics"] = {"loss": {"0": 1.0, "1": number}, "last": number}
    path = tmp_path / "run.json"
    path.write_text(json.dumps(run, indent=indent))
    assert all(check_same(path, window) for window in WINDOWS)


@pytest.mark.parametrize("first", ["{}", "[]", "7", '{"a": {"internal_name": "a"}}'])
@pytest.mark.parametrize("behind", [False, True])
def test_of_a_name_that_is_there_twice_the_last_counts(tmp_path: Path, first: str, behind: bool) -> None:
    text = json.dumps(wide_run())
    path = tmp_path / "run.json"
    doubled = f'{text[:-1]}, "steps": {first}}}' if behind else f'{{"steps": {first}, {text[1:]}'
    path.write_text(doubled)
    try:
        Store(tmp_path).load("run")
    except UnreadableRunError:
        assert all(run_in_pieces(str(path), window=window) is None for window in WINDOWS)
    else:
        for window in WINDOWS:
            check_same(path, window)


@pytest.mark.parametrize("cut", [0, 1, 700, 9000, -3])
def test_what_is_cut_off_is_left_to_be_read_at_once(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(json.dumps(wide_run()).encode()[:cut])
    assert all(run_in_pieces(str(path), window=window) is None for window in WINDOWS)
