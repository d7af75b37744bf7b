"""A row for each attempt of a run: what `show` gives as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from magnus_tracking.runlog.elapsed import attempt_seconds
from magnus_tracking.runlog.models import RunLog, StepAttempt, StepLog
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.tree import walk
from magnus_tui.format.table_columns import Column


@dataclass(frozen=True)
class AttemptRow:
    """A step with one of its attempts, or with None where it has none."""

    step: StepLog
    attempt: StepAttempt | None

    @property
    def started(self) -> datetime | None:
        """When the attempt began."""
        return parse_time(self.attempt.start_time) if self.attempt else None

    @property
    def ended(self) -> datetime | None:
        """When it ended."""
        return parse_time(self.attempt.end_time) if self.attempt else None

    @property
    def message(self) -> str | None:
        """What the attempt said, else what the step says."""
        return (self.attempt.message if self.attempt else "") or self.step.message or None


def attempt_rows(log: RunLog) -> Iterator[AttemptRow]:
    """Every attempt of every step in the order of the log; a step without attempts has a row too."""
    for node in walk(log):
        attempts: Sequence[StepAttempt | None] = node.step.attempts or [None]
        yield from (AttemptRow(node.step, attempt) for attempt in attempts)


ATTEMPT_COLUMNS = (
    Column[AttemptRow]("step", lambda row: row.step.internal_name),
    Column[AttemptRow]("type", lambda row: row.step.step_type),
    Column[AttemptRow]("status", lambda row: row.step.status),
    Column[AttemptRow]("mock", lambda row: row.step.mock),
    Column[AttemptRow]("attempt", lambda row: row.attempt.attempt_number if row.attempt else None),
    Column[AttemptRow]("attempt_status", lambda row: row.attempt.status if row.attempt else None),
    Column[AttemptRow]("started", lambda row: row.started),
    Column[AttemptRow]("ended", lambda row: row.ended),
    Column[AttemptRow]("duration", lambda row: attempt_seconds(row.attempt) if row.attempt else None),
    Column[AttemptRow]("message", lambda row: row.message),
)
