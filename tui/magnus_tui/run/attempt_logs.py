"""What the files say about an attempt: its execution logs, and the traceback in them; read in worker threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from magnus_tracking.analysis.failures import MOST_READ, Reason, reason_of, why_silent
from magnus_tracking.errors import CatalogError, MagnusTrackingError
from magnus_tracking.logs.locate import PRINTS_NOTHING, StepLogs
from magnus_tracking.logs.read import lines_before, read_log
from magnus_tracking.runlog.tree import leaf_steps
from magnus_tui.feed.feed import Feed
from magnus_tui.run.selection import Selection

if TYPE_CHECKING:
    from magnus_tracking.analysis.failures import FailedAttempt
    from magnus_tracking.logs.locate import RunLogs
    from magnus_tracking.logs.tracebacks import Cause
    from magnus_tracking.runlog.models import StepLog

_TAIL = 1 << 16
_MOST_STEPS = 100
"""Steps of which it is looked whether they printed something."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of an attempt beyond the run log.

    Attributes:
        key: of the row that it was read for.
        logs: the execution logs of the step, in the order of time.
        chosen: the position among them of the one that shows the attempt, where there is any.
        reason: what the log of a failed attempt says: an exception, or the last line that a shell step printed.
        end: the last lines of the traceback, or of the log without one; escapes are taken out.
        reasons: what the logs say of each failed attempt of the step, by its number.
        elsewhere: where the attempt printed nothing, internal names of steps that did, in the order of the log.
        statement: why there is no traceback, in words for the user.
        alike: the other attempts of the store that failed so; None while that is not known.
    """

    key: str
    logs: StepLogs
    chosen: int | None = None
    reason: Reason = field(default_factory=Reason)
    end: tuple[str, ...] = ()
    reasons: Mapping[int, Reason] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    statement: str | None = None
    alike: Sequence[FailedAttempt] | None = None

    @property
    def cause(self) -> Cause | None:
        """The exception that made the attempt fail, where a traceback was kept."""
        return self.reason.cause

    @property
    def log(self) -> Path | None:
        """The log that shows the attempt."""
        return self.logs.logs[self.chosen].path if self.chosen is not None else None


def find_alike(feed: Feed, selection: Selection, should_stop: Callable[[], bool]) -> Sequence[FailedAttempt] | None:
    """The other attempts of the store that failed as the selected one; None where it did not fail, or when stopped."""
    step, attempt = selection.step, selection.attempt
    if step is None or selection.branch is not None or selection.item.state != "FAIL" or step.is_composite:
        return None
    number = attempt.attempt_number if attempt else None
    return feed.failures.like(selection.opened.summary, step.internal_name, number, should_stop)


def read_evidence(feed: Feed, selection: Selection) -> Evidence:
    """The logs of what is selected, and why it failed."""
    step, key = selection.step, selection.item.key
    if step is None or selection.branch is not None or step.is_composite:
        return Evidence(key, StepLogs((), PRINTS_NOTHING))
    try:
        with feed.opener.reading(selection.run_id):
            return _read(feed, selection, step)
    except MagnusTrackingError as error:
        return Evidence(key, StepLogs((), str(error)))


def _read(feed: Feed, selection: Selection, step: StepLog) -> Evidence:
    """Find the logs of a step, why each of its attempts failed, and the end of the log that is shown."""
    attempt, key = selection.attempt, selection.item.key
    of_run = feed.opener.logs_of(selection.run, selection.run_id)
    logs = of_run.of(step)
    number = attempt.attempt_number if attempt else None
    candidates = logs.of_attempt(number)
    failed = attempt.status == "FAIL" if attempt else step.status == "FAIL"
    reasons = {
        one.attempt_number: reason_of(selection.run, step, one, of_run) for one in step.attempts if one.status == "FAIL"
    }
    if failed and attempt is None:
        reason = reason_of(selection.run, step, None, of_run)
    else:
        reason = reasons.get(attempt.attempt_number, Reason()) if attempt else Reason()
    shown = reason.log or (candidates[-1].path if candidates else None)
    chosen = next((place for place, log in enumerate(logs.logs) if log.path == shown), None)
    end, broken = _end(shown, reason.cause)
    statement = broken or (_why_none(selection, step, logs, shown) if failed and not str(reason) else logs.statement)
    elsewhere = _elsewhere(selection, of_run) if not end and not broken else ()
    return Evidence(key, logs, chosen, reason, end, reasons, elsewhere, statement)


def _elsewhere(selection: Selection, of_run: RunLogs) -> tuple[str, ...]:
    """The steps of the run that printed something; of a run that was opened early none is looked for."""
    if not selection.opened.is_whole:
        return ()
    steps = islice(leaf_steps(selection.run), _MOST_STEPS)
    return tuple(step.internal_name for step in steps if any(_size(log.path) for log in of_run.of(step).logs))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _end(log: Path | None, cause: Cause | None) -> tuple[tuple[str, ...], str | None]:
    if log is None:
        return (), None
    try:
        text = read_log(log, MOST_READ if cause else _TAIL)
        above = lines_before(log, text.skipped) if cause else 0
    except CatalogError as error:
        return (), str(error)
    return (text.lines[cause.line - above : cause.end - above] if cause else text.lines[-200:]), None


def _why_none(selection: Selection, step: StepLog, logs: StepLogs, shown: Path | None) -> str:
    if shown is None:
        return f"no traceback: {logs.statement or 'no execution log belongs to this attempt'}"
    return f"no traceback: {why_silent(selection.run, step)}"
