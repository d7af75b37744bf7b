"""The rows of the index: one a run, under a number that stays the same as long as the run is there."""

from __future__ import annotations

import os
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from magnus_tracking.index import aggregates, listing, segments, state
from magnus_tracking.index.aggregates import Tally
from magnus_tracking.index.encoding import decode_summary, sealed, unsealed
from magnus_tracking.index.segments import SEGMENT
from magnus_tracking.runlog.metric_summary import LAST_ONLY, PROVISIONAL
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores.formats import run_id_of
from magnus_tracking.stores.run_listing import entry_path

if TYPE_CHECKING:
    from magnus_tracking.index.run_reading import ReadRun, Segment

_AT_ONCE = 500
"""Values in one statement: SQLite before 3.32 takes 999."""

_ORDER, _ORDERED = "order", "order generation"
"""The keys of the default order, and of the generation of the index that it is of."""

_LACKING = f"SELECT id FROM runs WHERE depth = {LAST_ONLY}"
_INSERT = """
INSERT INTO runs (id, name, fingerprint, patched, depth, unfinished, summary)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_INSERT_OR_REPLACE = f"""
{_INSERT}
ON CONFLICT (id) DO UPDATE SET
    fingerprint = excluded.fingerprint, patched = excluded.patched,
    depth = excluded.depth, unfinished = excluded.unfinished, summary = excluded.summary
"""


class Written(Struct, frozen=True):
    """What writing a batch did.

    Attributes:
        rows: row id by name.
        generation: of the index after the batch.
        shortened: whether a run that took the longest for some step has changed.
        summaries: of the runs, in their order, without their paths; none where they need not be decoded.
    """

    rows: dict[str, int]
    generation: int
    shortened: bool
    summaries: Sequence[RunSummary] = ()


def array_of(row_ids: Iterable[int] | bytes = ()) -> array[int]:
    """Row ids, or the bytes of such an array. Four bytes hold each: the first screen waits until all have been read."""
    return array("i", row_ids)


def write(connection: sqlite3.Connection, runs: Mapping[str, ReadRun], segment: Segment | None) -> Written:
    """Add or replace runs, inside a transaction.

    Args:
        connection: inside a transaction.
        runs: by the name of their file or folder.
        segment: of the runs where they fill one; taken over if they are new, or are such a segment.
    """
    generation = next_generation(connection)
    rows, replaced, marks = _existing(connection, list(runs))
    if any(marks.get(name) != run.fingerprint for name, run in runs.items()):
        # A run that came and went, or changed and changed back, would be as that listing has it.
        listing.forget(connection)
    now = [] if segment and not replaced else [decode_summary(run.content, "") for run in runs.values()]
    shortened = aggregates.change(connection, segment.tally if segment else Tally.of(now), replaced)
    last = last_row(connection) or 0
    if segment and not rows:
        last = -(-last // SEGMENT) * SEGMENT
    for name in runs:
        if name not in rows:
            last += 1
            rows[name] = last
    if len(replaced) == len(runs) and _stay_in_order(replaced, now):
        connection.execute(
            "UPDATE state SET value = ? WHERE key = ? AND value = ?", (generation, _ORDERED, generation - 1)
        )
    ids = [rows[name] for name in runs]
    whole = segment is not None and ids[0] % SEGMENT == 1 and ids == list(range(ids[0], ids[0] + SEGMENT))
    connection.executemany(
        _INSERT_OR_REPLACE if replaced else _INSERT,
        [
            (row_id, os.fsencode(name), run.fingerprint, not whole, run.depth, run.unfinished, run.content)
            for row_id, (name, run) in zip(ids, runs.items(), strict=True)
        ],
    )
    if segment and whole:
        segments.put(connection, ids[0], segment.columns, fresh=not replaced)
    return Written(rows, generation, shortened, now)


def _stay_in_order(replaced: Sequence[RunSummary], now: Sequence[RunSummary]) -> bool:
    """Whether runs are as they were as far as the default order goes."""
    before = {summary.run_id: summary.started for summary in replaced}
    if len(before) < len(replaced):
        return False
    return all(before[summary.run_id] == summary.started for summary in now if summary.run_id in before)


def remove(connection: sqlite3.Connection, names: Sequence[str]) -> Written:
    """Take runs out, inside a transaction."""
    rows, removed, _ = _existing(connection, names)
    shortened = aggregates.change(connection, Tally(), removed)
    connection.executemany("DELETE FROM runs WHERE id = ?", [(row_id,) for row_id in rows.values()])
    listing.forget(connection)
    return Written(rows, next_generation(connection), shortened)


def touch(connection: sqlite3.Connection, name: str, fingerprint: int) -> None:
    """Give a run another fingerprint without reading it, inside a transaction."""
    connection.execute("UPDATE runs SET fingerprint = ? WHERE name = ?", (fingerprint, os.fsencode(name)))


def last_row(connection: sqlite3.Connection) -> int | None:
    """The highest row id; None without any."""
    last: int | None = connection.execute("SELECT max(id) FROM runs").fetchone()[0]
    return last


def is_any(connection: sqlite3.Connection) -> bool:
    """Whether there is any row."""
    return connection.execute("SELECT 1 FROM runs LIMIT 1").fetchone() is not None


def next_generation(connection: sqlite3.Connection) -> int:
    """Count one more writing, inside a transaction."""
    connection.execute("UPDATE state SET value = value + 1 WHERE key = 'generation'")
    return state.generation(connection)


def read(connection: sqlite3.Connection, row_ids: Iterable[int], root: Path) -> dict[int, RunSummary]:
    """Summaries by row id; rows that are gone are left out.

    Args:
        connection: any.
        row_ids: of the rows.
        root: the folder of the store, as the runs' paths should begin.
    """
    found = {}
    for row_id, name, content in _of_each(connection, "SELECT id, name, summary FROM runs WHERE id", list(row_ids)):
        file = os.fsdecode(name)
        found[row_id] = summary = decode_summary(content, entry_path(root, file))
        if summary.run_id not in (file, run_id_of(file)):
            raise sqlite3.DatabaseError("a row of another run")
    return found


def row_of(connection: sqlite3.Connection, names: Iterable[str]) -> int | None:
    """The row id of the first of `names` that is there."""
    for name in names:
        found = connection.execute("SELECT id FROM runs WHERE name = ?", (os.fsencode(name),)).fetchone()
        if found is not None:
            row_id: int = found[0]
            return row_id
    return None


def unfinished(connection: sqlite3.Connection) -> list[str]:
    """The names of the runs that may go on."""
    return _names(connection.execute("SELECT name FROM runs WHERE unfinished"))


def provisional(connection: sqlite3.Connection) -> list[str]:
    """The names of the runs that should be read again in full, by row id."""
    return _names(connection.execute(f"SELECT name FROM runs WHERE depth = {PROVISIONAL} ORDER BY id"))


def lacks_ranges(connection: sqlite3.Connection) -> bool:
    """Whether some runs lack the minimum, maximum and mean of their metrics."""
    return connection.execute(_LACKING + " LIMIT 1").fetchone() is not None


def lacking_ranges(connection: sqlite3.Connection) -> list[list[int]]:
    """The row ids of those runs by segment: whole segments where most rows lack ranges."""
    by_segment: dict[int, list[int]] = {}
    for (row_id,) in connection.execute(_LACKING + " ORDER BY id"):
        by_segment.setdefault((row_id - 1) // SEGMENT, []).append(row_id)
    return [
        row_ids if len(row_ids) < SEGMENT // 2 else list(range(segment * SEGMENT + 1, (segment + 1) * SEGMENT + 1))
        for segment, row_ids in by_segment.items()
    ]


def names_of(connection: sqlite3.Connection, row_ids: Sequence[int]) -> list[str]:
    """The names of the runs of some rows that are still there, by row id."""
    found = sorted(_of_each(connection, "SELECT id, name FROM runs WHERE id", row_ids))
    return [os.fsdecode(name) for _, name in found]


def unsettled(connection: sqlite3.Connection) -> list[str]:
    """The names of the runs that must be read again."""
    return _names(connection.execute("SELECT name FROM runs WHERE fingerprint = 0"))


def keep_order(connection: sqlite3.Connection, order: array[int], generation: int) -> None:
    """Keep the default order that the index had in its state of `generation`, if it still is, inside a transaction."""
    if state.generation(connection) == generation:
        state.keep(connection, {_ORDER: sealed(order.tobytes()), _ORDERED: generation})


def kept_order(connection: sqlite3.Connection) -> array[int] | None:
    """The default order that was kept, if it is still that of the index."""
    kept = state.read(connection, _ORDER, _ORDERED)
    return array_of(unsealed(kept[_ORDER]).tobytes()) if kept.get(_ORDERED) == state.generation(connection) else None


def _existing(
    connection: sqlite3.Connection, names: Sequence[str]
) -> tuple[dict[str, int], list[RunSummary], dict[str, int]]:
    """Of the runs that are there: the row ids by name, the summaries, the fingerprints by name."""
    rows: dict[str, int] = {}
    summaries: list[RunSummary] = []
    marks: dict[str, int] = {}
    question = "SELECT id, name, fingerprint, summary FROM runs WHERE name"
    for row_id, encoded, mark, content in _of_each(connection, question, [os.fsencode(name) for name in names]):
        name = os.fsdecode(encoded)
        rows[name], marks[name] = row_id, mark
        summaries.append(decode_summary(content, ""))
    return rows, summaries, marks


def _names(found: Iterable[tuple[bytes]]) -> list[str]:
    return [os.fsdecode(name) for (name,) in found]


def _of_each(connection: sqlite3.Connection, question: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows that `question` finds, which ends with the column that is one of `values`."""
    for start in range(0, len(values), _AT_ONCE):
        some = values[start : start + _AT_ONCE]
        yield from connection.execute(f"{question} IN ({','.join('?' * len(some))})", some)
