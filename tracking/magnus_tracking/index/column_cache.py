"""What one process holds of an index in memory: the columns that were asked for, and the default order."""

from __future__ import annotations

import bisect
import sqlite3
import threading
from array import array
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from magnus_tracking.index import rows
from magnus_tracking.index.columns import Columns
from magnus_tracking.index.database import Database
from magnus_tracking.runlog.summary import RunSummary


class Held:
    """Columns and order of an index, dropped as soon as another process has written it.

    Attributes:
        lock: held while columns are read or changed.
    """

    def __init__(self, database: Database) -> None:
        self.lock = threading.RLock()
        self._database = database
        self._version = database.version
        self._columns: Columns | None = None
        self._recent: array[int] | None = None

    @property
    def is_used(self) -> bool:
        """Whether there is anything that must follow what is written."""
        return self._columns is not None

    def columns(self, connection: sqlite3.Connection) -> Columns:
        """The columns as the index has them now; to be called and used with the lock."""
        generation = rows.generation_of(connection)
        columns = self._columns
        if columns is None or columns.generation != generation or self._version != self._database.version:
            self._version = self._database.version
            columns = self._columns = Columns(connection)
            self._recent = None
        return columns

    def recent(self, connection: sqlite3.Connection) -> array[int]:
        """All row ids, the latest started first, runs of the same time by id backwards."""
        with self.lock:
            if self._columns is None and self._recent is None:
                kept = rows.kept_order(connection)
                if kept is not None:
                    return kept
            columns = self.columns(connection)
            if self._recent is None:
                self._recent = rows.kept_order(connection) or self._sorted(connection, columns)
            return self._recent[:]

    def put(
        self, before: int, after: int, changed: Sequence[tuple[int, RunSummary]], connection: sqlite3.Connection
    ) -> None:
        """Take over rows that this process wrote, by which the index went from one generation to the next."""
        with self.lock:
            columns = self._columns
            if columns is None or columns.generation == after:
                return
            if columns.generation != before:
                self._columns = self._recent = None
                return
            if self._recent is not None:
                self._reorder(connection, columns, changed, after)
            else:
                columns.put(changed, after)

    def drop(self, before: int, after: int, row_ids: Iterable[int]) -> None:
        """Take out rows that this process removed; the generations are as in `put`."""
        with self.lock:
            if self._columns is not None and self._columns.generation == before:
                gone = set(row_ids)
                self._columns.drop(gone, after)
                if self._recent is not None:
                    self._recent = rows.array_of([row_id for row_id in self._recent if row_id not in gone])

    def _sorted(self, connection: sqlite3.Connection, columns: Columns) -> array[int]:
        ids = [run_id or "" for run_id in columns.values(connection, "id")]
        times = [started or datetime.min for started in columns.values(connection, "started")]
        # Twice by what is there already is quicker than once by pairs that would have to be made.
        positions = sorted(columns.living(range(len(columns))), key=ids.__getitem__, reverse=True)
        positions.sort(key=times.__getitem__, reverse=True)
        return rows.array_of([position + 1 for position in positions])

    def _reorder(
        self, connection: sqlite3.Connection, columns: Columns, changed: Sequence[tuple[int, RunSummary]], after: int
    ) -> None:
        assert self._recent is not None
        key = _OrderKey(connection, columns)
        known = len(columns)
        moved = [
            (row_id, summary) for row_id, summary in changed if row_id > known or key(row_id) != _order_of(summary)
        ]
        old = {row_id for row_id, _ in moved if row_id <= known and columns.alive[row_id - 1]}
        if old:
            self._recent = rows.array_of([row_id for row_id in self._recent if row_id not in old])
        columns.put(changed, after)
        self._recent.reverse()
        for row_id, _ in moved:
            bisect.insort(self._recent, row_id, key=key)
        self._recent.reverse()


class _OrderKey:
    def __init__(self, connection: sqlite3.Connection, columns: Columns) -> None:
        self._started = columns.values(connection, "started")
        self._ids = columns.values(connection, "id")

    def __call__(self, row_id: int) -> Any:
        return (self._started[row_id - 1] or datetime.min, self._ids[row_id - 1] or "")


def _order_of(summary: RunSummary) -> Any:
    return (summary.started or datetime.min, summary.run_id)
