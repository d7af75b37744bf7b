"""A run in flight in one row, with what its journals hold."""

from __future__ import annotations

from pathlib import Path

from magnus_tracking.journal.live import newest_write
from magnus_tracking.journal.overlays import live_parts
from magnus_tracking.journal.reader import read_in_flight
from magnus_tracking.runlog.metric_summary import FULL_DETAIL, MetricSummary, summarize_values
from magnus_tracking.runlog.metrics import flatten
from magnus_tracking.runlog.summary import RunSummary, summarize
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tracking.stores.formats import RunHandle


def summarize_in_flight(handle: RunHandle, root: Path) -> RunSummary:
    """Summarise a run with what its running attempts have tracked so far.

    Args:
        handle: the run.
        root: the folder that holds the run logs.

    Raises:
        UnreadableRunError: the run's files or journals can't be understood.
    """
    journals = read_in_flight(root, handle.run_id)
    outline = handle.format.outline(handle)
    if outline.status in FINAL_STATUSES:
        return summarize(handle, outline, FULL_DETAIL)
    outline.journal_time = newest_write(root, handle.run_id)
    live = live_parts(outline, ((journal.header, _summaries(journal.metrics)) for journal in journals))
    return summarize(handle, outline, live=live)


def _summaries(metrics: dict[str, object]) -> dict[str, MetricSummary]:
    return {name: summarize_values(values) for name, (_, values) in flatten(metrics).items()}
