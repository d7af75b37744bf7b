"""The list of runs: what is filtered, sorted and marked, with a preview of the run under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Footer
from textual.worker import get_current_worker

from magnus_tracking.errors import MagnusTrackingError, QueryError
from magnus_tracking.liveness import StalledRule
from magnus_tracking.query import Query, SortKey, parse, parse_sort
from magnus_tracking.summary import RunSummary
from magnus_tui import format, keys
from magnus_tui.columns import Column, Row, all_columns, default_choice
from magnus_tui.details import read_details
from magnus_tui.feed import Feed
from magnus_tui.messages import RunsChanged
from magnus_tui.text import clean
from magnus_tui.theme import status_color
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.run_preview import RunDetails, RunPreview
from magnus_tui.widgets.run_table import RunTable
from magnus_tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from magnus_tui.app import ExplorerApp

_LEAST_PREVIEW = 40
_MOST_PREVIEW = 64
_NARROW = 110
"""Below this width the list and the preview take turns."""


class RunsScreen(Screen[None]):
    """Every run of the store, one a row."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.RUNS)]
    key_tables: ClassVar = [("runs", keys.RUNS), ("move", keys.MOVE), ("everywhere", keys.APP)]
    app: ExplorerApp

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self.feed = feed
        self._query: Query | None = None
        self._query_text = ""
        self._failed_only = False
        self._sort: list[SortKey] = []
        self._rule = StalledRule()
        self._verified = False
        self._details: RunDetails | None = None
        self._wants_preview: bool | None = None

    def compose(self) -> ComposeResult:
        """Title, filter, list and preview, footer."""
        yield TitleBar()
        yield FilterBar()
        with Horizontal(id="runs-body"):
            yield RunTable(self.feed.rows, self._present, id="runs")
            yield RunPreview(id="preview")
        yield Footer(compact=True, show_command_palette=False)

    @property
    def table(self) -> RunTable:
        """The list."""
        return self.query_one(RunTable)

    @property
    def preview(self) -> RunPreview:
        """The pane beside it."""
        return self.query_one(RunPreview)

    @property
    def filter_bar(self) -> FilterBar:
        """The query."""
        return self.query_one(FilterBar)

    def on_mount(self) -> None:
        """Show what the index knows already."""
        self._sort = _sort_keys(self.app.settings.sort)
        self.query_one(TitleBar).path = (_home_relative(str(self.feed.store.root)),)
        self.table.sorted_by = _sorted_by(self._sort)
        self.table.focus()
        self._choose_columns()
        self.select_now()
        self._arrange()
        self.set_interval(5, self._tick)

    def _present(self, run: RunSummary) -> Row:
        now = self.app.now()
        return Row(run, self.feed.liveness(run, now, self._rule), now)

    def select_now(self) -> None:
        """Select and sort in place: what the index answers at once, for the first frame."""
        self.table.set_rows(self.feed.positions(self._query, self._sort))
        self._say_counts()

    @work(thread=True, exclusive=True, group="select")
    def select(self) -> None:
        """Select and sort off the event loop; only the newest question is answered."""
        worker = get_current_worker()
        row_ids = self.feed.positions(self._query, self._sort)
        rule = self.feed.stalled_rule()
        if not worker.is_cancelled:
            self.app.call_from_thread(self._selected, row_ids, rule)

    def _selected(self, row_ids: Sequence[int], rule: StalledRule) -> None:
        self._rule = rule
        self.table.forget()
        self.table.set_rows(row_ids)
        self._say_counts()

    def runs_changed(self, event: RunsChanged) -> None:
        """Bring the list up to date; cursor and scroll stay where they are."""
        self._verified = event.done >= event.total
        self._progress = (event.done, event.total)
        if event.changed or event.removed or self._verified:
            if self.app.settings.columns is None and not self.table.columns[8:-1]:
                self._choose_columns()
            self.select()
        else:
            self._say_counts()

    def _tick(self) -> None:
        self.table.forget() if self.feed.has_unfinished() else self.table.refresh_times()

    def _choose_columns(self) -> None:
        chosen = self.app.settings.columns
        if chosen is None:
            sample = self.feed.rows(self.feed.positions(None, self._sort)[:200])
            chosen = tuple(default_choice(sample))
        self.table.set_columns(all_columns(chosen))

    def _say_counts(self) -> None:
        counts = self.feed.counts()
        total = sum(counts.values())
        status = Text(format.count(total, "run"), style=self.app.theme_variables.get("dim", ""))
        for state in ("SUCCESS", "FAIL", "PROCESSING", "CREATED", "UNREADABLE"):
            if counts.get(state):
                color = status_color(self.app.theme_variables, state)
                status.append("  ")
                status.append(f"{counts[state]:,} {format.glyph(state)}", color)
        done, total_to_read = self._progress
        if not self._verified and total_to_read > done:
            status.append(f"  reading {done:,} of {total_to_read:,}", self.app.theme_variables.get("primary", ""))
        if self.app.following:
            status.append("  follow ●", self.app.theme_variables.get("dim", ""))
        self.query_one(TitleBar).status = status
        shown = len(self.table.row_ids)
        said = Text(f" {shown:,} of {total:,} · " if self._query is not None else "", style="")
        key, descending = self.table.sorted_by
        said.append(f"sorted by {key} {'↓' if descending else '↑'}")
        if self._failed_only:
            said.append(" · failed only", status_color(self.app.theme_variables, "FAIL"))
        if self.table.marks:
            said.append(f" · {len(self.table.marks)} marked", self.app.theme_variables.get("accent", ""))
        self.filter_bar.say(said)
        self.table.empty = self._why_empty(total)

    _progress: tuple[int, int] = (0, 0)

    def _why_empty(self, total: int) -> Text:
        if total:
            return Text("no run obeys the filter; esc clears it")
        if not self._verified:
            return Text("reading the store …")
        return Text(
            f"no runs in {clean(str(self.feed.store.root))}\n\n"
            "A run log appears here when a pipeline runs in this project:\n"
            "  magnus execute -f pipeline.yaml\n"
            "  magnus-track step train -- python train.py\n"
            "or, from Python, with magnus_tracking.start_run()."
        )

    # What is typed and pressed

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Filter as it is typed; a query that can't be parsed yet keeps the last answer."""
        self._query_text = event.query
        self._apply_filter()

    def on_filter_bar_kept(self, _event: FilterBar.Kept) -> None:
        """Return to the list; the filter stays."""
        self.table.focus()

    def _apply_filter(self) -> None:
        text = self._query_text.strip()
        if self._failed_only:
            text = f"status:fail and ({text})" if text else "status:fail"
        try:
            self._query = parse(text) if text else None
        except QueryError as error:
            self.filter_bar.say(Text(str(error), style=status_color(self.app.theme_variables, "FAIL")))
            return
        self.select()

    def action_filter(self) -> None:
        """Type a filter."""
        self.filter_bar.start()

    def action_back(self) -> None:
        """Out of the filter: stop typing, then clear it."""
        if self._query_text:
            self.filter_bar.query_text = ""
        self.filter_bar.stop()
        self.table.focus()

    def action_failed_only(self) -> None:
        """Show failed runs only, or all again."""
        self._failed_only = not self._failed_only
        self._apply_filter()

    def action_sort(self) -> None:
        """Sort by the column under the column cursor; again to reverse."""
        shown = self.table.shown_columns
        if shown:
            self._sort_by(shown[min(self.table.column_cursor, len(shown) - 1)])

    def on_run_table_heading_clicked(self, event: RunTable.HeadingClicked) -> None:
        """Sort by the heading that was clicked."""
        self._sort_by(event.column)

    def _sort_by(self, column: Column) -> None:
        key, descending = self.table.sorted_by
        self._sort_as(column.key, not descending if key == column.key else column.descending)

    def action_reverse(self) -> None:
        """Reverse the order."""
        key, descending = self.table.sorted_by
        self._sort_as(key, not descending)

    def _sort_as(self, key: str, descending: bool) -> None:
        text = ("-" if descending else "") + key
        self._sort = _sort_keys((text,))
        self.table.sorted_by = (key, descending)
        self.app.remember(sort=(text,))
        self.select()

    def action_mark(self) -> None:
        """Mark or unmark the run under the cursor, and move on."""
        run = self.table.current
        if run is not None:
            self.table.marks ^= {run.run_id}
            self.table.action_cursor_down()
            self.table.refresh()
            self._say_counts()

    def action_unmark_all(self) -> None:
        """Unmark all runs."""
        self.table.marks.clear()
        self.table.refresh()
        self._say_counts()

    def action_compare(self) -> None:
        """Compare the marked runs, the first marked in the list as the baseline."""
        marked = self.feed.in_order(self.table.row_ids, self.table.marks)
        if len(marked) < 2:
            self.notify("mark two or more runs with space, then press c", timeout=4, markup=False)
            return
        from magnus_tui.screens.compare import CompareScreen

        self.app.push_screen(CompareScreen(self.feed, marked))

    def action_failures(self) -> None:
        """Show the failures of the whole store."""
        from magnus_tui.screens.failures import FailuresScreen

        self.app.push_screen(FailuresScreen(self.feed))

    def action_open(self) -> None:
        """Open the run under the cursor."""
        if self.table.current is not None:
            self._open(self.table.current)

    def on_run_table_run_chosen(self, event: RunTable.RunChosen) -> None:
        """Open the run that was clicked."""
        self._open(event.run)

    def _open(self, run: RunSummary) -> None:
        from magnus_tui.screens.run import RunScreen

        self.app.push_screen(RunScreen(self.feed, run.run_id))

    def action_next_failure(self) -> None:
        """Move to the next failed run."""
        self._move_to_failure(1)

    def action_previous_failure(self) -> None:
        """Move to the previous failed run."""
        self._move_to_failure(-1)

    def _move_to_failure(self, step: int) -> None:
        position = self.feed.next_failure(self.table.row_ids, self.table.cursor, step)
        if position is None:
            self.notify("no other failed run this way", timeout=2, markup=False)
        else:
            self.table.cursor = position

    def action_copy(self) -> None:
        """Copy the id of the run under the cursor."""
        if self.table.current is not None:
            self.app.copy_and_say(self.table.current.run_id)

    def action_edit(self) -> None:
        """Open the run's file in the user's editor."""
        if self.table.current is not None:
            self.app.edit_file(self.table.current.path)

    def action_follow(self) -> None:
        """Follow changes of the store, on and off."""
        self.app.toggle_following()
        self._say_counts()

    def action_columns(self) -> None:
        """Choose the parameters and metrics that are columns."""
        from magnus_tui.screens.columns import ColumnsScreen

        now = [column.name for column in self.table.columns if column.name]
        self.app.push_screen(ColumnsScreen(self.feed.fields(), now), self._columns_chosen)

    def _columns_chosen(self, chosen: list[str] | None) -> None:
        if chosen is not None:
            self.app.remember(columns=tuple(chosen))
            self.table.set_columns(all_columns(chosen))

    # The preview

    def action_preview(self) -> None:
        """Show or hide the preview; where there is room for one pane only, it takes the list's place."""
        self._wants_preview = not self.preview.display
        if self.size.width >= _NARROW:
            self.app.remember(preview=self._wants_preview)
        self._arrange()

    def on_resize(self, _event: Resize) -> None:
        """Lay out for the new size."""
        self._arrange()

    def _arrange(self) -> None:
        narrow = self.size.width < _NARROW
        wanted = self._wants_preview
        if wanted is None:
            wanted = self.app.settings.preview and not narrow
        self.preview.display = wanted
        self.table.styles.width = "1fr"
        if narrow:
            self.table.display = not wanted
            self.preview.styles.width = "1fr"
        else:
            self.table.display = True
            spare = self.size.width - self.table.needed_width() - 2
            self.preview.styles.width = max(_LEAST_PREVIEW, min(spare, _MOST_PREVIEW))

    def on_run_table_run_highlighted(self, event: RunTable.RunHighlighted) -> None:
        """Preview the run under the cursor: its row at once, its details when they have been read."""
        run = event.run
        self.preview.show(self._present(run) if run else None, self._details)
        if run is not None and run.error is None and self.preview.display:
            self._read_details(run)

    @work(thread=True, exclusive=True, group="details")
    def _read_details(self, run: RunSummary) -> None:
        worker = get_current_worker()
        if worker.cancelled_event.wait(0.06):
            return
        try:
            details = read_details(self.feed, run)
        except MagnusTrackingError:
            details = RunDetails(run.run_id)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._details_read, details)

    def _details_read(self, details: RunDetails) -> None:
        self._details = details
        run = self.table.current
        self.preview.show(self._present(run) if run else None, details)


def _sort_keys(texts: Sequence[str]) -> list[SortKey]:
    try:
        return parse_sort(texts)
    except QueryError:
        return parse_sort(("-started",))


def _sorted_by(sort: Sequence[SortKey]) -> tuple[str, bool]:
    return (str(sort[0].field), sort[0].reverse) if sort else ("started", True)


def _home_relative(path: str) -> str:
    from pathlib import Path

    try:
        return "~/" + str(Path(path).resolve().relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(Path(path).resolve())
