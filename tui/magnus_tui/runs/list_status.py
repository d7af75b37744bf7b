"""What the run list says around its rows: in the title, beside the filter, and in their place where there are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.text import Text

from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tui import format, keys
from magnus_tui.format.status import STATUS_GLYPHS, in_order, state_count, status_color
from magnus_tui.format.text import clean
from magnus_tui.runs.list_order import ListOrder
from magnus_tui.runs.list_query import Answer
from magnus_tui.runs.screen_interface import RunsScreenParts
from magnus_tui.widgets.newest_in_view import paused_text
from magnus_tui.widgets.query_problem import QueryProblem
from magnus_tui.widgets.title_bar import TitleBar

_UNREADABLE = "UNREADABLE"
_MOST_NAMED = 6
"""Marked runs of which each is named; few lines have room for more."""


class ListStatus:
    """How many runs the store has, how many of them are listed, and what is amiss.

    Attributes:
        answer: what is listed; None before the first answer.
        progress: how many of how many changed runs have been read; None before the store has been listed.
    """

    def __init__(self, screen: RunsScreenParts, order: ListOrder, counts: Mapping[str, int]) -> None:
        """Say nothing yet.

        Args:
            screen: the run list.
            order: in which it is.
            counts: runs by status, as they were when the index was last written.
        """
        self._screen = screen
        self._order = order
        self._first_counts = counts
        self._told: set[str] = set()
        self.answer: Answer | None = None
        self.progress: tuple[int, int] | None = None

    @property
    def verified(self) -> bool:
        """Whether every run has been read."""
        return self.progress is not None and self.progress[0] >= self.progress[1]

    @property
    def dead(self) -> Mapping[tuple[str, str], int]:
        """How many unfinished runs are not known to live, by status and what is inferred of them."""
        return self.answer.dead if self.answer is not None else {}

    @property
    def _counts(self) -> Mapping[str, int]:
        return self.answer.counts if self.answer is not None else self._first_counts

    @property
    def total(self) -> int:
        """How many runs the store has."""
        return sum(self._counts.values())

    @property
    def may_die(self) -> bool:
        """Whether some unfinished run is not known to be dead."""
        ended = {*FINAL_STATUSES, _UNREADABLE}
        unfinished = sum(number for status, number in self._counts.items() if status not in ended)
        return unfinished > sum(number for (_, state), number in self.dead.items() if state != "SILENT")

    def _states(self) -> Counter[str]:
        """Runs by status, or by what is inferred of unfinished ones; before the first answer those that have ended."""
        states = Counter(self._counts)
        if self.answer is None:
            return Counter({state: count for state, count in states.items() if state in (*FINAL_STATUSES, _UNREADABLE)})
        for (status, state), number in self.dead.items():
            moved = min(number, states[status])
            states[status] -= moved
            states[state] += moved
        return +states

    def tell_missing(self) -> None:
        """Say, once, what sort keys, columns and groups name that no run has."""
        if self.answer is None or not self.verified:
            return
        for said in self.answer.missing_elsewhere:
            if said not in self._told:
                self._told.add(said)
                self._screen.notify(clean(said), severity="warning", timeout=8)

    def say(self) -> None:
        """Say it all as it is now."""
        screen, answer = self._screen, self.answer
        screen.query_one(TitleBar).status = self._store_text()
        screen.filter_bar.say(self._listing_text(), *self._order_hints())
        missing = [clean(one) for one in answer.missing] if answer is not None else []
        problem = screen.query_one(QueryProblem)
        if answer is not None and answer.problem is not None:
            problem.point_at(answer.problem)
        else:
            problem.say(missing if self.verified else [])
        screen.table.empty = self._why_empty()

    def _store_text(self) -> Text:
        """How many runs there are, by state, and whether the store is there and followed."""
        app, variables = self._screen.app, self._screen.app.theme_variables
        states, dim = self._states(), variables.get("dim", "")
        is_first = not self.verified and not states
        text = Text("reading …" if is_first else format.count(self.total, "run"), dim)
        for state, count in in_order({state: count for state, count in states.items() if state in STATUS_GLYPHS}):
            text.append(f"  {state_count(state, count)}", status_color(variables, state))
        if self.progress is not None and not self.verified:
            said = f"{self.progress[0]:,} of {self.progress[1]:,}"
            text.append(f" {said}" if is_first else f"  reading {said}", variables.get("primary", ""))
        if app.copying:
            text.append(f"  {app.copying}", variables.get("primary", ""))
        if not app.has_store:
            text.append("  the store is gone", status_color(variables, "FAIL"))
        elif app.following:
            text.append("  follow", dim)
        elif app.is_paused:
            text.append(f"  {paused_text()}", dim)
        return text

    def _listing_text(self) -> Text:
        """How many of the runs are listed, in which order, and which are marked."""
        screen, answer, variables = self._screen, self.answer, self._screen.app.theme_variables
        key, descending = screen.table.sorted_by
        marks = screen.table.marks
        text = Text()
        if answer is not None and answer.is_filtered:
            text.append(f" {answer.listed:,} of {self.total:,} · ")
        if screen.question.failed_only:
            text.append(f"failed only ({keys.shown('failed_only')}) · ", status_color(variables, "FAIL"))
        if marks:
            # Their heading tells in which order they are.
            named = f": {', '.join(clean(run_id) for run_id in sorted(marks))}" if len(marks) <= _MOST_NAMED else ""
            return text.append(f"{len(marks):,} marked{named}", variables.get("accent", ""))
        heading = next((column.title for column in screen.table.columns if column.key == key), "")
        text.append(f"sorted by {clean(heading) or key} {'↓' if descending else '↑'}")
        return text

    def _order_hints(self) -> Sequence[str]:
        """How to go on from another order than the usual one."""
        if self._order.is_usual or self._screen.query_text or self._screen.table.marks:
            return ()
        return f"{keys.shown('back')} newest first", "← → another column"

    def _why_empty(self) -> Text:
        """Why no runs are listed, and what to do."""
        screen, app, place = self._screen, self._screen.app, clean(self._screen.feed.title)
        if not app.has_store:
            return Text(f"the store {place} is gone; its runs are shown once it is back")
        if self.total:
            every, clear = f"{keys.shown('failed_only')} shows all runs", f"{keys.shown('back')} clears"
            so_far, failed_only = "" if self.verified else "read so far ", screen.question.failed_only
            if failed_only and screen.query_text.strip():
                said = f"no failed runs {so_far}match the filter; {every}, {clear} the filter"
            elif failed_only:
                said = f"no runs {so_far}have failed; {every}"
            else:
                said = f"no runs {so_far}match the filter; {clear} it"
            return Text(said)
        if app.copy_problem or app.copying:
            return Text(clean(app.copy_problem or f"{screen.feed.title}: {app.copying}"))
        if not self.verified:
            return Text("reading the store …")
        return Text(
            f"no runs in {place}\n\n"
            "A run appears here as soon as one of these is run in this project:\n"
            "  magnus execute -f pipeline.yaml\n"
            "  magnus-track step train -- python train.py\n\n"
            "In train.py, these two lines track a curve:\n"
            "  from magnus_tracking import track_this\n"
            "  track_this(step=0, loss=0.5)"
        )
