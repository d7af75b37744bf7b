"""What costs how much more when one dimension of a run, or of a store, doubles: twice as much where it is linear.

Costs are processor time, the least of a few rounds taken in turn, so that what else the machine does counts little: as
others use its caches, the same work takes up to twice as long. Both sizes lie on one side of `HUGE`, from which on runs
are read in another way. A run whose text grows otherwise, as that of a deep tree does, is held against its bytes.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from unittest import mock

from benchmarks.report import Finding
from benchmarks.shapes import Shape, write_chunks, write_run

from magnus_tracking.stores import Store
from magnus_tui.__main__ import main
from magnus_tui.feed.feed import Feed
from magnus_tui.run.loaded_run import load_run
from magnus_tui.run.tree_rows import folded_at_first, next_failure, path_to, time_span, visible_items

RUN = "run"
_BOUND = 2.4
"""Times as much for twice as much: 2, and some room for caches, and for what is sorted."""
_LEAST_MS = 40.0
"""What takes less is not judged: it is mostly what any command takes."""
_ROUNDS = 3
_RUNS = 400
_FORMATS = ("table", "json", "csv", "markdown")

SHAPES: dict[str, tuple[int, Callable[[int], Shape]]] = {
    "branches": (1500, lambda size: Shape(branches=size)),
    "steps": (1500, lambda size: Shape(steps=size)),
    "attempts": (3000, lambda size: Shape(attempts=size)),
    "metrics": (2000, lambda size: Shape(metrics=size)),
    "values of metrics": (15_000, lambda size: Shape(metrics=5, values=size)),
    "parameters": (3000, lambda size: Shape(parameters=size)),
    "catalog entries": (3000, lambda size: Shape(catalog=size)),
    "depth": (50, lambda size: Shape(depth=size)),
}
"""By dimension: the smaller size, and the shape of a run of a size."""


def measure(folder: Path) -> Iterator[Finding]:
    """The growth of each way to look at a run, in each dimension; of a run in chunks; of a store and of a log.

    Args:
        folder: where the runs are made.
    """
    with mock.patch.dict(os.environ, {"MAGNUS_TUI_CACHE": str(folder / "growth-cache")}):
        for dimension, (size, shape) in SHAPES.items():
            stores = [folder / "growth" / f"{dimension}-{size * times}" for times in (1, 2)]
            paths = [write_run(store / ".run_log_store", shape(size * n), RUN) for n, store in enumerate(stores, 1)]
            bytes_grow = paths[1].stat().st_size / paths[0].stat().st_size
            yield from _growths(f"{size:,} to {2 * size:,} {dimension}", stores, max(bytes_grow / 2, 1.0))
        stores = [folder / "growth" / f"chunks-{size}" for size in (500, 1000)]
        for store, size in zip(stores, (500, 1000), strict=True):
            write_chunks(store / ".run_log_store", Shape(branches=size), RUN)
        yield from _growths("500 to 1,000 branches in chunks", stores, 1.0)
        yield from _of_stores(folder)
        yield from _of_logs(folder)


def _growths(name: str, stores: list[Path], allowed: float) -> Iterator[Finding]:
    small, large = map(_ways, stores)
    for what in small:
        yield _growth(f"{what}: {name}", small[what], large[what], allowed)


def _ways(project: Path) -> dict[str, Callable[[], object]]:
    """The ways to look at a run and its store, by name."""
    store = str(project)
    ways: dict[str, Callable[[], object]] = {"opened": lambda: _open(project / ".run_log_store")}
    for one in _FORMATS:
        ways[f"show, {one}"] = _command("show", RUN, "--store", store, "--format", one)
        ways[f"metrics, {one}"] = _command("metrics", RUN, "--store", store, "--format", one)
    ways["compare"] = _command("compare", RUN, RUN, "--store", store, "--format", "json")
    ways["check"] = _command("check", store)
    ways["failures"] = _command("failures", "--store", store)
    return ways


def _open(root: Path) -> None:
    """What the explorer reads and works out to show the tree of a run."""
    feed = Feed(Store(root))
    try:
        loaded = load_run(feed, RUN, datetime(2026, 11, 24), early=True)
        visible_items(loaded.items, folded_at_first(loaded.items), hide_finished=True)
        time_span(loaded.items)
        next_failure(loaded.items, path_to(loaded.items, loaded.first_key() or ""), 1)
    finally:
        feed.close()


def _of_stores(folder: Path) -> Iterator[Finding]:
    sizes = (_RUNS, 2 * _RUNS)
    stores = [folder / "growth" / f"runs-{size}" for size in sizes]
    for store, size in zip(stores, sizes, strict=True):
        for number in range(size):
            write_run(store / ".run_log_store", Shape(branches=2, metrics=3), f"run-{number:05d}")
    for what in ("runs", "failures", "compare"):
        small, large = (
            _command(what, *_names(what, size), "--store", str(store), "--format", "json")
            for store, size in zip(stores, sizes, strict=True)
        )
        yield _growth(f"{what}: {_RUNS:,} to {2 * _RUNS:,} runs", small, large)


def _names(what: str, size: int) -> list[str]:
    """The runs that a command is asked for, where it is not asked for all."""
    return [f"run-{number:05d}" for number in range(size // 4)] if what == "compare" else []


def _of_logs(folder: Path) -> Iterator[Finding]:
    commands = []
    for lines in (100_000, 200_000):
        project = folder / "growth" / f"log-{lines}"
        write_run(project / ".run_log_store", Shape(branches=1), RUN)
        log = project / ".catalog" / RUN / "load.execution.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(f"[08:00:00] step {number} of many\n" for number in range(lines)))
        commands.append(_command("log", RUN, "load", "--store", str(project)))
    yield _growth("log: 100,000 to 200,000 lines", *commands)


def _command(*arguments: str) -> Callable[[], object]:
    def run() -> None:
        written = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(io.StringIO()):
            main(arguments)

    return run


def _growth(question: str, small: Callable[[], object], large: Callable[[], object], allowed: float = 1.0) -> Finding:
    """How much more the larger of two costs, in turn.

    Args:
        question: what is measured.
        small: looks at something.
        large: looks at something twice as large.
        allowed: times as much as twice that it may cost, as its text grows more.
    """
    small()  # which imports
    rounds = [(_cost(small), _cost(large)) for _ in range(_ROUNDS)]
    half, whole = (min(costs) for costs in zip(*rounds, strict=True))
    return Finding(question, [whole], "half of it", [half], _BOUND * allowed if whole >= _LEAST_MS else None)


def _cost(action: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    gc.collect()
    began = time.process_time()
    action()
    return (time.process_time() - began) * 1000
