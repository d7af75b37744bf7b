"""What the index knows of all runs together, kept up to date as rows change: statuses, names, longest durations."""

from __future__ import annotations

import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import chain
from typing import Any

from msgspec import Struct, field

from magnus_tracking.index.indexed_values import column_name
from magnus_tracking.query.fields import METRIC, PARAMETER
from magnus_tracking.runlog.summary import RunSummary

UNREADABLE = "UNREADABLE"
"""What `counts` calls the runs that can't be read."""

_ADD = {
    "statuses": "INSERT INTO statuses VALUES (?, ?) ON CONFLICT (status) DO UPDATE SET runs = runs + excluded.runs",
    "names": "INSERT INTO names VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET runs = runs + excluded.runs",
}
_LENGTHEN = """
INSERT INTO longest VALUES (?, ?, ?)
ON CONFLICT (pipeline, step) DO UPDATE SET seconds = max(seconds, excluded.seconds)
"""

_ADD_TO_SUM = "INSERT INTO state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = value + excluded.value"
_SHARE = 0xFFFF
"""What a row adds to the sum of its table at most: sums stay below what SQLite's total, a float, holds exactly."""


def status_of(summary: RunSummary) -> str:
    """The status that a run is counted under."""
    return UNREADABLE if summary.error is not None else summary.status


class Tally(Struct, array_like=True):
    """What some runs add to the aggregates.

    Attributes:
        statuses: runs by status.
        names: runs by parameter and metric.
        longest: seconds by step by pipeline.
    """

    statuses: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    longest: dict[str, dict[str, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, summaries: Collection[RunSummary]) -> Tally:
        """What these runs add."""
        parameters = Counter(chain.from_iterable([summary.parameters for summary in summaries]))
        metrics = Counter(chain.from_iterable([summary.metrics for summary in summaries]))
        tally = cls(dict(Counter(map(status_of, summaries))))
        for kind, counts in ((PARAMETER, parameters), (METRIC, metrics)):
            for name, number in counts.items():
                column = column_name(kind, name)
                tally.names[column] = tally.names.get(column, 0) + number
        for summary in summaries:
            if summary.step_durations:
                tally._lengthen(_text(summary.pipeline), summary.step_durations)
        return tally

    def _lengthen(self, pipeline: str, durations: Mapping[str, float]) -> None:
        longest = self.longest.setdefault(pipeline, {})
        for step, seconds in durations.items():
            step = _text(step)
            if seconds > longest.get(step, -1.0):
                longest[step] = seconds


def change(connection: sqlite3.Connection, added: Tally, removed: Collection[RunSummary]) -> bool:
    """Count runs in and out; whether the longest durations must be learnt anew, as a run that had one has changed.

    Args:
        connection: inside a transaction.
        added: the tally of the runs to count in.
        removed: what the runs were when they were counted in that are to be counted out.
    """
    gone = Tally.of(removed)
    known = {pipeline: longest_of(connection, pipeline) for pipeline in {*added.longest, *gone.longest}}
    shortened = any(
        seconds >= known[pipeline].get(step, -1.0) > added.longest.get(pipeline, {}).get(step, -1.0)
        for pipeline, steps in gone.longest.items()
        for step, seconds in steps.items()
    )
    for table, now, before in (("statuses", added.statuses, gone.statuses), ("names", added.names, gone.names)):
        differences = Counter(now)
        differences.subtract(before)
        changed = [(key, number) for key, number in differences.items() if number]
        connection.executemany(_ADD[table], changed)
        _add_to_sum(connection, table, _sum_of_counts(changed))
    longer = [
        (pipeline, step, seconds)
        for pipeline, steps in added.longest.items()
        for step, seconds in steps.items()
        if seconds > known[pipeline].get(step, -1.0)
    ]
    shorter = [(pipeline, step, known[pipeline][step]) for pipeline, step, _ in longer if step in known[pipeline]]
    connection.executemany(_LENGTHEN, longer)
    _add_to_sum(connection, "longest", _sum_of_longest(longer) - _sum_of_longest(shorter))
    return shortened


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many runs have which status."""
    return _counted(connection, "SELECT status, runs FROM statuses ORDER BY status", "statuses")


def names(connection: sqlite3.Connection) -> list[str]:
    """The parameters and metrics that some run has."""
    return list(_counted(connection, "SELECT name, runs FROM names ORDER BY name", "names"))


def _counted(connection: sqlite3.Connection, question: str, table: str) -> dict[str, int]:
    found = _summed(connection, question, table, (str, int), _sum_of_counts)
    return {key: number for key, number in found if number > 0}


def _summed(
    connection: sqlite3.Connection,
    question: str,
    table: str,
    kinds: tuple[type, ...],
    sum_of: Callable[[Iterable[tuple[Any, ...]]], int],
) -> list[tuple[Any, ...]]:
    """The rows of a table, whose sum has been kept as they changed.

    SQLite has no checksums, so that a count in which a bit has flipped would be taken for a right one.

    Raises:
        sqlite3.DatabaseError: their sum is another: the index is damaged.
    """
    connection.execute("SAVEPOINT one_state")
    try:
        rows = _of_kinds(connection.execute(question), *kinds)
        (kept,) = connection.execute("SELECT total(value) FROM state WHERE key = ?", (_sum_key(table),)).fetchone()
    finally:
        connection.execute("RELEASE one_state")
    if kept != sum_of(rows):
        raise sqlite3.DatabaseError(f"{table} that differ from their sum")
    return rows


def _sum_key(table: str) -> str:
    return f"{table} sum"


def _add_to_sum(connection: sqlite3.Connection, table: str, more: int) -> None:
    connection.execute(_ADD_TO_SUM, (_sum_key(table), more))


def _sum_of_counts(rows: Iterable[tuple[Any, ...]]) -> int:
    return sum(number * _share(str(key)) for key, number in rows)


def _sum_of_longest(rows: Iterable[tuple[Any, ...]]) -> int:
    return sum(_share(f"{pipeline}\x1f{step}\x1f{float(seconds)!r}") for pipeline, step, seconds in rows)


def _share(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace")) & _SHARE


def longest(connection: sqlite3.Connection) -> dict[tuple[str, str], float]:
    """Seconds by pipeline and step: the longest that the step took in any run."""
    question = "SELECT pipeline, step, seconds FROM longest"
    found = _summed(connection, question, "longest", (str, str, float), _sum_of_longest)
    return {(pipeline, step): seconds for pipeline, step, seconds in found}


def longest_of(connection: sqlite3.Connection, pipeline: str) -> dict[str, float]:
    """Seconds by step of one pipeline."""
    found = connection.execute("SELECT step, seconds FROM longest WHERE pipeline = ?", (_text(pipeline),))
    return dict(_of_kinds(found, str, float))


def _of_kinds(found: Iterable[tuple[Any, ...]], *kinds: type) -> list[tuple[Any, ...]]:
    """Rows whose values are of these kinds, which SQLite's own columns do not ensure.

    Raises:
        sqlite3.DatabaseError: one is of another: the index is damaged.
    """
    rows = list(found)
    if any(tuple(map(type, row)) != kinds for row in rows):
        raise sqlite3.DatabaseError("a value of another kind")
    return rows


def learn_longest(connection: sqlite3.Connection, durations: Mapping[tuple[str, str], float]) -> None:
    """Replace what is known of the longest durations, inside a transaction."""
    connection.execute("DELETE FROM longest")
    rows = [(_text(pipeline), _text(step), seconds) for (pipeline, step), seconds in durations.items()]
    connection.executemany(_LENGTHEN, rows)
    connection.execute("DELETE FROM state WHERE key = ?", (_sum_key("longest"),))
    kept = connection.execute("SELECT pipeline, step, seconds FROM longest")
    _add_to_sum(connection, "longest", _sum_of_longest(kept))


def _text(text: str) -> str:
    """`text` as SQLite can hold it: a lone surrogate, which UTF-8 has no bytes for, becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
