"""From a series to dots: a vertical run in each column, which holds every extreme that falls into it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby, islice, pairwise

from magnus_tui.charts.bins import Bins
from magnus_tui.charts.canvas import Canvas, Runs
from magnus_tui.charts.nan_gaps import is_drawn
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.scales import Scale
from magnus_tui.charts.window import Window


def scatter(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale, owner: int) -> None:
    """Draw a dot for each value of a series, without lines between them."""
    start, stop = series.within(window.first, window.last)
    places = [place for place in range(start, stop) if is_drawn(series.values[place])]
    rows = scale.rows([series.values[place] for place in places], canvas.dots_down)
    columns = [window.column(series.indexes[place], canvas.dots_across) for place in places]
    canvas.draw(Runs(columns, rows, rows), owner)


def trace(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale, owner: int) -> None:
    """Draw a series onto the canvas."""
    canvas.draw(runs_of(canvas, series, window, scale), owner)


def runs_of(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale) -> Runs:
    """The dots of a curve."""
    key = (window, scale, canvas.dots_across, canvas.dots_down)
    return series.runs.get(key, lambda: _runs(canvas, series, window, scale))


_CELLS_A_POINT = 4
"""Cells that there are for each value, at least, where each is marked."""


def point_cells(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale) -> Iterator[tuple[int, int]]:
    """Rows and columns of the cells of a series' values, where these are few."""
    start, stop = series.within(window.first, window.last)
    if (stop - start) * _CELLS_A_POINT > canvas.width or canvas.height < _HIGH_ENOUGH:
        return
    for place in range(start, stop):
        value = series.values[place]
        if is_drawn(value):
            column = window.column(series.indexes[place], canvas.dots_across) // 2
            yield scale.rows([value], canvas.dots_down)[0] // 4, column


def clipped_cells(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale) -> tuple[set[int], set[int]]:
    """The columns of cells in which values lie above and below the axis."""
    bins = series.bins(window, canvas.dots_across)
    lows, highs = series.pyramid.bounds_of(bins)
    above = {column // 2 for column, high in zip(bins.columns, highs, strict=True) if scale.high < high < math.inf}
    below = {column // 2 for column, low in zip(bins.columns, lows, strict=True) if -math.inf < low < scale.low}
    return above, below


_MOST_MARKED = 20
"""Up to so many curves over one another each have marks: more would hide behind them."""
_CELLS_A_MARK = 24
"""Cells between two marks of a curve, so that it is told from others wherever it is looked at."""


def mark_cells(
    canvas: Canvas, series: Sequence[PreparedSeries], window: Window, scale: Scale
) -> dict[tuple[int, int], int]:
    """By row and column of a cell, which of several curves has its mark there: at its end, and now and then before.

    A curve that is hidden by others is marked beside their marks.
    """
    if not 1 < len(series) <= _MOST_MARKED or canvas.height < _HIGH_ENOUGH:
        return {}
    marks: dict[tuple[int, int], int] = {}
    starts: dict[int, int] = {}
    curves = [_cells(runs_of(canvas, one, window, scale)) for one in series]

    def mark(place: int, until: int) -> int:
        for column in reversed(curves[place]):
            if column <= until and marks.setdefault((curves[place][column], column), place) == place:
                return column
        return -1

    for place in range(len(series)):
        starts[place] = mark(place, canvas.width)
    for place, start in starts.items():
        column = start - _CELLS_A_MARK * place // len(series)
        while (column := mark(place, column - _CELLS_A_MARK)) >= 0:
            pass
    return marks


def _cells(runs: Runs) -> dict[int, int]:
    """By column of cells, from the left, a row in which a curve is seen."""
    cells = {column // 2: (top + bottom) // 8 for column, top, bottom in zip(*runs, strict=True)}
    return dict(sorted(cells.items()))


_HIGH_ENOUGH = 3
"""Rows of a chart on which values are marked; a line of cells shows the curve alone."""


def _runs(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale) -> Runs:
    start, stop = series.within(window.first, window.last)
    if stop - start > canvas.dots_across:
        return _dense(canvas, series, window, scale)
    runs = Runs([], [], [])
    _sparse(canvas, series, window, scale, max(start - 1, 0), min(stop + 1, len(series)), runs)
    return runs


def _dense(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale) -> Runs:
    """More values than columns: the bounds of what falls into each column, joined with its neighbour's."""
    bins = series.bins(window, canvas.dots_across)
    lows, highs = series.pyramid.bounds_of(bins)
    if math.inf not in lows:
        runs = _joined(canvas, bins.columns, lows, highs, scale)
        return Runs(*map(list.__add__, runs, _across_gaps(canvas, series, window, scale, bins)))
    runs = Runs([], [], [])
    for is_finite, places in groupby(range(len(lows)), lambda place: lows[place] != math.inf):
        if is_finite:
            found = list(places)
            part = slice(found[0], found[-1] + 1)
            more = _joined(canvas, bins.columns[part], lows[part], highs[part], scale)
            runs = Runs(*(one + other for one, other in zip(runs, more, strict=True)))
    return runs


def _across_gaps(canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale, bins: Bins) -> Runs:
    """Lines over columns without values, as where the clock went on or on a logarithmic axis."""
    runs = Runs([], [], [])
    if len(bins.columns) < bins.columns[-1] - bins.columns[0] + 1:
        for place, (left, right) in enumerate(pairwise(bins.columns), 1):
            if right > left + 1:
                _sparse(canvas, series, window, scale, bins.edges[place] - 1, bins.edges[place] + 1, runs)
    return runs


def _joined(canvas: Canvas, columns: list[int], lows: list[float], highs: list[float], scale: Scale) -> Runs:
    """Vertical runs, lengthened so that neighbours touch."""
    tops, bottoms = scale.rows(highs, canvas.dots_down), scale.rows(lows, canvas.dots_down)
    longer_tops, longer_bottoms = tops[:], bottoms[:]
    neighbours = zip(tops, bottoms, islice(tops, 1, None), islice(bottoms, 1, None), strict=False)
    for place, (last_top, last_bottom, top, bottom) in enumerate(neighbours, 1):
        if last_top > bottom:
            longer_bottoms[place] = last_top - 1
        elif last_bottom < top:
            longer_tops[place] = last_bottom + 1
    return Runs(columns, longer_tops, longer_bottoms)


def _sparse(
    canvas: Canvas, series: PreparedSeries, window: Window, scale: Scale, start: int, stop: int, runs: Runs
) -> None:
    """Fewer values than columns: straight lines between them, broken where a value is not finite, added to `runs`."""
    columns, down = canvas.dots_across, canvas.dots_down - 1
    places = [place for place in range(start, stop) if is_drawn(series.values[place])]
    if window.log:
        places = [place for place in places if series.indexes[place] > 0]
    rows = scale.rows([series.values[place] for place in places], canvas.dots_down)
    last_place, x0, y0 = -2, 0.0, 0.0
    for place, row in zip(places, rows, strict=True):
        index = series.indexes[place]
        x = window.place(index) * (columns - 1)
        y = down - down * max(0.0, min(1.0, scale.place(series.values[place])))
        if place == last_place + 1:
            _line(x0, y0, x, y, columns, runs)
        if window.first <= index <= window.last:
            runs.columns.append(window.column(index, columns))
            runs.tops.append(row)
            runs.bottoms.append(row)
        last_place, x0, y0 = place, x, y


def _line(x0: float, y0: float, x1: float, y1: float, columns: int, runs: Runs) -> None:
    """Add a straight line to `runs`: in each column from the row where it enters to the one where it leaves."""
    first, last = max(round(x0), 0), min(round(x1), columns - 1)
    if x1 - x0 < 1e-9:
        if 0 <= first < columns:
            runs.columns.append(first)
            runs.tops.append(round(min(y0, y1)))
            runs.bottoms.append(round(max(y0, y1)))
        return
    if last < first:
        return
    slope = (y1 - y0) / (x1 - x0)
    enters = [round(y0 + slope * (max(first - 0.5, x0) - x0))]
    enters += [round(y0 + slope * (column + 0.5 - x0)) for column in range(first, last)]
    leaves = [*enters[1:], round(y0 + slope * (min(last + 0.5, x1) - x0))]
    runs.columns.extend(range(first, last + 1))
    runs.tops.extend(leaves if slope < 0 else enters)
    runs.bottoms.extend(enters if slope < 0 else leaves)
