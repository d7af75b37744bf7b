"""One full chart of one or several curves, with a legend, a crosshair and exact values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click, MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from magnus_tracking.runlog.times import in_ms, of_ms
from magnus_tui import keys
from magnus_tui.charts.axes import x_text
from magnus_tui.charts.chart_options import ChartLook
from magnus_tui.charts.crosshair import Reading, first_step, last_step, next_step, stride_of
from magnus_tui.charts.exact_decimals import with_unit
from magnus_tui.charts.line_chart import Line, draw_chart, gutter_of
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.readout import Readout
from magnus_tui.charts.series_colors import series_glyph
from magnus_tui.charts.small_chart import curve_facts
from magnus_tui.charts.sparkline import whole_window
from magnus_tui.charts.window import Window
from magnus_tui.format import side_by_side
from magnus_tui.format.seen import Seen
from magnus_tui.format.series_columns import series_columns, step_indexes
from magnus_tui.format.text import clean, truncate, truncate_entries
from magnus_tui.widgets.drawn_charts import DrawnCharts
from magnus_tui.widgets.newest_in_view import Follower
from magnus_tui.widgets.themed_chart_style import chart_style

_ZOOM = 2.0
_LEAST_WINDOW = 1.0
"""Steps, or milliseconds, that a chart shows at least."""
_BETWEEN_KEYS = "   "
_LEAST_DRAG = 2
"""Cells that the mouse is dragged over at least where that zooms."""


class MetricChart(DrawnCharts, Follower):
    """A chart that is read with a crosshair.

    Attributes:
        cursor: where the crosshair stands, on the axis that curves are drawn along; None before it was moved.
        window: the part of that axis that is shown; None for all.
        numbered: what `go_to_number` counts.
        curves: what is shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.METRICS_CHART)]

    numbered: ClassVar[str] = "step"
    cursor: reactive[int | None] = reactive(None)
    window: reactive[Window | None] = reactive(None)

    class MomentChosen(Message):
        """The user wants to know more of the moment at which a value was tracked.

        Attributes:
            place: of its curve.
            moment: when it was.
        """

        def __init__(self, place: int, moment: datetime) -> None:
            super().__init__()
            self.place = place
            self.moment = moment

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.curves: Sequence[PreparedSeries] = ()
        self._metric = ""
        self._drag: tuple[int, int] | None = None
        self._dragged = False
        self._below = False

    def all_curves(self) -> Sequence[PreparedSeries]:
        """What is shown."""
        return self.curves

    def show(self, curves: Sequence[PreparedSeries], *, same: bool = False, metric: str = "") -> None:
        """Show other curves.

        Args:
            curves: what is shown.
            same: whether they are the ones shown, grown: window and crosshair stay unless followed.
            metric: what they are of, where their labels do not tell.
        """
        self.curves, self._metric = curves, metric
        if not same:
            self.window = None
            self.cursor = None
        self.go_along()
        self.redraw()

    @property
    def has_times(self) -> bool:
        """Whether some curve can be drawn along time."""
        return any(curve.times is not None for curve in self.curves)

    @property
    def shown_look(self) -> ChartLook:
        """How the curves are drawn: by step where no times are known."""
        return self.look if self.has_times else self.look.by_step()

    @property
    def shown(self) -> list[PreparedSeries]:
        """The curves along the axis that was chosen; an empty one where a run kept no times."""
        axis = self.shown_look.axis
        return [curve.along(axis) or PreparedSeries(curve.label, (), ()) for curve in self.curves]

    def watch_look(self, before: ChartLook, look: ChartLook) -> None:
        """Draw as it was chosen, the crosshair on its step."""
        if before.axis != look.axis or before.log_x != look.log_x:
            step = self._step_at_cursor(before) if self.cursor is not None else None
            self.window = None
            if step is not None:
                self.go_to_number(step)
        self.redraw()

    def _step_at_cursor(self, look: ChartLook) -> int | None:
        for curve in self.curves:
            along = curve.along(look.axis if self.has_times else "step")
            if along is not None and len(along) and self.cursor is not None:
                return along.steps[along.nearest(self.cursor)]
        return None

    @property
    def shows_newest(self) -> bool:
        """Whether the last step is in the window, and the crosshair, where there is one, on it."""
        last = last_step(self.shown)
        if last is None:
            return True
        return (self.window is None or self.window.last >= last) and (self.cursor is None or self.cursor >= last)

    def show_newest(self) -> None:
        """Move window and crosshair to the last step; the window stays as wide as it is."""
        last = last_step(self.shown)
        if last is None:
            return
        if self.cursor is not None:
            self.cursor = last
        if self.window is not None:
            self.window = self.window.moved_to(last, self._whole())

    def _whole(self) -> Window:
        return whole_window(self.shown, log=self.shown_look.view().log_x)

    @property
    def shown_window(self) -> Window:
        """The part of the axis that is shown."""
        return self.window or self._whole()

    # How it is drawn

    def draw(self) -> list[Strip]:
        """The chart."""
        width, height = self.size.width, self.size.height
        if not self.curves or width < 4 or height < 4:
            return []
        shown = self.shown
        cursor = last_step(shown) if self.cursor is None and self.following else self.cursor
        style = chart_style(self)
        readout = self._readout(shown, cursor) if cursor is not None else None
        box = readout.box(style, width, height - 2) if readout is not None else []
        columns = readout.columns(style, width)[: max(height // 2, 1)] if readout is not None and not box else None
        legend = columns or self._legend(width)
        view = self.shown_look.view(self.window, self.cursor)
        lines = draw_chart(shown, width, height - len(legend) - 1, style, view)
        strips = [Strip(line) for line in lines]
        if box and cursor is not None:
            self._put_beside(strips, box, cursor)
        self._show_drag(strips)
        return [*map(Strip, legend), *strips, Strip(self._foot(readout, width))]

    def _legend(self, width: int) -> list[Line]:
        """Who is who and what matters of it, over as many lines as that takes, and how the chart is drawn."""
        style, dim = chart_style(self), self.get_component_rich_style("metrics--dim", partial=True)
        said = self._look_text()
        room = width - (len(said) + 3 if said else 0)
        lines: list[Line] = [[]]
        used = 0
        for place, (curve, facts) in enumerate(zip(self.curves, self._facts(), strict=True)):
            note = f"  {curve.gaps.text()}" if curve.gaps else ""
            if curve.times is None and len(curve) and self.look.axis != "step":
                note += "  no times"
            name = truncate(clean(curve.label), max(width // 2, 8))
            text = f"{series_glyph(place)} {name}"
            told, inks = "", iter([Style(bold=True)])
            line = [Segment(text, style.of(place))]
            for fact in facts:
                if cell_len(f"{text}{told}  {fact}{note}") > room:
                    break
                told += f"  {fact}"
                line.append(Segment(f"  {fact}", next(inks, dim)))
            if used and used + cell_len(text + told + note) + 3 > width:
                lines.append([])
                used = 0
            lines[-1] += [*line, Segment(note, style.gap), Segment("   ", dim)]
            used += cell_len(text + told + note) + 3
        if said and used + len(said) <= width:
            lines[-1].append(Segment(said, dim))
        return lines[: max(self.size.height // 3, 1)]

    def _facts(self) -> list[list[str]]:
        """What matters of each curve: of the only one as above a small chart, of several their last values."""
        if len(self.curves) == 1:
            (curve,) = self.curves
            metric = self._metric or curve.label
            return [curve_facts(curve, metric, self.directions.get(metric)) if len(curve) else []]
        lasts = [curve.values[curve.last] for curve in self.curves if len(curve)]
        texts = map(with_unit, side_by_side.numbers(lasts))
        return [[next(texts)] if len(curve) else [] for curve in self.curves]

    def _look_text(self) -> str:
        said = self.shown_look.text()
        bounds = [found for curve in self.curves if (found := curve.pyramid.bounds(0, len(curve)))]
        if self.look.log and bounds and min(low for low, _ in bounds) <= 0:
            positive = max(high for _, high in bounds) > 0
            said += " · values ≤ 0 lie at the foot" if positive else " · linear: no positive values"
        return said

    def _put_beside(self, strips: list[Strip], box: Sequence[Line], cursor: float) -> None:
        """Lay the box over the chart, at the side of the crosshair that has room, where it hides least."""
        gutter = gutter_of(strip.text for strip in strips)
        plot = max(self.size.width - gutter, 1)
        at = gutter + self.shown_window.column(cursor, plot * 2) // 2
        cells = sum(segment.cell_length for segment in box[0])
        left = at + 2 if at + 2 + cells <= self.size.width else max(at - 1 - cells, gutter)
        rows = len(strips) - 2

        def hidden(top: int) -> int:
            texts = (strip.crop(left, left + cells).text for strip in strips[top : top + len(box)])
            return sum(len(text) - text.count(" ") for text in texts)

        above, below = hidden(0), hidden(rows - len(box))
        if above != below:
            self._below = below < above
        top = rows - len(box) if self._below else 0
        for row, line in enumerate(box, top):
            whole = strips[row]
            strips[row] = Strip.join([whole.crop(0, left), Strip(line), whole.crop(left + cells, self.size.width)])

    def _show_drag(self, strips: list[Strip]) -> None:
        if self._drag is None or self._drag[0] == self._drag[1]:
            return
        first, last = sorted(self._drag)
        mark = self.get_component_rich_style("metrics--cursor", partial=True)
        for row, strip in enumerate(strips[:-2]):
            parts = [strip.crop(0, first), strip.crop(first, last + 1).apply_style(mark), strip.crop(last + 1)]
            strips[row] = Strip.join(parts)

    def _readout(self, shown: Sequence[PreparedSeries], cursor: float) -> Readout:
        return Readout(shown, self.shown_look.axis, cursor)

    def _foot(self, readout: Readout | None, width: int) -> Line:
        """Where the crosshair stands; without one, which keys there are."""
        if readout is None:
            hint = truncate_entries(self._hint(), width)
            return [Segment(hint, self.get_component_rich_style("metrics--dim", partial=True))]
        said = "   ".join(readout.place_texts())
        return [Segment(truncate(f" {said}", width), Style(bold=True))]

    def _hint(self) -> str:
        verbs = ("go_to", "zoom_in", "x_axis", "log", "outliers", "log_x", "smooth", "back")
        words = ("step", "zoom", "step/time", "log", "outliers", "log x", "smooth", "back")
        said = _BETWEEN_KEYS.join(f"{keys.shown(verb)} {word}" for verb, word in zip(verbs, words, strict=True))
        return f" ← → crosshair{_BETWEEN_KEYS}{said}"

    @property
    def reading(self) -> Reading | None:
        """What the curves read at the crosshair; None before it was moved."""
        shown = self.shown
        if self.cursor is None or not shown:
            return None
        axis = self.shown_look.axis
        where = self._readout(shown, self.cursor).place_texts()[0] if axis == "step" else x_text(axis, self.cursor)
        return Reading.of(where, shown, self.cursor)

    def readout_text(self) -> str:
        """What the crosshair reads, as text to be copied."""
        shown = self.shown
        cursor = last_step(shown) if self.cursor is None else self.cursor
        if cursor is None:
            return ""
        readout = self._readout(shown, cursor)
        return "   ".join([*readout.place_texts(), *(f"{name} {value}" for name, value in readout.readings())])

    def seen(self) -> Seen:
        """The values of the curves in the part of the axis that is shown."""
        curves, window = self.shown, self.shown_window
        labels = [curve.label for curve in curves]
        parts = [curve.part(window) for curve in curves]
        return Seen("chart", series_columns(parts, labels), partial(step_indexes, parts))

    # Moving

    def _move(self, columns: int) -> None:
        """Move the crosshair over so many columns of dots, each at least a step; a zoomed chart goes along."""
        shown = self.shown
        if self.cursor is None:
            self.cursor = (first_step if columns > 0 else last_step)(shown, self.shown_window)
        else:
            stride = stride_of(shown, self.shown_window, self.size.width * 2)
            self.cursor = next_step(shown, self.cursor, columns * stride)

    def _page(self) -> int:
        """A tenth of what is seen, in columns of dots or in steps, whichever are fewer."""
        return max(min(self.size.width * 2, stride_of(self.shown, self.shown_window, 1)) // 10, 1)

    def watch_cursor(self, cursor: int | None) -> None:
        """Keep the crosshair in the window, and draw it."""
        if cursor is not None and self.window is not None:
            window = self.window
            if cursor < window.first or cursor > window.last:
                self.window = window.moved_to(cursor, self._whole())
        self.redraw()
        self.pause_if_away()

    def watch_window(self) -> None:
        """Draw the other window."""
        self.redraw()
        self.pause_if_away()

    def _zoom(self, factor: float, around: float | None = None) -> None:
        whole, window = self._whole(), self.shown_window
        middle = window.last if self.following else window.middle
        center = around if around is not None else self.cursor if self.cursor is not None else middle
        self._show_window(window.zoomed(factor, center, whole))

    def _show_window(self, window: Window) -> None:
        if window.last - window.first >= _LEAST_WINDOW:
            self.window = None if window == self._whole() else window

    def go_to_number(self, number: int) -> int | None:
        """Put the crosshair on a step, or on the nearest that some curve has; the step."""
        axis = self.shown_look.axis
        found = []
        for curve in self.curves:
            along = curve.along(axis)
            if along is not None and len(along):
                place = curve.nearest(number)
                if along.steps is not curve.steps:
                    # Values without a time are left out, and where a clock went back steps do not ascend.
                    place = min(range(len(along)), key=[abs(step - number) for step in along.steps].__getitem__)
                found.append((abs(along.steps[place] - number), along.indexes[place], along.steps[place]))
        if not found:
            return None
        _, self.cursor, step = min(found)
        return step

    def go_to_moment(self, moment: datetime) -> None:
        """Put the crosshair on the value that was tracked nearest to a moment."""
        wanted = in_ms(moment)
        found = []
        for curve in self.curves:
            along = curve.along("clock")
            if along is not None and len(along):
                place = along.nearest(wanted)
                found.append((abs(along.indexes[place] - wanted), along.steps[place]))
        if found:
            self.go_to_number(min(found)[1])

    def action_moment(self) -> None:
        """Show more of the moment at the crosshair: the log around it."""
        shown = self.shown
        cursor = last_step(shown) if self.cursor is None else self.cursor
        nearest = self._readout(shown, cursor).nearest() if cursor is not None else None
        if nearest is None:
            return
        times = shown[nearest[0]].times
        moment = of_ms(times[nearest[1]]) if times is not None else None
        if moment is None:
            self.notify("this run kept no times of values", timeout=2)
        else:
            self.post_message(self.MomentChosen(nearest[0], moment))

    def _put_near(self, index: float) -> None:
        nearest = [curve.indexes[curve.nearest(index)] for curve in self.shown if len(curve)]
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
        self.cursor = first_step(self.shown)

    def action_last(self) -> None:
        """The last step."""
        self.cursor = last_step(self.shown)

    # The mouse

    def _index_at(self, x: int) -> float:
        """The place on the axis below a column of the widget's content."""
        gutter = gutter_of(strip.text for strip in self._lines or ())
        plot = max(self.size.width - gutter, 1)
        return self.shown_window.index((max(x, gutter) - gutter) * 2, plot * 2)

    def on_mouse_down(self, event: MouseDown) -> None:
        """Start choosing a part of the axis."""
        at = event.get_content_offset(self)
        self._dragged = False
        if at is not None and event.button == 1:
            self._drag = (at.x, at.x)
            self.capture_mouse()

    def on_mouse_move(self, event: MouseMove) -> None:
        """Show what is chosen."""
        if self._drag is not None:
            self._drag = (self._drag[0], max(0, min(event.x - self.gutter.left, self.size.width - 1)))
            self._dragged = abs(self._drag[1] - self._drag[0]) >= _LEAST_DRAG
            self.redraw()

    def on_mouse_up(self, _event: MouseUp) -> None:
        """Zoom to the part that was chosen."""
        if self._drag is None:
            return
        self.release_mouse()
        first, last = sorted(map(self._index_at, self._drag))
        self._drag = None
        if self._dragged and first < last:
            self._show_window(Window(first, last, self.shown_window.log))
        self.redraw()

    def on_click(self, event: Click) -> None:
        """Put the crosshair where was clicked."""
        at = event.get_content_offset(self)
        if at is not None and not self._dragged:
            self._put_near(self._index_at(at.x))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Zoom in around the mouse."""
        event.stop()
        self._zoom(1 / _ZOOM, self._index_at(event.x - self.gutter.left))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Zoom out around the mouse."""
        event.stop()
        self._zoom(_ZOOM, self._index_at(event.x - self.gutter.left))
