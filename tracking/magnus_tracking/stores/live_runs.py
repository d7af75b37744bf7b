"""Live runs, read again and again: from their journals only what is new since the last time is read.

What a journal has tracked is kept as one small accumulator a metric, so that memory does not grow with the values,
unless its steps go back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.journal.live_journals import LiveJournals
from magnus_tracking.journal.overlays import Tracked, by_part, journals_count, lay_over, merge_stored
from magnus_tracking.runlog.live_metric_summary import RunningMetric
from magnus_tracking.runlog.metric_summary import FULL_DETAIL, MetricSummary, summarize_values
from magnus_tracking.runlog.metrics import flatten
from magnus_tracking.runlog.summary import RunSummary, summarize
from magnus_tracking.stores.formats import RunHandle
from magnus_tracking.stores.live_summary import detail_of
from magnus_tracking.stores.read_errors import ReadingRun
from magnus_tracking.stores.store import Store

if TYPE_CHECKING:
    from magnus_tracking.journal.fold import Fold
    from magnus_tracking.journal.format import Record


class LiveRuns:
    """The live runs of a store that have been read, with how far their journals have been read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._journals = LiveJournals(store.root, _Metrics)

    def summarize(self, handle: RunHandle) -> RunSummary:
        """The run in one row, with what it has tracked until now.

        Without journals the file changes seldom, so that all of its metrics are summarised completely, however long
        they are.
        """
        try:
            with ReadingRun(handle.path):
                return self._summarize(handle)
        except UnreadableRunError:
            self._journals.forget(handle.run_id)
            return self._store.summarize(handle)

    def _summarize(self, handle: RunHandle) -> RunSummary:
        journals = self._journals.read_on(handle.run_id)
        outline = handle.format.outline(handle)
        tracked = [Tracked(one.header, one.metrics, one.last_sign) for one in journals if one.header is not None]
        if not tracked or not journals_count(tracked, outline.status):
            self._journals.forget(handle.run_id)
            return summarize(handle, outline, FULL_DETAIL)
        live = by_part((part, _summaries(found), beside) for part, found, beside in lay_over(outline, tracked))
        outline.journal_time = max(filter(None, (one.last_sign for one in tracked)), default=None)
        return summarize(handle, outline, detail_of(outline), live=live)


def _summaries(metrics: Sequence[_Metrics]) -> dict[str, MetricSummary]:
    """Summarise what several journals of one part hold: every value of what two of them track."""
    summaries: dict[str, MetricSummary] = {}
    for one in metrics:
        summaries.update(one.summaries())
    shared = {name for name, times in Counter(name for one in metrics for name in one.names).items() if times > 1}
    if shared:
        folds = [{name: fold.metrics() for name, fold in one.read_whole(shared).items()} for one in metrics]
        stored = merge_stored([{name: value for fold in one.values() for name, value in fold.items()} for one in folds])
        for leaf, points in flatten(stored).items():
            summaries[leaf] = summarize_values(points.values)
    return summaries


class _Metrics:
    """The metrics of one journal in a few numbers each, and every value of those whose steps went back.

    Args:
        path: the journal.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._metrics: dict[str, RunningMetric | Fold] = {}
        self._went_back: set[str] = set()

    def add(self, records: Iterable[Record]) -> None:
        """Take in records."""
        metrics = self._metrics
        for record in records:
            name, step, value, _ = record
            metric = metrics.get(name)
            if metric is None:
                metric = metrics[name] = RunningMetric()
            if not isinstance(metric, RunningMetric):
                metric.add((record,))
            elif not metric.add(step, value):
                self._went_back.add(name)

    def summaries(self) -> dict[str, MetricSummary]:
        """Summarise each metric, by dotted name."""
        if self._went_back:
            self._metrics.update(self.read_whole(self._went_back))
            self._went_back = set()
        summaries: dict[str, MetricSummary] = {}
        for name, metric in self._metrics.items():
            if isinstance(metric, RunningMetric):
                summaries.update(metric.summaries(name))
            else:
                for leaf, points in flatten(metric.metrics()).items():
                    summaries[leaf] = summarize_values(points.values)
        return summaries

    @property
    def names(self) -> Set[str]:
        """What was tracked, by name."""
        return self._metrics.keys()

    def read_whole(self, names: set[str]) -> dict[str, Fold]:
        """Every value of some metrics. What is appended meanwhile is taken in again, which changes nothing."""
        # Imported with the first live run: see `LiveJournal`.
        from magnus_tracking.journal.fold import Fold
        from magnus_tracking.journal.reader import JournalReader

        folds = {name: Fold() for name in names}
        for records in JournalReader(self._path).read_all():
            for record in records:
                if record.metric in folds:
                    folds[record.metric].add((record,))
        return folds
