"""What a refresh reads, in which order and in which portions: newest first, bounded by count and time.

Processes beside this one share the work where there is enough of it. They are started while the folder is still being
listed, as soon as enough runs seem to have changed, and read those meanwhile: starting one takes as long as reading 500
runs, and this process has the answers to write.
"""

from __future__ import annotations

import os
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from magnus_tracking.index.encoding import decode_summary
from magnus_tracking.index.listing import Listing, differing
from magnus_tracking.index.run_reading import FIRST_DETAIL, MANY_DETAIL, ReadBatch, ReadRun, read_batch
from magnus_tracking.index.segments import SEGMENT
from magnus_tracking.index.worker_pool import MOST_WORKERS, Batch, Workers, WorkersLostError, batches_of
from magnus_tracking.runlog.metric_summary import FULL_DETAIL, Detail
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores import RunHandle, Store
from magnus_tracking.stores.run_listing import HUGE

MANY_RUNS = 1500
"""Runs from which on processes read them all while this one writes, and less of their metrics is worked out."""

FIRST_BATCH = 100
"""Runs in the first batch: what a screen shows at once."""

_BATCH_SECONDS = 0.25
"""Seconds after which a batch that this process reads is told, however small it is.

Of many runs it reads some, too, when no process has answered for so long, as on a busy machine, to which they give way:
12,000 runs then took 18 s instead of 31.
"""

_PORTION = 256
"""Runs of a batch of few: some 40 ms, and one transaction, of which each takes 3 ms besides."""

_PORTION_AHEAD = 64
"""Runs given to a process beside the listing, which one transaction takes in: few are left when the listing ends."""

_WORTH_STARTING = 128
"""Runs that are expected to have changed, by what has been listed so far, from which on a process reads them beside
the listing."""

_SEEN = 32
"""Runs that seem to have changed from which on more are expected: of 1,000 in 100,000 these come within 10 ms."""

_WORTH_SHARING = 400
"""The same, once there is no listing left that it could start beside."""

_PART_CHANGED = 4
"""Where one in so many differs, the folder's order is another one, and nothing can be guessed."""


class RunReader:
    """Reads the runs of a store; a context manager.

    Args:
        store: the store.
        yield_to_ui: called before work of a tenth of a second and more; returns once nothing is more urgent.
    """

    def __init__(self, store: Store, yield_to_ui: Callable[[], None]) -> None:
        self._store = store
        self._yield_to_ui = yield_to_ui
        self._workers = Workers(store.root)
        self._for_huge = Workers(store.root)
        self._seem_changed: deque[str] = deque()
        self._ahead: dict[str, ReadRun] = {}
        self._compared = 0

    def __enter__(self) -> RunReader:
        """As it is: processes are started when there is something for them."""
        return self

    def __exit__(self, *_: object) -> None:
        self._workers.close()
        self._for_huge.close()

    def read_ahead(self, listing: Listing, known: array[int]) -> None:
        """Have runs read beside a listing that is being made, where it seems that many have changed.

        Args:
            listing: the runs that have been listed.
            known: the fingerprints of the last listing; empty where the index has no run.
        """
        start, end = self._compared, len(listing.names)
        self._compared = end
        if not known:
            if end >= MANY_RUNS:
                self._workers.start(MOST_WORKERS)
        elif end <= len(known):
            places = differing(listing.fingerprints, known, start, end)
            if len(places) * _PART_CHANGED <= end - start:
                self._seem_changed.extend(listing.names[place] for place in places)
            seen = len(self._seem_changed)
            if self._workers.are_started or (seen >= _SEEN and seen * len(known) >= _WORTH_STARTING * end):
                self._workers.start(1)
                self._take_ahead()

    def _take_ahead(self) -> None:
        """Take what has been read beside the listing, and have more read."""
        try:
            while len(self._ahead) < MANY_RUNS and self._workers.has_answer():
                names, read = self._workers.take()
                self._ahead.update(zip(names, read.runs, strict=True))
        except WorkersLostError:
            # What they were given is read after the listing.
            return
        if len(self._seem_changed) >= _PORTION_AHEAD:
            self._share(self._seem_changed, FIRST_DETAIL, _PORTION_AHEAD, 1, journals=True)

    def read(self, names: Sequence[str], should_stop: Callable[[], bool], *, journals: bool = True) -> Iterator[Batch]:
        """Read runs in bounded batches, until `should_stop`.

        Args:
            names: of their files and folders.
            should_stop: asked between runs.
            journals: see `magnus_tracking.index.run_reading.read_run`.

        Yields:
            names, and what was read of them.
        """
        many = len(names) >= MANY_RUNS
        wanted = frozenset(names)
        share = (MANY_DETAIL, SEGMENT, MOST_WORKERS) if many else (FIRST_DETAIL, _PORTION, 1)
        given = self._ahead.keys() | self._workers.waiting
        left = deque(name for name in names if name not in given)
        here = [] if self._ahead else [left.popleft() for _ in range(min(FIRST_BATCH, len(left)))]
        self._share(left, *share, journals=journals)
        if self._ahead and not should_stop():
            yield _only(wanted, (list(self._ahead), ReadBatch(list(self._ahead.values()))))
        while not should_stop():
            self._share(left, *share, journals=journals)
            if here:
                read = self._read_for_a_while(here, MANY_DETAIL if many else FIRST_DETAIL, should_stop)
                left.extendleft(reversed(here[len(read.runs) :]))
                yield here[: len(read.runs)], read
                here = []
            elif self._workers.waiting and (not left or self._workers.has_answer(_BATCH_SECONDS if many else 0.0)):
                try:
                    yield _only(wanted, self._workers.take())
                except WorkersLostError as lost:
                    left.extendleft(name for names in lost.batches for name in names if name in wanted)
            elif left:
                here = [left.popleft() for _ in range(min(SEGMENT if many else _PORTION, len(left)))]
            else:
                return

    def read_in_full(
        self, batches: Sequence[Sequence[str]], should_stop: Callable[[], bool], processes: int
    ) -> Iterator[Batch]:
        """Read runs in full, by processes, as this one is needed by whoever looks at such a run meanwhile.

        Args:
            batches: the names of their files and folders, as they are to come back.
            should_stop: asked before each batch.
            processes: how many at most.

        Yields:
            names, and what was read of them.
        """
        left = deque(batches)
        while (left or self._workers.waiting) and not should_stop():
            while left and self._give(left[0], processes):
                left.popleft()
            try:
                if self._workers.waiting:
                    yield self._workers.take()
                    continue
            except WorkersLostError as lost:
                left.extendleft(reversed(lost.batches))
            names = left.popleft()
            self._yield_to_ui()
            yield names, self._read_here(names, FULL_DETAIL)

    def _give(self, names: Sequence[str], processes: int) -> bool:
        self._yield_to_ui()
        return self._workers.give(names, FULL_DETAIL, processes)

    def _share(self, left: deque[str], detail: Detail, size: int, most: int, *, journals: bool) -> None:
        """Give up to `most` processes what they have room for, in batches of `size`, if it is enough to start one."""
        if not self._workers.are_started and len(left) < _WORTH_SHARING:
            return
        while left and self._workers.has_room(most):
            names = next(batches_of(list(islice(left, size)), size))
            if not self._workers.give(names, detail, most, journals=journals):
                return
            for _ in names:
                left.popleft()

    def _read_for_a_while(self, names: Sequence[str], detail: Detail, should_stop: Callable[[], bool]) -> ReadBatch:
        end = time.monotonic() + _BATCH_SECONDS
        return self._read_here(names, detail, lambda done: done > 0 and (time.monotonic() > end or should_stop()))

    def _read_here(
        self, names: Sequence[str], detail: Detail, enough: Callable[[int], bool] | None = None
    ) -> ReadBatch:
        return read_batch(names, self._store.root, lambda handle: self._summarize(handle, detail), enough)

    def _summarize(self, handle: RunHandle, detail: Detail) -> RunSummary:
        """The summary of a run, a huge one by a process.

        Decoding a log of 50 MB holds every thread of a Python process, and so the screen, for a tenth of a second.
        """
        if handle.size >= HUGE:
            self._yield_to_ui()
            name = os.path.basename(handle.path)  # noqa: PTH119 - names may not be UTF-8
            if self._for_huge.give([name], detail):
                try:
                    (run,) = self._for_huge.take()[1].runs
                except WorkersLostError:
                    return self._store.summarize(handle, detail)
                if run.content:
                    return decode_summary(run.content, handle.path)
        return self._store.summarize(handle, detail)


def _only(wanted: frozenset[str], batch: Batch) -> Batch:
    """What was read of `wanted` runs; others may have seemed to have changed."""
    names, read = batch
    if wanted.issuperset(names):
        return batch
    kept = [(name, run) for name, run in zip(names, read.runs, strict=True) if name in wanted]
    return [name for name, _ in kept], ReadBatch([run for _, run in kept])
