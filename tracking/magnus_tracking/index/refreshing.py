"""Bringing the index up to date: only what changed is parsed, newest first, in batches bounded by count and time.

Each batch is one transaction, so that a refresh that is killed in the middle goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from magnus_tracking.index import listing
from magnus_tracking.index.rows import Entry
from magnus_tracking.stores import RunHandle, Store
from magnus_tracking.stores.handles import find_handle
from magnus_tracking.summary import RunSummary

FIRST_BATCH = 100
"""Runs in the first batch: what a screen shows at once."""

BATCH = 512
BATCH_SECONDS = 0.25

_HALF_WRITTEN_SECONDS = 2.0
"""A file that can't be read may be half-written for so long after its last change."""


@dataclass(frozen=True, slots=True)
class IndexChanged:
    """One batch of changes to the index.

    Attributes:
        changed_ids: the runs that are new or have changed.
        removed_ids: the runs that are gone.
        done: how many of the runs that need reading have been read.
        total: how many there are to read in this refresh.
    """

    changed_ids: frozenset[str]
    removed_ids: frozenset[str]
    done: int
    total: int


def newest_first(root: Path, names: Sequence[str]) -> list[tuple[str, RunHandle]]:
    """The runs called `names` with their handles, the last changed first; what is gone meanwhile is left out."""
    found = [(name, handle) for name in names if (handle := find_handle(root, name)) is not None]
    return sorted(found, key=lambda item: item[1].mtime_ns, reverse=True)


def parse(
    store: Store, runs: Sequence[tuple[str, RunHandle]], should_stop: Callable[[], bool]
) -> Iterator[list[Entry]]:
    """Summaries of `runs` in bounded batches, until `should_stop`."""
    batch: list[Entry] = []
    limit = FIRST_BATCH
    started = time.monotonic()
    for name, handle in runs:
        if should_stop():
            break
        batch.append(Entry(name, listing.settled_fingerprint(handle), store.summarize(handle)))
        if len(batch) >= limit or time.monotonic() - started > BATCH_SECONDS:
            yield batch
            batch, limit, started = [], BATCH, time.monotonic()
    if batch:
        yield batch


def may_be_half_written(summary: RunSummary) -> bool:
    """Whether a run can't be read, perhaps only because its file is being written."""
    return summary.error is not None and abs(time.time() - summary.mtime_ns / 1e9) < _HALF_WRITTEN_SECONDS
