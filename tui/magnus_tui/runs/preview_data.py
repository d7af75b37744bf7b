"""What the preview shows of a run beyond its row; read in a worker, since it opens the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from magnus_tracking.analysis.failures import reason_of
from magnus_tracking.runlog.elapsed import step_took
from magnus_tracking.runlog.failing import failing_attempt
from magnus_tracking.runlog.metrics import last_of_series
from magnus_tracking.runlog.retries import retries_of
from magnus_tracking.runlog.step_kinds import status_of
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.runlog.tree import failure_of, leaf_steps, walk
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.sparkline import draw_sparkline
from magnus_tui.feed.feed import Feed
from magnus_tui.format.text import short_step
from magnus_tui.runs.preview_pane import MetricLine, RunDetails, StepLine

if TYPE_CHECKING:
    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import RunLog

_SPARKLINE_CELLS = (16, 8, 4)
"""Widths of which the preview takes the first that leaves room for the number behind it."""
_LARGEST = 8_000_000
"""Bytes of a run log above which the preview leaves it unopened: its row says enough."""


def read_details(feed: Feed, summary: RunSummary) -> RunDetails:
    """The steps, cause and curves of a run.

    Raises:
        RunNotFoundError: the run is gone.
        UnreadableRunError: its files can't be understood.
    """
    reruns = tuple(feed.reruns_of(summary.run_id))
    if summary.size > _LARGEST:
        return RunDetails(summary.run_id, rerun_by=reruns)
    with feed.reading(summary.run_id):
        return _details(feed, summary, reruns)


def _sparklines(series: Series) -> tuple[Text, ...]:
    curve = PreparedSeries.of(series)
    return tuple(draw_sparkline(curve, cells) for cells in _SPARKLINE_CELLS)


def _details(feed: Feed, summary: RunSummary, reruns: tuple[str, ...]) -> RunDetails:
    opened = feed.open_run(summary.run_id)
    run = opened.run
    cause, place = _cause(feed, run, summary.run_id)
    curves = last_of_series(leaf_steps(run), opened.series)
    return RunDetails(
        run_id=summary.run_id,
        steps=_steps(run),
        cause=cause,
        place=place,
        metrics=tuple(
            MetricLine(name, _sparklines(series), series.last)
            for name, series in curves.items()
            if len(series.values) > 1 and series.is_curve
        ),
        rerun_by=reruns,
    )


def _steps(run: RunLog) -> tuple[StepLine, ...]:
    return tuple(
        StepLine(
            depth=node.depth,
            state=status_of(node.step),
            name=short_step(node.step.internal_name) if node.depth else node.step.name,
            seconds=step_took(node.step.attempts),
            retries=retries_of(node.step),
        )
        for node in walk(run)
        if not node.step.is_terminal
    )


def _cause(feed: Feed, run: RunLog, run_id: str) -> tuple[str | None, str | None]:
    failure = failure_of(run)
    if failure is None or failure.reason:
        return failure.reason if failure else None, None
    reason = reason_of(run, failure.step, failing_attempt(failure.step), feed.logs_of(run, run_id))
    frame = reason.cause.frame if reason.cause else None
    return str(reason) or None, str(frame) if frame else None
