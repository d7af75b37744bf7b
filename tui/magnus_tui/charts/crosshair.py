"""What a crosshair reads, and where it goes next, over curves whose step indexes differ."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.window import Window


@dataclass(frozen=True, slots=True)
class Reading:
    """What curves read at a place of their axis.

    Attributes:
        where: the place in words.
        values: by curve, what was tracked there or last before it; None before the first.
        notes: by curve, at which step that was; empty where it is the place itself.
    """

    where: str
    values: Sequence[Any]
    notes: Sequence[str]

    @classmethod
    def of(cls, where: str, curves: Sequence[PreparedSeries], index: float) -> Self:
        """What `curves` read at `index`."""
        places = [(curve, curve.at(index)) for curve in curves]
        values = [None if at is None else curve.tracked[at] for curve, at in places]
        notes = ["" if at is None or curve.indexes[at] == index else f"@ {curve.steps[at]:,}" for curve, at in places]
        return cls(where, values, notes)


def first_step(curves: Sequence[PreparedSeries], window: Window | None = None) -> int | None:
    """The first step index that some curve has, in `window` if one is given; None without any."""
    return min((indexes[0] for indexes in _within(curves, window)), default=None)


def last_step(curves: Sequence[PreparedSeries], window: Window | None = None) -> int | None:
    """The last step index that some curve has, in `window` if one is given; None without any."""
    return max((indexes[1] for indexes in _within(curves, window)), default=None)


def next_step(curves: Sequence[PreparedSeries], index: int, stride: int) -> int:
    """The step index to go to from `index`; `index` itself where no curve goes on.

    Args:
        curves: what is read at the crosshair; their step indexes may differ.
        index: where the crosshair stands, at a step index or between two.
        stride: how many step indexes of a curve to go at once, to the left where negative; not 0. It ends at a
            curve's end, so that the last step is always reached.
    """
    found = []
    for curve in curves:
        if stride > 0:
            place = bisect_right(curve.indexes, index)
            if place < len(curve):
                found.append(curve.indexes[min(place + stride - 1, len(curve) - 1)])
        else:
            place = bisect_left(curve.indexes, index)
            if place > 0:
                found.append(curve.indexes[max(place + stride, 0)])
    return (min if stride > 0 else max)(found, default=index)


def stride_of(curves: Sequence[PreparedSeries], window: Window, columns: int) -> int:
    """How many step indexes of the densest curve fall into one of `columns` columns of the window; at least 1."""
    most = 0
    for curve in curves:
        start, stop = curve.within(window.first, window.last)
        most = max(most, stop - start)
    return max(most // max(columns, 1), 1)


def _within(curves: Sequence[PreparedSeries], window: Window | None) -> list[tuple[int, int]]:
    ends = []
    for curve in curves:
        start, stop = curve.within(window.first, window.last) if window is not None else (0, len(curve))
        if start < stop:
            ends.append((curve.indexes[start], curve.indexes[stop - 1]))
    return ends
