"""A huge run log is read in windows: what is told of it is the same, and it is never held as a whole."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnus_tracking.runlog.metric_summary import DEFAULT_DETAIL, FULL_DETAIL, LAST_ONLY, PROVISIONAL, Detail
from magnus_tracking.runlog.summary import RunSummary, summarize
from magnus_tracking.stores import Store
from magnus_tracking.stores.huge_run_outline import outline_in_windows

STORES = sorted((Path(__file__).parents[2] / "data" / "stores").glob("*/.run_log_store"))
WINDOWS = (64, 700, 5000)


def in_windows(path: Path, window: int, detail: Detail = FULL_DETAIL) -> RunSummary | None:
    outline = outline_in_windows(str(path), detail, window)
    handle = Store(path.parent).handle(path.stem)
    return None if outline is None else summarize(handle, outline, detail)


def at_once(path: Path) -> RunSummary:
    return Store(path.parent).summarize(Store(path.parent).handle(path.stem), FULL_DETAIL)


def same(left: RunSummary, right: RunSummary) -> bool:
    return repr(left) == repr(right)


def run_log(metrics: Any, **fields: Any) -> dict[str, Any]:
    attempt = {"attempt_number": 1, "start_time": "2026-11-23 08:00:00", "end_time": "2026-11-23 08:00:05"}
    step = {
        "name": "fit",
        "internal_name": "fit",
        "status": "SUCCESS",
        "attempts": [{**attempt, "status": "SUCCESS", "user_defined_metrics": {"a": 1.5}}],
        "user_defined_metrics": metrics,
    }
    return {"run_id": "run", "status": "SUCCESS", "steps": {"fit": step}, "parameters": {"x": 1}, **fields}


def written(folder: Path, document: Any, indent: int | None = 4) -> Path:
    path = folder / "run.json"
    path.write_text(json.dumps(document, indent=indent))
    return path


@pytest.mark.parametrize("root", STORES, ids=lambda root: root.parent.name)
def test_each_real_run_reads_the_same_in_windows(root: Path) -> None:
    paths = [path for path in sorted(root.glob("*.json")) if at_once(path).error is None]
    for path in paths:
        for window in WINDOWS:
            summary = in_windows(path, window)
            assert summary is not None, path
            assert same(summary, at_once(path)), path


_SCALARS = st.one_of(st.floats(), st.integers(-(2**60), 2**60), st.none(), st.booleans(), st.text(max_size=6))
_SERIES = st.dictionaries(st.integers(-3, 10**6).map(str), _SCALARS, max_size=40)
_COUNTING = st.lists(st.floats(), min_size=1, max_size=60).map(lambda values: {str(n): v for n, v in enumerate(values)})
_METRICS = st.dictionaries(
    st.one_of(st.text(max_size=5), st.sampled_from(["a", "a.b", "a.b.c"])),
    st.one_of(
        _SCALARS, _SERIES, _COUNTING, st.dictionaries(st.one_of(st.text(max_size=3), st.just("b")), _SERIES | _COUNTING)
    ),
    max_size=4,
)


@pytest.mark.parametrize("window", WINDOWS)
def test_metrics_that_are_one_by_their_dotted_names_are_summarised_together(tmp_path: Path, window: int) -> None:
    long = {str(step): float(step) for step in range(900)}
    for metrics in ({"a": {"b": {"900": 1.5}}, "a.b": long}, {"a.b": long, "a": {"b": {"900": 1.5}}}):
        path = written(tmp_path, run_log(metrics))
        summary = in_windows(path, window, DEFAULT_DETAIL)
        assert summary is not None
        assert (summary.metrics["a.b"].last, summary.metrics["a.b"].count) == (1.5, 901)
        assert same(summary, at_once(path))


@given(
    metrics=_METRICS,
    parameters=st.dictionaries(st.text(max_size=5), st.one_of(_SCALARS, st.lists(_SCALARS)), max_size=3),
    window=st.integers(48, 2000),
    indent=st.sampled_from([None, 1, 4]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_run_reads_the_same_in_windows_or_is_left_to_be_read_at_once(
    tmp_path: Path, metrics: Any, parameters: Any, window: int, indent: int | None
) -> None:
    path = written(tmp_path, run_log(metrics, parameters=parameters), indent)
    summary = in_windows(path, window)
    assert summary is None or same(summary, at_once(path))


@pytest.mark.parametrize(
    "metrics",
    [
        {"loss": {str(step): step / 7 for step in range(3000)}},
        {"loss": {str(step): math.nan if step % 9 == 0 else step / 7 for step in range(3000)}},
        {"loss": {str(step): math.inf if step % 9 == 0 else step for step in range(3000)}},
        {"loss": {str(step): None if step % 9 == 8 else f'"{step}": {{,' for step in range(3000)}},
        {"loss": {str(step): step / 7 for step in reversed(range(3000))}},
        {"eggs": {str(step): {"ham": step, "cheese": step / 2} for step in range(900)}},
        {"loss": {"kind": "metric", "value": {str(step): step / 7 for step in range(900)}, "description": ""}},
        {f"m{number}": number for number in range(900)},
    ],
    ids=["numbers", "nan", "infinity", "texts", "descending", "nested", "wrapped", "many"],
)
def test_long_metrics_of_any_form_are_read_in_windows(tmp_path: Path, metrics: Any) -> None:
    path = written(tmp_path, run_log(metrics))
    for window in (500, 4000):
        summary = in_windows(path, window)
        assert summary is not None
        assert same(summary, at_once(path))


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_bare_numbers_are_read_in_windows_wherever_in_a_line_they_stand(
    tmp_path: Path, separators: tuple[str, str]
) -> None:
    said = 'NaN, "-Infinity": NaN\\'
    metrics = {
        "loss": {str(step): (step / 7, math.nan, math.inf, -math.inf)[step % 4] for step in range(900)},
        "said": {str(step): said if step % 3 else math.nan for step in range(300)},
        "last": math.nan,
    }
    path = written(tmp_path, run_log(metrics, parameters={"x": [math.nan, {said: -math.inf}]}))
    log = json.loads(path.read_text())
    path.write_text(json.dumps(log, separators=separators))
    for window in (*range(490, 530), 4000):
        summary = in_windows(path, window)
        assert summary is not None
        assert same(summary, at_once(path))


def test_only_the_last_value_of_a_long_metric_is_looked_for_where_that_will_do(tmp_path: Path) -> None:
    path = written(tmp_path, run_log({"loss": {str(step): step / 7 for step in range(3000)}}))
    summary = in_windows(path, 4000, Detail(1000))
    assert summary is not None
    assert (summary.metrics["loss"].last, summary.metrics["loss"].depth) == (2999 / 7, PROVISIONAL)
    odd = written(tmp_path, run_log({"loss": {str(step): step / 7 if step < 2000 else "?" for step in range(3000)}}))
    summary = in_windows(odd, 4000, Detail(1000, ranges=False))
    assert summary is not None
    assert (summary.metrics["loss"].last, summary.metrics["loss"].depth) == (1999 / 7, LAST_ONLY)


@pytest.mark.parametrize("cut", [0, 1, 700, 9000, -3])
def test_what_is_no_run_log_is_left_to_be_read_at_once(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, run_log({"loss": {str(step): step / 7 for step in range(3000)}}))
    path.write_bytes(path.read_bytes()[:cut])
    assert in_windows(path, 500) is None
    path.write_bytes(b'{"run_id": "run", "tag": "\xff"}' + b" " * 2000)
    assert in_windows(path, 500) is None


_PEAK = """
import sys
from pathlib import Path
from magnus_tracking.runlog.metric_summary import Detail, FULL_DETAIL
from magnus_tracking.stores import Store
store = Store(Path(sys.argv[1]))
detail = FULL_DETAIL if sys.argv[2] == "full" else Detail(1 << 16)
assert store.summarize(store.handles()[0], detail).error is None
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


@pytest.mark.parametrize("detail", ["first", "full"])
def test_a_huge_run_takes_a_part_of_its_size_in_memory(tmp_path: Path, detail: str) -> None:
    values = {str(step): step / 7 for step in range(150_000)}
    path = written(tmp_path, run_log({f"metric {number}": values for number in range(9)}))
    megabytes = path.stat().st_size >> 20
    command = [sys.executable, "-c", _PEAK, str(tmp_path), detail]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert peak < megabytes, f"{peak} MB for {megabytes} MB"


def test_the_steps_of_a_wide_run_share_what_is_the_same_in_them(tmp_path: Path) -> None:
    code = [{"code_identifier": "a7a6c82", "code_identifier_dependable": True}]
    steps = {
        f"step {number}": {
            "internal_name": f"step {number}",
            "status": "SUCCESS",
            "code_identities": code,
            "attempts": [],
        }
        for number in range(200)
    }
    path = written(tmp_path, run_log({}, steps=steps))
    outline = outline_in_windows(str(path), DEFAULT_DETAIL, 1000)
    assert outline is not None
    assert len({id(step.status) for step in outline.steps.values()}) == 1
    assert len({id(step.code_identities) for step in outline.steps.values()}) == 1
