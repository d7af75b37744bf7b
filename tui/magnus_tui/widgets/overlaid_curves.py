"""The metrics of several runs over one another: a grid of all of them, and one full chart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widgets import ContentSwitcher, Static

from magnus_tracking.runlog.metrics import Series
from magnus_tui import keys
from magnus_tui.charts.chart_options import ChartLook
from magnus_tui.charts.crosshair import Reading
from magnus_tui.charts.line_chart import ChartStyle, Line
from magnus_tui.charts.overlays import Overlay, OverlayLooks, legend
from magnus_tui.charts.pages import lay_out, most_on_page, with_foot
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.format.seen import Seen
from magnus_tui.format.series_columns import series_columns, step_indexes
from magnus_tui.format.text import clean, truncate
from magnus_tui.screen import Explorer
from magnus_tui.widgets.chart_grid import ChartGrid
from magnus_tui.widgets.drawn_charts import DrawnCharts
from magnus_tui.widgets.metric_chart import MetricChart
from magnus_tui.widgets.themed_chart_style import chart_style

_INKS = ("title", "dim", "cursor")
"""The styles that the charts are drawn in besides those of curves, by the ends of their names."""
_LEGEND_SHARE = 10
"""Of so many lines one goes to the legend, at least."""


class OverlaidGrid(ChartGrid):
    """A chart a metric, each with the curves of all runs, below a legend of the runs.

    Attributes:
        crosshair: the step that all charts are read at; None for the last values.
        numbered: what `go_to_number` counts.
        points: whether the chart under the cursor is marked also without the focus, since something points at it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.OVERLAID_GRID)]

    numbered: ClassVar[str] = "step"
    crosshair: reactive[int | None] = reactive(None)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.overlays: Sequence[Overlay] = ()
        self.names: Sequence[str] = ()
        self.points = False
        self._note = ""
        self._empty = ""
        self._inks = dict.fromkeys(_INKS, Style())
        self._known_size = Size(0, 0)

    def on_resize(self, event: Resize) -> None:
        """Lay out for the new size, and keep it for threads."""
        self._known_size = self.size
        super().on_resize(event)

    def all_curves(self) -> Sequence[PreparedSeries]:
        """The curves of all pages."""
        return [curve for overlay in self.overlays for curve in overlay.curves]

    def show(self, names: Sequence[str], overlays: Sequence[Overlay], note: str, empty: str) -> None:
        """Show other curves; see `OverlaidCurves.show`. The cursor stays on its metric where that is still there."""
        here = self.current
        self.names, self.overlays = names, overlays
        self._note, self._empty = note, empty
        if here is not None:
            self.go_to_metric(here.name)
        self.set_reactive(ChartGrid.cursor, self.validate_cursor(self.cursor))
        self.redraw()

    def go_to_metric(self, name: str) -> None:
        """Put the cursor on a metric, if it is shown."""
        place = _place_of(name, self.overlays)
        if place is not None:
            self.cursor = place

    @property
    def current(self) -> Overlay | None:
        """The metric under the cursor."""
        return self.overlays[self.cursor] if self.cursor < len(self.overlays) else None

    def count(self) -> int:
        """How many charts there are."""
        return len(self.overlays)

    def head_height(self) -> int:
        """Lines of the legend."""
        return len(self._legend(self.names, self.size))

    def _legend(self, names: Sequence[str], size: Size) -> list[Line]:
        most = max(size.height // _LEGEND_SHARE, 1)
        return legend(names, size.width, most, chart_style(self), self._inks["dim"])

    def charts_height(self) -> int:
        """Lines for the charts of a page."""
        return self._height_for(self.names, len(self.overlays), self.size)

    def _height_for(self, names: Sequence[str], count: int, size: Size) -> int:
        return with_foot(size.width, size.height - len(self._legend(names, size)), self._said(), count)

    def _said(self) -> str:
        step = "" if self.crosshair is None else f"step {self.crosshair:,}"
        return " · ".join(filter(None, [step, self.look.text(), self._note]))

    def draw(self) -> list[Strip]:
        """The legend, the charts of the page, and what they do not show themselves."""
        size = self.size
        width = size.width
        self._inks = {name: self.ink(name) for name in _INKS}
        head = self._legend(self.names, size)
        if not self.overlays:
            return [Strip(line) for line in [*head, [Segment(truncate(self._empty, width), self._inks["dim"])]]]
        lines = [*head, *self.chart_lines()]
        said = " · ".join(filter(None, [self.page_text(), self._said()]))
        if said:
            lines.append([Segment(truncate(said, width), self._inks["dim"])])
        return [Strip(line) for line in lines]

    def draw_one(self, place: int, width: int, height: int, style: ChartStyle) -> list[Line]:
        """One metric of all runs."""
        return self._draw(self.overlays[place], width, height, style, has_cursor=place == self.cursor)

    def _draw(self, overlay: Overlay, width: int, height: int, style: ChartStyle, *, has_cursor: bool) -> list[Line]:
        inks = self._inks
        title = inks["title"] + inks["cursor"] if has_cursor and (self.has_focus or self.points) else inks["title"]
        looks = OverlayLooks(title, inks["dim"], self.directions.get(overlay.name))
        return overlay.draw(width, height, style, self.look.view(cursor=self.crosshair), looks)

    def prepare(self, names: Sequence[str], overlays: Sequence[Overlay]) -> None:
        """Draw what is about to be shown, so that showing it takes no time; called in a thread.

        It is drawn in the styles and for the size of the last time: Textual looks up either on the event loop alone.
        """
        size = self._known_size
        width = size.width
        if not width:
            # It may not even be part of the application yet, whose theme says how charts look.
            return
        height = self._height_for(names, len(overlays), size)
        here, most = self.current, most_on_page(width, height)
        cursor = _place_of(here.name if here is not None else "", overlays) or 0
        page = overlays[cursor // most * most :][:most]
        boxes = [box for row in lay_out(len(page), width, height) for box in row]
        style = chart_style(self)
        for overlay, box in zip(page, boxes, strict=False):
            self._draw(overlay, box.width, box.height, style, has_cursor=overlay is overlays[cursor])

    def watch_crosshair(self) -> None:
        """Read all charts at another step."""
        self.redraw()

    def go_to_number(self, number: int) -> int | None:
        """Read all charts at a step, or at the nearest that some curve has; the step."""
        curves = (curve for curve in self.all_curves() if len(curve))
        steps = {curve.indexes[curve.nearest(number)] for curve in curves}
        if not steps:
            return None
        self.crosshair = step = min(steps, key=lambda step: (abs(step - number), step))
        return step

    @property
    def reading(self) -> Reading | None:
        """What the chart under the cursor reads at the crosshair; None without one."""
        if self.current is None or self.crosshair is None:
            return None
        return Reading.of(f"step {self.crosshair:,}", self.current.curves, self.crosshair)

    def readout_text(self) -> str:
        """What the chart under the cursor reads, as text to be copied."""
        overlay = self.current
        if overlay is None:
            return ""
        readings = [f"{clean(overlay.curves[place].label)} {text}" for place, text in overlay.readings(self.crosshair)]
        return "   ".join([clean(overlay.name), *readings])


def _place_of(name: str, overlays: Sequence[Overlay]) -> int | None:
    return next((place for place, overlay in enumerate(overlays) if overlay.name == name), None)


class OverlaidChart(MetricChart, inherit_bindings=False):
    """A full chart of one metric: with the keys of a chart, and those that go on to other metrics."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.OVERLAID_CHART)]

    class OtherWanted(Message):
        """The curves of another metric were asked for.

        Attributes:
            step: 1 for the next one, -1 for the one before.
        """

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def action_next_metric(self) -> None:
        """Show the next metric."""
        self.post_message(self.OtherWanted(1))

    def action_previous_metric(self) -> None:
        """Show the metric before."""
        self.post_message(self.OtherWanted(-1))


class OverlaidCurves(Container):
    """Every metric of some runs, over one another.

    Attributes:
        grid: a chart for each metric.
        chart: one of them in full.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.OVERLAID)]
    app: Explorer

    class Left(Message):
        """The user goes out of the curves."""

    class ReadElsewhere(Message):
        """The curves are read at another step, or another metric is."""

    def __init__(self, *, id: str | None = None) -> None:
        """Show no curves yet.

        Args:
            id: the widget's id.
        """
        super().__init__(id=id)
        # Made here, as a thread draws on them, perhaps before they stand on a screen.
        self.grid = OverlaidGrid(id="overlaid-grid")
        self.chart = OverlaidChart(id="overlaid-chart")
        self._switcher = ContentSwitcher(initial="overlaid-grid")

    def on_mount(self) -> None:
        """Draw as the user chose it."""
        self.look_again()
        for charts, name in ((self.grid, "crosshair"), (self.grid, "cursor"), (self.chart, "cursor")):
            self.watch(charts, name, self._read_elsewhere, init=False)

    def _read_elsewhere(self) -> None:
        self.post_message(self.ReadElsewhere())

    @property
    def reading(self) -> Reading | None:
        """What the runs read at the crosshair in the metric under the cursor; None without a crosshair."""
        return self.chart.reading if self.shows_one else self.grid.reading

    def compose(self) -> ComposeResult:
        """The grid; one chart takes its place when it is asked for."""
        with self._switcher:
            yield self.grid

    def _mount_one(self) -> None:
        """Have the pane of one chart, below the name of its metric."""
        if self.chart.parent is None:
            one = Vertical(id="overlaid-one")
            one.display = False
            self._switcher.mount(one)
            one.mount(Static(id="overlaid-metric", markup=False), self.chart)

    @property
    def shows_one(self) -> bool:
        """Whether one metric is shown in full."""
        return self._switcher.current == "overlaid-one"

    def focus_content(self) -> None:
        """Give the keys to what is shown."""
        (self.chart if self.shows_one else self.grid).focus()

    @property
    def is_focused(self) -> bool:
        """Whether the keys are those of the curves."""
        return self.chart.has_focus or self.grid.has_focus

    def seen(self) -> Seen:
        """Every value of all metrics; of one that is shown in full those in the part that it shows."""
        overlay = self.grid.current
        if self.shows_one and overlay is not None:
            return self.chart.seen().titled(f"{overlay.name} of several runs")
        named = [(f"{one.name} · {curve.label}", curve) for one in self.grid.overlays for curve in one.curves]
        series = [Series("", None, name, curve.steps, curve.tracked, times=curve.times) for name, curve in named]
        columns = series_columns(series, [one.name for one in series])
        return Seen("metrics of several runs", columns, partial(step_indexes, series))

    def show(self, names: Sequence[str], overlays: Sequence[Overlay], note: str = "", empty: str = "") -> None:
        """Show other curves; what is looked at stays where it is still there.

        Args:
            names: what the runs are called.
            overlays: by metric, the curves of the runs.
            note: what else is to be said, safe to show.
            empty: the text where there are no curves, safe to show.
        """
        self.grid.show(names, overlays, note, empty)
        if self.shows_one:
            self._show_one(same=True)

    def go_to_metric(self, name: str) -> None:
        """Go to a metric, if there is a chart of it."""
        before = self.grid.current
        self.grid.go_to_metric(name)
        if self.shows_one and self.grid.current is not before:
            self._show_one(same=True)

    def prepare(self, names: Sequence[str], overlays: Sequence[Overlay]) -> None:
        """Draw what is about to be shown, so that showing it takes no time; called in a thread."""
        if not self.shows_one:
            self.grid.prepare(names, overlays)

    def _show_one(self, *, same: bool = False) -> None:
        """Show the metric under the grid's cursor in full."""
        overlay = self.grid.current
        if overlay is None:
            self._back_to_grid()
            return
        self.query_one("#overlaid-metric", Static).update(Text(clean(overlay.name), style="bold", no_wrap=True))
        self.chart.show(overlay.curves, same=same, metric=overlay.name)

    def on_chart_grid_opened(self, event: ChartGrid.Opened) -> None:
        """Show the metric under the cursor in full, at the step that the grid is read at."""
        event.stop()
        self._mount_one()
        self._show_one()
        self._switcher.current = "overlaid-one"
        self.chart.focus()
        if self.grid.crosshair is not None:
            self.chart.go_to_number(self.grid.crosshair)
        self._read_elsewhere()

    def on_overlaid_chart_other_wanted(self, event: OverlaidChart.OtherWanted) -> None:
        """Show the next metric, or the one before, at the same step and zoom."""
        event.stop()
        self.grid.cursor += event.step
        self._show_one(same=True)

    def on_drawn_charts_look_chosen(self, event: DrawnCharts.LookChosen) -> None:
        """Draw all charts alike."""
        self.take_look(event.look)

    def look_again(self) -> None:
        """Draw all charts, and mark what is best, as it was chosen last, here or on another screen."""
        self.take_look(ChartLook.of(self.app.settings.charts))
        self.grid.directions = self.chart.directions = self.app.settings.best

    def take_look(self, look: ChartLook) -> None:
        """Draw all charts as the user chose it."""
        self.grid.look = self.chart.look = look

    def _back_to_grid(self) -> None:
        focused = self.chart.has_focus
        self._switcher.current = "overlaid-grid"
        if focused:
            self.grid.focus()
        self._read_elsewhere()

    def action_back(self) -> None:
        """From a chart to the grid; there to the last values; then out."""
        if self.shows_one:
            self._back_to_grid()
        elif self.grid.crosshair is not None:
            self.grid.crosshair = None
        else:
            self.post_message(self.Left())

    def action_copy(self) -> None:
        """Copy what is read at the crosshair."""
        self.app.copy_and_say((self.chart if self.shows_one else self.grid).readout_text())
