"""The columns of an index that one process has in memory."""

from __future__ import annotations

import sqlite3
import threading
from array import array
from collections.abc import Iterable

from magnus_tracking.index import rows
from magnus_tracking.index.database import Database
from magnus_tracking.index.loaded_columns import Columns
from magnus_tracking.runlog.summary import RunSummary


class ColumnCache:
    """Columns and default order of an index, dropped as soon as another process has written it.

    Attributes:
        lock: held while columns are read or changed.
    """

    def __init__(self, database: Database) -> None:
        self.lock = threading.RLock()
        self._database = database
        self._version = database.version
        self._columns: Columns | None = None

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
        return columns

    def recent(self, connection: sqlite3.Connection) -> array[int]:
        """All row ids in the default order; the kept one, where no column has been asked for."""
        with self.lock:
            if self._columns is None and (kept := rows.kept_order(connection)) is not None:
                return kept
            return self.columns(connection).recent(connection)[:]

    def put(self, before: int, after: int, changed: Iterable[tuple[int, RunSummary]]) -> None:
        """Take over rows that this process wrote, by which the index went from one generation to the next."""
        with self.lock:
            if self._columns is not None and self._columns.generation == before:
                self._columns.put(changed, after)

    def drop(self, before: int, after: int, row_ids: Iterable[int]) -> None:
        """Take out rows that this process removed; the generations are as in `put`."""
        with self.lock:
            if self._columns is not None and self._columns.generation == before:
                self._columns.drop(row_ids, after)
