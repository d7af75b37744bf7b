"""The part of the steps' axis that a chart shows."""

from __future__ import annotations

import math
from dataclasses import dataclass

_FINE = 2**44
"""Up to here floats tell a two-hundredth of a step from the next; beyond, places are whole steps."""

_CERTAIN = 0.49
"""Columns from the middle of one up to which rounding puts nothing into the next, where floats tell its parts."""


def plus(index: float, distance: float) -> float:
    """A place on the steps' axis and a distance; below the sum by less than a step where floats can't tell steps."""
    return index + math.floor(distance) if isinstance(index, int) and abs(index) > _FINE else index + distance


def _log_distance(index: float, other: float) -> float:
    """How far apart two places are on a logarithmic axis, also where floats can't tell their ratio from 1."""
    change = (other - index) / index
    return math.log1p(change) if change > -0.5 else math.log(other / index)


def _log_plus(index: float, distance: float) -> float:
    """A place on a logarithmic axis and a distance there."""
    return plus(index, index * math.expm1(distance))


@dataclass(frozen=True, slots=True)
class Window:
    """The step indexes that a chart shows, from `first` to `last`, which differ; with `log` both are positive."""

    first: float
    last: float
    log: bool = False

    def place(self, index: float) -> float:
        """Where a step index lies, 0 at `first` and 1 at `last`; with `log` it is positive."""
        if self.log:
            return _log_distance(self.first, index) / _log_distance(self.first, self.last)
        return (index - self.first) / (self.last - self.first)

    def column(self, index: float, columns: int) -> int:
        """The column of dots in which a step index falls: the first one whose right edge is not before it."""
        if self.log and index <= self.first:
            return 0
        exact = self.place(index) * (columns - 1)
        column = max(0, min(columns - 1, round(exact)))
        is_fine = not self.log and abs(index) * columns < (self.last - self.first) * _FINE
        if is_fine and abs(exact - column) < _CERTAIN:
            return column
        while column > 0 and index <= self.right_edge(column - 1, columns):
            column -= 1
        while column < columns - 1 and index > self.right_edge(column, columns):
            column += 1
        return column

    def right_edge(self, column: int, columns: int) -> float:
        """The last step index that falls into a column of dots: half-way to the middle of the next one."""
        if self.log:
            return self.index(column + 0.5, columns)
        return plus(self.first, (column + 0.5) * ((self.last - self.first) / max(columns - 1, 1)))

    def index(self, column: float, columns: int) -> float:
        """The step index at a column of dots."""
        if self.log:
            return _log_plus(self.first, _log_distance(self.first, self.last) * column / max(columns - 1, 1))
        return plus(self.first, (self.last - self.first) * column / max(columns - 1, 1))

    @property
    def middle(self) -> float:
        """The step index half-way between its ends."""
        if self.log:
            return _log_plus(self.first, _log_distance(self.first, self.last) / 2)
        return plus(self.first, (self.last - self.first) / 2)

    def zoomed(self, factor: float, around: float, whole: Window) -> Window:
        """`factor` times as wide, `around` staying where it is, inside `whole`."""
        if self.log:
            around = max(around, whole.first)
            first, last = (_log_plus(around, _log_distance(around, end) * factor) for end in (self.first, self.last))
        else:
            first = plus(around, -(around - self.first) * factor)
            last = plus(around, (self.last - around) * factor)
        return Window(max(first, whole.first), min(last, whole.last), self.log)

    def moved_to(self, index: float, whole: Window) -> Window:
        """As wide as it is, moved so that `index` lies in its middle, as far as `whole` goes."""
        if self.log:
            span = _log_distance(self.first, self.last)
            first = max(whole.first, min(_log_plus(index, -span / 2), _log_plus(whole.last, -span)))
            return Window(first, _log_plus(first, span), True)
        span = self.last - self.first
        first = max(whole.first, min(plus(index, -span / 2), plus(whole.last, -span)))
        return Window(first, plus(first, span))
