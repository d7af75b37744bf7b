"""A run over time: where it went, what waited, and what the run would have ended earlier without."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import get_current_worker

from magnus_tracking.analysis.failures import reason_of
from magnus_tracking.analysis.liveness import DEAD, Liveness, known_until
from magnus_tracking.analysis.timeline import Bar, Definitions, Timeline, definitions, timeline_of
from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.runlog.elapsed import WENT_BACK
from magnus_tui import format, keys
from magnus_tui.feed.coalesced_worker import LOOKS_FOR_DEATH, CoalescedWorker
from magnus_tui.feed.feed import Feed
from magnus_tui.feed.messages import RunsChanged
from magnus_tui.feed.run_opener import OpenedRun
from magnus_tui.format.seen import Seen
from magnus_tui.format.status import status_color
from magnus_tui.format.text import clean
from magnus_tui.run.background_reads import SETTLED
from magnus_tui.run.timeline_facts import facts_of, failed_attempt, summary_text
from magnus_tui.run.timeline_view import LEGEND, TimelineView, widest_label
from magnus_tui.run.title import why_outdated
from magnus_tui.screen import Explorer, read_styles
from magnus_tui.widgets.growing_text import GrowingText
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.timed_refresh import Due
from magnus_tui.widgets.title_bar import TitleBar

_NARROW = 110
"""Below this width the title only tells how long the run took."""
_GROW_SECONDS = 1.0
"""Between two times that the bars of a run that goes on are drawn."""
_BESIDE = frozenset({"worked", "waited", "time", "attempts"})
"""Facts that stand beside the one before them."""


class _Drawn(NamedTuple):
    """A run as it is at one moment.

    Attributes:
        timeline: its bars.
        widest: cells that the widest of their labels takes.
        said: the whole in a line.
    """

    timeline: Timeline
    widest: int
    said: str


class TimelineScreen(Screen[str | None]):
    """The timeline of one run; it is dismissed with the key of the bar that was chosen or moved to, if one was."""

    CSS = read_styles(__file__, "timeline.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.TIMELINE_SCREEN)]
    key_tables: ClassVar = [
        ("timeline", (*keys.TIMELINE, *keys.TIMELINE_SCREEN)),
        ("move", keys.MOVE),
        ("everywhere", keys.APP),
    ]
    app: Explorer

    def __init__(self, feed: Feed, run_id: str, first: str = "") -> None:
        """Make the screen.

        Args:
            feed: the door to the core.
            run_id: the run.
            first: key of the bar to begin on; where there is none, its step, else the first bar.
        """
        super().__init__()
        self._first = first
        self._reading = CoalescedWorker(self, self._load, "load")
        self._growing = CoalescedWorker(self, self._grow, "timeline")
        self._watching = CoalescedWorker(self, self._look_for_death, "liveness")
        self.feed = feed
        self.run_id = run_id
        self._reasons: dict[tuple[str, int] | None, str] = {}
        self._opened: OpenedRun | None = None
        self._liveness: Liveness | None = None
        self._drawn: _Drawn | None = None
        self._outdated = ""
        self._definitions = Definitions({})
        self._aging = Due(self, self._grow_older)
        self._watch_due = Due(self, self._watch)

    def compose(self) -> ComposeResult:
        """Title, bars, what is known of the bar under the cursor, legend, footer."""
        yield TitleBar()
        yield TimelineView(id="timeline")
        yield GrowingText(id="timeline-detail", markup=False)
        yield Static(id="timeline-legend", markup=False)
        yield KeyBar()

    @property
    def view(self) -> TimelineView:
        """The bars."""
        return self.query_one(TimelineView)

    @property
    def _here(self) -> str:
        """The key of the bar under the cursor; empty without one."""
        return self.view.current.key if self.view.current is not None else ""

    def seen(self) -> Seen:
        """The bars."""
        return self.view.seen().titled(f"timeline of {self.run_id}")

    def on_mount(self) -> None:
        """Read the run."""
        self.query_one(TitleBar).path = (self.run_id, "timeline")
        self.query_one("#timeline-legend", Static).update(LEGEND)
        self.view.focus()
        self.app.theme_changed_signal.subscribe(self, lambda _: self._repaint())
        self._reading.request(soon=True)

    def awaits(self, _verb: str) -> bool:
        """Keys wait for the bars."""
        return self._reading.is_awaited

    def _load(self) -> Callable[[], None]:
        try:
            with self.feed.opener.reading(self.run_id):
                opened = self.feed.opener.open_run(self.run_id)
                liveness = self.feed.liveness(opened.summary, self.app.now())
                return partial(self._show, opened, liveness, definitions(opened.run), self._draw(opened, liveness))
        except MagnusTrackingError as error:
            return partial(self._failed, error)

    def _draw(self, opened: OpenedRun, liveness: Liveness | None) -> _Drawn:
        """Lay a run out in time: of 10,000 branches in a second, so in a thread."""
        summary = opened.summary
        until = known_until(summary, self.app.now(), liveness)
        timeline = timeline_of(opened.run, until, summary.started, liveness)
        return _Drawn(timeline, widest_label(timeline), summary_text(timeline, summary, with_slowest=False))

    def _failed(self, error: MagnusTrackingError) -> None:
        if self._drawn is not None:
            self.notify(str(error), severity="warning")
            self._outdated = why_outdated(error)
            self._say()
            return
        self.view.empty = ""
        self.view.refresh()
        text = Text(clean(str(error)), style=status_color(self.app.theme_variables, "FAIL"))
        self.query_one("#timeline-detail", Static).update(text)

    def _show(self, opened: OpenedRun, liveness: Liveness | None, defined: Definitions, drawn: _Drawn) -> None:
        first = self._opened is None
        self._outdated = ""
        self._opened, self._liveness, self._definitions = opened, liveness, defined
        self._present(opened, drawn)
        if first:
            self.view.go_to(self._first)
            self._first = self._here

    def _present(self, opened: OpenedRun, drawn: _Drawn) -> None:
        if opened is not self._opened:
            return
        self._drawn = drawn
        self.view.show(drawn.timeline, drawn.widest)
        self._say()
        if self._grows:
            self._aging.within(_GROW_SECONDS)
            self._watch_due.within(LOOKS_FOR_DEATH)

    def _say(self) -> None:
        """Say what the whole run comes to, in the title."""
        if self._drawn is not None:
            timeline, said = self._drawn.timeline, self._drawn.said
            if self.size.width < _NARROW:
                said = WENT_BACK if timeline.note is not None else format.duration(timeline.seconds)
            variables = self.app.theme_variables
            outdated = (f"{self._outdated} · ", status_color(variables, "FAIL")) if self._outdated else ""
            self.query_one(TitleBar).status = Text.assemble(outdated, (said, variables.get("dim", "")))

    def _repaint(self) -> None:
        """Say everything in the colours of the theme that is now in use."""
        if self._drawn is not None:
            self._say()
            self.view.refresh()
            self._tell(self.view.current)

    def on_resize(self, _event: Resize) -> None:
        """Say as much as the new size has room for."""
        self._say()

    def on_screen_resume(self) -> None:
        """Show what has changed while another screen was on top."""
        self._grow_older()
        self._watch()

    def _grow_older(self) -> None:
        """Let the bars of an unfinished run grow, while they are on top."""
        if self.is_current and self._grows:
            self._growing.request()

    def _grow(self) -> Callable[[], None] | None:
        opened = self._opened
        return partial(self._present, opened, self._draw(opened, self._liveness)) if opened is not None else None

    @property
    def _grows(self) -> bool:
        opened = self._opened
        if opened is None or self._outdated:
            return False
        return not opened.summary.is_finished and self._liveness not in DEAD

    def _watch(self) -> None:
        """Look whether the run died, or fell silent, meanwhile; nothing tells of it."""
        if self.is_current and self._grows:
            self._watching.request()

    def _look_for_death(self) -> Callable[[], None]:
        opened = self._opened
        died = opened is not None and self.feed.liveness(opened.summary, self.app.now()) != self._liveness
        return self._reading.request if died else self._watch_on

    def _watch_on(self) -> None:
        self._watch_due.within(LOOKS_FOR_DEATH)

    def runs_changed(self, event: RunsChanged) -> None:
        """Read the run again if it has changed."""
        if self.run_id in event.changed | event.removed:
            self._reading.request()

    def on_timeline_view_highlighted(self, event: TimelineView.Highlighted) -> None:
        """Say what is known of the bar under the cursor, and look in its log why it failed."""
        self._tell(event.bar)
        bar, opened, failure = event.bar, self._opened, _failure_of(event.bar)
        if bar is not None and opened is not None and failure is not None and failure not in self._reasons:
            self._read_reason(bar, opened)

    # Without a description a worker describes itself by its arguments, and whole runs take seconds to write out.
    @work(thread=True, exclusive=True, group="reason", description="why a step failed")
    def _read_reason(self, bar: Bar, opened: OpenedRun) -> None:
        worker = get_current_worker()
        if bar.step is None or worker.cancelled_event.wait(SETTLED):
            return
        try:
            with self.feed.opener.reading(self.run_id):
                logs = self.feed.opener.logs_of(opened.run, self.run_id)
                reason = str(reason_of(opened.run, bar.step, failed_attempt(bar), logs))
        except MagnusTrackingError:
            reason = ""
        if not worker.is_cancelled:
            self.app.call_from_thread(self._know, bar, reason)

    def _know(self, bar: Bar, reason: str) -> None:
        self._reasons[_failure_of(bar)] = reason
        self._tell(self.view.current)

    def _tell(self, bar: Bar | None) -> None:
        timeline = self.view.timeline
        text = Text(no_wrap=True, overflow="ellipsis")
        if bar is not None and timeline is not None:
            dim = self.app.theme_variables.get("dim", "")
            text.append(clean(bar.key), "bold")
            text.append("   on the critical path" if bar.critical else "", dim)
            for name, said in facts_of(bar, timeline, self._definitions, self._reasons.get(_failure_of(bar))):
                text.append("   " if name in _BESIDE else "\n", dim)
                text.append(f"{name} ", dim)
                text.append(said)
        self.query_one("#timeline-detail", Static).update(text)

    def action_choose(self) -> None:
        """Fold or unfold what is nested in the bar under the cursor; else go to its step in the run."""
        if not self.view.fold():
            self.dismiss(self._here or None)

    def action_copy(self) -> None:
        """Copy the internal name under the cursor."""
        self.app.copy_and_say(self._here)

    def action_back(self) -> None:
        """Back to the run, to the step that the cursor was moved to."""
        self.dismiss(self._here if self._here != self._first else None)


def _failure_of(bar: Bar | None) -> tuple[str, int] | None:
    """The step and the number of the failed attempt that is told of a bar: another one is another failure."""
    attempt = failed_attempt(bar) if bar is not None else None
    if bar is None or bar.step is None or attempt is None or attempt.status != "FAIL":
        return None
    return bar.step.internal_name, attempt.attempt_number
