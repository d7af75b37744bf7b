"""What a refresh reads, in which order and in which portions: newest first, bounded by count and time.

Each batch is one transaction, so that a refresh that is killed in the middle goes on where it was.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from magnus_tracking.index.kept_values import SEGMENT
from magnus_tracking.index.read_ahead import FIRST_BATCH, Batch, ReadAhead
from magnus_tracking.index.run_reading import ReadBatch, Summarize, read_batch
from magnus_tracking.index.summarizing import Summarizer
from magnus_tracking.index.workers import Workers, WorkersLostError, batches_of
from magnus_tracking.runlog.metric_summary import FULL_DETAIL, Detail
from magnus_tracking.stores import Store

BATCH_SECONDS = 0.25
MANY_RUNS = 1500
"""Runs from which on a refresh reads them by worker processes, and works out less of their metrics."""


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
    detail: Detail,
    should_stop: Callable[[], bool],
    ahead: ReadAhead,
    workers: Workers,
    given: Sequence[str] = (),
    *,
    journals: bool,
    give_way: Callable[[], None],
) -> Iterator[Batch]:
    """Runs in bounded batches, until `should_stop`; in order and by worker processes where there are many.

    Args:
        store: their store.
        names: of their files and folders.
        detail: how much of their metrics is worked out.
        should_stop: asked now and then.
        ahead: what may have been read already, if there are not many.
        workers: the processes that read them, if there are.
        given: those of the names that the processes were given already; they come after the first batch.
        journals: see `magnus_tracking.index.run_reading.read_run`.
        give_way: see `magnus_tracking.index.summarizing.Summarizer`.
    """
    with Summarizer(store, detail, give_way) as summarize:
        left = names
        if len(names) >= MANY_RUNS and (os.cpu_count() or 1) > 1:
            ahead.stop()
            elsewhere = frozenset(given)
            first = [name for name in names[:FIRST_BATCH] if name not in elsewhere]
            others = [name for name in names[FIRST_BATCH:] if name not in elsewhere] if given else names[FIRST_BATCH:]
            left = [*first, *given, *others]
            done = len(first)
            try:
                # The processes go on with the others meanwhile.
                reading = workers.read(batches_of(others, SEGMENT), journals=journals)
            except WorkersLostError:
                reading = iter(())
            yield first, read_batch(first, store.root, summarize)
            try:
                for batch in reading:
                    if should_stop():
                        return
                    done += len(batch[0])
                    yield batch
            except WorkersLostError:
                # Without processes of its own this one reads the rest.
                pass
            left = left[done:]
        yield from ahead.read(left, lambda some: _for_a_while(store, some, summarize, should_stop), should_stop)


def read_in_full(
    store: Store,
    batches: Sequence[Sequence[str]],
    should_stop: Callable[[], bool],
    processes: int,
    give_way: Callable[[], None],
) -> Iterator[Batch]:
    """Runs in full, by processes beside this one, which is needed by whoever looks at such a run meanwhile.

    Args:
        store: their store.
        batches: the names of their files and folders, as they are to come back.
        should_stop: asked after each batch.
        processes: how many at most.
        give_way: see `magnus_tracking.index.summarizing.Summarizer`.
    """
    done = 0
    if (os.cpu_count() or 1) > 1:
        try:
            with Workers(store.root, FULL_DETAIL, processes) as workers:
                for batch in workers.read(_each_in_turn(batches, give_way)):
                    if should_stop():
                        return
                    done += 1
                    yield batch
            return
        except WorkersLostError:
            # Without processes of its own this one reads the rest.
            pass
    with Summarizer(store, FULL_DETAIL, give_way) as summarize:
        for names in batches[done:]:
            if should_stop():
                return
            yield names, read_batch(names, store.root, summarize)


def _each_in_turn(batches: Sequence[Sequence[str]], give_way: Callable[[], None]) -> Iterator[Sequence[str]]:
    for batch in batches:
        give_way()
        yield batch


def _for_a_while(
    store: Store, names: Sequence[str], summarize: Summarize, should_stop: Callable[[], bool]
) -> ReadBatch:
    began = time.monotonic()

    def enough(done: int) -> bool:
        return done > 0 and (time.monotonic() - began > BATCH_SECONDS or should_stop())

    return read_batch(names, store.root, summarize, enough)
