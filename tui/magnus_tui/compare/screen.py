"""Runs side by side: what differs between them, and the curves of every metric over one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from glob import escape
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import get_current_worker

from magnus_tracking.analysis.compare import Comparison, Row
from magnus_tracking.analysis.compare.comparison import is_ignored
from magnus_tracking.errors import MagnusTrackingError
from magnus_tui import keys
from magnus_tui.charts.overlays import Overlay
from magnus_tui.compare.cells import cells, exact
from magnus_tui.compare.comparison_columns import machine_columns, person_columns
from magnus_tui.compare.comparison_table import CompareTable
from magnus_tui.compare.curves import NO_CURVES, chart_of, overlays_in, row_at_crosshair
from magnus_tui.compare.layout import TableLines, WrittenRows, lines_of
from magnus_tui.compare.row_filter import RowFilter
from magnus_tui.compare.sources import Loaded, RunsSource, Source, StepSource
from magnus_tui.compare.table_and_curves import TableAndCurves
from magnus_tui.feed.coalesced_worker import CoalescedWorker
from magnus_tui.feed.feed import Feed
from magnus_tui.feed.messages import RunsChanged
from magnus_tui.format import side_by_side
from magnus_tui.format.seen import Seen
from magnus_tui.format.status import status_color
from magnus_tui.format.text import clean
from magnus_tui.screen import Explorer, LateScreen, is_working, read_styles
from magnus_tui.screen_requests import RunRequested
from magnus_tui.settings import Settings
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.overlaid_curves import OverlaidCurves
from magnus_tui.widgets.side_pane import DIVIDER_STEP, SidePane
from magnus_tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from magnus_tui.compare.log_difference import LogDifferenceScreen

_ACT_AT_ONCE = frozenset({"filter", "all_rows", "sort", "show_ignored"})
"""Verbs that act on no row, and so need not wait for the rows that are being chosen."""
_SHOW_CURVES = frozenset({"preview", "pane", "alone", "divider_left", "divider_right"})
"""Verbs that wait for the curves as well."""


class CompareScreen(Screen[None]):
    """A comparison of runs, or of what lies inside one."""

    CSS = read_styles(__file__, "compare.tcss", "../widgets/metrics.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.COMPARE)]
    key_tables: ClassVar = [
        ("compare", keys.COMPARE),
        ("move", (*keys.MOVE, *keys.COLUMNS)),
        ("charts", (*keys.OVERLAID, *keys.OVERLAID_GRID)),
        ("one chart", keys.OVERLAID_CHART),
        ("everywhere", keys.APP),
    ]
    app: Explorer

    def __init__(self, feed: Feed, compared: Sequence[str] | Source) -> None:
        """Make the screen.

        Args:
            feed: the door to the core.
            compared: run ids, or anything else that can be put side by side.
        """
        super().__init__()
        self.feed = feed
        self.source: Source = RunsSource(tuple(compared)) if isinstance(compared, Sequence) else compared
        self._baseline: str | None = None
        self._loaded: Loaded | None = None
        self._shown: Loaded | None = None
        self._written: WrittenRows | None = None
        self._reading = CoalescedWorker(self, self._load, "load")
        self.row_filter = RowFilter()

    def compose(self) -> ComposeResult:
        """Title, filter, table, curves, the cell under the cursor in full, footer."""
        yield TitleBar()
        yield FilterBar()
        with TableAndCurves(id="compare-body"):
            yield CompareTable(id="compare-table")
            with SidePane(id="compare-side") as side:
                side.display = False
                yield OverlaidCurves(id="compare-curves")
        yield Static(id="compare-detail", markup=False)
        yield KeyBar()

    @property
    def body(self) -> TableAndCurves:
        """The table and the curves."""
        return self.query_one(TableAndCurves)

    @property
    def table(self) -> CompareTable:
        """The table."""
        return self.body.table

    @property
    def curves(self) -> OverlaidCurves:
        """The curves."""
        return self.body.curves

    def on_mount(self) -> None:
        """Read what is compared."""
        self.query_one(TitleBar).path = self.source.title
        self.table.empty = Text("reading …")
        self.table.focus()
        self.curves.grid.points = True
        self.app.theme_changed_signal.subscribe(self, lambda _: self._present())
        self.call_after_refresh(self.body.share_room)
        self._reading.request(soon=True)

    def awaits(self, verb: str) -> bool:
        """Keys wait for the rows; those that show curves also for these, because they may be shown at any moment."""
        if verb in _ACT_AT_ONCE:
            return False
        return self._reading.is_awaited or is_working(self, "present", *(["curves"] if verb in _SHOW_CURVES else []))

    def _load(self) -> Callable[[], None]:
        self.app.let_answer()
        try:
            return partial(self._show, self.source.load(self.feed, self.app.now()))
        except MagnusTrackingError as error:
            return partial(self._failed, str(error))

    def _failed(self, reason: str) -> None:
        self._loaded = self._shown = None
        self.refresh_bindings()
        self.table.empty = Text(clean(reason), style=status_color(self.app.theme_variables, "FAIL"))
        self.table.show(TableLines(), (), 0)

    def _show(self, loaded: Loaded) -> None:
        for problem in loaded.problems:
            self.notify(clean(problem), severity="warning")
        self.query_one(TitleBar).path = loaded.title or self.source.title
        self._loaded = loaded
        self._present()
        self._prepare_curves(loaded, self.curves)

    def runs_changed(self, event: RunsChanged) -> None:
        """Read again what has changed."""
        if (event.changed | event.removed) & set(self.source.run_ids):
            self._reading.request()

    # The table

    def _present(self) -> None:
        if self._loaded is not None:
            self._prepare(self._loaded, replace(self.row_filter), self._baseline, self.app.settings)

    def _choose_anew(self) -> None:
        """Answer a key at once, as thousands of rows take a while to choose and write."""
        self.query_one(FilterBar).say(Text(" choosing rows …"))
        self._present()

    # Without a description a worker describes itself by its arguments, and whole runs take seconds to write out.
    @work(thread=True, exclusive=True, group="present", description="rows of a comparison")
    def _prepare(self, loaded: Loaded, row_filter: RowFilter, baseline: str | None, settings: Settings) -> None:
        """Choose the rows and write their cells, of which there may be very many, off the event loop."""
        worker = get_current_worker()
        names = loaded.comparison.runs
        written = self._rows_of(loaded, names.index(baseline) if baseline in names else 0, settings.best)
        whole = written.comparison
        shown = row_filter.shown(whole, settings.ignore)
        lines = lines_of(shown, written, grouped=not row_filter.by_difference)
        empty = row_filter.why_empty(whole, settings.ignore)
        said = row_filter.words(whole, shown, settings.ignore), row_filter.hint(whole, settings.ignore)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._prepared, loaded, lines, whole, empty, *said)

    def _rows_of(self, loaded: Loaded, baseline: int, chosen: Mapping[str, str]) -> WrittenRows:
        """The rows measured from a column, with what was written of them already."""
        written = self._written
        if written is None or not written.are_of(loaded.comparison, baseline, chosen):
            written = self._written = WrittenRows(loaded.comparison, baseline, chosen)
        return written

    def _prepared(
        self, loaded: Loaded, lines: TableLines, whole: Comparison, empty: str, said: str, hint: str | None
    ) -> None:
        if loaded is not self._loaded:
            return
        self._shown = loaded
        self.refresh_bindings()
        self.table.empty = Text(empty)
        self.table.show(lines, loaded.headings_from(whole.baseline), whole.baseline)
        self.body.rows_changed()
        self.query_one(FilterBar).say(Text(f" {said}"))
        self.query_one(FilterBar).greet(hint)
        dim = self.app.theme_variables.get("dim", "")
        self.query_one(TitleBar).status = Text.assemble((f"baseline {clean(whole.runs[whole.baseline])}", dim))

    def on_compare_table_highlighted(self, _event: CompareTable.Highlighted) -> None:
        """Say the cell in full, and go to the chart that belongs to it."""
        self._point_at_chart()
        self._say_detail()

    def _point_at_chart(self) -> None:
        row = self.table.current
        name = chart_of(row) if row is not None else None
        if name is not None:
            self.curves.go_to_metric(name)

    def on_overlaid_curves_read_elsewhere(self) -> None:
        """Say what the crosshair reads now."""
        self._say_detail()

    def on_descendant_focus(self) -> None:
        """Say what is under the cursor that has the keys now."""
        self._say_detail()

    def _say_detail(self) -> None:
        """Tell the cell under the cursor in full; where the crosshair reads its metric, what it reads."""
        row, metric, note = self.table.current, self.curves.grid.current, ""
        names = [heading.name for heading in self.table.headings]
        # What came to the table may not have come to the curves yet.
        has_reading = self.body.shows_curves and list(self.curves.grid.names) == names
        reading = self.curves.reading if has_reading else None
        is_read = self.curves.is_focused or (row is not None and metric is not None and chart_of(row) == metric.name)
        if is_read and reading is not None and metric is not None:
            row, note = row_at_crosshair(metric.name, reading, self.table.baseline), reading.notes[self.table.column]
        self.query_one("#compare-detail", Static).update(self._detail(row, self.table.column, note))

    def _detail(self, row: Row | None, column: int, note: str) -> Text:
        if row is None or self._shown is None:
            return Text()
        names, baseline = self._shown.comparison.runs, self.table.baseline
        dim = self.app.theme_variables.get("dim", "")
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f"{clean(row.name)}  ", dim)
        text.append(f"{clean(names[column])}  ", "bold")
        value = row.values[column]
        text.append(side_by_side.values(row.values)[column] if isinstance(value, str) else exact(row, column))
        text.append(f" {note}" if note else "", dim)
        change = cells(row, baseline)[column].change
        if change:
            text.append(f"  {change} against {clean(names[baseline])}", dim)
        return text

    def seen(self) -> Seen:
        """The rows that are shown, or the curves where these have the keys."""
        if self.curves.is_focused:
            return self.curves.seen()
        table = self.table
        names = [heading.name for heading in table.headings]
        rows = [line.row for line in table.lines if line.row is not None]
        people = person_columns(names, table.baseline, self.app.settings.best)
        return Seen("comparison", machine_columns(names, table.baseline), lambda: rows, len(rows), people)

    # The curves

    @work(thread=True, exclusive=True, group="curves", description="curves of runs")
    def _prepare_curves(self, loaded: Loaded, curves: OverlaidCurves) -> None:
        """Make the charts of all metrics ready, off the event loop."""
        worker = get_current_worker()
        overlays = overlays_in(loaded)
        curves.prepare(loaded.comparison.runs, overlays)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_curves, loaded, overlays)

    def _show_curves(self, loaded: Loaded, overlays: Sequence[Overlay]) -> None:
        self.curves.show(loaded.comparison.runs, overlays, empty=NO_CURVES)
        self._point_at_chart()
        self.body.share_room()

    def on_resize(self, _event: Resize) -> None:
        """Lay out for the new size."""
        self.body.share_room()

    def action_alone(self) -> None:
        """Show the table or the curves alone, whichever has the focus, or both again."""
        self.body.toggle_alone()

    def action_chart(self) -> None:
        """Show or hide the curves."""
        self.body.toggle_curves()

    def action_other_pane(self) -> None:
        """Move between the table and the curves."""
        self.body.other_pane()

    def action_divider_left(self) -> None:
        """Make the curves beside the table wider."""
        self.body.widen_curves(DIVIDER_STEP)

    def action_divider_right(self) -> None:
        """Make the curves beside the table narrower."""
        self.body.widen_curves(-DIVIDER_STEP)

    # What is pressed

    def action_all_rows(self) -> None:
        """Show all rows, or differences only."""
        self.row_filter.all_rows = not self.row_filter.all_rows
        self._choose_anew()

    def action_baseline(self) -> None:
        """Measure from the column under the cursor."""
        if self._shown is not None:
            self._baseline = self._shown.comparison.runs[self.table.column]
            self._present()

    def action_sort(self) -> None:
        """Sort by how much rows differ, or by section again."""
        self.row_filter.by_difference = not self.row_filter.by_difference
        self._choose_anew()

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
                f"{clean(row.name)} is ignored from now on; {keys.shown('show_ignored')} shows what is", timeout=3
            )
        elif own in ignored:
            self.app.remember(ignore=tuple(pattern for pattern in ignored if pattern != own))
        else:
            pattern = next(pattern for pattern in ignored if is_ignored(row, [pattern]))
            self.notify(f"ignored by the pattern {pattern!r} in the settings file")
        self._present()

    def action_show_ignored(self) -> None:
        """Show or hide the ignored rows."""
        self.row_filter.with_ignored = not self.row_filter.with_ignored
        self._choose_anew()

    def action_direction(self) -> None:
        """Choose what is best in the metric under the cursor, and remember it."""
        row = self.table.current
        if row is None or row.metric is None:
            self.notify("put the cursor on a metric first", timeout=2)
            return
        chosen = self.app.settings.with_next_best(row.metric)
        self.app.remember(best=chosen)
        words = {None: "better as its name says", "min": "lower is better", "max": "higher is better"}
        self.notify(f"{clean(row.metric)}: {words[chosen.get(row.metric)]}", timeout=2)
        self.curves.look_again()
        self._present()

    def action_copy(self) -> None:
        """Copy the value under the cursor."""
        row = self.table.current
        self.app.copy_and_say(exact(row, self.table.column) if row is not None else "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only attempts of a step have logs that can be held against each other."""
        if action == "log_difference" and (self._shown is None or not self._shown.of_attempts):
            return False
        return super().check_action(action, parameters)

    def action_log_difference(self) -> None:
        """Show what differs between the logs of the baseline and of the attempt under the cursor."""
        source, columns = self.source, (self.table.baseline, self.table.column)
        if not isinstance(source, StepSource) or self._shown is None:
            return
        if columns[0] == columns[1]:
            columns = (columns[0], len(self._shown.run_ids) - 1 if columns[0] == 0 else 0)
        names = [self._shown.comparison.runs[column] for column in columns]
        title = (*source.title[:1], source.step, f"logs of {' and '.join(names)}")

        def prepare() -> Callable[[], LogDifferenceScreen]:
            from magnus_tui.compare.log_difference import LogDifferenceScreen  # late: few comparisons need it

            return partial(LogDifferenceScreen, title, partial(source.compare_logs, self.feed, columns))

        self.app.open_screen(LateScreen(prepare, "magnus_tui.compare.log_difference"))

    def action_open(self) -> None:
        """Open the run of the column under the cursor; from a metric, its curves at the step that tracked it."""
        if self._shown is None:
            return
        run_id, row = self._shown.run_ids[self.table.column], self.table.current
        series = self._shown.series(row)[self.table.column] if row is not None else None
        if series is None:
            self.post_message(RunRequested(run_id))
        else:
            self.post_message(RunRequested(run_id, series.step, series.attempt, tab="metrics"))

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
        """Out of the filter, then out of the screen."""
        bar = self.query_one(FilterBar)
        if bar.is_typing or bar.query_text:
            bar.query_text = ""
            bar.stop()
            self.table.focus()
        else:
            self.dismiss()
