"""Runs in flight, read again and again: from their journals only what is new since the last time is read.

What a journal has tracked is kept as one small accumulator a metric, so that memory does not grow with the values,
unless its steps go back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.index.running import RunningMetric
from magnus_tracking.journal.places import find_journals
from magnus_tracking.runlog.metric_summary import FULL_DETAIL, MetricSummary, summarize_values
from magnus_tracking.runlog.metrics import flatten
from magnus_tracking.runlog.outline import StepOutline
from magnus_tracking.runlog.summary import RunSummary, summarize, walk_outline
from magnus_tracking.runlog.times import local_time
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tracking.stores import RunHandle, Store
from magnus_tracking.stores.boundary import ReadingRun

if TYPE_CHECKING:
    from magnus_tracking.journal import Header, Record
    from magnus_tracking.journal.fold import Fold

_ATTEMPT = "attempt"


class InFlightRuns:
    """The runs of a store that were seen in flight, with how far their journals have been read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._journals: dict[str, dict[Path, _Journal]] = {}

    def summarize(self, handle: RunHandle) -> RunSummary:
        """The run in one row, with what it has tracked until now.

        Journals are read before the run log: an attempt that ends in between is in one of them at least. Without
        them the file changes seldom, so that all of its metrics are summarised completely, however long they are.
        """
        try:
            with ReadingRun(handle.path):
                return self._summarize(handle)
        except UnreadableRunError:
            self._journals.pop(handle.run_id, None)
            return self._store.summarize(handle)

    def _summarize(self, handle: RunHandle) -> RunSummary:
        paths = find_journals(self._store.root, handle.run_id)
        known = self._journals.pop(handle.run_id, {})
        journals = {path: known.get(path) or _Journal(path) for path in paths}
        for journal in journals.values():
            journal.read_on()
        outline = handle.format.outline(handle)
        if not paths or outline.status in FINAL_STATUSES:
            return summarize(handle, outline, FULL_DETAIL)
        self._journals[handle.run_id] = journals
        live: dict[int, dict[str, MetricSummary]] = {}
        steps = {step.internal_name: step for step in walk_outline(outline)}
        for journal in journals.values():
            if journal.header is not None and journal.header.kind == _ATTEMPT:
                _lay_over(steps, journal.header, journal.metrics(), live)
        outline.journal_time = _newest(paths)
        return summarize(handle, outline, live=live)


def _lay_over(
    steps: Mapping[str, StepOutline],
    header: Header,
    metrics: dict[str, MetricSummary],
    live: dict[int, dict[str, MetricSummary]],
) -> None:
    """Lay the metrics of one journal over the running attempt that they belong to, as `journal.overlay` does."""
    step = steps.get(header.step)
    if step is None or not metrics:
        return
    if not step.attempts:
        live[id(step)] = metrics
        return
    attempt = next((attempt for attempt in step.attempts if attempt.attempt_number == header.attempt), None)
    if attempt is None or attempt.status in FINAL_STATUSES:
        return
    live[id(attempt)] = metrics
    if attempt is step.attempts[-1]:
        live[id(step)] = metrics


def _newest(paths: Sequence[Path]) -> datetime | None:
    times = []
    for path in paths:
        try:
            times.append(path.stat().st_mtime)
        except OSError:
            # Folded into the run log a moment ago.
            continue
    return local_time(max(times)) if times else None


class _Journal:
    """One journal, as far as it was read."""

    def __init__(self, path: Path) -> None:
        from magnus_tracking.journal import JournalReader

        self._path = path
        self._reader = JournalReader(path)
        self._metrics: dict[str, RunningMetric | Fold] = {}

    @property
    def header(self) -> Header | None:
        """What the journal is about, once that was read."""
        return self._reader.header

    def read_on(self) -> None:
        """Take in what was appended."""
        whole: set[str] = set()
        for records in self._reader.read_all():
            whole |= self._add(records)
        if whole:
            self._metrics.update(self._read_whole(whole))

    def metrics(self) -> dict[str, MetricSummary]:
        """Each metric in a few numbers, by dotted name."""
        summaries: dict[str, MetricSummary] = {}
        for name, metric in self._metrics.items():
            if isinstance(metric, RunningMetric):
                summaries.update(metric.summaries(name))
            else:
                for leaf, (_, values) in flatten(metric.metrics()).items():
                    summaries[leaf] = summarize_values(values)
        return summaries

    def _add(self, records: Iterable[Record]) -> set[str]:
        """Take in records; the metrics whose steps went back, of which every value is needed."""
        went_back = set()
        metrics = self._metrics
        for record in records:
            name, step, value = record
            metric = metrics.get(name)
            if metric is None:
                metric = metrics[name] = RunningMetric()
            if not isinstance(metric, RunningMetric):
                metric.add((record,))
            elif not metric.add(step, value):
                went_back.add(name)
        return went_back

    def _read_whole(self, names: set[str]) -> dict[str, Fold]:
        """Every value of some metrics. What is appended meanwhile is taken in again, which changes nothing."""
        from magnus_tracking.journal import JournalReader
        from magnus_tracking.journal.fold import Fold

        folds = {name: Fold() for name in names}
        for records in JournalReader(self._path).read_all():
            for record in records:
                if record.metric in folds:
                    folds[record.metric].add((record,))
        return folds
