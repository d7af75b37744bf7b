"""Columns: one value a run, kept in segments of a few hundred rows so that a filter or sort reads only what it asks.

A row that changed after its segment was written is *patched*: its values come from its summary, until enough of them
make it worth writing the segment anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from magnus_tracking.index.encoding import decode_summary, decode_values, encode_values
from magnus_tracking.index.values import SEGMENT, values_to_keep
from magnus_tracking.summary import RunSummary

_WORTH_IT = 128
_AT_MOST_PATCHED = 4096


def load(connection: sqlite3.Connection, column: str, length: int, *, times: bool) -> list[Any]:
    """One value a row (that of row id 1 comes first), without those of patched rows."""
    values: list[Any] = []
    found = connection.execute("SELECT first, content FROM segments WHERE field = ? ORDER BY first", (column,))
    for first, content in found:
        values.extend([None] * (first - 1 - len(values)))
        values.extend(decode_values(content, times=times))
    del values[length:]
    values.extend([None] * (length - len(values)))
    return values


def to_write(connection: sqlite3.Connection) -> list[int]:
    """The first rows of the segments that should be written: those that hold many patched rows."""
    found = connection.execute(
        f"SELECT (id - 1) / {SEGMENT} AS segment, count(*) FROM runs WHERE patched GROUP BY segment"
    ).fetchall()
    enough = 1 if sum(patched for _, patched in found) > _AT_MOST_PATCHED else _WORTH_IT
    return [segment * SEGMENT + 1 for segment, patched in found if patched >= enough]


def write(connection: sqlite3.Connection, first: int) -> None:
    """Write the segment that begins at the row `first`, inside a transaction."""
    found = read_between(connection, first, first + SEGMENT - 1)
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
        connection.execute("DELETE FROM segments WHERE first = ?", (first,))
        last = first + SEGMENT - 1
        connection.execute("UPDATE runs SET patched = 0 WHERE patched AND id BETWEEN ? AND ?", (first, last))
    connection.executemany(
        "INSERT INTO segments (field, first, content) VALUES (?, ?, ?)",
        [(column, first, content) for column, content in columns.items()],
    )


def encode_columns(found: Iterable[tuple[int, RunSummary]]) -> dict[str, bytes]:
    """The values of a segment by column, from the summaries and their places in it, ascending."""
    values: dict[str, list[Any]] = {}
    for place, summary in found:
        for column, value in values_to_keep(summary).items():
            content = values.get(column)
            if content is None:
                content = values[column] = []
            if len(content) < place:
                content.extend([None] * (place - len(content)))
            content.append(value)
    return {column: encode_values(content) for column, content in values.items()}


def read_between(connection: sqlite3.Connection, first: int, last: int) -> Iterator[tuple[int, RunSummary]]:
    """Row ids and summaries of the rows from `first` to `last`, by row id, without their paths."""
    found = connection.execute("SELECT id, summary FROM runs WHERE id BETWEEN ? AND ? ORDER BY id", (first, last))
    return ((row_id, decode_summary(content, "")) for row_id, content in found)


def read_patched(connection: sqlite3.Connection) -> list[tuple[int, RunSummary]]:
    """Row ids and summaries of the rows that the segments do not have yet, without their paths."""
    found = connection.execute("SELECT id, summary FROM runs WHERE patched").fetchall()
    return [(row_id, decode_summary(content, "")) for row_id, content in found]
