"""Runs side by side: what differs between them, and the curves of a metric over one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from glob import escape
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import get_current_worker

from magnus_tracking.analysis.compare import Comparison, Row
from magnus_tracking.analysis.compare.comparison import is_ignored
from magnus_tracking.errors import MagnusTrackingError
from magnus_tui import keys
from magnus_tui.charts.chart_options import ChartLook
from magnus_tui.compare.cells import cells, exact
from magnus_tui.compare.comparison_table import CompareTable
from magnus_tui.compare.curves import CURVE_KEYS, CompareCurves, OverlaidChart, is_curve
from magnus_tui.compare.layout import ColumnHeading, CompareLine, lines_of
from magnus_tui.compare.row_filter import RowFilter
from magnus_tui.compare.sources import Loaded, RunsSource, Source, StepSource
from magnus_tui.feed.coalesced_worker import CoalescedWorker
from magnus_tui.feed.feed import Feed
from magnus_tui.feed.messages import RunsChanged
from magnus_tui.format import side_by_side
from magnus_tui.format.status import status_color
from magnus_tui.format.text import clean
from magnus_tui.screen import Explorer, LateScreen, read_styles
from magnus_tui.screen_requests import RunRequested
from magnus_tui.settings import Settings
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from magnus_tui.compare.log_difference import LogDifferenceScreen

_LEAST_FOR_BOTH = 32
"""Below this height the table and the curves take turns."""
_SIDE_BY_SIDE = 200
"""From this width the curves stand beside the table."""


class CompareScreen(Screen[None]):
    """A comparison of runs, or of what lies inside one."""

    CSS = read_styles(__file__, "compare.tcss", "../widgets/metrics.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.COMPARE)]
    key_tables: ClassVar = [
        ("compare", keys.COMPARE),
        ("move", (*keys.MOVE, *keys.COLUMNS)),
        ("curves", CURVE_KEYS),
        ("everywhere", keys.APP),
    ]
    app: Explorer

    def __init__(self, feed: Feed, compared: Sequence[str] | Source, baseline: str | None = None) -> None:
        """Make the screen.

        Args:
            feed: the door to the core.
            compared: run ids, or anything else that can be put side by side.
            baseline: the name of the column that differences are measured from; the first one if left out.
        """
        super().__init__()
        self.feed = feed
        self.source: Source = RunsSource(tuple(compared)) if isinstance(compared, Sequence) else compared
        self._baseline = baseline
        self._loaded: Loaded | None = None
        self._reading = CoalescedWorker(self, self._load, "load")
        self.row_filter = RowFilter()
        self._wants_chart: bool | None = None
        self._has_curves = False
        self._alone = False

    def compose(self) -> ComposeResult:
        """Title, filter, table, curves, the cell under the cursor in full, footer."""
        yield TitleBar()
        yield FilterBar()
        with Container(id="compare-body"):
            yield CompareTable(id="compare-table")
            yield CompareCurves(id="compare-curves")
        yield Static(id="compare-detail", markup=False)
        yield KeyBar()

    @property
    def table(self) -> CompareTable:
        """The table."""
        return self.query_one(CompareTable)

    @property
    def curves(self) -> CompareCurves:
        """The curves."""
        return self.query_one(CompareCurves)

    def on_mount(self) -> None:
        """Read what is compared."""
        self.query_one(TitleBar).path = self.source.title
        self.table.empty = Text("reading …")
        self.table.focus()
        self._arrange()
        self._reading.request()

    def _load(self) -> Callable[[], None]:
        try:
            return partial(self._show, self.source.load(self.feed, self.app.now()))
        except MagnusTrackingError as error:
            return partial(self._failed, str(error))

    def _failed(self, reason: str) -> None:
        self.table.empty = Text(clean(reason), style=status_color(self.app.theme_variables, "FAIL"))
        self.table.show([], (), 0)

    def _show(self, loaded: Loaded) -> None:
        for problem in loaded.problems:
            self.notify(clean(problem), severity="warning", markup=False)
        self.query_one(TitleBar).path = loaded.title or self.source.title
        first = self._loaded is None
        self._loaded = loaded
        self._present()
        if first:
            self._choose_metric()

    def runs_changed(self, event: RunsChanged) -> None:
        """Read again what has changed."""
        if (event.changed | event.removed) & set(self.source.run_ids):
            self._reading.request()

    # The table

    def _present(self) -> None:
        if self._loaded is not None:
            self._prepare(self._loaded, replace(self.row_filter), self._baseline, self.app.settings)

    # Without a description a worker describes itself by its arguments, and whole runs take seconds to write out.
    @work(thread=True, exclusive=True, group="present", description="rows of a comparison")
    def _prepare(self, loaded: Loaded, row_filter: RowFilter, baseline: str | None, settings: Settings) -> None:
        """Choose the rows and write their cells, of which there may be very many, off the event loop."""
        worker = get_current_worker()
        names = loaded.comparison.runs
        whole = loaded.comparison.with_baseline(names.index(baseline) if baseline in names else 0)
        shown = row_filter.shown(whole, settings.ignore)
        lines = lines_of(shown, settings.best, grouped=not row_filter.by_difference)
        empty = row_filter.why_empty(whole, settings.ignore)
        said = row_filter.words(whole, shown, settings.ignore)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._prepared, lines, loaded.headings_from(whole.baseline), whole, empty, said)

    def _prepared(
        self, lines: list[CompareLine], headings: list[ColumnHeading], whole: Comparison, empty: str, said: str
    ) -> None:
        self.table.empty = Text(empty)
        self.table.show(lines, headings, whole.baseline)
        self.query_one(FilterBar).say(Text(f" {said}"))
        dim = self.app.theme_variables.get("dim", "")
        self.query_one(TitleBar).status = Text(f"baseline {clean(whole.runs[whole.baseline])}", style=dim)

    def on_compare_table_highlighted(self, event: CompareTable.Highlighted) -> None:
        """Say the cell in full, and show the curves behind it."""
        self.query_one("#compare-detail", Static).update(self._detail(event.row, event.column))
        if event.row is not None and event.row.metric is not None:
            self._show_curves(event.row)

    def _detail(self, row: Row | None, column: int) -> Text:
        if row is None or self._loaded is None:
            return Text()
        names, baseline = self._loaded.comparison.runs, self.table.baseline
        dim = self.app.theme_variables.get("dim", "")
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f"{clean(row.name)}  ", dim)
        text.append(f"{clean(names[column])}  ", "bold")
        value = row.values[column]
        text.append(side_by_side.values(row.values)[column] if isinstance(value, str) else exact(row, column))
        change = cells(row, baseline)[column].change
        if change:
            text.append(f"  {change} against {clean(names[baseline])}", dim)
        return text

    # The curves

    def _choose_metric(self) -> None:
        """Show the curves of the first metric that has some, until another one is under the cursor."""
        if self._loaded is not None and self.curves.metric is None:
            rows = (row for row in self._loaded.comparison.rows if row.metric is not None)
            row = next((row for row in rows if any(map(is_curve, self._loaded.series(row)))), None)
            self._has_curves = row is not None
            self._arrange()
            if row is not None:
                self._show_curves(row)

    def _show_curves(self, row: Row) -> None:
        self.curves.chart.look = ChartLook.of(self.app.settings.charts)
        series = self._loaded.series(row) if self._loaded is not None else []
        if self._loaded is not None and any(map(is_curve, series)):
            name = row.metric if row.section == "metrics" else row.key
            self.curves.show(name or row.key, series, self._loaded.comparison.runs, self._loaded.began)

    def on_overlaid_chart_other_wanted(self, event: OverlaidChart.OtherWanted) -> None:
        """Show the curves of the next metric, or of the one before."""
        loaded, shown = self._loaded, self.curves.metric
        if loaded is None:
            return
        if self.table.current is None or shown != self.table.current.metric:
            self.table.go_to_metric(1, lambda row: row.metric == shown)
        self.table.go_to_metric(
            event.step, lambda row: row.metric not in (None, shown) and any(map(is_curve, loaded.series(row)))
        )

    def _arrange(self) -> None:
        """Curves below the table, beside it where there is room, or instead of it where there is little."""
        body, curves = self.query_one("#compare-body"), self.curves
        beside = self.size.width >= _SIDE_BY_SIDE
        low = self._alone or (self.size.height < _LEAST_FOR_BOTH and not beside)
        body.set_class(beside, "-beside")
        wanted = self._wants_chart if self._wants_chart is not None else self._has_curves and not low
        focused = self.curves.chart.has_focus or self.table.has_focus
        curves.display = wanted
        self.table.display = not (low and wanted)
        if focused:
            (self.table if self.table.display else curves.chart).focus()

    def on_resize(self, _event: Resize) -> None:
        """Lay out for the new size."""
        self._arrange()

    def action_alone(self) -> None:
        """Show the table or the curves alone, whichever has the focus, or both again."""
        self._alone = not self._alone
        self._wants_chart = self.curves.chart.has_focus if self._alone else None
        self._arrange()

    def action_chart(self) -> None:
        """Show or hide the curves."""
        self._wants_chart = not self.curves.display
        self._arrange()
        if self._wants_chart and not self._has_curves:
            self.notify("no metric here has more than one value", timeout=3, markup=False)

    # What is pressed

    def action_all_rows(self) -> None:
        """Show all rows, or differences only."""
        self.row_filter.all_rows = not self.row_filter.all_rows
        self._present()

    def action_baseline(self) -> None:
        """Measure from the column under the cursor."""
        if self._loaded is not None:
            self._baseline = self._loaded.comparison.runs[self.table.column]
            self._present()

    def action_sort(self) -> None:
        """Sort by how much rows differ, or by section again."""
        self.row_filter.by_difference = not self.row_filter.by_difference
        self._present()

    def action_ignore(self) -> None:
        """Ignore the key under the cursor and remember it; if it is ignored already, no longer."""
        row = self.table.current
        if row is None:
            return
        ignored = self.app.settings.ignore
        own = escape(row.name)
        if not is_ignored(row, ignored):
            self.app.remember(ignore=(*ignored, own))
            self.notify(
                f"{clean(row.name)} is ignored from now on; {keys.shown('show_ignored')} shows what is",
                timeout=3,
                markup=False,
            )
        elif own in ignored:
            self.app.remember(ignore=tuple(pattern for pattern in ignored if pattern != own))
        else:
            pattern = next(pattern for pattern in ignored if is_ignored(row, [pattern]))
            self.notify(f"ignored by the pattern {pattern!r} in the settings file", markup=False)
        self._present()

    def action_show_ignored(self) -> None:
        """Show the ignored rows, or hide them again."""
        self.row_filter.with_ignored = not self.row_filter.with_ignored
        self._present()

    def action_direction(self) -> None:
        """Choose what is best in the metric under the cursor, and remember it."""
        row = self.table.current
        if row is None or row.metric is None:
            self.notify("put the cursor on a metric first", timeout=2, markup=False)
            return
        chosen = self.app.settings.with_next_best(row.metric)
        self.app.remember(best=chosen)
        words = {None: "as its name says", "min": "the least value is best", "max": "the greatest value is best"}
        self.notify(f"{clean(row.metric)}: {words[chosen.get(row.metric)]}", timeout=2, markup=False)
        self._present()

    def action_copy(self) -> None:
        """Copy the value under the cursor, or what the crosshair reads."""
        row = self.table.current
        if self.curves.chart.has_focus:
            self.app.copy_and_say(self.curves.chart.readout_text())
        else:
            self.app.copy_and_say(exact(row, self.table.column) if row is not None else "")

    def action_log_difference(self) -> None:
        """Show what differs between the logs of the baseline and of the attempt under the cursor."""
        source, columns = self.source, (self.table.baseline, self.table.column)
        if not isinstance(source, StepSource) or self._loaded is None:
            self.notify("logs are compared between attempts of one step", timeout=3, markup=False)
            return
        if columns[0] == columns[1]:
            columns = (columns[0], len(self._loaded.run_ids) - 1 if columns[0] == 0 else 0)
        names = [self._loaded.comparison.runs[column] for column in columns]
        title = (*source.title[:1], source.step, f"logs of {' and '.join(names)}")

        def prepare() -> Callable[[], LogDifferenceScreen]:
            from magnus_tui.compare.log_difference import LogDifferenceScreen  # late: few comparisons need it

            return partial(LogDifferenceScreen, title, partial(source.compare_logs, self.feed, columns))

        self.app.open_screen(LateScreen(prepare, "magnus_tui.compare.log_difference"))

    def action_open(self) -> None:
        """Open the run of the column under the cursor."""
        if self._loaded is not None:
            self.post_message(RunRequested(self._loaded.run_ids[self.table.column]))

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_one(FilterBar).start()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Filter as it is typed."""
        self.row_filter.filter = event.query.strip()
        self._present()

    def on_filter_bar_kept(self, _event: FilterBar.Kept) -> None:
        """Return to the table; the filter stays."""
        self.table.focus()

    def on_filter_bar_left(self, _event: FilterBar.Left) -> None:
        """Out of the filter."""
        self.action_back()

    def action_back(self) -> None:
        """Out of the filter, then out of the curves, then out of the screen."""
        bar = self.query_one(FilterBar)
        if bar.is_typing or (bar.query_text and not self.curves.chart.has_focus):
            bar.query_text = ""
            bar.stop()
            self.table.focus()
        elif self.curves.chart.has_focus:
            if not self.table.display:
                self._wants_chart = False
                self._arrange()
            self.table.focus()
        else:
            self.dismiss()
