"""Series that have been read, in memory up to a bound, and on disk for finished runs with long ones.

A file of the cache holds a short header and the bare arrays, so that reading it back costs a fraction of reading the
run log. It belongs to one state of one run; any other state is read anew.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from magnus_tracking.filesystem.cache_folder import private_folder
from magnus_tracking.filesystem.regular_files import open_binary
from magnus_tracking.runlog.metric_summary import FULL_DETAIL
from magnus_tracking.runlog.metrics import Series
from magnus_tracking.runlog.summary import RunSummary, summarize
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tracking.series import stored
from magnus_tracking.series.blocks import with_blocks
from magnus_tracking.series.cache_paths import file_in, series_folder
from magnus_tracking.series.live import LiveSeries
from magnus_tracking.series.read import has_long_metrics, read_series
from magnus_tracking.series.stored import Loaded
from magnus_tracking.series.times import read_times
from magnus_tracking.stores import RunHandle, Store
from magnus_tracking.stores.read_errors import ReadingRun
from magnus_tracking.stores.run_listing import WORTH_KEEPING, is_huge_text

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import RunLog
    from magnus_tracking.runlog.outline import RunOutline
    from magnus_tracking.series.reader_pool import ReaderProcesses

MEMORY = 96 << 20
DISK = 512 << 20

_PLAIN_VALUE_BYTES = 64


class OpenedLog(NamedTuple):
    """A run that was opened.

    Attributes:
        run: its log.
        series: every metric of every step and attempt.
        summary: its row, where that was made of what was read.
        outline: where it was opened early; `run` is validated when it is looked into then, and `series` is empty.
    """

    run: RunLog
    series: tuple[Series, ...]
    summary: RunSummary | None = None
    outline: RunOutline | None = None


class SeriesCache:
    """Gives the series of runs; every method may be called from any thread.

    Args:
        store: where the runs are.
        folder: where series are kept on disk, if not in the user's cache folder.
        memory: bytes that are kept in memory at most, beside what was asked for last.
        processes: read huge runs, so that this process can do something else meanwhile; without it they are read here.
    """

    def __init__(
        self,
        store: Store,
        folder: Path | None = None,
        memory: int = MEMORY,
        *,
        processes: ReaderProcesses | None = None,
    ) -> None:
        self._store = store
        self._processes = processes
        self._folder = folder or series_folder(store.root)
        self._memory = memory
        self._lock = threading.Lock()
        self._live = LiveSeries(store)
        self._writer: threading.Thread | None = None
        self._held: OrderedDict[RunHandle, Loaded] = OrderedDict()
        self._being_read: dict[RunHandle, threading.Lock] = {}

    def load(self, run_id: str) -> tuple[Series, ...]:
        """Every series of the run; their numbers are in arrays, not in tuples.

        Raises:
            RunNotFoundError: there is no such run.
            UnreadableRunError: its files can't be understood.
        """
        handle = self._store.handle(run_id)
        with ReadingRun(handle.path):
            return self._load(handle).series

    def open(self, run_id: str, *, with_row: bool = False, early: bool = False) -> OpenedLog:
        """A run log, its series, and its row if that is asked for and comes with them.

        In a finished run with huge metrics, and in one in flight, a text stands for them.

        Args:
            run_id: the run.
            with_row: whether the row is asked for.
            early: whether the outline of a run of very many steps will do at first.

        Raises:
            RunNotFoundError: there is no such run.
            UnreadableRunError: its files can't be understood.
        """
        handle = self._store.handle(run_id)
        with ReadingRun(handle.path):
            return self._open(handle, with_row=with_row, early=early)

    def _open(self, handle: RunHandle, *, with_row: bool, early: bool) -> OpenedLog:
        live = self._live.run(handle)
        if live is not None:
            return OpenedLog(live, self._load(handle).series)
        if not has_long_metrics(handle):
            return self._open_as_it_is(handle, with_row=with_row, early=early)
        short = b""
        if is_huge_text(handle):
            from magnus_tracking.series.stripped_log import prepare, run_of_text

            prepare()
            short = self._load(handle).short
        run = run_of_text(handle.path, short) if short else self._store.load(handle.run_id)
        return OpenedLog(run, self._load(handle).series, self.summary(handle.run_id) if with_row and short else None)

    def _open_as_it_is(self, handle: RunHandle, *, with_row: bool, early: bool) -> OpenedLog:
        from magnus_tracking.runlog.metrics import series_of_run
        from magnus_tracking.stores.full_run import load_late

        run, outline = load_late(handle, self._store.root)
        row = summarize(handle, outline, FULL_DETAIL) if with_row and outline is not None else None
        if early and outline is not None:
            return OpenedLog(run, (), row, outline)
        return OpenedLog(run, read_times(self._store.root, handle).attach(series_of_run(run)), row)

    def prefetch(self, run_id: str) -> None:
        """Read what `open` will need of a run and what would take it long.

        Raises:
            RunNotFoundError: there is no such run.
            UnreadableRunError: its files can't be understood.
        """
        handle = self._store.handle(run_id)
        with ReadingRun(handle.path):
            if has_long_metrics(handle):
                self._load(handle)

    def summary(self, run_id: str) -> RunSummary | None:
        """The row of a huge finished run, with the last value only of long metrics; None for any other run.

        Raises:
            RunNotFoundError: there is no such run.
            UnreadableRunError: its files can't be understood.
        """
        handle = self._store.handle(run_id)
        with ReadingRun(handle.path):
            if not is_huge_text(handle) or not has_long_metrics(handle):
                return None
            loaded = self._load(handle)
            if not loaded.short:
                return None
            from magnus_tracking.series.stripped_log import summary_of_text

            try:
                return summary_of_text(handle, loaded.short, loaded.series)
            except (ValueError, RecursionError):
                return None

    def _load(self, handle: RunHandle) -> Loaded:
        live = self._live.read(handle)
        if live is not None:
            return Loaded("", live, b"")
        with self._lock:
            alone = self._being_read.setdefault(handle, threading.Lock())
        try:
            with alone:
                return self._in_memory(handle) or self._take_in(handle)
        finally:
            with self._lock:
                self._being_read.pop(handle, None)

    def _in_memory(self, handle: RunHandle) -> Loaded | None:
        with self._lock:
            held = self._held.get(handle)
            if held is not None:
                self._held.move_to_end(handle)
            return held

    def _take_in(self, handle: RunHandle) -> Loaded:
        loaded = self._from_disk(handle) if handle.size >= WORTH_KEEPING else None
        if loaded is None:
            loaded = self._read(handle)
        loaded = loaded._replace(series=read_times(self._store.root, handle).attach(loaded.series))
        self._hold(handle, loaded)
        return loaded

    def _read(self, handle: RunHandle) -> Loaded:
        loaded = (self._processes.read(handle) if self._processes else None) or read_series(handle)
        if loaded.status not in FINAL_STATUSES:
            return loaded._replace(short=b"")
        if handle.size >= WORTH_KEEPING:
            self._writer = threading.Thread(target=self._keep, args=(handle, loaded), daemon=True)
            self._writer.start()
        return loaded

    def close(self) -> None:
        """Wait until what was read last is on disk."""
        if self._writer is not None:
            self._writer.join()

    def _keep(self, handle: RunHandle, loaded: Loaded) -> None:
        # Whatever keeps them from being kept, they are read again the next time.
        with contextlib.suppress(Exception):
            self._to_disk(handle, loaded._replace(series=tuple(map(with_blocks, loaded.series))))

    def _hold(self, handle: RunHandle, loaded: Loaded) -> None:
        with self._lock:
            self._held[handle] = loaded
            self._held.move_to_end(handle)
            size = sum(map(_size, self._held.values()))
            while size > self._memory and len(self._held) > 1:
                _, dropped = self._held.popitem(last=False)
                size -= _size(dropped)

    def _file(self, handle: RunHandle) -> Path:
        return file_in(self._folder, handle)

    def _from_disk(self, handle: RunHandle) -> Loaded | None:
        path = self._file(handle)
        try:
            with open_binary(path) as file:
                loaded = stored.read(file, path.stat().st_size, stored.state_of(handle))
            if loaded is not None:
                os.utime(path)
            return loaded
        except Exception:
            # Damaged in any way, by another version, no file: the run is read instead.
            return None

    def _to_disk(self, handle: RunHandle, loaded: Loaded) -> None:
        private_folder(self._folder)
        descriptor, temporary = tempfile.mkstemp(dir=self._folder, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                stored.write(file, stored.state_of(handle), loaded)
            Path(temporary).replace(self._file(handle))
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        self._drop_oldest()

    def _drop_oldest(self) -> None:
        """Keep all stores' series together below the bound."""
        files = [(path.stat(), path) for path in self._folder.parent.glob("*/*")]
        total = sum(info.st_size for info, _ in files)
        for info, path in sorted(files, key=lambda item: item[0].st_mtime_ns):
            if total <= DISK:
                return
            path.unlink(missing_ok=True)
            total -= info.st_size


def _size(loaded: Loaded) -> int:
    numbers = sum(_bytes(one.indexes) + _bytes(one.values) + _bytes(one.times or ()) for one in loaded.series)
    return len(loaded.short) + numbers


def _bytes(part: Sequence[Any]) -> int:
    if isinstance(part, array):
        return len(part) * part.itemsize
    return 0 if isinstance(part, range) else len(part) * _PLAIN_VALUE_BYTES
