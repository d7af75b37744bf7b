"""One full chart of one or several curves, with a legend, a crosshair and exact values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.reactive import reactive
from textual.strip import Strip
from textual.worker import get_current_worker

from magnus_tracking.runlog.readings import measured
from magnus_tui import format, keys
from magnus_tui.charts.crosshair import first_step, last_step, next_step, stride_of
from magnus_tui.charts.line_chart import ChartView, Line, draw_chart
from magnus_tui.charts.palette import series_glyph
from magnus_tui.charts.prepared import PreparedSeries
from magnus_tui.charts.sparkline import whole_window
from magnus_tui.charts.window import Window
from magnus_tui.format.text import clean, truncate
from magnus_tui.widgets.chart_style import chart_style
from magnus_tui.widgets.drawn_charts import DrawnCharts, next_smoothing
from magnus_tui.widgets.follower import Follower

_ZOOM = 2.0
_LEAST_WINDOW = 1.0
"""Steps that a chart shows at least."""
_AT_ONCE = 5000
"""Points of a curve that are smoothed without anyone noticing."""


class MetricChart(DrawnCharts, Follower):
    """A chart that is read with a crosshair.

    Attributes:
        cursor: the step index of the crosshair; None before it was moved.
        window: the step indexes shown; None for all.
        numbered: what `go_to_number` counts.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.METRICS_CHART)]

    numbered: ClassVar[str] = "step"
    cursor: reactive[int | None] = reactive(None)
    window: reactive[Window | None] = reactive(None)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.curves: Sequence[PreparedSeries] = ()

    def show(self, curves: Sequence[PreparedSeries], *, same: bool = False) -> None:
        """Show other curves; with `same` they are the ones shown, grown: window and crosshair stay unless followed."""
        self.curves = curves
        if not same:
            self.window = None
            self.cursor = None
        self.go_along()
        self.redraw()

    @property
    def shows_newest(self) -> bool:
        """Whether the last step is in the window, and the crosshair, where there is one, on it."""
        last = last_step(self.curves)
        if last is None:
            return True
        return (self.window is None or self.window.last >= last) and (self.cursor is None or self.cursor >= last)

    def show_newest(self) -> None:
        """Move window and crosshair to the last step; the window stays as wide as it is."""
        last = last_step(self.curves)
        if last is None:
            return
        if self.cursor is not None:
            self.cursor = last
        if self.window is not None:
            self.window = self.window.moved_to(last, whole_window(self.curves))

    @property
    def shown_window(self) -> Window:
        """The step indexes that are shown."""
        return self.window or whole_window(self.curves)

    def draw(self) -> list[Strip]:
        """The chart."""
        width, height = self.size.width, self.size.height
        if not self.curves or width < 4 or height < 4:
            return []
        legend = self._legend(width)
        view = ChartView(self.window, self.logarithmic, self.smoothing, self.cursor)
        lines = draw_chart(self.curves, width, height - len(legend) - 1, chart_style(self), view)
        return [Strip(line) for line in [*legend, *lines, self._readout(width)]]

    def _legend(self, width: int) -> list[Line]:
        """Who is who, over as many lines as that takes, and how the chart is drawn."""
        style, dim = chart_style(self), self.get_component_rich_style("metrics--dim", partial=True)
        lines: list[Line] = [[]]
        used = 0
        for place, curve in enumerate(self.curves):
            note = f"  {curve.gap_text()}" if curve.gaps else ""
            name = truncate(clean(curve.label), max(width // 2, 8))
            text = f"{series_glyph(place)} {name}"
            if used and used + cell_len(text + note) + 3 > width:
                lines.append([])
                used = 0
            lines[-1] += [Segment(text, style.of(place)), Segment(note, style.gap), Segment("   ", dim)]
            used += cell_len(text + note) + 3
        drawn = [f"smoothing {self.smoothing}" if self.smoothing else "", "logarithmic" if self.logarithmic else ""]
        bounds = [found for curve in self.curves if (found := curve.pyramid.bounds(0, len(curve)))]
        if self.logarithmic and bounds and min(low for low, _ in bounds) <= 0:
            positive = max(high for _, high in bounds) > 0
            drawn[-1] = "logarithmic · values ≤ 0 lie at the foot" if positive else "linear: no positive values"
        said = " · ".join(filter(None, drawn))
        if said and used + len(said) <= width:
            lines[-1].append(Segment(said, dim))
        return lines[: max(self.size.height // 3, 1)]

    def _readout(self, width: int) -> Line:
        """The exact values at the crosshair."""
        style, dim = chart_style(self), self.get_component_rich_style("metrics--dim", partial=True)
        step = last_step(self.curves) if self.cursor is None and self.following else self.cursor
        if step is None:
            return [Segment(truncate(" ← → crosshair   + - 0 zoom   L log   m smoothing   esc back", width), dim)]
        line: Line = [Segment(f" step {step:,}", Style(bold=True))]
        used = cell_len(line[0].text)
        for place, curve in enumerate(self.curves):
            text = f"   {series_glyph(place)} {truncate(clean(curve.label), 24)} {value_at(curve, step)}"
            if used + cell_len(text) > width:
                line.append(Segment(" …", dim))
                break
            line.append(Segment(text, style.of(place)))
            used += cell_len(text)
        return line

    def _move(self, columns: int) -> None:
        """Move the crosshair over so many columns of dots, each at least a step; a zoomed chart goes along."""
        if self.cursor is None:
            self.cursor = (first_step if columns > 0 else last_step)(self.curves, self.shown_window)
        else:
            stride = stride_of(self.curves, self.shown_window, self.size.width * 2)
            self.cursor = next_step(self.curves, self.cursor, columns * stride)

    def _page(self) -> int:
        """A tenth of what is seen, in columns of dots or in steps, whichever are fewer."""
        return max(min(self.size.width * 2, stride_of(self.curves, self.shown_window, 1)) // 10, 1)

    def watch_cursor(self, cursor: int | None) -> None:
        """Keep the crosshair in the window, and draw it."""
        if cursor is not None and self.window is not None:
            window = self.window
            if cursor < window.first or cursor > window.last:
                self.window = window.moved_to(cursor, whole_window(self.curves))
        self.redraw()
        self.pause_if_away()

    def watch_window(self) -> None:
        """Draw the other window."""
        self.redraw()
        self.pause_if_away()

    def _zoom(self, factor: float) -> None:
        whole, window = whole_window(self.curves), self.shown_window
        middle = window.last if self.following else window.middle
        zoomed = window.zoomed(factor, self.cursor if self.cursor is not None else middle, whole)
        if zoomed.last - zoomed.first >= _LEAST_WINDOW:
            self.window = None if zoomed == whole else zoomed

    def go_to_number(self, number: int) -> None:
        """Put the crosshair on a step, or on the nearest that some curve has."""
        self._put_near(number)

    def _put_near(self, index: float) -> None:
        nearest = [curve.indexes[curve.nearest(index)] for curve in self.curves if len(curve)]
        if nearest:
            self.cursor = min(nearest, key=lambda step: abs(step - index))

    def action_zoom_in(self) -> None:
        """Show half as many steps, around the crosshair."""
        self._zoom(1 / _ZOOM)

    def action_zoom_out(self) -> None:
        """Show twice as many steps."""
        self._zoom(_ZOOM)

    def action_zoom_whole(self) -> None:
        """Show all steps."""
        self.window = None

    def action_left(self) -> None:
        """The step before."""
        self._move(-1)

    def action_right(self) -> None:
        """The next step."""
        self._move(1)

    def action_page_up(self) -> None:
        """A tenth of the window back."""
        self._move(-self._page())

    def action_page_down(self) -> None:
        """A tenth of the window on."""
        self._move(self._page())

    def action_first(self) -> None:
        """The first step."""
        self.cursor = first_step(self.curves)

    def action_last(self) -> None:
        """The last step."""
        self.cursor = last_step(self.curves)

    def action_smooth(self) -> None:
        """The next smoothing."""
        weight = next_smoothing(self.smoothing)
        if all(curve.is_smoothed(weight) or len(curve) < _AT_ONCE for curve in self.curves):
            self.smoothing = weight
        else:
            self._smooth(self.curves, weight)

    @work(thread=True, exclusive=True, group="smoothing")
    def _smooth(self, curves: Sequence[PreparedSeries], weight: float) -> None:
        """Work out the averages of long curves off the event loop, then show them."""
        worker = get_current_worker()
        for curve in curves:
            curve.smoothed(weight).ready()
            if worker.is_cancelled:
                return
        self.app.call_from_thread(setattr, self, "smoothing", weight)

    def readout_text(self) -> str:
        """What the crosshair reads, as text to be copied."""
        return "".join(segment.text for segment in self._readout(10_000)).strip()

    def on_click(self, event: Click) -> None:
        """Put the crosshair where was clicked."""
        at = event.get_content_offset(self)
        if at is None:
            return
        gutter = self._gutter()
        plot = max(self.size.width - gutter, 1)
        self._put_near(self.shown_window.index((at.x - gutter) * 2, plot * 2))

    def _gutter(self) -> int:
        for strip in self._lines or ():
            text = strip.text
            for mark in "┤│":
                if mark in text:
                    return text.index(mark) + 1
        return 0

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Zoom in."""
        event.stop()
        self._zoom(1 / _ZOOM)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Zoom out."""
        event.stop()
        self._zoom(_ZOOM)


def value_at(curve: PreparedSeries, step: int) -> str:
    """What a curve reads at a step index: its exact value, or the nearest one and where that is."""
    place = curve.at(step)
    if place is None:
        return format.DASH
    tracked = curve.tracked[place]
    value = format.value(tracked) if measured(tracked) is None else format.number(curve.values[place], 7)
    return value if curve.indexes[place] == step else f"{value} @ {curve.indexes[place]:,}"
