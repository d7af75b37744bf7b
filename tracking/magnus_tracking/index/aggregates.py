"""What the index knows of all runs together, kept up to date as rows change: statuses, names, longest durations."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping

from magnus_tracking.summary import RunSummary

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


def status_of(summary: RunSummary) -> str:
    """The status that a run is counted under."""
    return UNREADABLE if summary.error is not None else summary.status


class Changes:
    """How a batch of new, changed and removed runs changes the aggregates."""

    def __init__(self) -> None:
        self._statuses: Counter[str] = Counter()
        self._names: Counter[str] = Counter()
        self._longest: dict[tuple[str, str], float] = {}
        self._shortened: set[tuple[str, str]] = set()

    def add(self, summary: RunSummary) -> None:
        """Count a run in."""
        self._statuses[status_of(summary)] += 1
        for name in _names(summary):
            self._names[name] += 1
        for step, seconds in summary.step_durations.items():
            key = (_text(summary.pipeline), _text(step))
            self._longest[key] = max(seconds, self._longest.get(key, seconds))

    def remove(self, summary: RunSummary) -> None:
        """Count a run out that was counted in before."""
        self._statuses[status_of(summary)] -= 1
        for name in _names(summary):
            self._names[name] -= 1
        self._shortened.update((_text(summary.pipeline), _text(step)) for step in summary.step_durations)

    def apply(self, connection: sqlite3.Connection, removed: Iterable[RunSummary]) -> bool:
        """Write the changes; whether the longest durations must be learnt anew, as a run that had one has changed.

        Args:
            connection: inside a transaction.
            removed: the summaries given to `remove`.
        """
        connection.executemany(_ADD["statuses"], self._statuses.items())
        connection.executemany(_ADD["names"], self._names.items())
        shortened = any(self._was_longest(connection, summary) for summary in removed)
        connection.executemany(_LENGTHEN, [(*key, seconds) for key, seconds in self._longest.items()])
        return shortened

    def _was_longest(self, connection: sqlite3.Connection, summary: RunSummary) -> bool:
        known = longest_of(connection, summary.pipeline)
        return any(
            seconds >= known.get(step, 0.0) > self._longest.get((_text(summary.pipeline), step), 0.0)
            for step, seconds in ((_text(step), seconds) for step, seconds in summary.step_durations.items())
        )


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many runs have which status."""
    return dict(connection.execute("SELECT status, runs FROM statuses WHERE runs > 0 ORDER BY status"))


def names(connection: sqlite3.Connection) -> list[str]:
    """The parameters and metrics that some run has."""
    return [name for (name,) in connection.execute("SELECT name FROM names WHERE runs > 0 ORDER BY name")]


def longest(connection: sqlite3.Connection) -> dict[tuple[str, str], float]:
    """Seconds by pipeline and step: the longest that the step took in any run."""
    return {(pipeline, step): seconds for pipeline, step, seconds in connection.execute("SELECT * FROM longest")}


def longest_of(connection: sqlite3.Connection, pipeline: str) -> dict[str, float]:
    """Seconds by step of one pipeline."""
    found = connection.execute("SELECT step, seconds FROM longest WHERE pipeline = ?", (_text(pipeline),))
    return dict(found.fetchall())


def learn_longest(connection: sqlite3.Connection, durations: Mapping[tuple[str, str], float]) -> None:
    """Replace what is known of the longest durations, inside a transaction."""
    connection.execute("DELETE FROM longest")
    rows = [(_text(pipeline), _text(step), seconds) for (pipeline, step), seconds in durations.items()]
    connection.executemany(_LENGTHEN, rows)


def _names(summary: RunSummary) -> list[str]:
    parameters = [_text(f"param.{name}") for name in summary.parameters]
    return parameters + [_text(f"metric.{name}") for name in summary.metrics]


def _text(text: str) -> str:
    """`text` as SQLite can hold it: a lone surrogate, which UTF-8 has no bytes for, becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
