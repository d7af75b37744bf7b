"""Failures of the whole store, grouped by cause; a group lists its attempts, an attempt opens on its traceback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Static
from textual.worker import get_current_worker

from magnus_tracking.failures import FailedAttempt, FailureGroup
from magnus_tui import format, keys
from magnus_tui.columns import short_step
from magnus_tui.feed import Feed
from magnus_tui.messages import RunsChanged
from magnus_tui.text import clean, truncate
from magnus_tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from magnus_tui.app import ExplorerApp

_FIXED_CELLS = 56
_LEAST_CAUSE = 24


class FailuresScreen(Screen[None]):
    """Why attempts failed: a row a cause; entering one, a row an attempt."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.FAILURES)]
    key_tables: ClassVar = [("failures", keys.FAILURES), ("move", keys.MOVE), ("everywhere", keys.APP)]
    app: ExplorerApp

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self.feed = feed
        self._groups: Sequence[FailureGroup] = ()
        self._entered: FailureGroup | None = None
        self._read = False

    def compose(self) -> ComposeResult:
        """Title, what was found, the table, what is under the cursor, footer."""
        yield TitleBar()
        yield Static("reading the failed runs …", id="failures-said", markup=False)
        yield DataTable[Text](id="failures-table", cursor_type="row", zebra_stripes=False)
        with Vertical(id="failures-detail"):
            yield Static(markup=False, id="failures-detail-text")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Start reading."""
        self._say_path()
        self.table.focus()
        self.read()

    @property
    def table(self) -> DataTable[Text]:
        """The table."""
        return self.query_one(DataTable)

    def _say_path(self) -> None:
        entered = () if self._entered is None else (self._entered.signature,)
        self.query_one(TitleBar).path = (self.feed.store.project.name, "failures", *entered)

    @work(thread=True, exclusive=True, group="failures")
    def read(self) -> None:
        """Open the runs that failed, off the event loop, and group what is found."""
        worker = get_current_worker()
        groups = self.feed.failure_groups(lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._grouped, groups)

    def _grouped(self, groups: Sequence[FailureGroup]) -> None:
        self._groups, self._read = groups, True
        if self._entered is not None:
            signature = self._entered.signature
            self._entered = next((group for group in groups if group.signature == signature), self._entered)
        self._fill()

    def runs_changed(self, event: RunsChanged) -> None:
        """Read again once the store has changed."""
        if self._read and event.done >= event.total and (event.changed or event.removed):
            self.read()

    def on_resize(self) -> None:
        """Lay out for the new size."""
        if self._read:
            self._fill()

    def _fill(self) -> None:
        row = self.table.cursor_row
        self.table.clear(columns=True)
        if self._entered is None:
            self._fill_groups()
        else:
            self._fill_attempts(self._entered)
        self.table.move_cursor(row=min(row, max(self.table.row_count - 1, 0)))
        self._say_path()
        self._show_detail()

    def _fill_groups(self) -> None:
        failing = sum(group.still_failing for group in self._groups)
        attempts = sum(group.count for group in self._groups)
        said = (
            f"{format.count(len(self._groups), 'cause')} in {format.count(attempts, 'failed attempt')} · "
            f"still failing: {failing}"
            if self._groups
            else "no attempt of this store has failed"
        )
        self.query_one("#failures-said", Static).update(said)
        room = max(self.size.width - _FIXED_CELLS, _LEAST_CAUSE)
        for title in (" ", "count", "cause", "steps", "runs", "first", "last"):
            self.table.add_column(title)
        now, fail = self.app.now(), self.app.theme_variables.get("status-fail", "")
        for group in self._groups:
            self.table.add_row(
                Text("●" if group.still_failing else " ", style=fail),
                Text(f"{group.count:,}", justify="right"),
                Text(truncate(clean(group.signature), room)),
                Text(_steps(group)),
                Text(f"{len(group.runs):,}", justify="right"),
                Text(format.ago(group.first_seen, now)),
                Text(format.ago(group.last_seen, now)),
            )

    def _fill_attempts(self, group: FailureGroup) -> None:
        self.query_one("#failures-said", Static).update(
            f"{format.count(group.count, 'attempt')} failed so, the latest first"
        )
        for title in ("run", "step", "attempt", "ended", "took", "at"):
            self.table.add_column(title)
        now = self.app.now()
        for attempt in group.attempts:
            self.table.add_row(
                Text(clean(attempt.run_id)),
                Text(truncate(clean(attempt.step), 36)),
                Text(str(attempt.attempt or ""), justify="right"),
                Text(format.ago(attempt.ended, now)),
                Text(format.duration(_seconds(attempt)), justify="right"),
                Text(truncate(clean(str(attempt.frame)) if attempt.frame else "", 40)),
            )

    def on_data_table_row_highlighted(self) -> None:
        """Show what the cursor stands on in full."""
        self._show_detail()

    def _show_detail(self) -> None:
        detail = self.query_one("#failures-detail-text", Static)
        row = self.table.cursor_row
        if self._entered is not None:
            attempts = self._entered.attempts
            detail.update(self._of_attempt(attempts[row]) if row < len(attempts) else "")
        else:
            detail.update(self._of_group(self._groups[row]) if row < len(self._groups) else "")

    def _of_group(self, group: FailureGroup) -> Text:
        dim = self.app.theme_variables.get("dim", "")
        text = Text()
        text.append(f"{clean(group.exception)}: " if group.exception else "", "bold")
        text.append(clean(group.message), "bold")
        frame = group.attempts[0].frame
        text.append(f"\nat {clean(str(frame))}" if frame else "", dim)
        text.append(f"\nsteps  {clean(', '.join(group.steps))}\nruns   {clean(', '.join(group.runs))}", dim)
        return text

    def _of_attempt(self, attempt: FailedAttempt) -> Text:
        dim = self.app.theme_variables.get("dim", "")
        text = Text(f"{clean(attempt.run_id)} › {clean(attempt.step)}", dim)
        exception = f"{clean(attempt.exception)}: " if attempt.exception else ""
        text.append(f"\n{exception}{clean(attempt.message)}", "bold")
        if attempt.frame:
            text.append(
                f"\nat {clean(attempt.frame.file)}:{attempt.frame.line} in {clean(attempt.frame.function)}", dim
            )
            text.append(f"\n   {clean(attempt.frame.code)}")
        return text

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Enter a group; open an attempt."""
        if self._entered is None:
            if event.cursor_row < len(self._groups):
                self._entered = self._groups[event.cursor_row]
                self.table.move_cursor(row=0)
                self._fill()
        elif event.cursor_row < len(self._entered.attempts):
            from magnus_tui.screens.run import RunScreen

            chosen = self._entered.attempts[event.cursor_row]
            self.app.push_screen(
                RunScreen(
                    self.feed, chosen.run_id, step=chosen.step, attempt=chosen.attempt, tab="log", line=chosen.line
                )
            )

    def action_back(self) -> None:
        """Out of the group, or out of the failures."""
        if self._entered is None:
            self.dismiss()
            return
        entered, self._entered = self._entered, None
        self._fill()
        place = next((i for i, group in enumerate(self._groups) if group.signature == entered.signature), 0)
        self.table.move_cursor(row=place)

    def action_copy(self) -> None:
        """Copy the cause under the cursor."""
        row = self.table.cursor_row
        if self._entered is None and row < len(self._groups):
            group = self._groups[row]
            self.app.copy_and_say(f"{group.exception}: {group.message}" if group.exception else group.message)
        elif self._entered is not None and row < len(self._entered.attempts):
            self.app.copy_and_say(self._entered.attempts[row].run_id)


def _steps(group: FailureGroup) -> str:
    more = f" +{len(group.steps) - 1}" if len(group.steps) > 1 else ""
    return truncate(clean(short_step(group.steps[0])), 20) + more if group.steps else ""


def _seconds(attempt: FailedAttempt) -> float | None:
    if attempt.started is None or attempt.ended is None:
        return None
    return (attempt.ended - attempt.started).total_seconds()
