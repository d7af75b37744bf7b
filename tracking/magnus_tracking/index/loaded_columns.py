"""The columns of an index in memory: lists of plain values, loaded when they are first asked for."""

from __future__ import annotations

import bisect
import sqlite3
import threading
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import compress, islice, zip_longest
from pathlib import Path
from typing import Any

from magnus_tracking.index import aggregates, rows, segments, state
from magnus_tracking.index.database import Database
from magnus_tracking.index.encoding import decode_values
from magnus_tracking.index.segments import SEGMENT, Decode, column_name, values_of
from magnus_tracking.query.fields import (
    FIELD_KINDS,
    METRIC,
    PARAMETER,
    Context,
    Field,
    Kind,
    leaf,
    value_of,
)
from magnus_tracking.query.functions import LAST
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES

_LIKELY = 1 << 20
"""Row ids that any index may have, whose columns take some 8 MB each."""

_SPREAD = 64
"""Row ids in use are at most so many times their number, unless they are few: a damaged one would cost all memory."""

_CHANGING = frozenset({"duration", "liveness"})
"""What grows old by itself, for runs that are unfinished."""

_TUPLES = frozenset({"step", "code"})
"""Fields of several values a run, which queries expect as tuples."""

_ALIKE = frozenset(name for name, kind in FIELD_KINDS.items() if kind is Kind.TEXT) - {"id"} - _TUPLES
"""Texts that many runs share: held once, those of 100,000 runs take 0.8 MB a column instead of 6."""


class Columns:
    """All rows of an index by column: the value of row id 1 comes first. A row that is gone has no values."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.generation = state.generation(connection)
        last = rows.last_row(connection)
        number = aggregates.rows_counted(connection)
        if last is not None and not 0 < last <= max(_LIKELY, number * _SPREAD):
            raise sqlite3.DatabaseError(f"a row {last} among {number}")
        self.alive = bytearray(b"\x01") * (last or 0)
        if number < len(self.alive):
            self.alive = bytearray(len(self.alive))
            for (row_id,) in connection.execute("SELECT id FROM runs"):
                self.alive[row_id - 1] = 1
        self._loaded: dict[str, list[Any]] = {}
        self._recent: array[int] | None = None
        self._moved: set[int] = set()
        self._patched: _PatchedRows | None = None

    def __len__(self) -> int:
        return len(self.alive)

    def put(self, changed: Iterable[tuple[int, RunSummary]], generation: int) -> None:
        """Take over rows that were written."""
        for row_id, summary in changed:
            known = row_id <= len(self.alive) and bool(self.alive[row_id - 1])
            before = self._key(row_id) if known and self._has_keys else None
            self.alive.extend(bytes(max(row_id - len(self.alive), 0)))
            self.alive[row_id - 1] = 1
            for content, value in zip(self._loaded.values(), values_of(summary, self._loaded.keys()), strict=True):
                content.extend([None] * (len(self.alive) - len(content)))
                content[row_id - 1] = value
            if before is None or before != self._key(row_id):
                self._moved.add(row_id)
        self._patched = None
        self.generation = generation

    def drop(self, row_ids: Iterable[int], generation: int) -> None:
        """Take out rows that were removed."""
        gone = set(row_ids)
        for row_id in gone:
            self.alive[row_id - 1] = 0
            for content in self._loaded.values():
                content[row_id - 1] = None
        if self._recent is not None:
            self._recent = rows.array_of([row_id for row_id in self._recent if row_id not in gone])
        self._moved -= gone
        self._patched = None
        self.generation = generation

    def recent(self, connection: sqlite3.Connection) -> array[int]:
        """All row ids, the latest started first, runs of the same time by id backwards; not to be changed."""
        if self._recent is None:
            self._recent = rows.kept_order(connection)
            self._moved.clear()
        if self._recent is None or self._moved:
            ids, times = self.values(connection, "id"), self.values(connection, "started")
            if self._recent is None:
                # Twice by what is there already is quicker than once by pairs that would have to be made.
                ids, times = [one or "" for one in ids], [one or datetime.min for one in times]
                positions = sorted(compress(range(len(self)), self.alive), key=ids.__getitem__, reverse=True)
                positions.sort(key=times.__getitem__, reverse=True)
                self._recent = rows.array_of([position + 1 for position in positions])
            else:
                self._put_moved(self._recent)
        return self._recent

    @property
    def _has_keys(self) -> bool:
        """Whether the columns that tell where a row stands in the default order are loaded."""
        return "started" in self._loaded and "id" in self._loaded

    def _key(self, row_id: int) -> tuple[datetime, str]:
        """Where a row stands in the default order, whose columns are loaded."""
        started, run_id = self._loaded["started"][row_id - 1], self._loaded["id"][row_id - 1]
        return started or datetime.min, run_id or ""

    def _put_moved(self, recent: array[int]) -> None:
        """Put moved rows where they belong in the default order; sorting all would hold every thread for 0.1 s."""
        order = [row_id for row_id in reversed(recent) if row_id not in self._moved]
        for row_id in self._moved:
            bisect.insort(order, row_id, key=self._key)
        self._recent = rows.array_of(reversed(order))
        self._moved.clear()

    def values(self, connection: sqlite3.Connection, column: str) -> list[Any]:
        """The values of a column of the segments, patched rows included."""
        content = self._loaded.get(column)
        if content is None:
            decode = _decoder_of(column)
            content = segments.load(connection, column, len(self), decode)
            if self._patched is None:
                self._patched = self._read_patched(connection)
            self._patched.lay_over(column, content, decode)
            self._loaded[column] = content
        return content

    def _read_patched(self, connection: sqlite3.Connection) -> _PatchedRows:
        patched = _PatchedRows(segments.read_patched(connection))
        kept = segments.kept(connection)
        for first in range(1, len(self) + 1, SEGMENT):
            if first not in kept and any(
                self.alive[row_id - 1] and row_id not in patched
                for row_id in range(first, min(first + SEGMENT, len(self) + 1))
            ):
                raise sqlite3.DatabaseError("a row whose values are neither in a segment nor patched")
        return patched


class _PatchedRows:
    """What rows hold that changed after their segment was written, encoded as segments are.

    Mappings with the values of each row would take 3 KB a row: 30 MB after 10,000 edits all over an index.

    Args:
        found: row ids and summaries, by row id.
    """

    def __init__(self, found: Iterator[tuple[int, RunSummary]]) -> None:
        self._row_ids: set[int] = set()
        self._blocks: list[tuple[list[int], dict[str, bytes]]] = []
        while some := list(islice(found, SEGMENT)):
            row_ids = [row_id for row_id, _ in some]
            self._row_ids.update(row_ids)
            self._blocks.append((row_ids, segments.encode_columns(enumerate(summary for _, summary in some))))

    def __contains__(self, row_id: int) -> bool:
        return row_id in self._row_ids

    def lay_over(self, column: str, content: list[Any], decode: Decode) -> None:
        """Put the rows' values of a column into `content`, which has those of the segments; rows beyond it are new."""
        for row_ids, columns in self._blocks:
            values = decode(columns[column]) if column in columns else ()
            for row_id, value in zip_longest(row_ids, values):
                if row_id <= len(content):
                    content[row_id - 1] = value


def _decoder_of(column: str) -> Decode:
    """How the values of a column are decoded; equal texts that many rows share become one object."""
    times = FIELD_KINDS.get(column) is Kind.TIME
    one: dict[str | None, str | None] = {}

    def decode(content: bytes) -> Iterable[Any]:
        values = decode_values(content, times=times)
        if column in _ALIKE:
            return map(one.setdefault, values, values)
        if column in _TUPLES:
            return [tuple(value) if value is not None else None for value in values]
        return values

    return decode


class IndexSource:
    """The rows of an index as a query sees them; see `magnus_tracking.query.ColumnSource`.

    Attributes:
        needs_complete: whether a column was looked at whose values were left out.
    """

    def __init__(self, connection: sqlite3.Connection, columns: Columns, context: Context) -> None:
        self._connection = connection
        self._columns = columns
        self._context = context
        self.needs_complete = False

    def __len__(self) -> int:
        return len(self._columns)

    def recent(self) -> array[int]:
        """All row ids in the default order; not to be changed."""
        return self._columns.recent(self._connection)

    def column(self, field: Field) -> Sequence[Any]:
        """What `value_of` gives of each row, by position; None for a row that is gone."""
        if field.name == METRIC:
            if field.aggregate != LAST and not self.needs_complete:
                self.needs_complete = rows.lacks_ranges(self._connection)
            return self._kept(column_name(METRIC, field.key, field.aggregate))
        if field.name == PARAMETER:
            return self._parameter(field.key)
        if field.name in _CHANGING:
            return self._changing(field)
        return self._kept(field.name)

    def _kept(self, column: str) -> list[Any]:
        return self._columns.values(self._connection, column)

    def _parameter(self, key: str) -> list[Any]:
        whole = self._kept(column_name(PARAMETER, key))
        places = [place for place, letter in enumerate(key) if letter == "." and place]
        outer = {key[:place]: self._kept(column_name(PARAMETER, key[:place])) for place in places}
        outer = {name: values for name, values in outer.items() if dict in set(map(type, values))}
        if not outer:
            return whole
        found = list(whole)
        nested = {place for values in outer.values() for place, value in enumerate(values) if value.__class__ is dict}
        for place in nested:
            if found[place] is None:
                found[place] = leaf({name: values[place] for name, values in outer.items()}, key)
        return found

    def _changing(self, field: Field) -> list[Any]:
        finished = FINAL_STATUSES
        values = list(self._kept("duration")) if field.name == "duration" else [None] * len(self)
        errors = self._kept("error")
        alive = self._columns.alive
        unfinished = [
            position + 1
            for position, status in enumerate(self._kept("status"))
            if status not in finished and alive[position] and errors[position] is None
        ]
        for row_id, summary in rows.read(self._connection, unfinished, Path()).items():
            values[row_id - 1] = value_of(summary, field, self._context)
        return values


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
        generation = state.generation(connection)
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
