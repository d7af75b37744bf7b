"""What the index knows of all runs together, kept up to date as rows change: statuses, names, longest durations."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain

import msgspec
from msgspec import Struct, field

from magnus_tracking.index import state
from magnus_tracking.index.encoding import decode, encode
from magnus_tracking.index.segments import column_name
from magnus_tracking.query.fields import METRIC, PARAMETER
from magnus_tracking.runlog.summary import RunSummary

UNREADABLE = "UNREADABLE"
"""What `counts` calls the runs that can't be read."""


def status_of(summary: RunSummary) -> str:
    """The status that a run is counted under."""
    return UNREADABLE if summary.error is not None else summary.status


class Tally(Struct, array_like=True):
    """What runs add up to, those of a batch or of the whole index.

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
        """What these runs add up to."""
        parameters = Counter(chain.from_iterable([summary.parameters for summary in summaries]))
        metrics = Counter(chain.from_iterable([summary.metrics for summary in summaries]))
        tally = cls(dict(Counter(map(status_of, summaries))))
        for kind, counts in ((PARAMETER, parameters), (METRIC, metrics)):
            for name, number in counts.items():
                column = column_name(kind, name)
                tally.names[column] = tally.names.get(column, 0) + number
        for summary in summaries:
            if summary.step_durations:
                tally.lengthen(summary.pipeline, summary.step_durations)
        return tally

    def change(self, added: Tally, gone: Tally) -> bool:
        """Count `added` in and `gone` out; whether a longest duration is gone, so that the next one must be found."""
        shortened = any(
            seconds >= self.longest.get(pipeline, {}).get(step, 0.0) > added.longest.get(pipeline, {}).get(step, 0.0)
            for pipeline, steps in gone.longest.items()
            for step, seconds in steps.items()
        )
        self.statuses = _changed(self.statuses, added.statuses, gone.statuses)
        self.names = _changed(self.names, added.names, gone.names)
        for pipeline, steps in added.longest.items():
            self.lengthen(pipeline, steps)
        return shortened

    def lengthen(self, pipeline: str, durations: Mapping[str, float]) -> None:
        """Take in how long steps took in a run of `pipeline`."""
        longest = self.longest.setdefault(pipeline, {})
        for step, seconds in durations.items():
            if seconds > longest.get(step, 0.0):
                longest[step] = seconds


EMPTY = encode(Tally())
"""The tally of an index without runs, as its table of states holds it."""

_TALLY = msgspec.msgpack.Decoder(Tally)
_KEY = "tally"


def change(connection: sqlite3.Connection, added: Tally, removed: Collection[RunSummary]) -> bool:
    """Take over a change of rows, inside a transaction.

    Args:
        connection: inside a transaction.
        added: the tally of the runs to count in.
        removed: what the runs were when they were counted in that are to be counted out.

    Returns:
        Whether the longest durations must be learnt anew.
    """
    tally = _read(connection)
    shortened = tally.change(added, Tally.of(removed))
    _write(connection, tally)
    return shortened


def learn_longest(connection: sqlite3.Connection, summaries: Iterable[RunSummary]) -> None:
    """Learn the longest durations from all runs, inside a transaction."""
    tally, found = _read(connection), Tally()
    for summary in summaries:
        if summary.step_durations:
            found.lengthen(summary.pipeline, summary.step_durations)
    tally.longest = found.longest
    _write(connection, tally)


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many runs have which status."""
    return dict(sorted(_read(connection).statuses.items()))


def names(connection: sqlite3.Connection) -> list[str]:
    """The parameters and metrics that some run has."""
    return list(_names_in(state.read(connection, _KEY).get(_KEY)))


@lru_cache(maxsize=1)
def _names_in(tally: bytes | None) -> Sequence[str]:
    """The names in a tally, sorted; it takes 3 ms for 4,000, for each key that asks for them."""
    return sorted(decode(tally, _TALLY).names)


def longest(connection: sqlite3.Connection) -> dict[tuple[str, str], float]:
    """Seconds by pipeline and step: the longest that the step took in any run."""
    found = _read(connection).longest
    return {(pipeline, step): seconds for pipeline, steps in found.items() for step, seconds in steps.items()}


def rows_counted(connection: sqlite3.Connection) -> int:
    """How many rows there are.

    Raises:
        sqlite3.DatabaseError: others were counted in: the index is damaged.
    """
    question = "SELECT count(*), (SELECT value FROM state WHERE key = ?) FROM runs"
    number, tally = connection.execute(question, (_KEY,)).fetchone()
    counted = sum(decode(tally, _TALLY).statuses.values())
    if number != counted:
        raise sqlite3.DatabaseError(f"{number} rows where {counted} were counted")
    return int(number)


def _read(connection: sqlite3.Connection) -> Tally:
    return decode(state.read(connection, _KEY).get(_KEY), _TALLY)


def _changed(counts: Mapping[str, int], added: Mapping[str, int], gone: Mapping[str, int]) -> dict[str, int]:
    changed = Counter(counts)
    changed.update(added)
    changed.subtract(gone)
    return dict(+changed)


def _write(connection: sqlite3.Connection, tally: Tally) -> None:
    state.keep(connection, {_KEY: encode(tally)})
