"""What a refresh reads, in which order and in which portions: newest first, bounded by count and time.

Each batch is one transaction, so that a refresh that is killed in the middle goes on where it was.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from magnus_tracking.index.ahead import FIRST_BATCH, Batch, ReadAhead
from magnus_tracking.index.reading import ReadBatch, Summarize, read_batch
from magnus_tracking.index.summarizing import Summarizer
from magnus_tracking.index.values import SEGMENT
from magnus_tracking.index.workers import Workers, WorkersLostError, batches_of
from magnus_tracking.stores import Store

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


def read_in_batches(
    store: Store,
    names: Sequence[str],
    defer_above: int,
    should_stop: Callable[[], bool],
    ahead: ReadAhead,
    *,
    journals: bool = True,
) -> Iterator[Batch]:
    """Runs in bounded batches, until `should_stop`; in order and by worker processes where there are many.

    Args:
        store: their store.
        names: of their files and folders.
        defer_above: see `magnus_tracking.metric_summary`.
        should_stop: asked now and then.
        ahead: what may have been read already, if there are not many.
        journals: see `magnus_tracking.index.reading.read_run`.
    """
    with Summarizer(store, defer_above) as summarize:
        done = 0
        if len(names) >= _WORTH_WORKERS and (os.cpu_count() or 1) > 1:
            ahead.stop()
            first = names[:FIRST_BATCH]
            yield first, read_batch(first, store.root, summarize)
            done = len(first)
            try:
                for batch in _by_workers(store, names[done:], defer_above, should_stop, journals=journals):
                    done += len(batch[0])
                    yield batch
                return
            except WorkersLostError:
                # Without processes of its own this one reads the rest.
                pass
        yield from ahead.read(names[done:], lambda some: _for_a_while(store, some, summarize, should_stop), should_stop)


def read_long(store: Store, names: Sequence[str], should_stop: Callable[[], bool], ahead: ReadAhead) -> Iterator[Batch]:
    """Runs in full, one by one, by a process beside this one, which is needed by whoever looks at such a run meanwhile.

    The arguments are those of `read_in_batches`.
    """
    done = 0
    if (os.cpu_count() or 1) > 1:
        try:
            with Workers(store.root, sys.maxsize, most=1) as workers:
                for batch in workers.read(batches_of(names, 1)):
                    if should_stop():
                        return
                    done += 1
                    yield batch
            return
        except WorkersLostError:
            # Without a process of its own this one reads the rest.
            pass
    yield from read_in_batches(store, names[done:], sys.maxsize, should_stop, ahead)


def _by_workers(
    store: Store, names: Sequence[str], defer_above: int, should_stop: Callable[[], bool], *, journals: bool
) -> Iterator[Batch]:
    with Workers(store.root, defer_above, journals=journals) as workers:
        for batch in workers.read(batches_of(names, SEGMENT)):
            if should_stop():
                return
            yield batch


def _for_a_while(
    store: Store, names: Sequence[str], summarize: Summarize, should_stop: Callable[[], bool]
) -> ReadBatch:
    began = time.monotonic()

    def enough(done: int) -> bool:
        return done > 0 and (time.monotonic() - began > BATCH_SECONDS or should_stop())

    return read_batch(names, store.root, summarize, enough)
