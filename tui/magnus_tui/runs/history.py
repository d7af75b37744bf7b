"""A metric over the runs of one pipeline: the last value of each, one run after the other or by when they started."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Click
from textual.screen import Screen
from textual.strip import Strip

from magnus_tracking.runlog.metrics import is_number
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.runlog.times import in_ms
from magnus_tui import format, keys
from magnus_tui.charts.axes import XAxis
from magnus_tui.charts.line_chart import ChartView, draw_chart
from magnus_tui.charts.prepared_series import PreparedSeries, as_float
from magnus_tui.charts.window import Window
from magnus_tui.feed.feed import Feed
from magnus_tui.format import table_columns as written
from magnus_tui.format.seen import Seen
from magnus_tui.format.text import clean, truncate
from magnus_tui.runs.columns import METRIC, Column
from magnus_tui.runs.list_query import metric_of
from magnus_tui.screen import Explorer, is_working, read_styles
from magnus_tui.screen_requests import RunRequested
from magnus_tui.widgets.drawn_charts import Drawn
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.themed_chart_style import chart_style
from magnus_tui.widgets.title_bar import TitleBar

_HALF_MINUTE = 30_000
_TREND = 0.9
"""The weight of earlier values in the trend."""


class HistoryChart(Drawn):
    """A point a run, the first to start first.

    Attributes:
        points: of each run when it started, in milliseconds, and its value.
        by_time: whether a run stands at the time at which it started: those of a burst then lie on one another.
    """

    def __init__(self) -> None:
        super().__init__()
        self.by_time = False
        self.points: list[tuple[int, float, RunSummary]] = []
        self.cursor = 0
        self.logarithmic = False
        self.trend = 0.0
        self.empty = "reading the runs of this pipeline …"

    @property
    def indexes(self) -> list[int]:
        """Where each run stands: a time in milliseconds, or its place counted from 1."""
        return [time for time, _, _ in self.points] if self.by_time else [*range(1, len(self.points) + 1)]

    def window(self) -> Window:
        """The part of the axis that is shown."""
        first, last = self.indexes[0], self.indexes[-1]
        aside = _HALF_MINUTE if self.by_time else 1
        return Window(first, last) if last > first else Window(first - aside, last + aside)

    def draw(self) -> list[Strip]:
        """The chart, and the run at the crosshair below it."""
        if not self.points or self.size.height < 4:
            return [Strip([Segment(f" {truncate(self.empty, self.size.width - 2)}")])]
        curve = PreparedSeries("", self.indexes, [value for _, value, _ in self.points])
        _, value, run = self.points[self.cursor]
        axis: XAxis = "clock" if self.by_time else "step"
        view = ChartView(self.window(), self.logarithmic, self.trend, self.indexes[self.cursor], axis, lines=False)
        lines = draw_chart([curve], self.size.width, self.size.height - 1, chart_style(self), view)
        said = f" {clean(run.run_id)}   {format.date_time(run.started)}   {format.number(value, 6)}"
        said += f"   {run.status.lower()}   run {self.cursor + 1:,} of {len(self.points):,}"
        lines.append([Segment(truncate(said, self.size.width), Style(bold=True))])
        return [Strip(line) for line in lines]

    def on_click(self, event: Click) -> None:
        """Put the crosshair on the run nearest to the click."""
        if self.points:
            at, indexes = self.window().index(event.x, self.size.width), self.indexes
            self.cursor = min(range(len(indexes)), key=lambda place: abs(indexes[place] - at))
            self.redraw()


class HistoryScreen(Screen[None]):
    """The history of a metric; enter opens the run at the crosshair."""

    CSS = read_styles(__file__, "history.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.HISTORY)]
    key_tables: ClassVar = [("history", keys.HISTORY), ("everywhere", keys.APP)]
    app: Explorer
    numbered: ClassVar = "run"

    def __init__(self, feed: Feed, run: RunSummary, metric: Column, *, is_chosen: bool) -> None:
        """Make the screen.

        Args:
            feed: the door to the core.
            run: one of the pipeline.
            metric: what is shown.
            is_chosen: whether the user chose it; another one is taken otherwise where no run of the pipeline has it.
        """
        super().__init__()
        self.feed = feed
        self._run = run
        self._metric = metric
        self._is_sure = is_chosen

    def compose(self) -> ComposeResult:
        """Title, chart, footer."""
        yield TitleBar()
        yield HistoryChart()
        yield KeyBar()

    def on_mount(self) -> None:
        """Start reading."""
        self._tell()
        self.read()

    def _tell(self) -> None:
        """Say what is shown, as far as that is known."""
        name = clean(self._metric.name.removeprefix(METRIC)) if self._is_sure else "history"
        runs = "over the runs of this pipeline" if self._run.pipeline else "in this run, whose pipeline is not known"
        self.query_one(TitleBar).path = (self.feed.project, f"{name} {runs}")

    def awaits(self, _verb: str) -> bool:
        """Keys wait for the runs."""
        return is_working(self, "history")

    @work(thread=True, exclusive=True, group="history")
    def read(self) -> None:
        """Ask the index for the runs of the pipeline, off the event loop."""
        self.app.let_answer()
        metric = self._metric if self._is_sure else metric_of(self.feed, self._run, self._metric)
        runs = self.feed.runs_of_pipeline(self._run)
        name = metric.name.removeprefix(METRIC)
        points = []
        for run in runs:
            found = run.metrics.get(name)
            if run.started is not None and found is not None and is_number(found.last):
                points.append((in_ms(run.started), as_float(found.last), run))
        self.app.call_from_thread(self._show, metric, points)

    def _show(self, metric: Column, points: list[tuple[int, float, RunSummary]]) -> None:
        self._metric, self._is_sure = metric, True
        self._tell()
        chart = self.query_one(HistoryChart)
        chart.points = points
        runs = "no run of this pipeline has" if self._run.pipeline else "this run, whose pipeline is not known, lacks"
        chart.empty = f"{runs} a numeric last value of {clean(self._metric.name.removeprefix(METRIC))}"
        chart.cursor = next(
            (i for i, (_, _, run) in enumerate(points) if run.run_id == self._run.run_id), max(len(points) - 1, 0)
        )
        chart.redraw()
        self.refresh_bindings()

    def seen(self) -> Seen:
        """The runs that have the metric, the first to start first."""
        name = self._metric.name.removeprefix(METRIC)
        runs = [run for _, _, run in self.query_one(HistoryChart).points]
        columns = (
            written.Column[RunSummary]("run_id", lambda run: run.run_id),
            written.Column[RunSummary]("started", lambda run: run.started),
            written.Column[RunSummary]("status", lambda run: run.status),
            written.Column[RunSummary](self._metric.name, lambda run: run.metrics[name].last, right=True),
        )
        return Seen(f"history of {name}", columns, lambda: runs, len(runs))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a point there is nothing to move to, to open or to copy."""
        if (
            action in ("left", "right", "open", "axis", "log", "trend", "copy")
            and not self.query_one(HistoryChart).points
        ):
            return False
        return super().check_action(action, parameters)

    def go_to_number(self, number: int) -> int | None:
        """Go to a run by its place, counted from 1; the place reached, None without any."""
        chart = self.query_one(HistoryChart)
        chart.cursor = max(0, min(number, len(chart.points)) - 1)
        chart.redraw()
        return chart.cursor + 1 if chart.points else None

    def _move(self, by: int) -> None:
        self.go_to_number(self.query_one(HistoryChart).cursor + 1 + by)

    def action_left(self) -> None:
        """The run before."""
        self._move(-1)

    def action_right(self) -> None:
        """The run after."""
        self._move(1)

    def action_axis(self) -> None:
        """One run after the other, or each at the time at which it started."""
        chart = self.query_one(HistoryChart)
        chart.by_time = not chart.by_time
        chart.redraw()

    def action_log(self) -> None:
        """Logarithmic axis, on and off."""
        chart = self.query_one(HistoryChart)
        chart.logarithmic = not chart.logarithmic
        chart.redraw()

    def action_trend(self) -> None:
        """The trend of what came before as a line, or the runs alone."""
        chart = self.query_one(HistoryChart)
        chart.trend = 0.0 if chart.trend else _TREND
        chart.redraw()

    def _here(self) -> RunSummary | None:
        chart = self.query_one(HistoryChart)
        return chart.points[chart.cursor][2] if chart.points else None

    def action_open(self) -> None:
        """Open the run at the crosshair."""
        run = self._here()
        if run is not None:
            self.post_message(RunRequested(run.run_id))

    def action_copy(self) -> None:
        """Copy the id of the run at the crosshair."""
        run = self._here()
        self.app.copy_and_say(run.run_id if run is not None else "")

    def action_back(self) -> None:
        """Back to the runs."""
        self.dismiss()
