"""A run for a person: what became of it, its tree of steps, its parameters and metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from magnus_tracking.metrics import Series, last_series, unwrap
from magnus_tracking.models import RunLog, StepAttempt, StepLog
from magnus_tracking.summary import MetricSummary, RunSummary
from magnus_tracking.times import parse_time, seconds_between
from magnus_tracking.tree import failing_attempt, failing_step, walk
from magnus_tui import format as formats
from magnus_tui.cli.opening import Opened
from magnus_tui.cli.output import Column, Line, markdown_cell, markdown_table, terminal_width
from magnus_tui.cli.run_columns import state_of, style_of
from magnus_tui.cli.tables import layout
from magnus_tui.text import clean


@dataclass(frozen=True)
class StepRow:
    """A line of a run's tree: a step, or one attempt of a step that has several.

    Attributes:
        step: the step.
        depth: how deep it lies, 0 at the top.
        attempt: the attempt that the line is about; None for a step that has none, or several.
        is_attempt: whether the line stands below its step's own.
    """

    step: StepLog
    depth: int
    attempt: StepAttempt | None
    is_attempt: bool = False

    @property
    def state(self) -> str:
        """The status of the attempt or the step, or that the step was skipped."""
        if self.is_attempt and self.attempt is not None:
            return self.attempt.status
        return "SKIPPED" if self.step.mock else self.step.status

    @property
    def attempts(self) -> Sequence[StepAttempt]:
        """The attempts whose time the line shows."""
        return self.step.attempts if self.attempt is None else [self.attempt]

    @property
    def message(self) -> str | None:
        """What the attempt said, else what the step says."""
        return (self.attempt.message if self.attempt else "") or ("" if self.is_attempt else self.step.message) or None


def attempt_rows(log: RunLog) -> Iterator[StepRow]:
    """Every attempt of every step in the order of the log; a step without attempts has a row too."""
    for node in walk(log):
        attempts: Sequence[StepAttempt | None] = node.step.attempts or [None]
        yield from (StepRow(node.step, node.depth, attempt) for attempt in attempts)


def tree_rows(log: RunLog, planned: Sequence[str]) -> Iterator[StepRow]:
    """The lines of a run's tree; the steps that are `planned` and have not begun come last."""
    for node in walk(log):
        attempts = node.step.attempts
        yield StepRow(node.step, node.depth, attempts[0] if len(attempts) == 1 else None)
        if len(attempts) > 1:
            yield from (StepRow(node.step, node.depth + 1, attempt, is_attempt=True) for attempt in attempts)
    for name in planned:
        if name not in log.steps:
            yield StepRow(StepLog(name=name, internal_name=name, status="PLANNED", step_type="planned"), 0, None)


def row_seconds(row: StepRow) -> float | None:
    """How long the attempts of a line took together, or None where the log has no attempt with both times."""
    spans = [seconds for seconds in map(attempt_seconds, row.attempts) if seconds is not None]
    return sum(spans) if spans else None


def attempt_seconds(attempt: StepAttempt | None) -> float | None:
    """How long an attempt took, or None where the log has not both of its times."""
    return seconds_between(_start(attempt), _end(attempt))


def _start(attempt: StepAttempt | None) -> datetime | None:
    return parse_time(attempt.start_time) if attempt else None


def _end(attempt: StepAttempt | None) -> datetime | None:
    return parse_time(attempt.end_time) if attempt else None


def _first_start(row: StepRow) -> datetime | None:
    return _start(row.attempts[0]) if row.attempts else None


STEP_COLUMNS = (
    Column[StepRow]("step", lambda row: row.step.internal_name),
    Column[StepRow]("type", lambda row: row.step.step_type),
    Column[StepRow]("status", lambda row: row.step.status),
    Column[StepRow]("mock", lambda row: row.step.mock),
    Column[StepRow]("attempt", lambda row: row.attempt.attempt_number if row.attempt else None),
    Column[StepRow]("attempt_status", lambda row: row.attempt.status if row.attempt else None),
    Column[StepRow]("started", lambda row: _start(row.attempt)),
    Column[StepRow]("ended", lambda row: _end(row.attempt)),
    Column[StepRow]("duration", lambda row: attempt_seconds(row.attempt)),
    Column[StepRow]("message", lambda row: row.message),
)
"""What CSV holds of each attempt."""


def _tree_name(row: StepRow) -> str:
    if row.is_attempt and row.attempt is not None:
        name = f"attempt {row.attempt.attempt_number}"
    else:
        name = clean(row.step.internal_name if row.depth == 0 else _below_parent(row))
    retried = f" {formats.glyph('RETRIED')}" if len(row.attempts) > 1 else ""
    return "  " * row.depth + f"{formats.glyph(row.state)} {name}{retried}"


def _below_parent(row: StepRow) -> str:
    """The branch and the step, without the path that the lines above already show."""
    parts = row.step.internal_name.split(".")
    return " › ".join(parts[-2:])


_TREE_COLUMNS = (
    Column[StepRow]("steps", lambda row: row, show=_tree_name, style=lambda row: style_of(row.state), stays=True),
    Column[StepRow]("type", lambda row: None if row.is_attempt else row.step.step_type),
    Column[StepRow]("started", _first_start, show=formats.clock),
    Column[StepRow]("took", row_seconds, show=formats.duration, right=True, stays=True),
    Column[StepRow]("message", lambda row: row.message, shrinks=True, stays=True),
)

_Parameter = tuple[str, Any]
_PARAMETER_COLUMNS = (
    Column[_Parameter]("parameter", lambda item: item[0], stays=True),
    Column[_Parameter]("value", lambda item: item[1], show=formats.value, shrinks=True, stays=True),
)

_Metric = tuple[str, Series, MetricSummary]


def _number(value: Any) -> str:
    return formats.DASH if value is None else formats.value(value)


_METRIC_COLUMNS = (
    Column[_Metric]("metric", lambda item: item[0], stays=True),
    Column[_Metric]("last", lambda item: item[2].last, show=formats.value, right=True, stays=True, shrinks=True),
    Column[_Metric]("min", lambda item: item[2].min, show=_number, right=True),
    Column[_Metric]("max", lambda item: item[2].max, show=_number, right=True),
    Column[_Metric]("mean", lambda item: item[2].mean, show=_number, right=True),
    Column[_Metric]("points", lambda item: item[2].count, right=True),
    Column[_Metric]("NaN", lambda item: item[2].nans or None, show=lambda nans: str(nans or ""), right=True),
    Column[_Metric]("step", lambda item: item[1].step),
)


class Overview:
    """One run, ready to be written as lines or as Markdown."""

    def __init__(self, opened: Opened, summary: RunSummary, log: RunLog) -> None:
        self._opened = opened
        self._summary = summary
        self._log = log
        self._state = state_of(opened, summary)
        self._steps = list(tree_rows(log, () if summary.is_finished else summary.planned))
        self._parameters = [(name, unwrap(value)) for name, value in log.parameters.items()]
        last = last_series(log)
        self._metrics = [(name, last[name], metric) for name, metric in summary.metrics.items() if name in last]

    def _facts(self) -> Iterator[tuple[str, str]]:
        """What is known of the run as a whole, by name."""
        run = self._summary
        yield "status", f"{formats.glyph(self._state)} {formats.value(self._state)}{self._remark()}"
        yield "engine", run.engine
        for name, text in (("tag", run.tag), ("re-run of", run.original_run_id), ("pipeline", run.dag_hash)):
            if text:
                yield name, clean(text)
        mark = "~" if run.started_inferred else ""
        yield "started", mark + formats.date_time(run.started)
        if run.ended is not None:
            yield "ended", formats.date_time(run.ended)
        yield "took", formats.duration(self._opened.duration(run))
        steps = run.steps
        skipped = f", {steps.skipped} skipped" if steps.skipped else ""
        failed = f", {steps.failed} failed" if steps.failed else ""
        yield "steps", f"{steps.succeeded} of {steps.total} succeeded{failed}{skipped}"
        yield (
            "attempts",
            f"{run.attempts}" + (f", {formats.count(run.retries, 'retry', 'retries')}" if run.retries else ""),
        )
        if run.commit:
            yield "code", clean(run.commit) + (" with uncommitted changes" if run.dirty else "")
        yield from self._failure()

    def _remark(self) -> str:
        if self._summary.recovered:
            return " (recovered from a failure)"
        return "" if self._state == self._summary.status else f" (the log says {clean(self._summary.status)})"

    def _failure(self) -> Iterator[tuple[str, str]]:
        step = failing_step(self._log)
        if step is None:
            return
        attempt = failing_attempt(step)
        number = f", attempt {attempt.attempt_number} of {len(step.attempts)}" if attempt else ""
        yield "failing step", clean(step.internal_name) + number
        yield "message", formats.value(self._summary.message or "no reason was kept")

    def lines(self) -> Iterator[Line]:
        """The run as lines, with a blank one between its parts."""
        width = terminal_width()
        yield [(clean(self._log.run_id), "bold")]
        for name, text in self._facts():
            yield [(f"{name:<13}", "dim"), (text, style_of(self._state) if name in ("status", "message") else "")]
        yield []
        yield from layout(_TREE_COLUMNS, self._steps, width)
        if self._parameters:
            yield []
            yield from layout(_PARAMETER_COLUMNS, self._parameters, width)
        if self._metrics:
            yield []
            yield from layout(_METRIC_COLUMNS, self._metrics, width)

    def markdown(self) -> str:
        """The run as a Markdown page of tables."""
        facts = [Column[tuple[str, str]]("fact", lambda item: item[0], " "), _FACT]
        parts = [f"# {markdown_cell(self._log.run_id)}\n", markdown_table(facts, list(self._facts()))]
        parts.append(markdown_table(STEP_COLUMNS, list(attempt_rows(self._log))))
        if self._parameters:
            parts.append(markdown_table(_PARAMETER_COLUMNS, self._parameters))
        if self._metrics:
            parts.append(markdown_table(_METRIC_COLUMNS, self._metrics))
        return "\n".join(parts)


_FACT = Column[tuple[str, str]]("value", lambda item: item[1], " ")
