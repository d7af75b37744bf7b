"""The columns of an index in memory: lists of plain values, loaded when they are first asked for."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magnus_tracking.index import rows, segments
from magnus_tracking.index.kept_values import column_name, values_to_keep
from magnus_tracking.query.fields import (
    FIELD_KINDS,
    LAST,
    METRIC,
    PARAMETER,
    Context,
    Field,
    Kind,
    leaf,
    value_of,
)
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES

if TYPE_CHECKING:
    from magnus_tracking.query.ordering import SortKey

_LIKELY = 1 << 20
_SPREAD = 64
"""Row ids in use are at most so many times their number, unless they are few: a damaged one would cost all memory."""

_CHANGING = frozenset({"duration", "liveness"})
"""What grows old by itself, for runs that are unfinished."""

_TUPLES = frozenset({"step", "code"})

_ALIKE = frozenset(name for name, kind in FIELD_KINDS.items() if kind is Kind.TEXT) - {"id"} - _TUPLES


class Columns:
    """All rows of an index by column: the value of row id 1 comes first. A row that is gone has no values."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.generation = rows.generation_of(connection)
        (last,) = connection.execute("SELECT max(id) FROM runs").fetchone()
        (number,) = connection.execute("SELECT count(*) FROM runs").fetchone()
        if last is not None and not 0 < last <= max(_LIKELY, number * _SPREAD):
            raise sqlite3.DatabaseError(f"a row {last} among {number}")
        self.alive = bytearray(b"\x01") * (last or 0)
        if number < len(self.alive):
            self.alive = bytearray(len(self.alive))
            for (row_id,) in connection.execute("SELECT id FROM runs"):
                self.alive[row_id - 1] = 1
        self._loaded: dict[str, list[Any]] = {}
        self._order: tuple[tuple[SortKey, ...], array[int]] | None = None
        self._patched: list[tuple[int, dict[str, Any]]] | None = None

    def __len__(self) -> int:
        return len(self.alive)

    @property
    def complete(self) -> bool:
        """Whether there is no gap of a removed run."""
        return 0 not in self.alive

    def living(self, positions: Iterable[int]) -> list[int]:
        """Those of `positions` whose row is there."""
        alive = self.alive
        return list(positions) if self.complete else [position for position in positions if alive[position]]

    def put(self, changed: Iterable[tuple[int, RunSummary]], generation: int) -> None:
        """Take over rows that were written."""
        for row_id, summary in changed:
            grown = row_id - len(self.alive)
            if grown > 0:
                self.alive.extend(bytes(grown))
            self.alive[row_id - 1] = 1
            values = values_to_keep(summary)
            for column, content in self._loaded.items():
                content.extend([None] * (len(self.alive) - len(content)))
                content[row_id - 1] = values.get(column)
        self._patched = self._order = None
        self.generation = generation

    def drop(self, row_ids: Iterable[int], generation: int) -> None:
        """Take out rows that were removed."""
        for row_id in row_ids:
            self.alive[row_id - 1] = 0
            for content in self._loaded.values():
                content[row_id - 1] = None
        self._patched = self._order = None
        self.generation = generation

    def keep_order(self, sort: Sequence[SortKey], row_ids: array[int]) -> None:
        """Keep the row ids of all runs as `sort` orders them, until a row changes, in place of any other such order.

        A filter that is typed then picks from it; what grows old by itself is sorted anew.
        """
        if all(key.field.name not in _CHANGING for key in sort):
            self._order = (tuple(sort), row_ids)

    def kept_order(self, sort: Sequence[SortKey]) -> array[int] | None:
        """The row ids of all runs as `sort` orders them, if they were kept; not to be changed."""
        return self._order[1] if self._order is not None and self._order[0] == tuple(sort) else None

    def values(self, connection: sqlite3.Connection, column: str) -> list[Any]:
        """The values of a column of the segments, patched rows included."""
        content = self._loaded.get(column)
        if content is None:
            times = FIELD_KINDS.get(column) is Kind.TIME
            content = segments.load(connection, column, len(self), times=times, alike=column in _ALIKE)
            if column in _TUPLES:
                content = [tuple(value) if value is not None else None for value in content]
            if self._patched is None:
                patched = segments.read_patched(connection)
                self._patched = [(row_id, values_to_keep(summary)) for row_id, summary in patched]
            for row_id, values in self._patched:
                if row_id <= len(content):
                    content[row_id - 1] = values.get(column)
            self._loaded[column] = content
        return content


class IndexSource:
    """The rows of an index as a query sees them; see `magnus_tracking.query.ColumnSource`.

    Attributes:
        is_wanting: whether a column was looked at of which values were left out.
    """

    def __init__(self, connection: sqlite3.Connection, columns: Columns, context: Context) -> None:
        self._connection = connection
        self._columns = columns
        self._context = context
        self.is_wanting = False

    def __len__(self) -> int:
        return len(self._columns)

    def column(self, field: Field) -> Sequence[Any]:
        """What `value_of` gives of each row, by position; None for a row that is gone."""
        if field.name == METRIC:
            if field.aggregate != LAST and not self.is_wanting:
                self.is_wanting = rows.lacks_ranges(self._connection)
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
