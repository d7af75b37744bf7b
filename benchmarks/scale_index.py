"""The index of 100,000 runs: built, verified, and asked, beside what the file system and Python alone take."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.corpus import make_store
from benchmarks.report import Finding

from magnus_tracking.index import IndexChanged, RunIndex
from magnus_tracking.query import SortKey, parse, parse_sort
from magnus_tracking.stores import Store

COUNT = 100_000
EDITS = 1_000
ROUNDS = 7
_BUILDS = 3
_QUERIES = {
    "id": "-0999",
    "status": "status:fail",
    "tag": "not has:tag",
    "parameter": "has:param.eggs or param.lr<0.5",
    "metric": "metric.loss<0.5",
    "text anywhere": "fail",
    "id with wildcards": "id:*-0*9*",
    "parameter with a wildcard": "param.lr:0.0*",
    "start": "started>2021-01-01",
    "step": "step:tr*",
    "two metrics and status": "metric.loss>0.1 and metric.loss<0.3 and status:success",
    "any of four": "status:fail or tag:sweep* or metric.loss<0.1 or id:a*",
}
_BOUND = 5.0
_BOUNDED = ("filter on ", "sort by metric,")
"""What the bound is asked for; other sorts are shown for what they cost."""

_SORTS = {
    "metric": "-metric.loss",
    "minimum of a metric": "min(metric.loss)",
    "duration": "duration",
    "id": "id",
    "start": "started",
    "tag": "tag",
    "parameter": "param.lr",
    "status and metric": "status,-metric.loss",
}


def milliseconds(action: Callable[[], object]) -> float:
    """How long `action` takes."""
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def stat_all(root: Path) -> None:
    """Examine every file of a folder, and nothing else."""
    with os.scandir(root) as entries:
        for entry in entries:
            entry.stat()


def stat_and_read_all(root: Path) -> None:
    """Examine and read every file of a folder, and nothing else."""
    with os.scandir(root) as entries:
        for entry in entries:
            entry.stat()
            Path(entry.path).read_bytes()


def measure_build(folder: Path, count: int = COUNT) -> Iterator[Finding]:
    """A first start: until the newest hundred are there, and until all are; then the first question for minima.

    Args:
        folder: where the store is made.
        count: how many runs.
    """
    root = make_store(folder / f"runs-{count}", count)
    store, cache = Store(root), folder / "index-built"
    floor: list[float] = []
    build: list[float] = []
    first: list[float] = []
    listing: list[float] = []
    completed: list[float] = []
    for _ in range(_BUILDS):
        shutil.rmtree(cache, ignore_errors=True)
        floor.append(milliseconds(lambda: stat_and_read_all(root)))
        listing.append(milliseconds(lambda: stat_all(root)))
        index = RunIndex.open(store, cache)
        told: list[float] = []
        began = time.perf_counter()

        def tell(_: IndexChanged, told: list[float] = told) -> None:
            told.append(time.perf_counter())

        index.refresh(tell)
        build.append((time.perf_counter() - began) * 1000)
        first.append((told[0] - began) * 1000)
        completed.append(milliseconds(index.complete))
        index.close()
    yield Finding(f"index of {count:,} runs built", build, "stat + read of the files", floor, 4.5)
    yield Finding(f"newest hundred of {count:,} there, no index", first, "scandir + stat of the files", listing)
    name = f"minima, maxima and means of {count:,} runs, when first asked for"
    yield Finding(name, completed, "stat + read of the files", floor)


def measure_verification(folder: Path, count: int = COUNT) -> Iterator[Finding]:
    """A later start: everything verified, with nothing and with 1,000 runs changed.

    Args:
        folder: where the store is made.
        count: how many runs.
    """
    root = make_store(folder / f"runs-{count}", count)
    index = RunIndex.open(Store(root), folder / "index")
    index.refresh()
    floor: list[float] = []
    verified: list[float] = []
    edited: list[float] = []
    names = sorted(path.name for path in root.iterdir())
    chance = random.Random()  # not seeded: in a store that was kept, the same edits would change nothing
    for _ in range(ROUNDS):
        floor.append(milliseconds(lambda: stat_all(root)))
        verified.append(milliseconds(index.refresh))
        for name in chance.sample(names, EDITS):
            moment = chance.uniform(1.5e9, 1.6e9)
            os.utime(root / name, (moment, moment))
        edited.append(milliseconds(index.refresh))
    index.close()
    name = "scandir + stat of the files"
    yield Finding(f"{count:,} runs verified", verified, name, floor, 1.3)
    yield Finding(f"{count:,} runs verified, {EDITS:,} edited ones read", edited, name, floor, 1.6)


def measure_queries(folder: Path, count: int = COUNT) -> Iterator[Finding]:
    """Filters and sorts over the whole index.

    Args:
        folder: where the store is made.
        count: how many runs.
    """
    root = make_store(folder / f"runs-{count}", count)
    index = RunIndex.open(Store(root), folder / "index")
    index.refresh()
    index.complete()
    index.prepare()
    floats = [random.random() for _ in range(count)]
    for name, text in _QUERIES.items():
        query = parse(text)
        yield _asked(f"filter on {name}, {count:,} runs", lambda query=query: index.positions(query), floats)
    for name, text in _SORTS.items():
        keys = parse_sort(text)

        def sort(keys: list[SortKey] = keys) -> None:
            index.positions(None, keys)

        yield _asked(f"sort by {name}, {count:,} runs", sort, floats)
    index.close()


def _asked(name: str, question: Callable[[], object], floats: list[float]) -> Finding:
    costs: list[float] = []
    floor: list[float] = []
    for _ in range(ROUNDS):
        floor.append(milliseconds(lambda: sorted(floats)))
        costs.append(milliseconds(question))
    bound = _BOUND if any(name.startswith(wanted) for wanted in _BOUNDED) else None
    return Finding(name, costs, f"sorted() of {len(floats):,} floats", floor, bound)
