"""The curves of the run or group under the cursor and of marked runs; read in a worker, since it opens the runs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.runlog.metrics import last_of_series
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.runlog.times import in_ms
from magnus_tracking.runlog.tree import leaf_steps
from magnus_tui.charts.overlays import Overlay, overlays_of
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.feed.feed import Feed
from magnus_tui.format import count
from magnus_tui.format.text import clean

MOST = 200
"""Runs that are drawn at most."""
_KEPT = MOST + 50
"""Runs whose curves are kept, so that another run under the cursor costs that run alone."""


@dataclass(frozen=True, slots=True)
class _RunCurves:
    """What was read of a run.

    Attributes:
        curves: by metric, what has numbers at several steps.
        has_metrics: whether it tracked any metric.
        problem: why it can't be read; None if it can.
    """

    curves: Mapping[str, PreparedSeries] = field(default_factory=dict)
    has_metrics: bool = False
    problem: str | None = None


_Found = tuple[tuple[int, int], list[tuple[str, _RunCurves]]]
"""How many runs are marked, and how many the group has, with what was read of each run."""


@dataclass(frozen=True, slots=True)
class ShownCurves:
    """The curves of some runs.

    Attributes:
        names: the runs whose curves are shown.
        overlays: by metric, their curves.
        note: what else is to be said, in a few words.
        empty: why there is nothing to be shown.
    """

    names: Sequence[str] = ()
    overlays: Sequence[Overlay] = ()
    note: str = ""
    empty: str = ""


class CurvesReader:
    """Reads the curves of runs, and keeps those of finished ones.

    Args:
        feed: the door to the core.
    """

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._kept: OrderedDict[tuple[str, int, int], _RunCurves] = OrderedDict()
        self._order: list[str] = []
        self._last: _Found | None = None

    def read(
        self,
        marked: frozenset[str],
        current: RunSummary | Sequence[int],
        listed: Sequence[int],
        goes_on: Callable[[], bool],
    ) -> ShownCurves | None:
        """The curves of the marked runs, in the order in which they were marked, and then of what is under the cursor.

        Args:
            marked: ids of the marked runs.
            current: the run under the cursor, or the row ids of the runs of the group.
            listed: the row ids of the list, by whose order runs are sorted that were marked at once.
            goes_on: asked before each run; what was read until then is kept.

        Returns:
            None where it was given up, or nothing changed since the last time.
        """
        known = [run_id for run_id in self._order if run_id in marked]
        self._order = known + self._feed.in_order(listed, marked.difference(known))
        runs = self._feed.summaries(self._order[:MOST])
        beside = [current] if isinstance(current, RunSummary) else self._feed.rows(current[:MOST])
        among = {run.run_id for run in runs}
        beside = [run for run in beside if run.run_id not in among]
        runs += beside if isinstance(current, RunSummary) else beside[: MOST - len(runs)]
        found = []
        for run in runs:
            if not goes_on():
                return None
            found.append((run.run_id, self._curves_of(run)))
        grouped = 0 if isinstance(current, RunSummary) else len(current)
        before, self._last = self._last, ((len(marked), grouped), found)
        return _shown(found, len(marked), grouped) if not _same(before, self._last) else None

    def _curves_of(self, run: RunSummary) -> _RunCurves:
        if run.error is not None:
            return _RunCurves(problem=run.error)
        key = (run.run_id, run.size, run.mtime_ns)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._read(run)
            if run.is_finished and kept.problem is None:
                self._kept[key] = kept
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return kept

    def _read(self, run: RunSummary) -> _RunCurves:
        try:
            with self._feed.opener.reading(run.run_id):
                opened = self._feed.opener.open_run(run.run_id)
                found = last_of_series(leaf_steps(opened.run), opened.series)
        except MagnusTrackingError as error:
            return _RunCurves(problem=str(error))
        began = None if run.started is None else in_ms(run.started)
        curves = {
            metric: PreparedSeries.of(series, run.run_id, began).ready(zoomed=False)
            for metric, series in found.items()
            if len(series.values) > 1 and series.is_curve
        }
        return _RunCurves(curves, bool(found))


def _same(before: _Found | None, now: _Found) -> bool:
    """Whether the same was read of the same runs."""
    if before is None or before[0] != now[0] or len(before[1]) != len(now[1]):
        return False
    pairs = zip(before[1], now[1], strict=True)
    return all(name == other and read is again for (name, read), (other, again) in pairs)


def _shown(found: Sequence[tuple[str, _RunCurves]], marked: int, grouped: int) -> ShownCurves:
    if len(found) == 1 and found[0][1].problem is not None:
        return ShownCurves((found[0][0],), empty=f"this run can't be read: {clean(found[0][1].problem)}")
    names = [name for name, _ in found]
    overlays = overlays_of(names, [read.curves for _, read in found])
    unread = sum(read.problem is not None for _, read in found)
    notes = [f"{count(unread, 'run')} can't be read"] if unread else []
    if marked > MOST:
        notes.append(f"the first {MOST} of {marked:,} marked runs")
    elif grouped > MOST:
        notes.append(f"the first {len(found):,} of {grouped:,} runs of the group")
    return ShownCurves(names, overlays, " · ".join(notes), _why_empty([read for _, read in found]))


def _why_empty(found: Sequence[_RunCurves]) -> str:
    if not found:
        return "no run under the cursor"
    which = "this run has" if len(found) == 1 else "these runs have"
    if any(read.has_metrics for read in found):
        return f"{which} no metric with more than one value"
    return f"{which} tracked no metrics: track_this(loss=…) in a step records one"
