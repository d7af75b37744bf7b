"""The list of runs as rows to be written: every run that it holds, a folded group as one row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from magnus_tui import format
from magnus_tui.feed.feed import ListedRun
from magnus_tui.format import table_columns
from magnus_tui.format.seen import Seen
from magnus_tui.format.table_columns import MISSING
from magnus_tui.runs.columns import STARTED, STATUS, Column, Row
from magnus_tui.runs.groups import GroupLine

if TYPE_CHECKING:
    from magnus_tracking.query.grouping import Aggregate

_READ_AT_ONCE = 500
"""Runs that are read together."""

_Listed = tuple[GroupLine | None, Row | None]
"""A run with the line of its group, or the line of a folded group alone."""
_Column = table_columns.Column[_Listed]


def list_seen(
    shown: Sequence[Column],
    row_ids: Sequence[int],
    groups: Sequence[GroupLine],
    read: Callable[[Sequence[int]], Mapping[int, ListedRun]],
    present: Callable[[ListedRun], Row],
) -> Seen:
    """What the list holds, read once it is written.

    Args:
        shown: its columns, also those that there is no room for.
        row_ids: what is listed, from the top; ``-1 - n`` stands for the group line `n`.
        groups: the group lines.
        read: reads the runs of some row ids; called in a worker thread.
        present: gives a run as it is to be shown now; likewise.
    """
    of_groups = list(_group_columns(groups)) if groups else []
    of_runs = [_Column(name, partial(_of_run, get)) for column in shown for name, get in column.written]
    people = [_for_people(column) for column in shown]
    count = len(row_ids) - sum(not group.folded for group in groups)
    rows = partial(_rows, row_ids, groups, read, present)
    return Seen("runs", [*of_groups, *of_runs], rows, count, [*of_groups, *people])


def _for_people(column: Column) -> _Column:
    """A column as the list shows it; but a status in words, and a time that still holds tomorrow."""
    if column is STARTED:
        return _Column("started", lambda listed: listed[1].run.started if listed[1] else None)
    if column is STATUS:
        return _Column("status", _status)
    texts = partial(_texts, column)
    return _Column(column.title, lambda listed: listed[1], show_beside=texts, right=column.right)


def _status(listed: _Listed) -> str | None:
    row = listed[1]
    return f"{format.glyph(row.state)} {row.state}" if row is not None else None


def _group_columns(groups: Sequence[GroupLine]) -> Iterator[_Column]:
    """What group each row is of; of a folded one how many runs it has, what its metrics come to."""
    yield _Column("group", lambda listed: listed[0].group.label if listed[0] else None)
    if any(group.folded for group in groups):
        yield _Column("runs", partial(_of_group, lambda group: group.runs), right=True)
        for place, metric in enumerate(groups[0].metrics):
            for word, of_metric in _TOTALS.items():
                get = partial(_of_metric, place, of_metric)
                yield _Column(f"{word} {metric.name}", partial(_of_group, get), right=True)


_TOTALS: dict[str, Callable[[Aggregate], Any]] = {
    "n": lambda total: total.n,
    "mean": lambda total: total.mean,
    "best": lambda total: total.best,
}
"""What is written of each metric of a folded group."""


def _of_metric(place: int, get: Callable[[Aggregate], Any], group: GroupLine) -> Any:
    return get(group.metrics[place].total)


def _of_group(get: Callable[[GroupLine], Any], listed: _Listed) -> Any:
    group, row = listed
    return get(group) if group is not None and row is None else None


def _of_run(get: Callable[[Row], Any], listed: _Listed) -> Any:
    return get(listed[1]) if listed[1] is not None else MISSING


def _texts(column: Column, rows: Sequence[Row | None]) -> list[str]:
    """What the list shows of some rows, nothing of a folded group."""
    texts = iter(column.cells([row for row in rows if row is not None]))
    return ["" if row is None else next(texts) for row in rows]


def _rows(
    row_ids: Sequence[int],
    groups: Sequence[GroupLine],
    read: Callable[[Sequence[int]], Mapping[int, ListedRun]],
    present: Callable[[ListedRun], Row],
) -> Iterator[_Listed]:
    """The rows from the top, read some hundreds at a time."""
    group: GroupLine | None = None
    for start in range(0, len(row_ids), _READ_AT_ONCE):
        part = row_ids[start : start + _READ_AT_ONCE]
        found = read([row_id for row_id in part if row_id >= 0])
        for row_id in part:
            if row_id >= 0:
                yield group, present(found[row_id])
                continue
            group = groups[-1 - row_id]
            if group.folded:
                yield group, None
