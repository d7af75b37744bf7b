"""A chart of one or several series: axes, curves, marks where values are not finite, a crosshair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import ne

from rich.segment import Segment
from rich.style import Style

from magnus_tui.charts.axes import XAxis, x_axis, x_text
from magnus_tui.charts.canvas import Canvas
from magnus_tui.charts.nan_gaps import MARK, GapBand
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.pyramid import Bounds, Pyramid
from magnus_tui.charts.scales import Scale
from magnus_tui.charts.series_colors import series_glyph
from magnus_tui.charts.sparkline import whole_window
from magnus_tui.charts.ticks import value_axis
from magnus_tui.charts.tracing import clipped_cells, mark_cells, point_cells, scatter, trace
from magnus_tui.charts.window import Window

Line = list[Segment]

_LEAST_LABEL = 8
"""Cells that a label of the values' axis may take on a chart too narrow for a third of it to be enough."""
_ENOUGH = 4
"""Ticks of an axis of steps or times for which no more room is made."""
_RAW = 1000
"""Added to the place of a series: its raw curve beneath the smoothed one."""
_CROSS, _GAP = -2, -3
"""What stands for the crosshair and for values that are not finite, where series are told by their place."""


@dataclass(frozen=True, slots=True)
class ChartStyle:
    """The styles of a chart: of the axes, of notes on what is not finite, of the crosshair, and of each series."""

    axis: Style = field(default_factory=Style)
    gap: Style = field(default_factory=Style)
    crosshair: Style = field(default_factory=Style)
    raw: Style = field(default_factory=Style)
    series: tuple[Style, ...] = (Style(),)

    def of(self, place: int) -> Style:
        """The style of the series at `place`."""
        return self.series[place % len(self.series)]


@dataclass(frozen=True, slots=True)
class ChartView:
    """What part of the series is shown, and how.

    Attributes:
        window: the step indexes shown; None for all.
        log: whether the values' axis is logarithmic, where all shown are positive.
        smoothing: the weight of the exponential moving average, 0 for none; the raw curve stays beneath it.
        cursor: the step index of the crosshair, or None.
        axis: what the indexes are that series are drawn along.
        log_x: whether that axis is logarithmic too, where there are positive indexes.
        clip: the share of values that may lie beyond either end of the values' axis; 0 for none.
        lines: whether values are joined, as those of a sequence are.
    """

    window: Window | None = None
    log: bool = False
    smoothing: float = 0.0
    cursor: float | None = None
    axis: XAxis = "step"
    log_x: bool = False
    clip: float = 0.0
    lines: bool = True

    def label(self, index: float) -> str:
        """How notes write an index."""
        return x_text(self.axis, index)


def draw_chart(
    series: Sequence[PreparedSeries], width: int, height: int, style: ChartStyle, view: ChartView | None = None
) -> list[Line]:
    """The lines of a chart, `height` of them, each `width` cells wide.

    The values' axis stands at the left with its labels, the steps' axis in the last two lines.
    """
    view = view or ChartView()
    window = view.window or whole_window(series, log=view.log_x)
    rows = height - 2
    bounds = visible_bounds(series, window, view)
    if rows < 1 or width < 8 or bounds is None:
        return _without_axes(series, width, height, style, view, bounds)
    scale = Scale.around(*bounds, log=view.log)
    room = min(max(width // 3, _LEAST_LABEL), width // 2)
    axis = value_axis(scale, rows, room)
    texts = [tick.text for tick in axis.ticks]
    gutter = max(map(len, [*texts, axis.offset if len(axis.offset) <= room else ""]))
    gutter = _with_room_below(window, gutter, width, view)
    canvas = _draw(series, window, scale, width - gutter - 1, rows, view)
    overlay = _Overlay(canvas, series, window, scale, view, style)
    labels = {tick.cell: tick.text for tick in axis.ticks}
    lines = []
    for row in range(rows):
        head = labels.get(row, "").rjust(gutter) + ("┤" if row in labels else "│")
        lines.append([Segment(head, style.axis), *overlay.row(row)])
    return [*lines, *_steps_axis(window, gutter, canvas.width, style, view, axis.offset)]


def _with_room_below(window: Window, gutter: int, width: int, view: ChartView) -> int:
    """The gutter, or a wider one where what all labels of the steps' axis share needs it for more of them or a day."""
    axis = x_axis(view.axis, window, width - gutter - 1, gutter + 1)
    wider = max(gutter, width * 2 // 5)
    if wider == gutter or (len(axis.ticks) >= _ENOUGH and (axis.offset or view.axis != "clock")):
        return gutter
    roomy = x_axis(view.axis, window, width - wider - 1, wider + 1)
    better = len(roomy.ticks) > len(axis.ticks) or (len(roomy.ticks) == len(axis.ticks) and not axis.offset)
    return max(gutter, min(wider, len(roomy.offset))) if better and roomy.offset else gutter


def _without_axes(
    series: Sequence[PreparedSeries],
    width: int,
    height: int,
    style: ChartStyle,
    view: ChartView,
    bounds: Bounds | None,
) -> list[Line]:
    note = "" if bounds else next((one.gaps.text(view.label) for one in series if one.gaps), "no numbers here")
    lines = [[Segment(note[:width].ljust(width), style.gap)]]
    lines += [[Segment(" " * width, style.axis)] for _ in range(height - 1)]
    return lines[: max(height, 0)]


def visible_bounds(series: Sequence[PreparedSeries], window: Window, view: ChartView) -> tuple[float, float] | None:
    """The least and greatest finite value in the window; on a logarithmic axis of the positive ones, if any."""
    found: list[Bounds | None] = []
    if view.clip:
        found = [one.between_quantiles(*one.within(window.first, window.last), view.clip) for one in series]
        clipped = [bounds for bounds in found if bounds is not None and (bounds[0] > 0 or not view.log)]
        low, high = min((low for low, _ in clipped), default=0.0), max((high for _, high in clipped), default=0.0)
        if low < high:
            return low, high
    if view.log:
        found = [_bounds(one, one.positive, window) for one in series]
    if not any(found):
        found = [_bounds(one, one.pyramid, window) for one in series]
    there = [bounds for bounds in found if bounds is not None]
    if not there:
        return None
    return min(low for low, _ in there), max(high for _, high in there)


def _bounds(series: PreparedSeries, pyramid: Pyramid, window: Window) -> Bounds | None:
    """The bounds in the window; those of its neighbours where only the lines between them are seen."""
    start, stop = series.within(window.first, window.last)
    return pyramid.bounds(start, stop) or pyramid.bounds(max(start - 1, 0), min(stop + 1, len(series)))


def _draw(
    series: Sequence[PreparedSeries], window: Window, scale: Scale, width: int, height: int, view: ChartView
) -> Canvas:
    """All curves; what was drawn last is kept with the first of them, since a crosshair does not change it."""
    weight = view.smoothing
    key = (tuple(series), window, scale, width, height, weight, view.lines)

    def make() -> Canvas:
        canvas = Canvas(width, height)
        draw = trace if view.lines else scatter
        for place, one in enumerate(series):
            if weight:
                draw(canvas, one, window, scale, place + _RAW)
        for place, one in enumerate(series):
            if weight:
                trace(canvas, one.smoothed(weight), window, scale, place)
            else:
                draw(canvas, one, window, scale, place)
        return canvas

    return series[0].canvases.get(key, make)


class _Overlay:
    """What is drawn where no curve is, and points and clipped values on the curves.

    Where no curve is lie the band of values that are not finite, and the crosshair.
    """

    def __init__(
        self,
        canvas: Canvas,
        series: Sequence[PreparedSeries],
        window: Window,
        scale: Scale,
        view: ChartView,
        style: ChartStyle,
    ) -> None:
        self._canvas = canvas
        self._style = style
        self._styles = {_CROSS: style.crosshair, _GAP: style.gap}
        self._cross = None
        if view.cursor is not None and window.first <= view.cursor <= window.last:
            self._cross = window.column(view.cursor, canvas.dots_across) // 2
        self._points: dict[int, dict[int, tuple[str, int]]] = {}
        points = [list(point_cells(canvas, one, window, scale)) for one in series]
        # Between few values, each with its glyph already, more glyphs would pass for values.
        if view.lines and not any(points):
            drawn = [one.smoothed(view.smoothing) for one in series] if view.smoothing else series
            for (row, column), place in mark_cells(canvas, drawn, window, scale).items():
                self._points.setdefault(row, {})[column] = (series_glyph(place), place)
        for place, one in enumerate(series):
            glyph = series_glyph(place) if len(series) > 1 else "•"
            for row, column in points[place]:
                self._points.setdefault(row, {})[column] = (glyph, place)
            # On a logarithmic axis what is not positive lies beyond any end.
            if view.clip or scale.log:
                above, below = clipped_cells(canvas, one, window, scale)
                self._points.setdefault(0, {}).update(dict.fromkeys(above, ("▲", place)))
                self._points.setdefault(canvas.height - 1, {}).update(dict.fromkeys(below, ("▼", place)))
        self._band = GapBand(canvas, [one.gaps for one in series], window, view.label)

    def row(self, row: int) -> Line:
        """The cells of a row of the plot, those of one look together."""
        canvas = self._canvas
        text = canvas.row_text(row)
        looks = canvas.row_owners(row)
        changed: dict[int, tuple[str, int]] = {}
        if row == self._band.row:
            changed |= {column: (MARK, _GAP) for column in self._band.cells if looks[column] < 0}
        if self._cross is not None and looks[self._cross] < 0:
            changed[self._cross] = ("│", _CROSS)
        changed |= self._points.get(row, {})
        if row == self._band.row:
            changed |= {column: (character, _GAP) for column, character in self._band.note.items()}
        if changed:
            characters = list(text)
            for column, (character, look) in changed.items():
                characters[column], looks[column] = character, look
            text = "".join(characters)
        line: Line = []
        start = 0
        for stop in (*compress(range(1, len(looks)), map(ne, looks, looks[1:])), len(looks)):
            look = looks[start]
            style = self._styles.get(look) or self._style_of(look)
            line.append(Segment(text[start:stop], style))
            start = stop
        return line

    def _style_of(self, look: int) -> Style:
        style = self._style.axis
        if look >= 0:
            style = self._style.of(look) if look < _RAW else self._style.raw
        self._styles[look] = style
        return style


def _steps_axis(
    window: Window, gutter: int, width: int, style: ChartStyle, view: ChartView, values_offset: str
) -> list[Line]:
    """The axis with its ticks, and their labels; in the corner what is to be added to all labels of an axis."""
    beside = values_offset if len(values_offset) <= gutter else ""
    corner = [] if beside else [values_offset]
    axis = x_axis(view.axis, window, width, gutter + 1 - sum(len(text) + 1 for text in corner if text))
    corner.append(axis.offset)
    line, below = ["─"] * width, [" "] * (gutter + 1 + width)
    text = " ".join(filter(None, corner))
    start = max(gutter - len(text), 0)
    below[start : start + len(text)] = text
    for tick in axis.ticks:
        line[tick.cell] = "┬"
        left = gutter + 1 + tick.left
        below[left : left + len(tick.text)] = tick.text
    return [
        [Segment(beside.rjust(gutter) + "└" + "".join(line), style.axis)],
        [Segment("".join(below), style.axis)],
    ]


def gutter_of(lines: Iterable[str]) -> int:
    """Cells left of the plot of a chart that was drawn: the labels of the values' axis, and the axis."""
    marks = (line.index(mark) for line in lines for mark in "┤│" if mark in line)
    return next(marks, -1) + 1
