"""How charts show NaN, infinities and what is not a number: the one place that decides it, for charts of every size.

A line is broken at such a value (`is_drawn`). In one line of cells, and in a row of a larger chart where the fewest
curves are in the way, `MARK` stands below it; a note says what it is and where.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from magnus_tracking.runlog.numbers_in_text import measured
from magnus_tui import format
from magnus_tui.charts.canvas import Canvas
from magnus_tui.charts.window import Window

is_drawn = math.isfinite
MARK = "▒"

IndexLabel = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class _Gap:
    """Neighbouring values that are not drawn: what they are, and the step indexes of the first and the last."""

    kind: str
    first: int
    last: int

    def text(self, label: IndexLabel) -> str:
        first, last = label(self.first), label(self.last)
        return f"{self.kind} at {first}" if self.first == self.last else f"{self.kind} {first}–{last}"


class Gaps:
    """Where the values of a series are not drawn; false where all are."""

    def __init__(self, indexes: Sequence[int], tracked: Sequence[Any], places: Sequence[int]) -> None:
        """Neighbours of one kind are one gap.

        Args:
            indexes: the step indexes of the series, ascending.
            tracked: what was tracked at each of them.
            places: the positions of the values that are not finite, ascending.
        """
        gaps: list[_Gap] = []
        before = None
        for place in places:
            kind, index = _kind(tracked[place]), indexes[place]
            if before == place - 1 and gaps[-1].kind == kind:
                gaps[-1] = _Gap(kind, gaps[-1].first, index)
            else:
                gaps.append(_Gap(kind, index, index))
            before = place
        self._gaps = gaps
        self._ends = [gap.last for gap in gaps]
        self._last_index = indexes[-1] if indexes else None

    def __bool__(self) -> bool:
        return bool(self._gaps)

    def cells(self, window: Window, columns: int) -> set[int]:
        """The cells in which some value is a gap; what lies in one cell with others is not looked at twice.

        Args:
            window: the step indexes shown.
            columns: over how many columns of dots, two a cell.
        """
        cells: set[int] = set()
        place = bisect_left(self._ends, window.first)
        while place < len(self._gaps) and self._gaps[place].first <= window.last:
            gap = self._gaps[place]
            right = window.column(gap.last, columns) // 2
            cells.update(range(window.column(gap.first, columns) // 2, right + 1))
            place = max(place + 1, bisect_left(self._ends, window.index(2 * right + 1.49, columns)))
        return cells

    def text(self, label: IndexLabel = str) -> str:
        """Where values are not drawn, in a few words; empty where all are.

        Args:
            label: how a step index is written.
        """
        if not self._gaps:
            return ""
        first = self._gaps[0]
        if len(self._gaps) == 1 and first.last == self._last_index and first.first != first.last:
            return f"{first.kind} from {label(first.first)}"
        more = f" (+{len(self._gaps) - 1} more)" if len(self._gaps) > 1 else ""
        return f"{first.text(label)}{more}"


def _kind(value: Any) -> str:
    number = measured(value)
    if number is None:
        return "null" if value is None else "no number"
    return format.number(number)


def with_marks(text: str, cells: set[int]) -> str:
    """One line of a chart with a mark in those of `cells` that are empty."""
    return "".join(MARK if cell in cells and character == " " else character for cell, character in enumerate(text))


class GapBand:
    """The marks and the note of a chart of several lines: all in one row, where the fewest curves are in the way.

    Attributes:
        row: the row.
        cells: the columns in which a mark stands where no curve is.
        note: what the gaps are, character by column; it is drawn on curves, too.
    """

    def __init__(self, canvas: Canvas, series: Sequence[Gaps], window: Window, label: IndexLabel) -> None:
        self.cells: set[int] = set().union(*(one.cells(window, canvas.dots_across) for one in series))
        self.note = self._note(canvas.width, series, label)
        columns = self.cells | self.note.keys()
        taken = [sum(canvas.owner(row, column) >= 0 for column in columns) for row in range(canvas.height)]
        self.row = max(range(canvas.height), key=lambda row: (-taken[row], row))

    def _note(self, width: int, series: Sequence[Gaps], label: IndexLabel) -> dict[int, str]:
        texts = list(dict.fromkeys(one.text(label) for one in series if one))
        if not self.cells or not texts:
            return {}
        note = f" {texts[0]}{f' (+{len(texts) - 1} more)' if len(texts) > 1 else ''} "
        if len(note) > width:
            return {}
        start = min(min(self.cells) + 1, width - len(note))
        return {start + place: character for place, character in enumerate(note)}
