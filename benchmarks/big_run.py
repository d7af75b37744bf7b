"""A run log of 50 MB: 10 metrics of 100,000 steps each, beside only reading the file."""

from __future__ import annotations

import json
import math
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.corpus import SAMPLES
from benchmarks.report import Finding

from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.stores import Store
from magnus_tui.charts.prepared_series import PreparedSeries

METRICS = 10
STEPS = 100_000
ROUNDS = 7


def milliseconds(action: Callable[[], object]) -> float:
    """How long `action` takes."""
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def make_big_run(root: Path, run_id: str, *, diverged: bool) -> Path:
    """A finished run with huge metrics, made of a real one; its file."""
    path = root / f"{run_id}.json"
    if path.exists():
        return path
    root.mkdir(parents=True, exist_ok=True)
    source, step_name = _with_metrics()
    chance = random.Random(7)
    source["run_id"] = run_id
    source["steps"][step_name]["user_defined_metrics"] = {
        f"metric_{number}": {
            str(step): math.nan if diverged and step % 997 == 0 else chance.random() for step in range(STEPS)
        }
        for number in range(METRICS)
    }
    path.write_text(json.dumps(source, indent=4))
    return path


def _with_metrics() -> tuple[dict[str, Any], str]:
    for path in sorted(SAMPLES.glob("*.json")):
        document = json.loads(path.read_text())
        for name, step in document["steps"].items():
            if document["status"] == "SUCCESS" and step.get("user_defined_metrics"):
                return document, name
    raise FileNotFoundError(f"no finished run with metrics in {SAMPLES}")


def measure(folder: Path) -> Iterator[Finding]:
    """Summary, first chart, and the chart of a run that has been open before.

    Args:
        folder: where the runs are made.
    """
    root = folder / "big" / ".run_log_store"
    for name, diverged, bounds in (("huge", False, (3.5, 12.0, 0.5)), ("huge-diverged", True, (20.0, 13.0, None))):
        path = make_big_run(root, name, diverged=diverged)
        yield from _measure_run(Store(root), path, folder / "series", bounds)


def _measure_run(
    store: Store, path: Path, cache: Path, bounds: tuple[float | None, float | None, float | None]
) -> Iterator[Finding]:
    handle = store.handle(path.stem)
    floor: list[float] = []
    summaries: list[float] = []
    first: list[float] = []
    again: list[float] = []
    for _ in range(ROUNDS):
        floor.append(milliseconds(path.read_bytes))
        summaries.append(milliseconds(lambda: store.summarize(handle)))
        shutil.rmtree(cache, ignore_errors=True)
        new = SeriesCache(store, cache)
        first.append(milliseconds(lambda new=new: _first_chart(new, path.stem)))
        new.close()
        again.append(milliseconds(lambda: _first_chart(SeriesCache(store, cache), path.stem)))
    name = f"{path.stem}, {path.stat().st_size >> 20} MB"
    floor_name = "read() of the file"
    yield Finding(f"{name}: summary", summaries, floor_name, floor, bounds[0])
    yield Finding(f"{name}: first chart", first, floor_name, floor, bounds[1])
    yield Finding(f"{name}: first chart, open before", again, floor_name, floor, bounds[2])


def _first_chart(cache: SeriesCache, run_id: str) -> float:
    longest = max(cache.load(run_id), key=lambda one: len(one.values))
    bounds = PreparedSeries.of(longest).pyramid.bounds(0, STEPS)
    return bounds[1] if bounds else math.nan
