"""The execution logs of two attempts of one step, read and compared; called in worker threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from magnus_tracking.analysis.failures import MOST_READ
from magnus_tracking.logs.diff import DiffLine, diff_logs, with_context
from magnus_tracking.logs.locate import RunLogs
from magnus_tracking.logs.read import read_log
from magnus_tracking.runlog.models import StepLog

ALIKE = "≈"
_MARKS = {"same": " ", "removed": "-", "added": "+", "skipped": "┄"}


def mark_of(line: DiffLine) -> str:
    """What stands before a line: which of the logs has it; or that they are alike but for times and addresses."""
    return _MARKS[line.kind] if line.first is None else ALIKE


@dataclass(frozen=True, slots=True)
class LogComparison:
    """What differs between two logs.

    Attributes:
        lines: the differences with a few lines around each; empty where there are none, or a log is missing.
        statements: what there is to say of it: that they are alike, why one can't be compared, what was left out of
            account, what was inferred.
    """

    lines: tuple[DiffLine, ...]
    statements: tuple[str, ...] = ()


def compare_logs(step: StepLog, attempts: Sequence[int], run_logs: RunLogs) -> LogComparison:
    """Compare the execution logs of two attempts; times, dates and addresses are masked.

    Args:
        step: a leaf step of a run.
        attempts: the numbers of the two attempts.
        run_logs: the execution logs of the run.

    Raises:
        CatalogError: a log can't be read.
    """
    logs = run_logs.of(step)
    found = [logs.of_attempt(number) for number in attempts]
    for number, candidates in zip(attempts, found, strict=True):
        if not candidates:
            why = logs.statement or "none is known to be its own"
            return LogComparison((), (f"no log of attempt {number}: {why}",))
    first, second = (candidates[-1] for candidates in found)
    if first.path == second.path:
        return LogComparison((), ("both attempts wrote the same log, so that only the later one is there",))
    before, after = (read_log(log.path, MOST_READ).lines for log in (first, second))
    inferred = first.inferred or second.inferred
    lines = diff_logs(before, after)
    if all(line.kind == "same" for line in lines):
        return LogComparison((), ("the logs of both attempts are alike, apart from times and addresses",))
    shown = tuple(with_context(lines))
    said = []
    if any(line.first is not None for line in shown):
        said.append(f"{ALIKE} alike but for times and addresses, shown as the second has it")
    if inferred:
        said.append("which log belongs to which attempt is inferred")
    return LogComparison(shown, tuple(said))
