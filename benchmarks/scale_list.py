"""Keys and memory in a list of 100,000 runs, beside Textual's DataTable with the same rows."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus import make_store
from benchmarks.first_paint import fill_index
from benchmarks.report import Finding
from benchmarks.terminal import ANYTHING, PaintedProgram

EXPLORER = str(Path(sys.executable).with_name("magnus-tui"))
TABLE = Path(__file__).with_name("data_table_app.py")
COUNT = 100_000
PRESSES = 25
_MEMORY_BOUND_MB = 120.0
_ROW = rb"-\d{6}(?!\d)"
_PAGE_DOWN, _DOWN = b"\x1b[6~", b"\x1b[B"


def measure(folder: Path, count: int = COUNT) -> Iterator[Finding]:
    """Page-down and cursor keys, and the peak of memory.

    Args:
        folder: where the store is made.
        count: how many runs.
    """
    store = make_store(folder / f"runs-{count}", count)
    environment = {
        **os.environ,
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_CACHE_HOME": str(folder / "list-cache"),
    }
    fill_index(store, environment)
    with (
        PaintedProgram([EXPLORER, str(store)], environment) as ours,
        PaintedProgram([sys.executable, str(TABLE), str(store)], environment) as table,
    ):
        for program in (ours, table):
            program.wait_for(_ROW)
        program.settle(3.0)
        our_pages, table_pages = _times((ours, table), _PAGE_DOWN)
        our_keys, table_keys = _times((ours, table), _DOWN)
    name = "Textual's DataTable"
    yield Finding(f"page-down in {count:,} runs", our_pages, name, table_pages, 4.0, at_least=True)
    yield Finding(f"cursor key in {count:,} runs", our_keys, name, table_keys, 1.0)
    peak = ours.peak_memory / 1e6
    yield Finding(f"peak memory with {count:,} runs, MB", [peak], "120 MB", [_MEMORY_BOUND_MB], 1.0)


def _times(programs: tuple[PaintedProgram, ...], key: bytes) -> list[list[float]]:
    """Until each program answers the key, in ms: pressed in turn, as processors are not always equally fast."""
    found: list[list[float]] = [[] for _ in programs]
    for _ in range(PRESSES):
        for program, times in zip(programs, found, strict=True):
            began = program.press(key)
            times.append((program.wait_for(ANYTHING, patience=10.0) - began) * 1000)
            program.settle(0.15)
    return found
