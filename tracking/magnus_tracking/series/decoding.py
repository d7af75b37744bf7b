"""The series of a run from its outline, their numbers in arrays."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Raw

from magnus_tracking.runlog.metrics import Points, Series, flatten, is_step_indexed, unwrap
from magnus_tracking.runlog.outline import AttemptOutline, RunOutline, StepOutline, decode_value
from magnus_tracking.runlog.step_kinds import is_leaf
from magnus_tracking.runlog.steps import walk_steps
from magnus_tracking.runlog.tracked_beside import Beside
from magnus_tracking.series.numbers import NumbersReader, compact, compact_indexes

WORTH_IT = 4096
"""Bytes of a metric's text above which it is decoded as a list."""

_WRAPPER = re.compile(rb'{\s*"kind"\s*:\s*"(?:json|metric)"\s*,\s*"value"\s*:\s*(?={)')
_WRAPPER_END = re.compile(rb'(?<=})\s*(?:,\s*"description"\s*:\s*"[^"\\]*"\s*)?}$')
_END = 4096


def series_of_outline(run: RunOutline) -> list[Series]:
    """Every series of the run, as `magnus_tracking.runlog.metrics.series_of_run` gives them, its numbers in arrays."""
    return _all_series(run, _Reader({}))


def series_of_split(run: RunOutline, long_metrics: Mapping[str, Points]) -> list[Series] | None:
    """The same, where long metrics were read before.

    Args:
        run: the outline of the run.
        long_metrics: those, by the text that is in their place.

    Returns:
        None where some of these are not metrics of a step.
    """
    reader = _Reader(long_metrics)
    series = _all_series(run, reader)
    return series if reader.taken == long_metrics.keys() else None


def series_with(
    run: RunOutline, long_metrics: Mapping[str, Points], live: Mapping[int, Mapping[str, Points]]
) -> list[Series]:
    """Every series of a run: what its log holds, and over it what its journals hold.

    Args:
        run: the outline of the run log.
        long_metrics: see `series_of_split`.
        live: what the journals hold, as `magnus_tracking.journal.overlays.by_part` gives it.
    """
    return _all_series(run, _Reader(long_metrics, live))


def continued(known: Points | None, more: Points) -> Points:
    """Points, with more of the same metric behind them; of one index, the last value counts."""
    if known is None:
        return more
    whole = Points.of([*known.indexes, *more.indexes], [*known.values, *more.values])
    repeated = min((one.repeated for one in (known, more, whole) if one.repeated is not None), default=None)
    return Points(compact_indexes(whole.indexes), compact(whole.values), repeated)


def _all_series(run: RunOutline, reader: _Reader) -> list[Series]:
    return [series for step in walk_steps(run.top_steps) if is_leaf(step) for series in reader.series_of_step(step)]


class _Reader:
    """Reads the metrics of one run.

    Attributes:
        taken: which of the metrics that were read before have been met.
    """

    def __init__(
        self, long_metrics: Mapping[str, Points], live: Mapping[int, Mapping[str, Points]] | None = None
    ) -> None:
        self.taken: set[str] = set()
        self._long_metrics = long_metrics
        self._live = live or {}
        self._numbers = NumbersReader()

    def series_of_step(self, step: StepOutline) -> Iterator[Series]:
        """The series of one step, as `magnus_tracking.runlog.metrics.series_of_step` gives them."""
        last: Mapping[str, Points] = {}
        last_text: Mapping[str, Raw] = {}
        for attempt in step.attempts:
            last_text = attempt.user_defined_metrics or {}
            last = self._live_points(attempt, last_text) or self._points(last_text)
            for name, points in last.items():
                yield points.series(step.internal_name, attempt.attempt_number, name)
        own = step.user_defined_metrics or {}
        live = self._live_points(step, own)
        if live is last or (live is None and own and _same_text(own, last_text)):
            return
        for name, points in (live or self._points(own)).items():
            if name not in last or not _equal(last[name], points):
                yield points.series(step.internal_name, None, name)

    def _live_points(self, part: StepOutline | AttemptOutline, own: Mapping[str, Raw]) -> Mapping[str, Points] | None:
        """What journals hold of a step or attempt, with what its log holds where both stand beside one another."""
        live = self._live.get(id(part))
        if not own or not isinstance(live, Beside):
            return live
        points = self._points(live.others_in(own))
        for name, more in live.items():
            points[name] = continued(points.get(name), more)
        return points

    def _points(self, metrics: Mapping[str, Raw]) -> dict[str, Points]:
        """Indexes and values of every metric, by its dotted name."""
        points: dict[str, Points] = {}
        for name, raw in metrics.items():
            text = memoryview(raw)
            quick = self._numbers.read(_unwrapped(text)) if text.nbytes > WORTH_IT else None
            if quick is not None:
                points[name] = continued(points.get(name), quick)
                continue
            try:
                value = decode_value(raw)
            except (msgspec.DecodeError, RecursionError):
                continue
            value = unwrap(value)
            may_be_long = bool(self._long_metrics) and not is_step_indexed(value)
            for leaf, flat in flatten({name: value}).items():
                long = self._take(flat.values[0]) if may_be_long else None
                short = Points(compact_indexes(flat.indexes), compact(flat.values), flat.repeated)
                points[leaf] = continued(points.get(leaf), long or short)
        return points

    def _take(self, value: Any) -> Points | None:
        if type(value) is not str or value not in self._long_metrics:
            return None
        self.taken.add(value)
        return self._long_metrics[value]


def _unwrapped(text: memoryview) -> memoryview:
    """What runnable's wrapper holds; other text as it is."""
    start = _WRAPPER.match(text)
    end = _WRAPPER_END.search(text, max(len(text) - _END, 0)) if start else None
    return text[start.end() : end.start()] if start and end else text


def _same_text(left: Mapping[str, Raw], right: Mapping[str, Raw]) -> bool:
    return left.keys() == right.keys() and all(bytes(left[name]) == bytes(right[name]) for name in left)


def _equal(left: Points, right: Points) -> bool:
    if not _same_indexes(left.indexes, right.indexes) or len(left.values) != len(right.values):
        return False
    ours, theirs = left.values, right.values
    if isinstance(ours, array) and isinstance(theirs, array) and ours.typecode == theirs.typecode:
        return ours.tobytes() == theirs.tobytes() or _equal_values(ours, theirs)
    return _equal_values(ours, theirs)


def _same_indexes(left: Sequence[int], right: Sequence[int]) -> bool:
    if isinstance(left, range) and isinstance(right, range):
        return left == right
    return tuple(left) == tuple(right)


def _equal_values(left: Sequence[Any], right: Sequence[Any]) -> bool:
    return all(a == b or (a != a and b != b) for a, b in zip(left, right, strict=True))
