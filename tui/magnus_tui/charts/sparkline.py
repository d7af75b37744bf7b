"""A series in one line of cells."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from rich.text import Text

from magnus_tui.charts.canvas import Canvas
from magnus_tui.charts.nan_gaps import with_marks
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.scales import Scale
from magnus_tui.charts.tracing import trace
from magnus_tui.charts.window import Window


def draw_sparkline(series: PreparedSeries, width: int) -> Text:
    """The curve of a series in `width` cells of one line; gaps are marked (see `magnus_tui.charts.nan_gaps`)."""
    canvas = Canvas(width, 1)
    bounds = series.pyramid.bounds(0, len(series))
    window = whole_window([series])
    if bounds is not None:
        trace(canvas, series, window, Scale.around(*bounds), 0)
    return Text(with_marks(canvas.row_text(0), series.gaps.cells(window, canvas.dots_across)))


def whole_window(series: Sequence[PreparedSeries], *, log: bool = False) -> Window:
    """The window that shows all of the series; on a logarithmic axis all positive step indexes, if there are two."""
    filled = [one for one in series if len(one)]
    if not filled:
        return Window(0, 1)
    first = min(one.indexes[0] for one in filled)
    last = max(one.indexes[-1] for one in filled)
    positive = [one.indexes[place] for one in filled if (place := bisect_right(one.indexes, 0)) < len(one)]
    if log and positive and last > min(positive):
        return Window(min(positive), last, True)
    return Window(first, last) if last > first else Window(first - 1, last + 1)
