"""The columns of a comparison that is written: values in full for machines, cells as on the screen for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from magnus_tracking.analysis.compare import Row
from magnus_tui.compare.cells import STAR, Cell, cells
from magnus_tui.format.side_by_side import strings_apart
from magnus_tui.format.table_columns import Column

_MOST_TEXT = 32
"""Characters of a text that is written whole; of a longer one that differs, what is around the first difference."""


def machine_columns(runs: Sequence[str], baseline: int) -> list[Column[Row]]:
    """Where a row stands, its values in full, and their differences to the baseline.

    Args:
        runs: what is compared, by column.
        baseline: the column that differences are measured from.
    """
    where = [
        Column[Row]("section", lambda row: row.section),
        Column[Row]("key", lambda row: row.key),
        Column[Row]("differs", lambda row: row.differs),
    ]
    taken = {*(column.name for column in where), *(f"delta {run}" for run in runs)}

    def value(column: int) -> Column[Row]:
        name = runs[column]
        return Column(f"run {name}" if name in taken else name, lambda row: row.values[column])

    def delta(column: int) -> Column[Row]:
        return Column(f"delta {runs[column]}", lambda row: row.delta[column])

    count = range(len(runs))
    return [*where, *map(value, count), *(delta(column) for column in count if column != baseline)]


def person_columns(runs: Sequence[str], baseline: int, best: Mapping[str, str]) -> list[Column[Row]]:
    """Where a row stands, and its values beside each other.

    Args:
        runs: what is compared, by column.
        baseline: the column that differences are measured from.
        best: by metric, ``min`` or ``max``, as the user said.
    """
    # By the row itself: a metric may be called what the minimum of another is, ``min(loss)``.
    made: dict[int, list[Cell]] = {}

    def cell(row: Row, column: int) -> Cell:
        if id(row) not in made:
            made[id(row)] = cells(row, baseline, best)
        return made[id(row)][column]

    def text(shown: Any) -> str:
        star = f"{STAR} " if shown.best else ""
        said = shown.excerpt if shown.excerpt and len(shown.text) > _MOST_TEXT else shown.text
        return f"{star}{said}" + (f"  ({shown.change})" if shown.change else "")

    def value(column: int) -> Column[Row]:
        heading = runs[column] + (" (baseline)" if column == baseline else "")
        return Column(runs[column], lambda row: cell(row, column), heading, text, shrinks=True, stays=True)

    return [
        Column("section", lambda row: row.section),
        Column("key", lambda row: row.key, show_beside=strings_apart, stays=True),
        *map(value, range(len(runs))),
    ]
