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
from magnus_tracking.journal.overlays import Tracked, by_part, lay_over, merge_stored
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
        if not tracked:
            self._journals.forget(handle.run_id)
            return summarize(handle, outline, FULL_DETAIL)
        live = by_part(lay_over(outline, tracked), lambda metrics: metrics.names, _summaries)
        outline.journal_time = max(filter(None, (one.last_sign for one in tracked)), default=None)
        return summarize(handle, outline, detail_of(outline), live=live)


def _summaries(metrics: Sequence[_Metrics]) -> dict[str, MetricSummary]:
    """Summarise what several journals of one part hold, by dotted name.

    Every value is needed of a metric that two of them track, and of metrics that share a dotted name, as ``a.b`` and
    the ``b`` of ``a`` do.
    """
    found = [(name, summaries) for one in metrics for name, summaries in one.summaries().items()]
    journals = Counter(name for name, _ in found)
    leaves = Counter(leaf for _, summaries in found for leaf in summaries)
    shared = {name for name, of_name in found if journals[name] > 1 or any(leaves[leaf] > 1 for leaf in of_name)}
    summaries = {leaf: one for name, of_name in found if name not in shared for leaf, one in of_name.items()}
    if shared:
        folds = [one.read_whole(shared).items() for one in metrics]
        stored = merge_stored([{name: fold.metrics()[name] for name, fold in one} for one in folds])
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

    def __bool__(self) -> bool:
        return bool(self._metrics)

    def summaries(self) -> dict[str, dict[str, MetricSummary]]:
        """Summarise each metric, by its name and by dotted name."""
        if self._went_back:
            self._metrics.update(self.read_whole(self._went_back))
            self._went_back = set()
        return {
            name: metric.summaries(name)
            if isinstance(metric, RunningMetric)
            else {leaf: summarize_values(points.values) for leaf, points in flatten(metric.metrics()).items()}
            for name, metric in self._metrics.items()
        }

    @property
    def names(self) -> Set[str]:
        """What was tracked, by name."""
        return self._metrics.keys()

    def read_whole(self, names: set[str]) -> dict[str, Fold]:
        """Every value of some metrics. What is appended meanwhile is taken in again, which changes nothing."""
        # Imported with the first live run: see `LiveJournal`.
        from magnus_tracking.journal.fold import Fold
        from magnus_tracking.journal.reader import JournalReader

        folds = {name: Fold() for name in self._metrics if name in names}
        for records in JournalReader(self._path).read_all():
            for record in records:
                if record.metric in folds:
                    folds[record.metric].add((record,))
        return folds
