"""What the preview shows of a run beyond its row; read in a worker, since it opens the run."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from rich.text import Text

from magnus_tracking.analysis.failures import NO_REASON, reason_of
from magnus_tracking.analysis.timeline import timeline_of
from magnus_tracking.runlog.failing import failing_attempt
from magnus_tracking.runlog.metrics import last_of_series
from magnus_tracking.runlog.retries import retries_of
from magnus_tracking.runlog.step_kinds import status_of
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.runlog.tree import failure_of, leaf_steps
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.sparkline import draw_sparkline
from magnus_tui.feed.feed import Feed
from magnus_tui.format.text import short_step
from magnus_tui.runs.preview_pane import MOST_METRICS, MetricLine, RunDetails, StepLine

if TYPE_CHECKING:
    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import RunLog

_SPARKLINE_CELLS = (16, 8, 4)
"""The preview takes the first of these widths that leaves room for the number behind it."""
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
    with feed.opener.reading(summary.run_id):
        return _details(feed, summary, reruns)


def _sparklines(series: Series) -> tuple[Text, ...]:
    curve = PreparedSeries.of(series)
    return tuple(draw_sparkline(curve, cells) for cells in _SPARKLINE_CELLS)


def _details(feed: Feed, summary: RunSummary, reruns: tuple[str, ...]) -> RunDetails:
    """Open a run for its steps, its cause and its curves."""
    opened = feed.opener.open_run(summary.run_id)
    run = opened.run
    cause, place = _cause(feed, run, summary)
    curves = last_of_series(leaf_steps(run), opened.series)
    listed = set(islice(summary.metrics, MOST_METRICS))
    return RunDetails(
        run_id=summary.run_id,
        steps=_steps(run, summary),
        cause=cause,
        place=place,
        metrics=tuple(
            MetricLine(name, _sparklines(series), series.last)
            for name, series in curves.items()
            if name in listed and len(series.values) > 1 and series.is_curve
        ),
        rerun_by=reruns,
    )


def _steps(run: RunLog, summary: RunSummary) -> tuple[StepLine, ...]:
    return tuple(
        StepLine(
            depth=bar.depth // 2,
            state=status_of(bar.step),
            name=short_step(bar.key) if bar.depth else bar.step.name,
            bar=bar,
            retries=retries_of(bar.step),
        )
        for bar in timeline_of(run, started=summary.started).bars
        if bar.kind == "step" and bar.step is not None and not bar.step.is_terminal
    )


def _cause(feed: Feed, run: RunLog, summary: RunSummary) -> tuple[str | None, str | None]:
    failure = failure_of(run)
    if failure is None or failure.reason:
        return failure.reason if failure else None, None
    reason = reason_of(run, failure.step, failing_attempt(failure.step), feed.opener.logs_of(run, summary.run_id))
    frame = reason.cause.frame if reason.cause else None
    return str(reason) or summary.message or NO_REASON, str(frame) if frame else None
