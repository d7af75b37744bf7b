"""The execution logs of a step: which file it is, and its lines."""

from __future__ import annotations

from datetime import datetime

from rich.cells import cell_len
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from magnus_tracking.errors import CatalogError
from magnus_tracking.logs.pages import LogPages
from magnus_tracking.logs.stamps import line_at
from magnus_tui import format, keys
from magnus_tui.format.text import clean, short_step, truncate
from magnus_tui.run.attempt_logs import Evidence
from magnus_tui.run.log_lines import LogLines
from magnus_tui.run.log_window import LogWindow
from magnus_tui.screen import is_working
from magnus_tui.widgets.growing_text import GrowingText

_LEAST_OF_A_NAME = 16


class LogView(Vertical):
    """One of the logs of a step, opened at its end; the key that shows it in another way goes on to the next."""

    DEFAULT_CSS = """
    LogView {
        height: 1fr;
        & > Static { height: auto; max-height: 4; padding: 0 1; color: $dim; }
    }
    """

    class StepWanted(Message):
        """The log of another step is wanted, because this one printed nothing.

        Attributes:
            step: its internal name.
        """

        def __init__(self, step: str) -> None:
            super().__init__()
            self.step = step

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._evidence: Evidence | None = None
        self._place = 0
        self._said = ""
        self._wanted: int | datetime | None = None

    def compose(self) -> ComposeResult:
        """A head, and the lines."""
        yield GrowingText(markup=False)
        yield LogLines()

    @property
    def lines(self) -> LogLines:
        """The lines."""
        return self.query_one(LogLines)

    def show(self, evidence: Evidence | None, line: int | datetime | None = None, *, same: bool) -> None:
        """Show the log of an attempt, at its end or at a line.

        Args:
            evidence: the logs; None while they are looked for.
            line: 0-based line of the log to put the cursor on, or the moment around which it was written.
            same: whether it is the same attempt as before, so that the place in it stays unless the end is followed.
        """
        before = self._evidence
        if same and evidence is None and before is not None:
            return
        self._evidence = evidence
        if evidence is None or not evidence.logs.logs:
            self.lines.show(None)
            self._tell()
            return
        if before is None or before.key != evidence.key:
            same = False
        shown = self.lines.window.log.path if self.lines.window is not None else None
        if not same:
            self._place = evidence.chosen if evidence.chosen is not None else len(evidence.logs.logs) - 1
            self._said = ""
            self._wanted = None
        if line is not None:
            self._wanted = line
        paths = [log.path for log in evidence.logs.logs]
        if same and shown in paths:
            self._place = paths.index(shown)
        self._place = min(self._place, len(paths) - 1)
        if same and line is None and shown == paths[self._place]:
            self.look_again()
            self._tell()
        else:
            # What is told meanwhile must not take the line away that is being looked for.
            self._open(self._wanted)

    def awaits(self, _verb: str) -> bool:
        """Keys wait for the log that is being opened."""
        return is_working(self, "log-open")

    def look_again(self) -> None:
        """Take in what was written into the log since; what is seen stays, unless the end is followed."""
        self.lines.look_again()

    @work(thread=True, exclusive=True, group="log-open")
    def _open(self, line: int | datetime | None) -> None:
        """Read the log at its end, or around a line or a moment, off the event loop."""
        worker, evidence = get_current_worker(), self._evidence
        if evidence is None:
            return
        place: int | None = None
        try:
            log = LogPages(evidence.logs.logs[self._place].path)
            found = log.locate(line) if isinstance(line, int) else None
            if isinstance(line, datetime):
                found = line_at(log, line, lambda: worker.is_cancelled)
                self._said = "" if found else "no timestamps in this log"
            window = LogWindow.read(log, found[0] - 1, 3) if found else LogWindow.end(log)
            place = window.line_of(*found) if found else None
        except CatalogError as error:
            window, self._said = None, str(error)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._opened, evidence, window, place)

    def _opened(self, evidence: Evidence, window: LogWindow | None, line: int | None) -> None:
        if evidence is not self._evidence:
            return
        self._wanted = None
        self.lines.show(window, line)
        self._tell()
        # What can be done with a log depends on its lines.
        self.screen.refresh_bindings()

    def _tell(self) -> None:
        width = max(self.size.width - 2, 10)
        self.query_one(Static).update(Text(self._head(width)))

    def _head(self, width: int) -> str:
        """Which log it is, how much of it is held, and what happened last, in so many cells."""
        evidence, window = self._evidence, self.lines.window
        if evidence is None:
            return "looking for the execution log …"
        logs = evidence.logs.logs
        if not logs:
            return evidence.logs.reason or f"no execution log was kept{_elsewhere(evidence)}"
        log = logs[self._place]
        parts = []
        if len(logs) > 1:
            parts.append(f"{self._place + 1:,} of {len(logs):,} ({keys.shown('view')}: next)")
        if log.inferred:
            owner = f"of attempt {log.attempt}, inferred" if log.attempt is not None else "attempt unknown"
            parts.append(owner)
        if window is not None:
            parts.append(_extent(window) + _elsewhere(evidence))
        if self._said:
            parts.append(self._said)
        rest = " · ".join(["", *parts])
        name = truncate(clean(log.path.name), max(width - cell_len(rest), _LEAST_OF_A_NAME))
        return truncate(name + rest, width)

    def on_resize(self) -> None:
        """Tell as much as fits."""
        self._tell()

    @on(LogLines.Said)
    def _say(self, event: LogLines.Said) -> None:
        self._said = event.text
        self._tell()

    @on(LogLines.OtherWanted)
    def _other(self) -> None:
        if self._evidence is not None and len(self._evidence.logs.logs) > 1:
            self._place = (self._place + 1) % len(self._evidence.logs.logs)
            self._said = ""
            self._open(None)
        elif self._evidence is not None and self._evidence.elsewhere:
            self.post_message(self.StepWanted(self._evidence.elsewhere[-1]))


def _elsewhere(evidence: Evidence) -> str:
    """Which steps printed something, where this one did not; the key that shows another log goes to the last."""
    if not evidence.elsewhere:
        return ""
    last, *others = [clean(short_step(step)) for step in reversed(evidence.elsewhere)]
    also = f" · also {', '.join(others)}" if others else ""
    return f" · {keys.shown('view')} goes to the log of {last}{also}"


def _extent(window: LogWindow) -> str:
    size = format.size(window.log.size)
    if not window.log.size:
        return "empty"
    if window.at_start and window.at_end:
        return f"{format.count(len(window.lines), 'line')}, {size}"
    part = "the beginning" if window.at_start else "the end" if window.at_end else "a part"
    return f"{part} of {size}"
