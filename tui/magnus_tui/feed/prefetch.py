"""The series of runs, begun to be read before the user asks for them.

What is imported here takes a while, most of all beside the first screen: it is left until there is something to read.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.journal.journal_paths import find_journals
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores import Store
from magnus_tracking.stores.run_listing import HUGE, WORTH_KEEPING

if TYPE_CHECKING:
    from magnus_tracking.series.cache import SeriesCache
    from magnus_tracking.series.reader_pool import ReaderProcesses
    from magnus_tracking.stores import RunHandle

_FINDING_SECONDS = 0.001
"""For which a start looks for the newest run."""

_REST = 0.3
"""Seconds after a run was read that are left to painting it."""


class SeriesFeed:
    """The series of a store's runs; every method may be called from any thread.

    Args:
        store: whose runs.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._reading = 0
        self._painted = 0.0
        self._closed = False
        self._changed = threading.Condition()
        self._made_processes: ReaderProcesses | None = None
        self._made_cache: SeriesCache | None = None

    @property
    def cache(self) -> SeriesCache:
        """What reads and keeps them; made at its first use."""
        from magnus_tracking.series.cache import SeriesCache

        with self._lock:
            if self._made_cache is None:
                self._made_cache = SeriesCache(self._store, processes=self._processes)
            return self._made_cache

    @property
    def _processes(self) -> ReaderProcesses:
        from magnus_tracking.series.reader_pool import ReaderProcesses

        with self._lock:
            if self._made_processes is None:
                self._made_processes = ReaderProcesses()
            return self._made_processes

    def close(self) -> None:
        """End what was begun and is not needed any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        with self._lock:
            if self._made_processes is not None:
                self._made_processes.close()

    def prefetch(self, run: RunSummary) -> None:
        """Begin to read a huge run that is about to be opened; does not block."""
        if run.size >= WORTH_KEEPING and run.error is None:
            self._begin(self._read, run.run_id)

    def prefetch_likely(self, run: RunSummary | None) -> None:
        """Begin to read a huge run that may be opened next, where another process reads it; does not block.

        What this process would read itself is left alone: it needs its time for the first screen.
        """
        if run is not None and run.size >= HUGE and run.error is None:
            self._begin(self._read_by_process, run.run_id)

    def yield_to_ui(self) -> None:
        """Wait until what is being prefetched has been read, and there was time to paint it."""
        with self._changed:
            while not self._closed and (self._reading or time.monotonic() < self._painted):
                self._changed.wait(None if self._reading else self._painted - time.monotonic())

    def _begin(self, read: Callable[[str], None], run_id: str) -> None:
        with self._changed:
            self._reading += 1
        threading.Thread(target=self._run, args=(read, run_id), daemon=True).start()

    def _run(self, read: Callable[[str], None], run_id: str) -> None:
        try:
            # Opening the run says what is wrong with it.
            with contextlib.suppress(MagnusTrackingError):
                read(run_id)
        finally:
            with self._changed:
                self._reading -= 1
                self._painted = time.monotonic() + _REST
                self._changed.notify_all()

    def prefetch_newest(self) -> None:
        """Begin to read the newest run if it is huge, before the first screen: it is what will stand on top.

        Only where finding it takes no noticeable time.
        """
        stop = time.monotonic() + _FINDING_SECONDS
        newest: RunHandle | None = None
        for handle in self._store.iter_handles():
            if time.monotonic() > stop:
                return
            if newest is None or handle.mtime_ns > newest.mtime_ns:
                newest = handle
        if newest is not None and newest.size >= HUGE:
            self._begin_process(newest)

    def _read(self, run_id: str) -> None:
        self.cache.prefetch(run_id)

    def _read_by_process(self, run_id: str) -> None:
        # Before the rest is imported, which the first screen leaves little time for.
        if self._begin_process(self._store.handle(run_id)):
            self.cache.prefetch(run_id)

    def _begin_process(self, handle: RunHandle) -> bool:
        """Have another process read a run, unless its series are kept; whether this one need not read it."""
        from magnus_tracking.series.cache_paths import is_kept
        from magnus_tracking.series.reader_pool import is_read_by_process

        if not is_read_by_process(handle) or find_journals(self._store.root, handle.run_id):
            return False
        if not is_kept(self._store.root, handle):
            self._processes.start(handle)
        return True
