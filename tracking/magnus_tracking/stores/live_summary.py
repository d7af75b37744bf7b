"""A run in one row, with what its journals hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.journal.overlays import by_part, lay_over, merge_stored, raise_unless_ended
from magnus_tracking.journal.reader import read_in_flight
from magnus_tracking.runlog.metric_summary import DEFAULT_DETAIL, FULL_DETAIL, Detail, MetricSummary, summarize_values
from magnus_tracking.runlog.metrics import flatten
from magnus_tracking.runlog.outline import RunOutline
from magnus_tracking.runlog.summary import RunSummary, summarize
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tracking.stores.formats import RunHandle


def summarize_in_flight(handle: RunHandle, root: Path) -> RunSummary:
    """Summarise a run with what its journals hold.

    Args:
        handle: the run.
        root: the folder that holds the run logs.

    Raises:
        UnreadableRunError: the run's files or journals can't be understood.
    """
    problem, journals = None, []
    try:
        journals = read_in_flight(root, handle.run_id)
    except UnreadableRunError as error:
        problem = error
    outline = handle.format.outline(handle)
    raise_unless_ended(problem, outline.status)
    if not journals:
        return summarize(handle, outline, FULL_DETAIL)
    outline.journal_time = max(filter(None, (journal.last_sign for journal in journals)), default=None)
    live = by_part(lay_over(outline, journals), dict[str, object].keys, _summaries)
    return summarize(handle, outline, detail_of(outline), live=live)


def detail_of(outline: RunOutline) -> Detail:
    """How much of the metrics in the log is worked out: all where the log does not change any more."""
    return FULL_DETAIL if outline.status in FINAL_STATUSES else DEFAULT_DETAIL


def _summaries(metrics: Sequence[dict[str, object]]) -> dict[str, MetricSummary]:
    return {name: summarize_values(points.values) for name, points in flatten(merge_stored(metrics)).items()}
