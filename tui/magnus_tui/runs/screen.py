"""The list of runs: what is filtered, sorted and marked, with a preview of the run under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from magnus_tracking.analysis.liveness import StalledRule
from magnus_tracking.errors import QueryError
from magnus_tracking.runlog.summary import RunSummary
from magnus_tui import format, keys, late
from magnus_tui.feed.coalesced_worker import Rereading
from magnus_tui.feed.feed import Feed
from magnus_tui.feed.messages import RunsChanged
from magnus_tui.runs.columns import Column, Row, all_columns, default_choice
from magnus_tui.runs.dialogs import RunsDialogs
from magnus_tui.runs.preview import RunPreview
from magnus_tui.runs.previewing import RunsPreviewing
from magnus_tui.runs.question import Answer, Question, ask, chosen_metric, sort_keys, sorted_by
from magnus_tui.runs.status import listing_text, status_text, why_empty, with_inferred
from magnus_tui.runs.suggestions import QuerySuggester
from magnus_tui.runs.table import RunTable
from magnus_tui.theme import status_color
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from magnus_tui.app import ExplorerApp


_SAMPLE = 200
"""Runs at the top of the list by which its columns are chosen."""


class RunsScreen(RunsPreviewing, RunsDialogs):
    """Every run of the store, one a row."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.RUNS)]
    key_tables: ClassVar = [("runs", keys.RUNS), ("move", keys.MOVE), ("everywhere", keys.APP)]
    app: ExplorerApp

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self.feed = feed
        self.question = Question()
        self._asking = Rereading(self, self._ask, "select")
        self.query_text = ""
        self._failed_only = False
        self._rule = StalledRule()
        self._verified = False
        self._progress = (0, 0)
        self._runs_listed = 0
        self._dead: Mapping[tuple[str, str], int] = {}
        self.best: dict[str, float] = {}

    def compose(self) -> ComposeResult:
        """Title, filter, list and preview, footer."""
        yield TitleBar()
        yield FilterBar(QuerySuggester(self.feed))
        with Horizontal(id="runs-body"):
            yield RunTable(self.feed.rows, self.present, id="runs")
            yield RunPreview(id="preview")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what the index knows already."""
        self.question.sort = sort_keys(self.app.settings.sort)
        self.query_one(TitleBar).path = (format.home_relative(self.feed.store.root),)
        self.table.sorted_by = sorted_by(self.question.sort)
        self.table.focus()
        # What the index answers at once is there with the first frame.
        row_ids = self.feed.positions(self.question.query, self.question.sort)
        self._choose_columns(row_ids)
        self._show_first(row_ids)
        self.share_room()
        self.set_interval(5, self._tick)

    def present(self, run: RunSummary) -> Row:
        """A run as it is to be shown now."""
        now = self.app.now()
        return Row(run, self.feed.liveness(run, now, self._rule), now)

    def _show_first(self, row_ids: Sequence[int]) -> None:
        """Show what the index knows already, or else the runs by their files alone."""
        if not row_ids:
            found = self.feed.provisional()
            self.table.stays_on_top = True
            self.table.ask_for_rows(lambda wanted: [found[row_id] for row_id in wanted])
            row_ids = range(len(found))
        self._runs_listed = len(row_ids)
        self.table.set_rows(row_ids)
        self.feed.series.foresee(self.table.current)
        self._say_counts()

    def select(self) -> None:
        """Select, sort and group off the event loop, as soon as what is being asked has been answered."""
        self._asking.again(soon=True)

    def _ask(self) -> Callable[[], None]:
        metric = chosen_metric(self.table)
        answer = ask(self.feed, self.question, self.table.columns, metric, self.app.settings, self.app.now())
        return partial(self._answered, answer)

    def _answered(self, answer: Answer) -> None:
        self._rule = answer.rule
        self.best.clear()
        self.best.update(answer.best)
        self._runs_listed, self._dead = answer.listed, answer.dead
        self.table.ask_for_rows(self.feed.rows)
        self.table.set_rows(answer.row_ids, answer.groups)
        self.table.stays_on_top = self.table.stays_on_top and not self._verified
        self.share_room()
        self._say_counts()
        if self.feed.is_wanting:
            self.app.complete_metrics()

    def runs_changed(self, event: RunsChanged) -> None:
        """Bring the list up to date; cursor and scroll stay where they are."""
        self._verified = event.done >= event.total
        self._progress = (event.done, event.total)
        if event.changed or event.removed or self._verified:
            # Of a store that is read anew, the runs that came first need not be those that are shown first.
            read_anew = self.table.stays_on_top and self._verified
            if self.app.settings.columns is None and (read_anew or not self.table.columns[8:-1]):
                self._choose_columns(self.feed.positions(None, self.question.sort))
            self._asking.again()
        else:
            self._say_counts()

    def _tick(self) -> None:
        self.table.refresh_times()

    def _choose_columns(self, row_ids: Sequence[int]) -> None:
        chosen = self.app.settings.columns
        if chosen is None:
            sample = self.feed.rows(row_ids[:_SAMPLE])
            chosen = tuple(default_choice(sample))
        self.table.set_columns(all_columns(chosen, self.best))

    def _say_counts(self) -> None:
        counts, variables = with_inferred(self.feed.counts(), self._dead), self.app.theme_variables
        reading = None if self._verified else self._progress
        self.query_one(TitleBar).status = status_text(counts, reading, self.app.following, variables)
        listed = self._runs_listed if self.question.query is not None else None
        said = listing_text(sum(counts.values()), listed, self.table.sorted_by, len(self.table.marks), variables)
        if self._failed_only:
            said.append(" · failed only", status_color(variables, "FAIL"))
        self.filter_bar.say(said)
        self.table.empty = why_empty(str(self.feed.store.root), sum(counts.values()), verified=self._verified)

    # What is typed and pressed

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Filter as it is typed; a query that can't be parsed yet keeps the last answer."""
        self.query_text = event.query
        self._apply_filter()

    def on_filter_bar_kept(self, _event: FilterBar.Kept) -> None:
        """Return to the list; the filter stays."""
        self.table.focus()

    def _apply_filter(self) -> None:
        text = self.query_text.strip()
        if self._failed_only:
            text = f"status:fail and ({text})" if text else "status:fail"
        from magnus_tracking.query import parse

        try:
            self.question.query = parse(text) if text else None
        except QueryError as error:
            self.filter_bar.say(Text(str(error), style=status_color(self.app.theme_variables, "FAIL")))
            return
        self.select()

    def action_filter(self) -> None:
        """Type a filter."""
        self.app.prepare_filter()
        self.filter_bar.start()

    def action_back(self) -> None:
        """Out of the filter: stop typing, then clear it."""
        if self.query_text:
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
        self.question.sort = sort_keys((text,))
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
        """Compare the marked runs; without marks, a failed run with the last success of its pipeline."""
        marked, run = tuple(self.table.marks), self.table.current
        if len(marked) >= 2:
            self.app.open_screen(late.marked_comparison(self.feed, self.table.row_ids, marked))
        elif not marked and run is not None and run.failing_step is not None:
            self._compare_with_success(run)
        else:
            self.notify("mark two or more runs with space, then press c", timeout=4, markup=False)

    @work(thread=True, exclusive=True, group="success", description="the last success of a pipeline")
    def _compare_with_success(self, run: RunSummary) -> None:
        from magnus_tui.run.loader import success_before

        other = success_before(self.feed, run)
        if other is None:
            said = "no run of this pipeline has succeeded: mark two runs with space, then press c"
            self.app.call_from_thread(self.notify, said, timeout=4, markup=False)
        else:
            self.app.call_from_thread(self._compare, [other, run.run_id])

    def _compare(self, run_ids: list[str]) -> None:
        self.app.open_screen(late.comparison(self.feed, run_ids))

    def action_failures(self) -> None:
        """Show the failures of the whole store."""
        self.app.open_screen(late.failures(self.feed))

    def action_open(self) -> None:
        """Open the run under the cursor; fold or unfold the group."""
        group = self.table.current_group
        if group is not None:
            self.question.folded ^= {group.key}
            self.select()
        elif self.table.current is not None:
            self._open(self.table.current)

    def on_run_table_run_chosen(self, event: RunTable.RunChosen) -> None:
        """Open the run that was clicked."""
        self._open(event.run)

    def _open(self, run: RunSummary) -> None:
        self.feed.series.expect(run)
        self.app.open_screen(late.run(self.feed, run.run_id))

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
