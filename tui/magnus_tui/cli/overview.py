"""A run for a person: what became of it, its tree of steps, its parameters and metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from magnus_tracking.analysis.failures import NO_REASON, reason_of
from magnus_tracking.analysis.timeline import timeline_of
from magnus_tracking.logs.locate import RunLogs
from magnus_tracking.runlog.failing import failing_attempt
from magnus_tracking.runlog.metrics import Series, last_of_series, unwrap_all
from magnus_tracking.runlog.models import RunLog
from magnus_tracking.runlog.summary import MetricSummary, RunSummary
from magnus_tracking.runlog.tree import failure_of, leaf_steps
from magnus_tui import format as formats
from magnus_tui.cli.attempt_rows import ATTEMPT_COLUMNS, attempt_rows
from magnus_tui.cli.output import terminal_width
from magnus_tui.cli.run_columns import state_of, style_of
from magnus_tui.cli.step_facts import fact_lines
from magnus_tui.cli.store_access import Opened
from magnus_tui.cli.tables import layout
from magnus_tui.cli.timeline_rows import LEGEND, bar_columns, bars_with_planned
from magnus_tui.format import side_by_side
from magnus_tui.format.repeated_steps import repeated_steps
from magnus_tui.format.step_counts import step_counts
from magnus_tui.format.table_columns import Column, Line, inferred_time
from magnus_tui.format.text import clean
from magnus_tui.format.written import markdown_cell, markdown_lines, plain


def _in_full(value: Any) -> str:
    """A parameter to its last digit."""
    return "null" if value is None else clean(plain(value))


_Parameter = tuple[str, Any]
_PARAMETER_COLUMNS = (
    Column[_Parameter]("parameter", lambda item: item[0], show_beside=side_by_side.strings_apart, stays=True),
    Column[_Parameter]("value", lambda item: item[1], show=_in_full, shrinks=True, stays=True),
)

_Metric = tuple[str, Series, MetricSummary]


def _beside(name: str) -> Callable[[_Metric], str]:
    """Return the text of one of a metric's numbers, with the digits that tell it from the others in its row."""

    def text(item: _Metric) -> str:
        row = [item[2].last, item[2].min, item[2].max, item[2].mean]
        place = ("last", "min", "max", "mean").index(name)
        if row[place] is None and name != "last":
            return formats.DASH
        known = [place for place, value in enumerate(row) if value is not None or place == 0]
        return side_by_side.tracked([row[one] for one in known], 4)[known.index(place)]

    return text


_METRIC_COLUMNS = (
    Column[_Metric]("metric", lambda item: item[0], show_beside=side_by_side.strings_apart, stays=True),
    Column[_Metric]("last", _beside("last"), right=True, stays=True, shrinks=True),
    Column[_Metric]("min", _beside("min"), right=True),
    Column[_Metric]("max", _beside("max"), right=True),
    Column[_Metric]("mean", _beside("mean"), right=True),
    Column[_Metric]("points", lambda item: item[2].count, right=True),
    Column[_Metric]("NaN", lambda item: item[2].nans or None, show=lambda nans: str(nans or ""), right=True),
    Column[_Metric]("step", lambda item: item[1].step, show_beside=side_by_side.strings_apart),
)


class Overview:
    """One run, ready to be written as lines or as Markdown."""

    def __init__(self, opened: Opened, summary: RunSummary, log: RunLog, series: Sequence[Series]) -> None:
        self._opened = opened
        self._summary = summary
        self._log = log
        self._state = state_of(opened, summary)
        self._timeline = timeline_of(log, opened.until(summary), summary.started, opened.liveness(summary))
        self._bars = bars_with_planned(self._timeline, log, () if summary.is_finished else summary.planned)
        self._parameters = list(unwrap_all(log.parameters).items())
        last = last_of_series(leaf_steps(log), series)
        self._metrics = [(name, last[name], metric) for name, metric in summary.metrics.items() if name in last]
        self._repeated = repeated_steps(series)

    def _facts(self) -> Iterator[tuple[str, str]]:
        """What is known of the run as a whole, by name."""
        run = self._summary
        yield "status", f"{formats.glyph(self._state)} {formats.value(self._state)}{self._remark()}"
        yield "engine", run.engine
        pipeline = run.dag_hash or run.script
        for name, text in (("tag", run.tag), ("re-run of", run.original_run_id), ("pipeline", pipeline)):
            if text:
                yield name, clean(text)
        yield "started", inferred_time((run.started, run.started_inferred))
        if run.ended is not None:
            yield "ended", formats.date_time(run.ended)
        taken = self._opened.took(run)
        yield "took", formats.took(taken) + (f" · {clean(taken.note)}" if taken.note else "")
        yield "steps", step_counts(run)
        yield (
            "attempts",
            f"{run.attempts:,}" + (f", {formats.count(run.retries, 'retry', 'retries')}" if run.retries else ""),
        )
        if run.commit:
            yield "code", clean(run.commit) + (" with uncommitted changes" if run.dirty else "")
        yield from self._failure()

    def _remark(self) -> str:
        if self._summary.recovered:
            return " (recovered from a failure)"
        return "" if self._state == self._summary.status else f" (the log says {clean(self._summary.status)})"

    def _failure(self) -> Iterator[tuple[str, str]]:
        """The failing step, and why it failed; nothing where none did."""
        failure = failure_of(self._log)
        if failure is None:
            if self._summary.message:
                yield "message", self._summary.message
            return
        step = failure.step
        attempt = failing_attempt(step)
        number = f", attempt {attempt.attempt_number:,} of {len(step.attempts):,}" if attempt else ""
        yield "failing step", clean(failure.name) + number
        if failure.reason:
            yield "message", failure.reason
            return
        reason = reason_of(self._log, step, attempt, RunLogs(self._log, self._opened.store, self._summary.run_id))
        said = self._summary.message
        if str(reason):
            yield "cause", formats.value(str(reason))
        if said or not str(reason):
            yield "message", formats.value(said or NO_REASON)

    def lines(self) -> Iterator[Line]:
        """The run as lines, with a blank one between its parts."""
        width = terminal_width()
        yield [(clean(self._log.run_id), "bold")]
        for name, text in self._facts():
            yield [
                (f"{name:<13}", "dim"),
                (text, style_of(self._state) if name in ("status", "cause", "message") else ""),
            ]
        yield []
        yield from layout(bar_columns(self._timeline, width), self._bars, width)
        if self._timeline.seconds:
            yield [(LEGEND, "dim")]
        yield from fact_lines(self._log, self._timeline, self._summary, width)
        if self._parameters:
            yield []
            yield from layout(_PARAMETER_COLUMNS, self._parameters, width)
        if self._metrics:
            yield []
            yield from layout(_METRIC_COLUMNS, self._metrics, width)
        for said in self._repeated:
            yield [(said, "yellow")]

    def markdown(self) -> Iterator[str]:
        """The run as a Markdown page of tables, in parts."""
        facts = [Column[tuple[str, str]]("fact", lambda item: item[0], " "), _FACT]
        yield f"# {markdown_cell(self._log.run_id)}\n\n"
        yield from markdown_lines(facts, self._facts())
        yield "\n"
        yield from markdown_lines(ATTEMPT_COLUMNS, attempt_rows(self._log))
        if self._parameters:
            yield "\n"
            yield from markdown_lines(_PARAMETER_COLUMNS, self._parameters)
        if self._metrics:
            yield "\n"
            yield from markdown_lines(_METRIC_COLUMNS, self._metrics)
        for said in self._repeated:
            yield f"\n{markdown_cell(said)}\n"


_FACT = Column[tuple[str, str]]("value", lambda item: item[1], " ")
