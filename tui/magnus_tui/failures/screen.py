"""Failures of the whole store, grouped by cause; a group lists its attempts, an attempt opens on its traceback."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static
from textual.worker import get_current_worker

from magnus_tracking.analysis.failures import FailedAttempt, FailureGroup
from magnus_tracking.analysis.flaky import FlakyStep
from magnus_tui import keys
from magnus_tui.failures import lists as failure_lists
from magnus_tui.failures.failure_columns import ATTEMPTS, CAUSES, CAUSES_IN_FULL, FLAKY
from magnus_tui.failures.lists import Ink, Listing
from magnus_tui.feed.coalesced_worker import CoalescedWorker
from magnus_tui.feed.feed import Feed
from magnus_tui.feed.messages import RunsChanged
from magnus_tui.format.seen import Seen
from magnus_tui.screen import Explorer, read_styles
from magnus_tui.screen_requests import RunRequested
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.filtering_screen import FilteringScreen
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.row_list import RowList
from magnus_tui.widgets.title_bar import TitleBar


class FailuresScreen(FilteringScreen[None]):
    """Why attempts failed: a row a cause; entering one, a row an attempt. Flaky steps take their place on a key."""

    CSS = read_styles(__file__, "failures.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.FAILURES)]
    key_tables: ClassVar = [("failures", keys.FAILURES), ("move", keys.MOVE), ("everywhere", keys.APP)]
    app: Explorer

    def __init__(self, feed: Feed, wanted: tuple[str, str, int | None] | None = None) -> None:
        """Make the screen.

        Args:
            feed: the door to the core.
            wanted: run, step and attempt whose cause is entered as soon as it is known.
        """
        super().__init__()
        self._wanted = wanted
        self._reading = CoalescedWorker(self, self._read_causes, "failures")
        self.feed = feed
        self._groups: Sequence[FailureGroup] = ()
        self._flaky: Sequence[FlakyStep] | None = None
        self._shows_flaky = False
        self._entered: str | None = None
        self._read: tuple[int, int] | None = None
        self._unreadable = 0
        self._listing: Listing | None = None
        self._places: list[int] = []

    def compose(self) -> ComposeResult:
        """Title, filter, what was found, the list, what is under the cursor, footer."""
        yield TitleBar()
        yield FilterBar(hides=True)
        yield Static("reading the failed runs …", id="failures-said", markup=False)
        yield RowList(id="failures-table")
        with Vertical(id="failures-detail"):
            yield Static(markup=False, id="failures-detail-text")
        yield KeyBar()

    def on_mount(self) -> None:
        """Start reading."""
        self._say_path()
        self.table.focus()
        self.app.theme_changed_signal.subscribe(self, lambda _: self._fill(self.table.position or 0))
        self.read()

    @property
    def table(self) -> RowList:
        """The list."""
        return self.query_one(RowList)

    def _say_path(self) -> None:
        parts = ("failures", *(["flaky steps"] if self._shows_flaky else []))
        entered = () if self._entered is None else (self._entered,)
        self.query_one(TitleBar).path = (self.feed.project, *parts, *entered)

    def awaits(self, _verb: str) -> bool:
        """Keys wait for the first rows."""
        return self._flaky is None if self._shows_flaky else not (self._groups or self._is_read)

    def read(self) -> None:
        """Open the runs that failed, off the event loop, and show what is found as it is found."""
        self._reading.request()

    def _read_causes(self) -> None:
        self.app.let_answer()
        worker = get_current_worker()

        def tell(groups: Sequence[FailureGroup], done: int, total: int) -> None:
            if not worker.is_cancelled:
                unreadable = self.feed.counts().get("UNREADABLE", 0)
                self.app.call_from_thread(self._grouped, groups, (done, total), unreadable)

        self.feed.failures.groups(tell, partial(self.app.should_stop, worker))

    @work(thread=True, exclusive=True, group="flaky")
    def read_flaky(self) -> None:
        """Open the runs of the code that failed, off the event loop."""
        worker = get_current_worker()
        self.app.let_answer()
        steps = self.feed.failures.flaky_steps(partial(self.app.should_stop, worker))
        if not worker.is_cancelled:
            self.app.call_from_thread(self._found_flaky, steps)

    def _grouped(self, groups: Sequence[FailureGroup], read: tuple[int, int], unreadable: int) -> None:
        self._groups, self._read, self._unreadable = groups, read, unreadable
        self._fill(self._enter_wanted() if self._wanted else self.table.position or 0)

    def _enter_wanted(self) -> int:
        """Enter the cause of the attempt that was asked for; where the cursor is to stand."""
        for place, group in enumerate(self._groups):
            for row, attempt in enumerate(group.attempts):
                if (attempt.run_id, attempt.step, attempt.attempt) == self._wanted:
                    self._entered, self._wanted = group.signature, None
                    self._places.append(place)
                    return row
        return self.table.position or 0

    def _found_flaky(self, steps: Sequence[FlakyStep]) -> None:
        self._flaky = steps
        self._fill(self.table.position or 0)

    @property
    def _is_read(self) -> bool:
        return self._read is not None and self._read[0] >= self._read[1]

    def runs_changed(self, event: RunsChanged) -> None:
        """Read again once the store has changed, also while it is being read: what came first need not be in it."""
        if event.done >= event.total and (event.changed or event.removed):
            self.read()
            if self._shows_flaky:
                self.read_flaky()

    def _attempts(self) -> Sequence[FailedAttempt]:
        """The attempts of the cause, or of the flaky step, that was entered."""
        if not self._shows_flaky:
            group = next((group for group in self._groups if group.signature == self._entered), None)
            return group.attempts if group else ()
        step = next((step for step in self._flaky or () if step.step == self._entered), None)
        runs = set(step.runs if step else ())
        return [
            attempt
            for group in self._groups
            for attempt in group.attempts
            if attempt.step == self._entered and attempt.run_id in runs
        ]

    def seen(self) -> Seen:
        """What is listed: causes, flaky steps, or the attempts of one."""
        kept = self.table.kept
        causes_or_steps = (self._flaky or ()) if self._shows_flaky else self._groups
        listed: Sequence[Any] = self._attempts() if self._entered is not None else causes_or_steps
        rows = [listed[place] for place in kept]
        if self._entered is not None:
            return Seen("failures", ATTEMPTS, lambda: rows, len(rows))
        if self._shows_flaky:
            return Seen("flaky steps", FLAKY, lambda: rows, len(rows))
        return Seen("failures", CAUSES_IN_FULL, lambda: rows, len(rows), CAUSES)

    def _fill(self, cursor: int = 0) -> None:
        """Show the list of what was entered, with the cursor on a row."""
        theme = self.app.theme_variables
        ink = Ink(theme.get("dim", ""), theme.get("status-fail", ""), self.app.now())
        if self._entered is not None:
            listing = failure_lists.attempts(self._attempts(), ink)
        elif self._shows_flaky:
            listing = failure_lists.flaky(self._flaky or (), ink)
        else:
            listing = failure_lists.causes(self._groups, ink, self._unreadable, self._read[1] if self._read else 0)
        self._listing = listing
        self.query_one("#failures-said", Static).update(self._said(listing), layout=False)
        self.table.show(listing.columns, listing.count, listing.row, cursor)
        self.query_one("#failures-detail").display = listing.count > 0
        self._say_path()
        self.show_detail()

    def _said(self, listing: Listing) -> str:
        if self._shows_flaky and self._flaky is None:
            return "reading the runs of the code that failed …"
        done, total = self._read or (0, 0)
        if self._is_read and not total:
            return "there are no runs in this store"
        reading = "" if self._is_read else f" · reading {done:,} of {total:,} runs"
        return listing.said + reading if listing.count or self._is_read else f"reading the failed runs …{reading}"

    def on_row_list_highlighted(self) -> None:
        """Show what the cursor stands on in full."""
        self.show_detail()

    def show_detail(self) -> None:
        """Show what the cursor stands on in full."""
        listing, row = self._listing, self.table.position
        detail = self.query_one("#failures-detail-text", Static)
        detail.update(listing.detail(row) if listing and row is not None else "")

    def action_choose(self) -> None:
        """Enter the cause or the step, or open the attempt, under the cursor."""
        self.table.action_choose()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Enter a cause or a flaky step; open an attempt on its traceback."""
        self.leave_filter()
        if self._entered is None:
            self._places.append(event.position)
            steps = self._flaky or ()
            self._entered = steps[event.position].step if self._shows_flaky else self._groups[event.position].signature
            self._fill()
            return
        chosen = self._attempts()[event.position]
        self.post_message(RunRequested(chosen.run_id, chosen.step or None, chosen.attempt, tab="log", line=chosen.line))

    def action_show_causes(self) -> None:
        """Show the causes of all failures."""
        self._show_tab(flaky=False)

    def action_show_flaky(self) -> None:
        """Show the flaky steps."""
        self._show_tab(flaky=True)

    def _show_tab(self, *, flaky: bool) -> None:
        self.leave_filter()
        self._shows_flaky = flaky
        self._entered = None
        self._places.clear()
        if self._shows_flaky and self._flaky is None:
            self.read_flaky()
        self._fill()

    def action_back(self) -> None:
        """Out of what was entered, out of the flaky steps, or out of the failures."""
        if self.leave_filter():
            return
        if self._entered is not None:
            self._entered = None
            self._fill(self._places.pop() if self._places else 0)
        elif self._shows_flaky:
            self.action_show_causes()
        else:
            self.dismiss()

    def action_copy(self) -> None:
        """Copy the cause, the step, or the run's id under the cursor."""
        listing, row = self._listing, self.table.position
        self.app.copy_and_say(listing.copied(row) if listing and row is not None else "")
