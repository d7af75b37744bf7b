"""Why attempts failed, and which failed for the same reason.

The cause of a failed attempt is the root of the exception chain in its execution log; without a traceback the last line
of what a shell step of runnable printed, else the attempt's message; without that, "no reason was kept". A failed run
without a failed step has one failure: what never ended, else the run itself. Attempts of the same cause have the same
signature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from magnus_tracking.errors import CatalogError, MagnusTrackingError
from magnus_tracking.logs.catalog import CatalogHome
from magnus_tracking.logs.locate import RunLogs
from magnus_tracking.logs.read import lines_before, read_log
from magnus_tracking.logs.tracebacks import Cause, Frame, cause_in, signature_of
from magnus_tracking.runlog.definitions import definitions
from magnus_tracking.runlog.elapsed import span
from magnus_tracking.runlog.failing import why_unknown
from magnus_tracking.runlog.steps import walk_steps
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.tree import engine_of, failure_of, leaf_steps, top_steps
from magnus_tracking.stores.read_errors import ReadingRun

if TYPE_CHECKING:
    from magnus_tracking.runlog.failing import Failure
    from magnus_tracking.runlog.models import RunLog, StepAttempt, StepLog
    from magnus_tracking.runlog.summary import RunSummary

NO_REASON = "no reason was kept"
_LAST_LINE = 1 << 16
"""Bytes from the end of a log in which its last line is looked for."""
MOST_READ = 1 << 24
"""Bytes from the end of a log in which its traceback is looked for."""


AT_ONCE = 32
"""Runs whose catalogs are asked for together before the first of them is looked at."""


class FailureSource(CatalogHome, Protocol):
    """What failures need of a store; see `magnus_tracking.stores.Store`."""

    def load(self, run_id: str) -> RunLog:
        """The full run log of a run."""

    def home_of(self, run_id: str) -> CatalogHome:
        """Where the catalog of a run is."""

    def bring_catalogs(self, run_ids: Iterable[str]) -> None:
        """Start fetching the catalog files of runs."""


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """One attempt that failed, and why.

    Attributes:
        run_id: of which run.
        step: internal name of the step; `name` is its own. Both are empty where the run failed and no step of it did.
        attempt: its number; None where the step failed without an attempt.
        exception: the type's name; None without a traceback.
        message: what it said, else the attempt's message, else that no reason was kept.
        signature: what attempts of the same cause have in common.
        frame: the innermost place in the user's code, where a traceback was kept.
        log: the execution log that shows it, and `line` the 0-based line at which its traceback begins there.
        started, ended: naive local times; what never ended has begun with the earliest attempt in it.
        source: where the reason comes from: ``log`` is the last line of a shell step's log.
        passed_later: whether a later attempt of the step passed.
        last_sign: of what never ended, the newest time in it, else in the run; None for an attempt that ended.
    """

    run_id: str
    step: str
    name: str
    attempt: int | None
    exception: str | None
    message: str
    signature: str
    frame: Frame | None
    log: Path | None
    line: int | None
    started: datetime | None
    ended: datetime | None
    source: Literal["traceback", "log", "message", "none"]
    passed_later: bool
    last_sign: datetime | None = None

    @property
    def seen(self) -> datetime | None:
        """When it ended, or was last heard of."""
        return self.ended or self.last_sign


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Failed attempts of the same cause, the latest first.

    Attributes:
        signature: what they have in common.
        exception: the type's name, None without a traceback.
        message: of the latest.
        attempts: the failed attempts; a run or step that failed without one stands for itself.
        first_seen, last_seen: when the first and the last of them ended; of what never ended, its last sign of life.
        inferred: whether none of them ended, so that these times are signs of life.
        steps: internal names of the steps, `runs` ids of the runs, each in the order of first sight.
        still_failing: whether the last run of a pipeline that ended failed so.
    """

    signature: str
    exception: str | None
    message: str
    attempts: tuple[FailedAttempt, ...]
    first_seen: datetime | None
    last_seen: datetime | None
    steps: tuple[str, ...]
    runs: tuple[str, ...]
    still_failing: bool
    inferred: bool

    @property
    def count(self) -> int:
        """How many attempts, or runs and steps without one, failed so."""
        return len(self.attempts)


def may_have_failures(run: RunSummary) -> bool:
    """Whether a run has to be opened to know its failed attempts."""
    failed = run.status == "FAIL" or run.steps.failed > 0 or run.failing_step is not None
    return run.error is None and (failed or run.retries > 0)


def failures_of_run(run: RunLog, home: CatalogHome, run_id: str | None = None) -> list[FailedAttempt]:
    """Every failed attempt of the leaf steps of a run, in the order of the log; without any, what made the run fail.

    Args:
        run: the run.
        home: where the catalog is.
        run_id: the name of the run's file or folder, if it differs from the id in the log.
    """
    logs = RunLogs(run, home, run_id)
    failed: list[FailedAttempt] = []
    failure = failure_of(run)
    composite = [failure.step] if failure is not None and not failure.reason and not failure.step.is_leaf else []
    for step in [*leaf_steps(run), *composite]:
        passed = max((place for place, one in enumerate(step.attempts) if one.status == "SUCCESS"), default=-1)
        attempts: list[tuple[StepAttempt | None, bool]] = [
            (attempt, place < passed) for place, attempt in enumerate(step.attempts) if attempt.status == "FAIL"
        ]
        if not attempts and step.status == "FAIL":
            attempts = [(None, False)]
        failed += [
            _failed(run, step, attempt, logs, run_id or run.run_id, passed_later=later) for attempt, later in attempts
        ]
    if failure is not None and failure.reason:
        failed.append(_never_ended(run, failure, logs, run_id or run.run_id))
    unknown = why_unknown(run.status, failure, top_steps(run).values())
    if unknown is not None:
        failed.append(_without_step(run, unknown, run_id or run.run_id))
    return failed


def _failed(
    run: RunLog, step: StepLog, attempt: StepAttempt | None, logs: RunLogs, run_id: str, *, passed_later: bool
) -> FailedAttempt:
    reason = reason_of(run, step, attempt, logs)
    cause = reason.cause
    said = reason.last_line or ((attempt.message if attempt else "") or step.message).strip()
    number = attempt.attempt_number if attempt else None
    message = cause.message if cause else said or NO_REASON
    exception = cause.exception if cause else None
    return FailedAttempt(
        run_id=run_id,
        step=step.internal_name,
        name=step.name,
        attempt=number,
        exception=exception,
        message=message,
        signature=signature_of(exception, message) if cause or said else f"{NO_REASON}: {step.name}",
        frame=cause.frame if cause else None,
        log=reason.log,
        line=cause.line if cause else None,
        started=parse_time(attempt.start_time) if attempt else None,
        ended=parse_time(attempt.end_time) if attempt else None,
        source="traceback" if cause else "log" if reason.last_line else "message" if said else "none",
        passed_later=passed_later,
    )


def _never_ended(run: RunLog, failure: Failure[StepLog], logs: RunLogs, run_id: str) -> FailedAttempt:
    """The failure of a run in which no step failed; the log of what ran last tells most of it."""
    found = logs.of(failure.step).logs
    return FailedAttempt(
        run_id=run_id,
        step=failure.name,
        name=failure.name,
        attempt=None,
        exception=None,
        message=failure.reason,
        signature=failure.reason,
        frame=None,
        log=found[-1].path if found else None,
        line=None,
        started=failure.started,
        ended=None,
        source="message",
        passed_later=False,
        last_sign=_newest([failure.step]) or _newest(top_steps(run).values()),
    )


def _without_step(run: RunLog, reason: str, run_id: str) -> FailedAttempt:
    """The failure of a run in which nothing failed and all that began has ended."""
    return FailedAttempt(
        run_id=run_id,
        step="",
        name="",
        attempt=None,
        exception=None,
        message=reason,
        signature=reason,
        frame=None,
        log=None,
        line=None,
        started=None,
        ended=_newest(top_steps(run).values()),
        source="message",
        passed_later=False,
    )


def _newest(steps: Iterable[StepLog]) -> datetime | None:
    return max(filter(None, span(walk_steps(steps))), default=None)


@dataclass(frozen=True, slots=True)
class Reason:
    """What the execution log of a failed attempt says.

    Attributes:
        cause: the exception, where a traceback was kept.
        last_line: without one, the last line of what a shell step of runnable printed.
        log: the log that shows it; the last one where none does, None where there is none.
    """

    cause: Cause | None = None
    last_line: str | None = None
    log: Path | None = None

    def __str__(self) -> str:
        return str(self.cause) if self.cause else self.last_line or ""


def reason_of(run: RunLog, step: StepLog, attempt: StepAttempt | None, of_run: RunLogs) -> Reason:
    """What the execution log of a failed attempt says.

    Args:
        run: the run.
        step: one of its steps.
        attempt: the attempt that failed; None where the step failed without one.
        of_run: the execution logs of the run.
    """
    cause, log = _cause(step, attempt, of_run)
    return Reason(cause, None if cause else _last_line(run, step, log), log)


def _cause(step: StepLog, attempt: StepAttempt | None, of_run: RunLogs) -> tuple[Cause | None, Path | None]:
    logs = of_run.of(step).of_attempt(attempt.attempt_number if attempt else None)
    for log in reversed(logs):
        try:
            text = read_log(log.path, MOST_READ)
            cause = cause_in(text.lines)
            above = lines_before(log.path, text.skipped) if cause else 0
        except CatalogError:
            continue
        if cause is not None:
            return replace(cause, line=cause.line + above, end=cause.end + above), log.path
    return None, logs[-1].path if logs else None


def _last_line(run: RunLog, step: StepLog, log: Path | None) -> str | None:
    """The last line of a log that is not empty, where it is a failed shell step's of runnable; else None.

    runnable prints what such a step wrote to standard error at the end of the log, unmarked, with a comma behind it.
    That comma tells a shell step where the log does not: runnable 0.24 kept no definition of its jobs.
    """
    kind = definitions(run).of(step.internal_name).command_type
    if log is None or kind not in ("shell", "") or engine_of(run) != "runnable":
        return None
    try:
        lines = read_log(log, _LAST_LINE).lines
    except CatalogError:
        return None
    last = next((line.strip() for line in reversed(lines) if line.strip().strip(",")), "")
    if not kind and not last.endswith(","):
        return None
    return last.removesuffix(",").rstrip() or None


def silence_of(run: RunLog, step: StepLog, attempt: int | None, of_run: RunLogs) -> str | None:
    """Why a failed step's logs show no reason, in words for the user; None where they do, or nothing failed.

    Args:
        run: the run.
        step: one of its steps.
        attempt: the number of the attempt that is asked about; None for any.
        of_run: the execution logs of the run.
    """
    failed = [one for one in step.attempts if one.status == "FAIL" and attempt in (None, one.attempt_number)]
    if not failed or any(str(reason_of(run, step, one, of_run)) for one in failed):
        return None
    return f"no traceback: {why_silent(run, step)}"


def why_silent(run: RunLog, step: StepLog) -> str:
    """Why the execution log of a failed step gives no reason: what the engine keeps of such a step, in words.

    runnable (0.50), and our own recorder, keep the standard error of shell steps; magnus (0.5.1) does not.
    """
    kind = definitions(run).of(step.internal_name).command_type
    if kind == "shell" and engine_of(run) != "magnus":
        return "the execution log shows none"
    return f"the engine kept no error output of this {kind + ' ' if kind else ''}step"


def failures_of_store(
    store: FailureSource,
    summaries: Iterable[RunSummary],
    load: Callable[[str], RunLog] | None = None,
) -> Iterator[FailedAttempt]:
    """Every failed attempt of the runs, opening only the runs that can have one.

    Args:
        store: opens runs.
        summaries: the runs to look at.
        load: opens a run in another way than the store does; no values of metrics are looked at.
    """
    load = load or store.load
    looked_at = [summary for summary in summaries if may_have_failures(summary)]
    for place, summary in enumerate(looked_at):
        if not place % AT_ONCE:
            store.bring_catalogs(one.run_id for one in looked_at[place : place + AT_ONCE])
        try:
            with ReadingRun(summary.path):
                found = list(failures_of_run(load(summary.run_id), store.home_of(summary.run_id), summary.run_id))
        except MagnusTrackingError:
            continue
        yield from found


def group(failed: Iterable[FailedAttempt], latest: Set[str]) -> list[FailureGroup]:
    """Failed attempts by cause: the cause with most attempts first, then the one seen last.

    Args:
        failed: the attempts.
        latest: the last run of each pipeline that ended; see `latest_runs`.
    """
    groups: dict[str, list[FailedAttempt]] = {}
    for attempt in failed:
        groups.setdefault(attempt.signature, []).append(attempt)
    made = [_group(signature, attempts, latest) for signature, attempts in groups.items()]
    made.sort(key=lambda group: group.signature)
    made.sort(key=lambda group: (group.count, group.last_seen or datetime.min), reverse=True)
    return made


def _group(signature: str, attempts: list[FailedAttempt], latest: Set[str]) -> FailureGroup:
    attempts.sort(key=lambda attempt: attempt.seen or datetime.min, reverse=True)
    times = [attempt.seen for attempt in attempts if attempt.seen]
    return FailureGroup(
        signature=signature,
        exception=attempts[0].exception,
        message=attempts[0].message,
        attempts=tuple(attempts),
        first_seen=min(times, default=None),
        last_seen=max(times, default=None),
        steps=tuple(dict.fromkeys(attempt.step for attempt in reversed(attempts) if attempt.step)),
        runs=tuple(dict.fromkeys(attempt.run_id for attempt in reversed(attempts))),
        still_failing=any(attempt.run_id in latest and not attempt.passed_later for attempt in attempts),
        inferred=bool(times) and not any(attempt.ended for attempt in attempts),
    )


def latest_runs(summaries: Iterable[RunSummary]) -> set[str]:
    """The last run of each pipeline that ended; a run whose pipeline is not known is its own.

    Args:
        summaries: all runs of the store.
    """
    latest: dict[str, tuple[datetime, str]] = {}
    for run in summaries:
        if run.error is not None or not run.is_finished:
            continue
        pipeline = run.pipeline or f"\x00{run.run_id}"
        started = run.started or datetime.min
        if pipeline not in latest or started > latest[pipeline][0]:
            latest[pipeline] = (started, run.run_id)
    return {run_id for _, run_id in latest.values()}
