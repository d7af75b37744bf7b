"""The list of runs: what is filtered, sorted and marked, with a preview of the run under the cursor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Resize

from magnus_tracking.analysis.liveness import StalledRule, liveness_of
from magnus_tracking.runlog.summary import RunSummary
from magnus_tui import keys
from magnus_tui.feed.coalesced_worker import LOOKS_FOR_DEATH, CoalescedWorker
from magnus_tui.feed.feed import Feed, ListedRun
from magnus_tui.feed.messages import RunsChanged
from magnus_tui.format.seen import Seen
from magnus_tui.runs.choices import ListChoices
from magnus_tui.runs.columns import METRIC, Row
from magnus_tui.runs.groups import fold
from magnus_tui.runs.list_order import ListOrder
from magnus_tui.runs.list_query import Answer, FirstLook, Question, ask, chosen_metric, narrowed
from magnus_tui.runs.list_status import ListStatus
from magnus_tui.runs.listed_rows import list_seen
from magnus_tui.runs.preview_controller import PreviewController
from magnus_tui.runs.preview_pane import RunPreview
from magnus_tui.runs.run_table import RunTable
from magnus_tui.runs.screen_interface import RunsScreenParts
from magnus_tui.runs.suggestions import QueryCompleter
from magnus_tui.screen_requests import (
    ComparisonRequested,
    FailuresRequested,
    LastSuccessRequested,
    RunRequested,
    RunsListed,
)
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.query_problem import QueryProblem
from magnus_tui.widgets.side_pane import DIVIDER_STEP, SidePane
from magnus_tui.widgets.timed_refresh import Due
from magnus_tui.widgets.title_bar import TitleBar

_COMPARABLE = 2
"""Runs that a comparison takes at least."""

_ACT_AT_ONCE = frozenset(
    [
        "filter",
        "failed_only",
        "sort",
        "reverse",
        "unmark",
        "group",
        "columns",
        "queries",
        "failures",
        "preview",
        "pane",
        "divider_left",
        "divider_right",
        "alone",
        "follow",
    ]
)
"""Verbs that act on no row, and so need not wait for the rows that are being selected."""

_ACT_ON_RUN = frozenset({"compare", "view"})
"""Verbs that do something else where there is no run under the cursor."""

_FIRST_KEYS = (("open", "opens a run"), ("filter", "filters"), ("help", "explains the rest"))
"""What a new user is told first, on the line of the filter."""


class RunsScreen(RunsScreenParts):
    """Every run of the store, one a row."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.RUNS)]
    key_tables: ClassVar = [
        ("runs", keys.RUNS),
        ("move", keys.MOVE),
        ("charts", (*keys.OVERLAID, *keys.OVERLAID_GRID)),
        ("one chart", keys.OVERLAID_CHART),
        ("everywhere", keys.APP),
    ]

    def __init__(self, feed: Feed, first: FirstLook) -> None:
        """Make the screen.

        Args:
            feed: the door to the core.
            first: what the list begins with.
        """
        super().__init__()
        self.feed = feed
        self._first: FirstLook | None = first
        # Made here, as threads ask it for its columns, and may not look for it.
        self.table = RunTable(self.present, id="runs")
        self.question = Question()
        self._rows_wanted: RunTable.RowsWanted | None = None
        self._reading_rows = CoalescedWorker(self, self._read_rows, "rows")
        self._asking = CoalescedWorker(self, self._ask, "select")
        self._watching = CoalescedWorker(self, self._look_for_dead, "liveness")
        self._watch_due = Due(self, self._watch)
        self.query_text = ""
        self._rule = StalledRule()
        self.best: dict[str, float] = {}
        self._order = ListOrder(self)
        self._status = ListStatus(self, self._order, first.counts)
        self._choices = ListChoices(self)
        self._previewing = PreviewController(self)

    def compose(self) -> ComposeResult:
        """Title, filter, list and preview, footer."""
        yield TitleBar()
        yield FilterBar(QueryCompleter(self.feed))
        with Horizontal(id="runs-body"):
            yield self.table
            with SidePane():
                yield RunPreview(id="preview")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show what the index knows already."""
        self.query_one(TitleBar).path = (self.feed.title,)
        self._order.begin()
        self.table.focus()
        self.app.theme_changed_signal.subscribe(self, lambda _: self.say_counts())
        self.filter_bar.when_scrolled(self.query_one(QueryProblem).place_caret)
        self._show_hint()
        if self._first is not None:
            self._show_first(self._first)
        self._previewing.share_room()

    def present(self, listed: ListedRun) -> Row:
        """A run as it is to be shown now."""
        now = self.app.now()
        liveness = liveness_of(listed.run, now, self._rule, listed.writer_gone) if listed.is_read else None
        return Row(listed.run, liveness, now, listed.store, listed.is_read)

    def seen(self) -> Seen | None:
        """Every run that is listed, also those that are not on the screen; or the charts, where they have the keys."""
        if (curves := self._previewing.focused_curves) is not None:
            return curves.seen()
        if self._first is not None and self._first.provisional:
            return None
        table = self.table
        return list_seen(table.columns, table.row_ids, table.groups, self.feed.listed, self.present)

    def _show_first(self, first: FirstLook) -> None:
        self.show_columns(first.columns)
        self.table.stays_on_top = first.provisional
        self.table.set_rows(first.row_ids, (), first.rows)
        self.feed.series.prefetch_likely(self.table.current)
        self.say_counts()

    def on_run_table_rows_wanted(self, event: RunTable.RowsWanted) -> None:
        """Read rows off the event loop, one portion at a time; only what was asked for last is read next."""
        if self._first is not None and self._first.provisional:
            # These rows are known by their files alone: there is no more to be read before the first answer.
            return
        self._rows_wanted = event
        self._reading_rows.request(soon=True)

    def _read_rows(self) -> Callable[[], None] | None:
        wanted, self._rows_wanted = self._rows_wanted, None
        return partial(self._show_rows, wanted, self.feed.listed(wanted.row_ids)) if wanted is not None else None

    def _show_rows(self, wanted: RunTable.RowsWanted, rows: dict[int, ListedRun]) -> None:
        if self.is_there():
            self.table.take_rows(wanted, rows)

    def awaits(self, verb: str) -> bool:
        """Keys that act on rows wait for those that were asked for last, and for the one under the cursor."""
        is_unread = self.table.current_id is not None and self.table.current is None
        return (verb not in _ACT_AT_ONCE and self._asking.is_awaited) or (verb in _ACT_ON_RUN and is_unread)

    def select(self) -> None:
        """Select, sort and group off the event loop, as soon as what is being asked has been answered."""
        self._asking.request(soon=True)

    def _ask(self) -> Callable[[], None]:
        self.app.let_answer()
        table = self.table
        tops = table.tops
        answer = ask(
            self.feed,
            self.question,
            table.columns,
            chosen_metric(table),
            self.app.settings,
            self.app.now(),
            table.seen_of,
        )
        return partial(self._answered, answer, tops)

    def _answered(self, answer: Answer, tops: int) -> None:
        """Show what was selected, and say what it names that no run has."""
        if answer.columns is not None:
            self.question.columns = False
            self.show_columns(answer.columns)
        provisional = self._first is not None and self._first.provisional
        self._first = None
        self._status.answer = answer
        self._rule = answer.rule
        self.best.clear()
        self.best.update(answer.best)
        rows, groups = answer.row_ids, answer.groups
        if groups and answer.folded != self.question.folded:
            # Groups were folded or unfolded meanwhile.
            rows, groups = fold(groups, self.question.folded)
        self.table.set_rows(rows, groups, answer.seen, anew=provisional, tops=tops)
        self.table.stays_on_top = self.table.stays_on_top and not self._status.verified
        self._previewing.share_room()
        self.say_counts()
        self._status.tell_missing()
        self._watch_on()
        if self.feed.needs_complete:
            self.app.complete_metrics()

    def runs_changed(self, event: RunsChanged) -> None:
        """Bring the list up to date; cursor and scroll stay where they are."""
        self._status.progress = event.done, event.total
        self.table.marks -= event.removed
        if event.changed or event.removed or self._status.verified:
            # Of a store that is read anew, the runs that came first need not be those that are shown first.
            read_anew = self.table.stays_on_top and self._status.verified
            if self.app.settings.columns is None and (
                read_anew or not any(column.name for column in self.table.columns)
            ):
                self.question.columns = True
            self._asking.request()
        else:
            self.say_counts()

    def _watch(self) -> None:
        """Look whether runs died, or fell silent, since the last answer; nothing tells of it."""
        if self.is_current and self._status.answer is not None:
            self._watching.request()

    def _look_for_dead(self) -> Callable[[], None]:
        self.app.let_answer()
        dead = self.feed.dead(self.feed.context(self.app.now(), self.feed.stalled_rule()))
        return self.select if dead != self._status.dead else self._watch_on

    def _watch_on(self) -> None:
        """Look again in a moment, as long as a run may still die."""
        if self._status.may_die:
            self._watch_due.within(LOOKS_FOR_DEATH)

    def say_counts(self) -> None:
        """Say how many runs there are, and whether the store is there and followed."""
        self._status.say()
        self._previewing.marks_changed()

    # The preview

    def action_move_in_list(self, action: str) -> None:
        """Move in the list, whose place the preview takes.

        Args:
            action: of the list, by its name.
        """
        getattr(self.table, f"action_{action}")()

    def action_preview(self) -> None:
        """Show facts beside the list, then charts, then neither."""
        self._welcomed()
        self._previewing.toggle()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the keys of panes beside the list only where there are some."""
        if action == "other_pane":
            return self._previewing.has_charts or None
        if action in ("divider_left", "divider_right"):
            return self._previewing.has_divider or None
        return super().check_action(action, parameters)

    def action_other_pane(self) -> None:
        """Move between the list and the charts."""
        self._previewing.other_pane()

    def on_overlaid_curves_left(self) -> None:
        """Go from the charts back to the list."""
        self._previewing.leave()

    def action_divider_left(self) -> None:
        """Make the pane beside the list wider."""
        self._previewing.move_divider(DIVIDER_STEP)

    def action_divider_right(self) -> None:
        """Make the pane beside the list narrower."""
        self._previewing.move_divider(-DIVIDER_STEP)

    def on_side_pane_dragged(self, event: SidePane.Dragged) -> None:
        """Make the pane as wide as it was dragged."""
        self._previewing.take_width(event.width, remember=event.is_over)

    def action_alone(self) -> None:
        """Show one pane alone, or both again."""
        self._previewing.toggle_alone()

    def on_resize(self, _event: Resize) -> None:
        """Lay out for the new size."""
        self._previewing.share_room()

    def on_run_table_run_highlighted(self, event: RunTable.RunHighlighted) -> None:
        """Preview the run that the cursor rests on."""
        self._previewing.show_at_rest(event.run)

    def on_key_bar_left_out(self) -> None:
        """Name the keys for which the bar has no room on the line of the filter, which is empty at first."""
        self._show_hint()

    def on_descendant_focus(self) -> None:
        """Say how a filter is typed for as long as one is."""
        self._show_hint()

    def _show_hint(self) -> None:
        hint = None
        if self.filter_bar.is_typing:
            hint = "words or conditions; enter applies, esc clears"
        elif self.app.settings.welcome:
            hint = " · ".join(f"{keys.shown(verb)} {what}" for verb, what in _FIRST_KEYS)
        elif left_out := self.query_one(KeyBar).left_out:
            hint = "  ".join(["filter", *left_out])
        self.filter_bar.greet(hint)

    def on_screen_suspend(self) -> None:
        """Greet no longer: a run, the help or something else was opened."""
        self._welcomed()

    def _welcomed(self) -> None:
        if self.app.settings.welcome:
            self.app.remember(welcome=False)
            self._show_hint()

    def on_screen_resume(self) -> None:
        """Show what has changed while another screen was on top."""
        if self.is_there():
            self.table.grow_older()
            self._watch()
        self._previewing.catch_up()

    # What is chosen in dialogs and by single keys

    def action_group(self) -> None:
        """Choose what the runs are grouped by."""
        self._choices.choose_group()

    def action_columns(self) -> None:
        """Choose which parameters and metrics are columns."""
        self._choices.choose_columns()

    def action_queries(self) -> None:
        """Recall a saved query, or save this one."""
        self._choices.choose_query()

    def action_history(self) -> None:
        """Show a metric over the runs of the pipeline of the run under the cursor."""
        self._choices.show_history()

    def action_best(self) -> None:
        """Go to the best run by the metric that the list is sorted by, or by the chosen one."""
        self._choices.go_to_best()

    def action_only_value(self) -> None:
        """Filter for the value under the cursor."""
        self._choices.filter_for_value()

    def action_mark_all(self) -> None:
        """Mark all listed runs."""
        self._choices.mark_all()

    def action_direction(self) -> None:
        """Choose whether lower or higher is better for the chosen metric."""
        self._choices.choose_best()

    # What is typed and pressed

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Filter as it is typed; a query that can't be parsed yet keeps the last answer."""
        self.query_text = event.query
        self._apply_filter()

    def on_filter_bar_kept(self, _event: FilterBar.Kept) -> None:
        """Return to the list; the filter stays."""
        self.table.focus()

    def on_filter_bar_left(self, _event: FilterBar.Left) -> None:
        """Out of the filter."""
        self.action_back()

    def _apply_filter(self) -> None:
        self.question.text = self.query_text
        self.select()

    def action_filter(self) -> None:
        """Type a filter."""
        self._welcomed()
        self.app.prepare_filter()
        self.filter_bar.start()

    def action_back(self) -> None:
        """Out of the filter, which is cleared; then back to the usual order."""
        if self.query_text:
            self.filter_bar.query_text = ""
        elif not self.filter_bar.is_typing and not self._order.is_usual:
            self._order.reset()
        self.filter_bar.stop()
        self.table.focus()

    def action_failed_only(self) -> None:
        """Show failed runs only, or all runs again."""
        self.question.failed_only = not self.question.failed_only
        self.say_counts()
        self.select()

    def action_sort(self) -> None:
        """Sort by the column under the cursor; again to reverse."""
        if self.table.column is not None:
            self._order.sort_by(self.table.column)

    def on_run_table_heading_clicked(self, event: RunTable.HeadingClicked) -> None:
        """Sort by the heading that was clicked."""
        self._order.sort_by(event.column)

    def action_reverse(self) -> None:
        """Reverse the order."""
        self._order.reverse()

    def list_asked(self, wanted: RunsListed) -> None:
        """List runs as they were asked for by name; a metric in whose order they are listed becomes a column."""
        if wanted.step is not None:
            self.app.before_next_key(partial(narrowed, "", "step", wanted.step), self._narrow)
        if wanted.query is not None:
            self._narrow(wanted.query)
        if wanted.metric is not None:
            self._list_by(METRIC + wanted.metric)
        if wanted.sort is not None:
            self._order.use(wanted.sort)

    def _narrow(self, query: str | None) -> None:
        self.filter_bar.query_text = query or ""

    def _list_by(self, key: str) -> None:
        chosen = [column.name for column in self.table.columns if column.name]
        if key not in chosen:
            self.app.remember(columns=(*chosen, key))
            self.show_columns((*chosen, key))
        self._order.sort_by(next(column for column in self.table.columns if column.name == key))

    def action_mark(self) -> None:
        """Mark or unmark the run under the cursor, and move on."""
        self._with_current(self._mark)

    def _mark(self, run: RunSummary) -> None:
        if run.run_id:
            # A row that is gone has no name.
            self.table.marks ^= {run.run_id}
        self.table.action_cursor_down()
        self.table.refresh_changed()
        self.say_counts()

    def _with_current(self, then: Callable[[RunSummary], Any]) -> None:
        """Do something with the run under the cursor; if it is being read still, before the next key is heard."""
        run, row_id = self.table.current, self.table.current_id
        if run is not None:
            then(run)
        elif row_id is not None:
            self.app.before_next_key(partial(self.feed.rows, [row_id]), lambda found: then(found[0]))
        else:
            self.say_no_run()

    def action_fold_all(self) -> None:
        """Fold all groups."""
        self._fold(frozenset(group.key for group in self.table.groups))

    def action_unfold_all(self) -> None:
        """Unfold all groups."""
        self._fold(frozenset())

    def _fold(self, folded: frozenset[str]) -> None:
        """Hide the runs of other groups, which are known as they are."""
        if not self.table.groups:
            self.notify(f"there are no groups: {keys.shown('group')} makes some", timeout=3)
            return
        self.question.folded = folded
        self.table.fold(folded)
        self._previewing.share_room()

    def action_unmark_all(self) -> None:
        """Unmark all runs."""
        if not self.table.marks:
            self.notify("no run is marked", timeout=2)
        self.table.marks.clear()
        self.table.refresh_changed()
        self.say_counts()

    def action_compare(self) -> None:
        """Compare the marked runs, one with that under the cursor, or a failed run with its pipeline's last success."""
        marked, run = tuple(self.table.marks), self.table.current
        if len(marked) == 1 and run is not None and run.run_id not in marked:
            marked = (*marked, run.run_id)
        if run is None and not marked and self.table.current_id is None:
            self.say_no_run()
        elif self._status.total < _COMPARABLE:
            self.notify("there is no other run to compare with", timeout=4)
        elif len(marked) >= _COMPARABLE:
            self.post_message(ComparisonRequested(marked, self.table.row_ids))
        elif not marked and run is not None and (run.failing_step is not None or run.status == "FAIL"):
            self.post_message(
                LastSuccessRequested(
                    run, f"mark two runs with {keys.shown('mark')}, then press {keys.shown('compare')}"
                )
            )
        elif marked:
            self.notify(
                f"one run is marked: move to another, then press {keys.shown('compare')}",
                timeout=4,
            )
        else:
            self.notify(
                f"mark two or more runs with {keys.shown('mark')}, then press {keys.shown('compare')}", timeout=4
            )

    def action_failures(self) -> None:
        """Show the failures of the whole store."""
        self.post_message(FailuresRequested())

    def action_open(self) -> None:
        """Open the run under the cursor; fold or unfold the group."""
        group = self.table.current_group
        if group is not None:
            self._fold(self.question.folded ^ {group.key})
        else:
            self._with_current(self._open)

    def on_run_table_run_chosen(self, event: RunTable.RunChosen) -> None:
        """Open the run that was clicked."""
        self._open(event.run)

    def _open(self, run: RunSummary) -> None:
        self.feed.series.prefetch(run)
        self.post_message(RunRequested(run.run_id))

    def action_next_failure(self) -> None:
        """Move to the next failed run."""
        self._move_to_failure(1)

    def action_previous_failure(self) -> None:
        """Move to the previous failed run."""
        self._move_to_failure(-1)

    def _move_to_failure(self, step: int) -> None:
        look = partial(self.feed.next_failure, self.table.row_ids, self.table.cursor, step)
        self.app.before_next_key(look, self._moved_to_failure)

    def _moved_to_failure(self, position: int | None) -> None:
        if position is None:
            self.notify("no more failed runs this way", timeout=2)
        else:
            self.table.cursor = position

    def action_copy(self) -> None:
        """Copy the id of the run under the cursor."""
        self._with_current(lambda run: self.app.copy_and_say(run.run_id))

    def action_edit(self) -> None:
        """Open the run's file in the user's editor."""
        self._with_current(lambda run: self.app.edit_file(run.path))

    def action_follow(self) -> None:
        """Follow changes of the store, on and off."""
        self.app.toggle_following()
        self.say_counts()
