"""From a series to dots: a vertical run in each column, which holds every extreme that falls into it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from magnus_tui.charts.canvas import Canvas
from magnus_tui.charts.prepared import PreparedSeries, Run
from magnus_tui.charts.scales import Scale
from magnus_tui.charts.window import Window


def trace(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale, owner: int) -> None:
    """Draw a series onto the canvas."""
    key = (window, scale, canvas.dots_across, canvas.dots_down)
    canvas.draw(series.runs.get(key, lambda: _runs(canvas, series, window, scale)), owner)


def _runs(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale) -> list[Run]:
    start, stop = series.within(window.first, window.last)
    if stop - start > canvas.dots_across:
        return _dense(canvas, series, window, scale)
    return list(_sparse(canvas, series, window, scale, max(start - 1, 0), min(stop + 1, len(series))))


def _dense(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale) -> list[Run]:
    """More values than columns: the bounds of what falls into each column, joined with its neighbour's."""
    columns = series.columns(window, canvas.dots_across)
    bounds = [found for _, found in columns if found is not None]
    lows = iter(scale.rows([low for low, _ in bounds], canvas.dots_down))
    highs = iter(scale.rows([high for _, high in bounds], canvas.dots_down))
    runs = []
    last_top = last_bottom = -1
    for column, found in columns:
        if found is None:
            last_top = -1
            continue
        top, bottom = next(highs), next(lows)
        joined_top, joined_bottom = top, bottom
        if last_top >= 0:
            if last_top > bottom:
                joined_bottom = last_top - 1
            elif last_bottom < top:
                joined_top = last_bottom + 1
        runs.append((column, joined_top, joined_bottom))
        last_top, last_bottom = top, bottom
    return runs


def _sparse(
    canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale, start: int, stop: int
) -> Iterator[tuple[int, int, int]]:
    """Fewer values than columns: straight lines between them, broken where a value is not finite."""
    columns = canvas.dots_across
    down = canvas.dots_down - 1
    span = window.last - window.first
    before: tuple[float, float] | None = None
    for position in range(start, stop):
        value = series.values[position]
        if not math.isfinite(value):
            before = None
            continue
        x = (series.indexes[position] - window.first) / span * (columns - 1)
        height = down * max(0.0, min(1.0, scale.place(value)))
        y = down - height
        if before is not None:
            yield from _line(before, (x, y), columns)
        if -0.5 <= x <= columns - 0.5:
            row = down - round(height)
            yield max(0, min(columns - 1, round(x))), row, row
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
