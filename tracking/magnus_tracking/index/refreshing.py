"""What a refresh reads, in which order and in which portions: newest first, bounded by count and time.

Each batch is one transaction, so that a refresh that is killed in the middle goes on where it was.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from magnus_tracking.index.reading import ReadBatch, read_batch
from magnus_tracking.index.values import SEGMENT
from magnus_tracking.index.workers import Workers, WorkersLostError, batches_of
from magnus_tracking.stores import Store

FIRST_BATCH = 100
"""Runs in the first batch: what a screen shows at once."""

BATCH_SECONDS = 0.25
_WORTH_WORKERS = 1500


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


Batch = tuple[Sequence[str], ReadBatch]


def read_in_batches(
    store: Store, names: Sequence[str], defer_above: int, should_stop: Callable[[], bool]
) -> Iterator[Batch]:
    """Runs in bounded batches, in order, until `should_stop`; by worker processes where there are many.

    Args:
        store: their store.
        names: of their files and folders.
        defer_above: see `magnus_tracking.metric_summary`.
        should_stop: asked now and then.
    """
    done = 0
    if len(names) >= _WORTH_WORKERS and (os.cpu_count() or 1) > 1:
        try:
            for batch in _by_workers(store, names, defer_above, should_stop):
                done += len(batch[0])
                yield batch
            return
        except WorkersLostError:
            # Without processes of its own this one reads the rest.
            pass
    yield from _by_this_process(store, names[done:], defer_above, should_stop)


def _by_workers(
    store: Store, names: Sequence[str], defer_above: int, should_stop: Callable[[], bool]
) -> Iterator[Batch]:
    with Workers(store.root, defer_above) as workers:
        first = names[:FIRST_BATCH]
        yield first, read_batch(first, store.root, functools.partial(store.summarize, defer_above=defer_above))
        for batch in workers.read(batches_of(names[FIRST_BATCH:], SEGMENT)):
            if should_stop():
                return
            yield batch


def _by_this_process(
    store: Store, names: Sequence[str], defer_above: int, should_stop: Callable[[], bool]
) -> Iterator[Batch]:
    summarize = functools.partial(store.summarize, defer_above=defer_above)
    start = 0
    while start < len(names) and not should_stop():
        began = time.monotonic()
        limit = FIRST_BATCH if start == 0 else SEGMENT

        def enough(done: int, began: float = began) -> bool:
            return done > 0 and (time.monotonic() - began > BATCH_SECONDS or should_stop())

        read = read_batch(names[start : start + limit], store.root, summarize, enough)
        yield names[start : start + len(read.runs)], read
        start += len(read.runs)
