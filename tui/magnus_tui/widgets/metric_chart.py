"""One full chart of one or several curves, with a legend, a crosshair and exact values."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from operator import gt
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click, MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from magnus_tracking.runlog.metrics import Series
from magnus_tracking.runlog.numbers_in_text import measured
from magnus_tracking.runlog.times import in_ms, of_ms
from magnus_tui import format, keys
from magnus_tui.charts.axes import x_text
from magnus_tui.charts.chart_options import ChartLook
from magnus_tui.charts.crosshair import Reading, first_step, last_step, next_step, stride_of
from magnus_tui.charts.line_chart import Line, draw_chart
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.series_colors import series_glyph
from magnus_tui.charts.sparkline import whole_window
from magnus_tui.charts.window import Window
from magnus_tui.format.seen import Seen
from magnus_tui.format.series_columns import series_columns, step_indexes
from magnus_tui.format.text import clean, truncate
from magnus_tui.widgets.drawn_charts import DrawnCharts
from magnus_tui.widgets.newest_in_view import Follower
from magnus_tui.widgets.themed_chart_style import chart_style

_ZOOM = 2.0
_LEAST_WINDOW = 1.0
"""Steps, or milliseconds, that a chart shows at least."""
_MOST_NAME = 28
"""Cells of a name where values stand beside names."""
_GAP = 3
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
        self._drag: tuple[int, int] | None = None
        self._dragged = False
        self._below = False

    def all_curves(self) -> Sequence[PreparedSeries]:
        """What is shown."""
        return self.curves

    def show(self, curves: Sequence[PreparedSeries], *, same: bool = False) -> None:
        """Show other curves; with `same` they are the ones shown, grown: window and crosshair stay unless followed."""
        self.curves = curves
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
        box = self._box(shown, cursor, width, height - 2) if cursor is not None else []
        legend = self._legend(width) if box or cursor is None else self._columns(shown, cursor, width)
        view = self.shown_look.view(self.window, self.cursor)
        lines = draw_chart(shown, width, height - len(legend) - 1, chart_style(self), view)
        strips = [Strip(line) for line in lines]
        if box and cursor is not None:
            self._put_beside(strips, box, cursor)
        self._show_drag(strips)
        return [*map(Strip, legend), *strips, Strip(self._foot(shown, cursor, width))]

    def _legend(self, width: int) -> list[Line]:
        """Who is who, over as many lines as that takes, and how the chart is drawn."""
        style, dim = chart_style(self), self.get_component_rich_style("metrics--dim", partial=True)
        lines: list[Line] = [[]]
        used = 0
        for place, curve in enumerate(self.curves):
            note = f"  {curve.gaps.text()}" if curve.gaps else ""
            if curve.times is None and len(curve) and self.look.axis != "step":
                note += "  no times"
            name = truncate(clean(curve.label), max(width // 2, 8))
            text = f"{series_glyph(place)} {name}"
            if used and used + cell_len(text + note) + 3 > width:
                lines.append([])
                used = 0
            lines[-1] += [Segment(text, style.of(place)), Segment(note, style.gap), Segment("   ", dim)]
            used += cell_len(text + note) + 3
        said = self._look_text()
        if said and used + len(said) <= width:
            lines[-1].append(Segment(said, dim))
        return lines[: max(self.size.height // 3, 1)]

    def _look_text(self) -> str:
        said = self.shown_look.text()
        bounds = [found for curve in self.curves if (found := curve.pyramid.bounds(0, len(curve)))]
        if self.look.log and bounds and min(low for low, _ in bounds) <= 0:
            positive = max(high for _, high in bounds) > 0
            said += " · values ≤ 0 lie at the foot" if positive else " · linear: no positive values"
        return said

    def _readings(self, shown: Sequence[PreparedSeries], cursor: float) -> list[tuple[str, str]]:
        """What each curve is called, and what it reads at the crosshair."""
        axis = self.shown_look.axis
        return [
            (
                f"{series_glyph(place)} {truncate(clean(curve.label), _MOST_NAME)}",
                value_at(curve, cursor, axis == "step"),
            )
            for place, curve in enumerate(shown)
        ]

    def _box(self, shown: Sequence[PreparedSeries], cursor: float, width: int, height: int) -> list[Line]:
        """The readings in a box that stands beside the crosshair; none where that would hide too much."""
        readings = self._readings(shown, cursor)
        names, values = (max(map(cell_len, texts)) for texts in zip(*readings, strict=True))
        if len(readings) > height // 2 or names + values + 5 > width // 2:
            return []
        style = chart_style(self)
        return [
            [
                Segment(
                    f" {set_cell_size(name, names)}  {set_cell_size('', values - cell_len(value))}{value} ",
                    style.of(place),
                )
            ]
            for place, (name, value) in enumerate(readings)
        ]

    def _columns(self, shown: Sequence[PreparedSeries], cursor: float, width: int) -> list[Line]:
        """The readings of many curves, in columns above the chart."""
        readings = self._readings(shown, cursor)
        names, values = (max(map(cell_len, texts)) for texts in zip(*readings, strict=True))
        across = max((width + _GAP) // (names + values + 1 + _GAP), 1)
        style = chart_style(self)
        lines: list[Line] = []
        for place, (name, value) in enumerate(readings):
            if place % across == 0:
                lines.append([])
            text = set_cell_size(name, names) + " " + value.rjust(values) + " " * _GAP
            lines[-1].append(Segment(text, style.of(place)))
        return lines[: max(self.size.height // 2, 1)]

    def _put_beside(self, strips: list[Strip], box: Sequence[Line], cursor: float) -> None:
        """Lay the box over the chart, at the side of the crosshair that has room, where it hides least."""
        gutter = _gutter(strips)
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

    def _foot(self, shown: Sequence[PreparedSeries], cursor: float | None, width: int) -> Line:
        """Where the crosshair stands; without one, which keys there are."""
        if cursor is None:
            return [Segment(truncate(self._hint(), width), self.get_component_rich_style("metrics--dim", partial=True))]
        said = "   ".join(self._place_texts(shown, cursor))
        return [Segment(truncate(f" {said}", width), Style(bold=True))]

    def _hint(self) -> str:
        verbs = ("zoom_in", "x_axis", "log", "log_x", "outliers", "smooth", "back")
        words = ("zoom", "step/time", "log", "log x", "outliers", "smooth", "back")
        said = "   ".join(f"{keys.shown(verb)} {word}" for verb, word in zip(verbs, words, strict=True))
        return f" ← → crosshair   {said}"

    def _place_texts(self, shown: Sequence[PreparedSeries], cursor: float) -> list[str]:
        """The step at the crosshair, and when it was tracked."""
        axis = self.shown_look.axis
        nearest = _nearest(shown, cursor)
        if nearest is None:
            return [x_text(axis, cursor)]
        curve, place = shown[nearest[0]], nearest[1]
        parts = [f"step {curve.steps[place] if axis != 'step' else round(cursor):,}"]
        if curve.times is not None and (time := of_ms(curve.times[place])) is not None:
            if curve.began is not None:
                parts.append(x_text("elapsed", curve.times[place] - curve.began))
            parts.append(format.date_time(time))
        return parts

    @property
    def reading(self) -> Reading | None:
        """What the curves read at the crosshair; None before it was moved."""
        shown = self.shown
        if self.cursor is None or not shown:
            return None
        axis = self.shown_look.axis
        where = self._place_texts(shown, self.cursor)[0] if axis == "step" else x_text(axis, self.cursor)
        return Reading.of(where, shown, self.cursor)

    def readout_text(self) -> str:
        """What the crosshair reads, as text to be copied."""
        shown = self.shown
        cursor = last_step(shown) if self.cursor is None else self.cursor
        if cursor is None:
            return ""
        readings = (f"{name} {value}" for name, value in self._readings(shown, cursor))
        return "   ".join([*self._place_texts(shown, cursor), *readings])

    def seen(self) -> Seen:
        """The values of the curves in the part of the axis that is shown."""
        curves, window = self.shown, self.shown_window
        labels = [curve.label for curve in curves]
        parts = [_part(curve, window) for curve in curves]
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

    def go_to_number(self, number: int) -> None:
        """Put the crosshair on a step, or on the nearest that some curve has."""
        axis = self.shown_look.axis
        found = []
        for curve in self.curves:
            along = curve.along(axis)
            if along is not None and len(along):
                place = curve.nearest(number)
                if along.steps is not curve.steps:
                    # Values without a time are left out, and where a clock went back steps do not ascend.
                    place = min(range(len(along)), key=[abs(step - number) for step in along.steps].__getitem__)
                found.append((abs(along.steps[place] - number), along.indexes[place]))
        if found:
            self.cursor = min(found)[1]

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
        nearest = _nearest(shown, cursor) if cursor is not None else None
        if nearest is None:
            return
        times = shown[nearest[0]].times
        moment = of_ms(times[nearest[1]]) if times is not None else None
        if moment is None:
            self.notify("this run kept no times of values", timeout=2, markup=False)
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
        gutter = _gutter(self._lines or ())
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


def _nearest(curves: Sequence[PreparedSeries], index: float) -> tuple[int, int] | None:
    """The curve, and the place in it, whose value is nearest to a place on the axis."""
    found = []
    for number, curve in enumerate(curves):
        if len(curve):
            place = curve.nearest(index)
            found.append((abs(curve.indexes[place] - index), number, place))
    return min(found)[1:] if found else None


def _gutter(strips: Sequence[Strip]) -> int:
    """Cells left of the plot: the labels of the values' axis, and the axis."""
    for strip in strips:
        text = strip.text
        for mark in "┤│":
            if mark in text:
                return text.index(mark) + 1
    return 0


def value_at(curve: PreparedSeries, index: float, tells_where: bool = True) -> str:
    """What a curve reads at a place on its axis: its exact value, or the nearest one before and where that is."""
    place = curve.at(index)
    if place is None:
        return format.DASH
    tracked = curve.tracked[place]
    value = format.value(tracked) if measured(tracked) is None else format.number(curve.values[place], 7)
    return f"{value} @ {curve.indexes[place]:,}" if tells_where and curve.indexes[place] != index else value


def _part(curve: PreparedSeries, window: Window) -> Series:
    """The values of a curve that lie in a window, by step index."""
    shown = slice(bisect_left(curve.indexes, window.first), bisect_right(curve.indexes, window.last))
    steps, values = curve.steps[shown], curve.tracked[shown]
    times = None if curve.times is None else curve.times[shown]
    if curve.steps is not curve.indexes and any(map(gt, steps, islice(steps, 1, None))):
        # Where a clock went back, values in the order of their times are not in that of their steps.
        order = sorted(range(len(steps)), key=steps.__getitem__)
        steps, values = ([part[place] for place in order] for part in (steps, values))
        times = None if times is None else [times[place] for place in order]
    return Series("", None, curve.label, steps, values, times=times)
