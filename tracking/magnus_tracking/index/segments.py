"""Columns: one value a run, kept in segments of a few hundred rows so that a filter or sort reads only what it asks.

A row that changed after its segment was written is *patched*: its values come from its summary, until enough of them
make it worth writing the segment anew.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from magnus_tracking.index.encoding import decode_summary, encode
from magnus_tracking.query.fields import GETTERS, METRIC, PARAMETER
from magnus_tracking.query.functions import FUNCTIONS, LAST, OF_ALL_VALUES
from magnus_tracking.runlog.metric_summary import COMPLETE
from magnus_tracking.runlog.summary import RunSummary

Decode = Callable[[bytes], Iterable[Any]]

SEGMENT = 512
"""Rows in a segment of a column."""

_OF_EVERY_RUN: Mapping[str, Callable[[RunSummary], Any]] = {**GETTERS, "duration": lambda summary: summary.duration}
"""What is kept of every run; the duration of a finished one, as what grows is worked out when it is asked for."""
_OF_ALL_VALUES = tuple((name, FUNCTIONS[name].of) for name in OF_ALL_VALUES)
_WORTH_IT = 128
"""Patched rows of a segment from which on it is written anew, which takes some 10 ms."""
_AT_ONCE = 4
"""Segments that are written anew by one refresh: where 1,000 runs of 100,000 change each time, all would take 0.3 s."""


def load(connection: sqlite3.Connection, column: str, length: int, decode: Decode) -> list[Any]:
    """One value a row (that of row id 1 comes first), without those of patched rows.

    Args:
        connection: to the index.
        column: which.
        length: how many rows there are.
        decode: how the values of a segment are decoded.
    """
    values: list[Any] = []
    found = connection.execute(
        "SELECT first, content FROM segments WHERE field = ? AND first BETWEEN 1 AND ? ORDER BY first", (column, length)
    )
    for first, content in found:
        values.extend([None] * (first - 1 - len(values)))
        values.extend(decode(content))
    del values[length:]
    values.extend([None] * (length - len(values)))
    return values


def kept(connection: sqlite3.Connection) -> frozenset[int]:
    """The first rows of the segments that have been written; each has a column of the runs' ids."""
    return frozenset(first for (first,) in connection.execute("SELECT first FROM segments WHERE field = 'id'"))


def to_write(connection: sqlite3.Connection) -> list[int]:
    """The first rows of the segments that should be written.

    They are a few of those that hold many patched rows, and all that hold little else, as where an index was made in
    parts.
    """
    found = connection.execute(
        f"SELECT (id - 1) / {SEGMENT} AS segment, count(*) AS number FROM runs WHERE patched "
        f"GROUP BY segment HAVING number >= {_WORTH_IT} ORDER BY number DESC"
    )
    return [
        segment * SEGMENT + 1
        for place, (segment, number) in enumerate(found)
        if place < _AT_ONCE or number >= SEGMENT // 2
    ]


def write(connection: sqlite3.Connection, first: int) -> None:
    """Write the segment that begins at the row `first`, inside a transaction, unless another process just has."""
    last = first + SEGMENT - 1
    if next(read_patched(connection, first, last), None) is not None:
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
    """The values of a segment by column, encoded; each as long as its last value asks for.

    Args:
        found: runs, and their places in the segment, ascending.
    """
    rows = list(found)
    columns: dict[str, list[Any]] = {}
    for name, get in _OF_EVERY_RUN.items():
        # A field at a time: to gather the values of each row first takes twice as long.
        column: list[Any] = [None] * (rows[-1][0] + 1 if rows else 0)
        for place, summary in rows:
            column[place] = get(summary)
        while column and column[-1] is None:
            column.pop()
        if column:
            columns[name] = column
    for place, summary in rows:
        for name, value in _tracked_values(summary).items():
            known = columns.get(name)
            if known is None:
                known = columns[name] = []
            if len(known) < place:
                known.extend([None] * (place - len(known)))
            known.append(value)
    return {name: encode(column) for name, column in columns.items()}


def values_of(summary: RunSummary, columns: Collection[str]) -> Sequence[Any]:
    """The values of a run in `columns`, in their order; None for missing ones."""
    tracked = {} if _OF_EVERY_RUN.keys() >= set(columns) else _tracked_values(summary)
    return [get(summary) if (get := _OF_EVERY_RUN.get(name)) else tracked.get(name) for name in columns]


def _tracked_values(summary: RunSummary) -> dict[str, Any]:
    """The parameters and metrics of a run, by column."""
    values = {column_name(PARAMETER, name): value for name, value in summary.parameters.items()}
    for name, metric in summary.metrics.items():
        values[column_name(METRIC, name)] = metric.last
        if metric.depth == COMPLETE:
            for function, of in _OF_ALL_VALUES:
                if (value := of(metric)) is not None:
                    values[column_name(METRIC, name, function)] = value
    return values


@functools.lru_cache(maxsize=4096)
def column_name(kind: str, name: str, aggregate: str = LAST) -> str:
    """What the column of a parameter or metric is called in the index."""
    text = f"{kind}.{name}" if aggregate == LAST else f"{aggregate} {kind}.{name}"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def read_between(connection: sqlite3.Connection, first: int, last: int) -> Iterator[tuple[int, RunSummary]]:
    """Row ids and summaries of the rows from `first` to `last`, by row id, without their paths."""
    found = connection.execute("SELECT id, summary FROM runs WHERE id BETWEEN ? AND ? ORDER BY id", (first, last))
    return ((row_id, decode_summary(content, "")) for row_id, content in found)


def read_patched(
    connection: sqlite3.Connection, first: int = 1, last: int = 1 << 62
) -> Iterator[tuple[int, RunSummary]]:
    """Row ids and summaries of the rows that the segments do not have yet, by row id, without their paths."""
    found = connection.execute(
        "SELECT id, summary FROM runs WHERE patched AND id BETWEEN ? AND ? ORDER BY id", (first, last)
    )
    return ((row_id, decode_summary(content, "")) for row_id, content in found)
