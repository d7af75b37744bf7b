"""The metrics of a run: a grid of curves, the values as a table, and one full chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.widgets import ContentSwitcher

from magnus_tui import keys
from magnus_tui.charts.chart_options import ChartLook
from magnus_tui.charts.metric_entries import Entry
from magnus_tui.format.seen import Seen
from magnus_tui.format.series_columns import series_columns, step_indexes
from magnus_tui.run.metric_grid import MetricGrid
from magnus_tui.run.metric_table import MetricTable, copied
from magnus_tui.widgets.drawn_charts import DrawnCharts
from magnus_tui.widgets.filtering_screen import Filtered, matcher
from magnus_tui.widgets.metric_chart import MetricChart
from magnus_tui.widgets.newest_in_view import Follower

_AT_ONCE = 16
"""Curves that are drawn unnoticed; more are drawn after the frame that answers the key."""

Way = TypeVar("Way", MetricTable, MetricChart)

_MOST_TOGETHER = 64
"""Curves of one chart: more can't be told apart, and drawing 4,000 took the event loop six seconds a key."""


class MetricsView(Container):
    """Every metric of a run in three ways, one at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.METRICS_EVERYWHERE)]

    class CopyRequested(Message):
        """The user wants a value on the clipboard."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class LogWanted(Message):
        """The user wants to see what a step wrote around a moment."""

        def __init__(self, step: str, attempt: int | None, moment: datetime) -> None:
            super().__init__()
            self.step = step
            self.attempt = attempt
            self.moment = moment

    class Left(Message):
        """The user goes out of the metrics."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._every_entry: Sequence[Entry] = ()
        self._entries: Sequence[Entry] = ()
        self._needle = ""
        self._holds = matcher("")
        self._opened: Sequence[tuple[str, int | None, str]] = ()
        self._charted: Sequence[tuple[str, int | None, str]] = ()
        self._following = False
        self._is_drawing = False

    def compose(self) -> ComposeResult:
        """The first way; the others are mounted when they are asked for."""
        with ContentSwitcher(initial="grid"):
            yield MetricGrid(id="grid")

    @property
    def _grid(self) -> MetricGrid:
        return self.query_one(MetricGrid)

    def _table(self) -> MetricTable:
        """The values as a table, which is mounted now if it was not shown before."""
        found = self.query(MetricTable)
        if found:
            return found.first()
        table = self._mount(MetricTable(id="table"))
        table.show(self._entries)
        return table

    def _full_chart(self) -> MetricChart:
        """The full chart, likewise."""
        found = self.query(MetricChart)
        if found:
            return found.first()
        chart = self._mount(MetricChart(id="chart"))
        chart.look, chart.directions = self._grid.look, self._grid.directions
        return chart

    def _mount(self, way: Way) -> Way:
        way.display = False
        self.query_one(ContentSwitcher).mount(way)
        way.follow(self._following)
        return way

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a series there is no table."""
        return bool(self._entries) if action in ("table", "copy") else super().check_action(action, parameters)

    @property
    def mode(self) -> str:
        """Which of ``grid``, ``table`` and ``chart`` is shown."""
        return self.query_one(ContentSwitcher).current or "grid"

    def show(self, entries: Sequence[Entry]) -> None:
        """Show other series; what is looked at stays where it is still there."""
        self._every_entry = entries
        entries = [entry for entry in entries if self._holds(entry.label)] if self._needle else entries
        self._entries = entries
        self._grid.is_filtered = len(entries) < len(self._every_entry)
        self._grid.show(entries)
        for table in self.query(MetricTable):
            table.show(entries)
        by_key = {entry.key: entry for entry in entries}
        opened = [entry for key in self._opened if (entry := by_key.get(key)) and entry.curve]
        if opened:
            self._chart(opened, same=True)

    def _chart(self, entries: Sequence[Entry], *, same: bool) -> None:
        """Draw curves in full, of those that were opened as many as are not filtered away."""
        self._charted = [entry.key for entry in entries]
        curves = [entry.curve for entry in entries if entry.curve is not None]
        self._full_chart().show(curves, same=same, metric=entries[0].series.name if len(entries) == 1 else "")

    def seen(self) -> Seen:
        """Every value of the series that are shown; of a full chart those in the part that it shows."""
        if self.mode == "chart":
            return self._full_chart().seen()
        entries = list(self._entries)
        series = [entry.series for entry in entries]
        columns = series_columns(series, [entry.label for entry in entries])
        return Seen("metrics", columns, partial(step_indexes, series))

    def filter_lines(self, text: str) -> None:
        """Show only the series whose names hold every word of `text`."""
        self._needle, self._holds = text, matcher(text)
        self.show(self._every_entry)
        said = f"{len(self._entries):,} of {len(self._every_entry):,} series"
        self.post_message(Filtered(said, is_empty=not self._entries))

    @property
    def follower(self) -> Follower | None:
        """What is shown, if it can lose sight of the newest values; the grid always shows them."""
        return None if self.mode == "grid" else self.query_one(f"#{self.mode}", Follower)

    def follow(self, on: bool) -> None:
        """Keep the newest values in view from now on, or no longer."""
        self._following = on
        for way in (*self.query(MetricTable), *self.query(MetricChart)):
            way.follow(on)

    def focus_content(self) -> None:
        """Give the keys to what is shown."""
        self.query_one(f"#{self.mode}").focus()

    def _switch(self, mode: str) -> None:
        self.query_one(ContentSwitcher).current = mode
        self.focus_content()

    def on_chart_grid_opened(self) -> None:
        """Open the marked curves, or the one under the cursor."""
        grid = self._grid
        marked = [entry for entry in grid.charts if entry.key in grid.marks]
        if len(marked) > _MOST_TOGETHER:
            self.notify(f"the first {_MOST_TOGETHER} of {len(marked):,} marked curves", timeout=4)
            del marked[_MOST_TOGETHER:]
        chosen = marked or ([grid.current] if grid.current else [])
        if not self._open(chosen):
            self._show_in_table(grid.current)

    def on_metric_table_opened(self) -> None:
        """Open the curve under the cursor."""
        current = self._table().current
        if current is not None and not self._open([current]):
            self.notify("only numbers that change are drawn as a curve", timeout=2)

    def _open(self, entries: Sequence[Entry]) -> bool:
        """Show the curves among some series as one chart; whether there are any."""
        curves = [entry for entry in entries if entry.curve is not None]
        if not curves:
            return False
        self._opened = [entry.key for entry in curves]
        if len(curves) > _AT_ONCE:
            self._full_chart().show([])
            self._is_drawing = True
            self.call_after_refresh(self._draw, curves)
        else:
            self._draw(curves)
        self._switch("chart")
        return True

    def _draw(self, curves: Sequence[Entry]) -> None:
        self._is_drawing = False
        self._chart(curves, same=False)
        self._full_chart().follow(self._following)

    def awaits(self, _verb: str) -> bool:
        """Keys wait for the curves that they act on."""
        return self._is_drawing

    def _show_in_table(self, entry: Entry | None) -> None:
        table = self._table()
        if entry is not None:
            table.column = list(table.entries).index(entry)
        self._switch("table")

    def on_metric_chart_moment_chosen(self, event: MetricChart.MomentChosen) -> None:
        """Ask for the log of the step whose curve it is."""
        step, attempt, _ = self._charted[event.place]
        self.post_message(self.LogWanted(step, attempt, event.moment))

    def show_at(self, step: str, moment: datetime) -> None:
        """Show a curve of a step with the crosshair at a moment: the one that is open, else its first."""
        timed = [entry for entry in self._entries if entry.curve is not None and entry.series.times is not None]
        own = [entry for entry in timed if entry.series.step == step]
        if not own:
            self.notify("this step kept no times of values", timeout=2)
        elif (self.mode == "chart" and any(entry.key in self._charted for entry in own)) or self._open(own[:1]):
            self._full_chart().go_to_moment(moment)

    def on_drawn_charts_look_chosen(self, event: DrawnCharts.LookChosen) -> None:
        """Draw all charts alike."""
        self.take_look(event.look)

    def take_look(self, look: ChartLook) -> None:
        """Draw all charts as the user chose it."""
        for charts in (self._grid, *self.query(MetricChart)):
            charts.look = look

    def take_directions(self, directions: Mapping[str, str]) -> None:
        """Mark what the user said is best."""
        for charts in (self._grid, *self.query(MetricChart)):
            charts.directions = directions

    def action_table(self) -> None:
        """The values as a table, or the curves again."""
        if self.mode == "table":
            self._switch("grid")
        else:
            self._show_in_table(self._grid.current)

    def action_back(self) -> None:
        """Back to the grid; from the grid, out."""
        if self.mode == "grid":
            self.post_message(self.Left())
        else:
            self._switch("grid")

    def action_copy(self) -> None:
        """Copy the value under the cursor."""
        if self.mode == "chart":
            text = self._full_chart().readout_text()
        elif self.mode == "table":
            text = self._table().cell_text()
        else:
            current = self._grid.current
            text = copied(current.series.last) if current else ""
        self.post_message(self.CopyRequested(text))
