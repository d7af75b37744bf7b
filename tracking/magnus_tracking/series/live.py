"""The series of runs in flight, read again and again: of journals only what is new, of other files what has changed."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.journal.live_journals import LiveJournals
from magnus_tracking.journal.overlays import Tracked, by_part, lay_over, merge_stored, overlay_run, raise_unless_ended
from magnus_tracking.runlog.metrics import Points, Series, flatten
from magnus_tracking.runlog.numbers_in_text import INDEX_LIMIT, reads_as_steps
from magnus_tracking.runlog.outline import RunOutline, decode_run
from magnus_tracking.runlog.times import UNKNOWN
from magnus_tracking.series.decoding import continued, series_of_split, series_with
from magnus_tracking.series.log_splitting import split_log
from magnus_tracking.series.numbers import compact, compact_indexes
from magnus_tracking.series.times import FAR_MS, Timed, read_times
from magnus_tracking.stores import RunHandle, Store
from magnus_tracking.stores.files import read_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from magnus_tracking.journal.format import Record
    from magnus_tracking.runlog.models import RunLog

T = TypeVar("T")

_MOST_RUNS = 4
"""Runs in flight whose series are kept: those that were looked at last."""

_SHOWN = 1000
"""Values of one metric above which a run log has a short text in their place."""


class _File(NamedTuple):
    """What the files of a run hold beside its journals, and of which state that is."""

    handle: RunHandle
    outline: RunOutline
    metrics: Mapping[str, Points]


class LiveSeries:
    """Gives the series of runs in flight; every method may be called from any thread.

    Args:
        store: where the runs are.
    """

    def __init__(self, store: Store) -> None:
        self._lock = threading.Lock()
        self._root = store.root
        self._journals = LiveJournals(store.root, _Metrics, _MOST_RUNS)
        self._files: dict[str, _File] = {}

    def read(self, handle: RunHandle) -> tuple[Series, ...] | None:
        """Every series of the run as it is now; None where its log alone holds them.

        Raises:
            UnreadableRunError: its files can't be understood.
        """
        with self._lock:
            tracked, problem = self._tracked(handle.run_id, lambda metrics: metrics)
            file = self._file(handle) if tracked or problem else None
            if file is None:
                return None
            raise_unless_ended(problem, file.outline.status)
            if not tracked:
                return None
            live = by_part(lay_over(file.outline, tracked), lambda metrics: metrics.tracked, _points)
            timed = [(one.header, one.metrics.timed()) for one in tracked]
        times = read_times(self._root, handle)
        for header, of_journal in timed:
            times.add_live(header, of_journal)
        return times.attach(series_with(file.outline, file.metrics, live))

    def run(self, handle: RunHandle) -> RunLog | None:
        """The run log as it is now, with a short text in the place of long metrics; None without journals.

        Raises:
            UnreadableRunError: its files can't be understood.
        """
        from magnus_tracking.stores.full_run import validate

        with self._lock:
            tracked, problem = self._tracked(handle.run_id, _Metrics.stored)
        if not tracked and problem is None:
            return None
        document = handle.format.document(handle)
        run = validate(handle.path, document)
        raise_unless_ended(problem, run.status)
        return validate(handle.path, overlay_run(document, tracked)) if tracked else run

    def _tracked(
        self, run_id: str, form: Callable[[_Metrics], T]
    ) -> tuple[list[Tracked[T]], UnreadableRunError | None]:
        """What the journals of a run hold, in some form; or why they can't be read, which an ended run ignores."""
        try:
            found = self._journals.read_on(run_id)
            return [Tracked(one.header, form(one.metrics), one.last_sign) for one in found if one.header], None
        except UnreadableRunError as error:
            return [], error
        finally:
            for other in [other for other in self._files if other not in self._journals]:
                del self._files[other]

    def _file(self, handle: RunHandle) -> _File:
        known = self._files.get(handle.run_id)
        if not handle.format.is_one_text:
            known = _File(handle, handle.format.outline(handle), {})
        elif known is None or known.handle != handle:
            known = read_as(handle.path, lambda data: _taken_in(handle, data))
        self._files[handle.run_id] = known
        return known


def _taken_in(handle: RunHandle, data: bytes) -> _File:
    split = split_log(data)
    outline = decode_run(split.text)
    if series_of_split(outline, split.metrics) is None:
        return _File(handle, decode_run(data), {})
    return _File(handle, outline, split.metrics)


class _Metrics:
    """The metrics of one journal, with all of their values.

    Attributes:
        tracked: the values by the name that they were tracked by.
    """

    def __init__(self, _path: Path) -> None:
        self.tracked: dict[str, _Tracked] = {}

    def __bool__(self) -> bool:
        return bool(self.tracked)

    def add(self, records: Iterable[Record]) -> None:
        """Take in records."""
        metrics = self.tracked
        for name, step, value, ms in records:
            tracked = metrics.get(name)
            if tracked is None:
                tracked = metrics[name] = _Tracked()
            tracked.add(step, value, ms)

    def timed(self) -> dict[str, Timed]:
        """Return when the values of every metric that has times were tracked, after the header's time."""
        timed = ((name, tracked.timed()) for name, tracked in self.tracked.items())
        return {name: times for name, times in timed if times is not None}

    def stored(self) -> dict[str, Any]:
        """Return the metrics as a run log stores them, a short text in the place of long ones."""
        return {name: tracked.stored() for name, tracked in self.tracked.items()}


def _points(metrics: Sequence[_Metrics]) -> dict[str, Points]:
    """Indexes and values of every metric that journals of one part hold, by its dotted name."""
    points: dict[str, Points] = {}
    for name in dict.fromkeys(name for one in metrics for name in one.tracked):
        for leaf, found in _united(name, [one.tracked[name] for one in metrics if name in one.tracked]).items():
            points[leaf] = continued(points.get(leaf), found)
    return points


def _united(name: str, journals: Sequence[_Tracked]) -> dict[str, Points]:
    """The points of a metric in several journals; of one index, the last value counts.

    Another journal tracks a step anew where an attempt is resumed, which is nothing to be said.
    """
    if len(journals) == 1:
        return journals[0].points(name)
    flat = flatten(merge_stored([{name: one.whole()} for one in journals]))
    return {leaf: _compacted(points) for leaf, points in flat.items()}


def _compacted(points: Points) -> Points:
    return Points(compact_indexes(points.indexes), compact(points.values), points.repeated)


class _Tracked:
    """The values of one metric, in the order in which they were tracked; as objects only where they are not numbers."""

    def __init__(self) -> None:
        self._indexes: array[int] | list[int] = array("q")
        self._values: array[Any] | list[Any] = array("d")
        self._times = array("q")
        self._has_times = False
        self._kind: type = float
        self._ascending = True
        self._nested = False

    def add(self, step: int, value: Any, ms: int | None) -> None:
        """Take in the next value, and when it was tracked."""
        if ms is not None and -FAR_MS < ms < FAR_MS:
            self._times.append(ms)
            self._has_times = True
        else:
            self._times.append(UNKNOWN)
        if self._indexes:
            self._ascending = self._ascending and step > self._indexes[-1]
        elif type(value) is int:
            self._values, self._kind = array("q"), int
        try:
            self._indexes.append(step)
        except OverflowError:
            self._indexes = [*self._indexes, step]
        if type(value) is not self._kind and isinstance(self._values, array):
            self._values = self._values.tolist()
        try:
            self._values.append(value)
        except OverflowError:
            self._values = [*self._values, value]
        self._nested = self._nested or type(value) is dict or not -INDEX_LIMIT < step < INDEX_LIMIT

    def points(self, name: str) -> dict[str, Points]:
        """Indexes and values, by the dotted names of what is nested in the values."""
        if self._nested:
            return {leaf: _compacted(points) for leaf, points in flatten({name: self.whole()}).items()}
        indexes, values = self._ordered()
        return {name: Points(compact_indexes(indexes), values[:] if isinstance(values, array) else compact(values))}

    def timed(self) -> Timed | None:
        """When the values were tracked, in milliseconds after the header's time; None where no time is known."""
        if not self._has_times:
            return None
        if self._ascending:
            return Timed(compact_indexes(self._indexes), self._times[:])
        latest = dict(zip(self._indexes, self._times, strict=True))
        indexes = sorted(latest)
        return Timed(compact_indexes(indexes), array("q", map(latest.__getitem__, indexes)))

    def stored(self) -> Any:
        """The metric as a run log stores it, or a short text."""
        if len(self._indexes) > _SHOWN:
            return f"{len(self._indexes)} values, shown as a series"
        return self.whole()

    def whole(self) -> Any:
        """The metric as a run log stores it."""
        indexes, values = self._ordered()
        if len(indexes) == 1 and indexes[0] == 0 and not reads_as_steps(values[0]):
            return values[0]
        return {str(index): value for index, value in zip(indexes, values, strict=True)}

    def _ordered(self) -> tuple[Sequence[int], Sequence[Any]]:
        """By ascending index; of an index that was tracked again the last value."""
        if self._ascending:
            return self._indexes, self._values
        latest = dict(zip(self._indexes, self._values, strict=True))
        indexes = sorted(latest)
        return indexes, compact([latest[index] for index in indexes])
