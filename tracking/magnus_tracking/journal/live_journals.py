"""The journals of runs in flight, read again and again: only what is new since the last time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from magnus_tracking.journal.journal_paths import find_journals

if TYPE_CHECKING:
    from magnus_tracking.journal.format import Header, Record
    from magnus_tracking.journal.reader import JournalReader


class Metrics(Protocol):
    """What was tracked in one journal, in the form that a reader of it needs."""

    def add(self, records: Iterable[Record]) -> None:
        """Take in records, in the order in which they were tracked."""


M = TypeVar("M", bound=Metrics)


class LiveJournal(Generic[M]):
    """One journal, as far as it was read.

    Args:
        path: the file.
        begin: makes what takes in the records of the file.

    Attributes:
        metrics: what was tracked until now.
    """

    def __init__(self, path: Path, begin: Callable[[Path], M]) -> None:
        self._path = path
        self._begin = begin
        self._start(0)

    def _start(self, inode: int) -> None:
        # Few stores have a run in flight when they are opened: what reads journals is imported when one has.
        from magnus_tracking.journal.reader import JournalReader

        self._inode = inode
        self._modified = 0.0
        self._reader: JournalReader = JournalReader(self._path)
        self.metrics: M = self._begin(self._path)

    @property
    def header(self) -> Header | None:
        """What the journal is about, once that was read."""
        return self._reader.header

    @property
    def last_sign(self) -> datetime | None:
        """When it was last written to, as far as it was read, naive local time."""
        return self._reader.last_sign(self._modified)

    def read_on(self) -> None:
        """Take in what was appended; everything, where the file is another one or was cut.

        Raises:
            UnreadableRunError: its header can't be understood.
        """
        try:
            info = self._path.stat()
        except OSError:
            # Folded into the run log a moment ago: what was read is what it held.
            return
        if info.st_ino != self._inode or info.st_size < self._reader.offset:
            self._start(info.st_ino)
        self._modified = info.st_mtime
        for records in self._reader.read_all():
            self.metrics.add(records)


class LiveJournals(Generic[M]):
    """The journals of the runs in flight of one store.

    Args:
        root: the folder that holds the run logs.
        begin: makes what takes in the records of a journal.
        most: runs of which the journals are kept, those that were read last; all without it.
    """

    def __init__(self, root: Path, begin: Callable[[Path], M], most: int | None = None) -> None:
        self._root = root
        self._begin = begin
        self._most = most
        self._known: OrderedDict[str, dict[Path, LiveJournal[M]]] = OrderedDict()

    def __contains__(self, run_id: str) -> bool:
        return run_id in self._known

    def read_on(self, run_id: str) -> list[LiveJournal[M]]:
        """Read the journals of a run to their ends.

        A run log must be read after its journals: an attempt that ends in between is in one of them at least.

        Returns:
            The journals, oldest first; none where the run is not in flight.

        Raises:
            UnreadableRunError: the header of one can't be understood; nothing is kept of the run then.
        """
        known = self._known.pop(run_id, {})
        paths = find_journals(self._root, run_id)
        journals = {path: known.get(path) or LiveJournal(path, self._begin) for path in paths}
        for journal in journals.values():
            journal.read_on()
        if journals:
            self._known[run_id] = journals
        while self._most is not None and len(self._known) > self._most:
            self._known.popitem(last=False)
        return list(journals.values())

    def forget(self, run_id: str) -> None:
        """Keep nothing of a run any more."""
        self._known.pop(run_id, None)
