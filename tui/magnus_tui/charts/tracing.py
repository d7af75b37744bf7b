"""From a series to dots: a vertical run in each column, which holds every extreme that falls into it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from magnus_tui.charts.canvas import Canvas
from magnus_tui.charts.prepared import PreparedSeries
from magnus_tui.charts.scales import Scale


@dataclass(frozen=True, slots=True)
class Window:
    """The step indexes that a chart shows, from `first` to `last`, which differ."""

    first: float
    last: float

    def column(self, index: float, columns: int) -> int:
        """The column of dots in which a step index falls."""
        place = (index - self.first) / (self.last - self.first)
        return max(0, min(columns - 1, round(place * (columns - 1))))

    def index(self, column: float, columns: int) -> float:
        """The step index at a column of dots."""
        return self.first + (self.last - self.first) * column / max(columns - 1, 1)


def trace(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale, owner: int) -> None:
    """Draw a series onto the canvas."""
    start, stop = series.within(window.first, window.last)
    if stop - start > canvas.dots_across:
        runs = _dense(canvas, series, window, scale, start, stop)
    else:
        runs = _sparse(canvas, series, window, scale, max(start - 1, 0), min(stop + 1, len(series)))
    for column, top, bottom in runs:
        canvas.vertical(column, top, bottom, owner)


def _row(canvas: Canvas, scale: Scale, value: float) -> int:
    down = canvas.dots_down - 1
    place = scale.place(value)
    return down - max(0, min(down, round(place * down)))


def _dense(
    canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale, start: int, stop: int
) -> Iterator[tuple[int, int, int]]:
    """More values than columns: the bounds of what falls into each column, joined with its neighbour's."""
    columns = canvas.dots_across
    step = (window.last - window.first) / max(columns - 1, 1)
    previous: tuple[int, int] | None = None
    position = start
    for column in range(columns):
        edge = window.first + (column + 0.5) * step
        end = series.within(window.first, edge)[1] if column < columns - 1 else stop
        if end <= position:
            continue
        bounds = series.pyramid.bounds(position, end)
        position = end
        if bounds is None:
            previous = None
            continue
        top, bottom = _row(canvas, scale, bounds[1]), _row(canvas, scale, bounds[0])
        joined_top, joined_bottom = top, bottom
        if previous is not None:
            if previous[0] > bottom:
                joined_bottom = previous[0] - 1
            elif previous[1] < top:
                joined_top = previous[1] + 1
        yield column, min(joined_top, top), max(joined_bottom, bottom)
        previous = (top, bottom)


def _sparse(
    canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale, start: int, stop: int
) -> Iterator[tuple[int, int, int]]:
    """Fewer values than columns: straight lines between them, broken where a value is not finite."""
    columns = canvas.dots_across
    span = window.last - window.first
    before: tuple[float, float] | None = None
    for position in range(start, stop):
        value = series.values[position]
        if not math.isfinite(value):
            before = None
            continue
        x = (series.indexes[position] - window.first) / span * (columns - 1)
        y = (canvas.dots_down - 1) * (1 - max(0.0, min(1.0, scale.place(value))))
        if before is not None:
            yield from _line(before, (x, y), columns)
        if -0.5 <= x <= columns - 0.5:
            yield max(0, min(columns - 1, round(x))), round(y), round(y)
        before = (x, y)


def _line(start: tuple[float, float], end: tuple[float, float], columns: int) -> Iterator[tuple[int, int, int]]:
    (x0, y0), (x1, y1) = start, end
    first, last = max(round(x0), 0), min(round(x1), columns - 1)
    if x1 - x0 < 1e-9:
        if 0 <= first < columns:
            yield first, round(min(y0, y1)), round(max(y0, y1))
        return
    slope = (y1 - y0) / (x1 - x0)
    for column in range(first, last + 1):
        left = y0 + slope * (max(column - 0.5, x0) - x0)
        right = y0 + slope * (min(column + 0.5, x1) - x0)
        yield column, round(min(left, right)), round(max(left, right))
