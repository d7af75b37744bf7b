"""Columns: one value a run, kept in segments of a thousand rows so that a filter or sort reads only what it asks.

A row that changed after its segment was written is *patched*: its values come from its summary, until enough of them
make it worth writing the segment anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from magnus_tracking.index import rows
from magnus_tracking.index.encoding import decode_values, encode_values
from magnus_tracking.summary import RunSummary

SEGMENT = 1024
"""Rows in a segment."""

_WORTH_IT = 128
_AT_MOST_PATCHED = 4096

Columns = Callable[[RunSummary], Mapping[str, Any]]
"""What gives the values to keep of a run by column."""


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


def write(connection: sqlite3.Connection, first: int, columns: Columns) -> None:
    """Write the segment that begins at the row `first`, inside a transaction."""
    last = first + SEGMENT - 1
    values = _transpose(first, rows.read_between(connection, first, last), columns)
    connection.execute("DELETE FROM segments WHERE first = ?", (first,))
    connection.executemany(
        "INSERT INTO segments VALUES (?, ?, ?)",
        [(column, first, encode_values(content)) for column, content in values.items()],
    )
    connection.execute("UPDATE runs SET patched = 0 WHERE patched AND id BETWEEN ? AND ?", (first, last))


def _transpose(first: int, found: Iterable[tuple[int, RunSummary]], columns: Columns) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    for row_id, summary in found:
        place = row_id - first
        for column, value in columns(summary).items():
            if value is None:
                continue
            content = values.setdefault(column, [])
            content.extend([None] * (place - len(content)))
            content.append(value)
    return values
