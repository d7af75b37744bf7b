"""Columns: one value a run, kept in segments of a few hundred rows so that a filter or sort reads only what it asks.

A row that changed after its segment was written is *patched*: its values come from its summary, until enough of them
make it worth writing the segment anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from magnus_tracking.index.encoding import decode_summary, decode_values, encode_values
from magnus_tracking.index.indexed_values import SEGMENT, columns_to_keep
from magnus_tracking.runlog.summary import RunSummary

_WORTH_IT = 128
"""Patched rows of a segment from which on it is written anew, which takes some 10 ms."""


def load(connection: sqlite3.Connection, column: str, length: int, *, times: bool, alike: bool = False) -> list[Any]:
    """One value a row (that of row id 1 comes first), without those of patched rows.

    Args:
        connection: to the index.
        column: which.
        length: how many rows there are.
        times: whether the values are times.
        alike: whether they are texts that many rows share; equal ones are then one object, which saves memory.
    """
    values: list[Any] = []
    one: dict[str | None, str | None] = {}
    found = connection.execute(
        "SELECT first, content FROM segments WHERE field = ? AND first BETWEEN 1 AND ? ORDER BY first", (column, length)
    )
    for first, content in found:
        values.extend([None] * (first - 1 - len(values)))
        part = decode_values(content, times=times)
        values.extend(map(one.setdefault, part, part) if alike else part)
    del values[length:]
    values.extend([None] * (length - len(values)))
    return values


def kept(connection: sqlite3.Connection) -> frozenset[int]:
    """The first rows of the segments that have been written; each has a column of the runs' ids."""
    return frozenset(first for (first,) in connection.execute("SELECT first FROM segments WHERE field = 'id'"))


def to_write(connection: sqlite3.Connection) -> list[int]:
    """The first rows of the segments that should be written: those that hold many patched rows."""
    found = connection.execute(
        f"SELECT (id - 1) / {SEGMENT} AS segment FROM runs WHERE patched "
        f"GROUP BY segment HAVING count(*) >= {_WORTH_IT}"
    )
    return [segment * SEGMENT + 1 for (segment,) in found]


def write(connection: sqlite3.Connection, first: int) -> None:
    """Write the segment that begins at the row `first`, inside a transaction, unless another process just has."""
    last = first + SEGMENT - 1
    if read_patched(connection, first, last):
        found = read_between(connection, first, last)
        put(connection, first, encode_columns((row_id - first, summary) for row_id, summary in found))


def put(connection: sqlite3.Connection, first: int, columns: Mapping[str, bytes], *, fresh: bool = False) -> None:
    """Take over the encoded columns of the segment that begins at the row `first`, inside a transaction.

    Args:
        connection: inside a transaction.
        first: the first row of the segment.
        columns: its values by column.
        fresh: whether its rows have just been made, and none of them is patched.
    """
    if not fresh:
        last = first + SEGMENT - 1
        connection.execute("DELETE FROM segments WHERE first = ?", (first,))
        connection.execute("UPDATE runs SET patched = 0 WHERE patched AND id BETWEEN ? AND ?", (first, last))
    connection.executemany(
        "INSERT INTO segments (field, first, content) VALUES (?, ?, ?)",
        [(column, first, content) for column, content in columns.items()],
    )


def encode_columns(found: Iterable[tuple[int, RunSummary]]) -> dict[str, bytes]:
    """The values of a segment by column, from the summaries and their places in it, ascending."""
    return {column: encode_values(content) for column, content in columns_to_keep(found).items()}


def read_between(connection: sqlite3.Connection, first: int, last: int) -> Iterator[tuple[int, RunSummary]]:
    """Row ids and summaries of the rows from `first` to `last`, by row id, without their paths."""
    found = connection.execute("SELECT id, summary FROM runs WHERE id BETWEEN ? AND ? ORDER BY id", (first, last))
    return ((row_id, decode_summary(content, "")) for row_id, content in found)


def read_patched(connection: sqlite3.Connection, first: int = 1, last: int = 1 << 62) -> list[tuple[int, RunSummary]]:
    """Row ids and summaries of the rows that the segments do not have yet, without their paths."""
    found = connection.execute("SELECT id, summary FROM runs WHERE patched AND id BETWEEN ? AND ?", (first, last))
    return [(row_id, decode_summary(content, "")) for row_id, content in found.fetchall()]
