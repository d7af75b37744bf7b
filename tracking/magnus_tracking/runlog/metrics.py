"""From `user_defined_metrics` to series, and back.

A metric tracked at step 0 only is stored bare, one tracked at several steps as ``{"0": …, "1": …}``: an object all of
whose keys are integers is step-indexed, any other object is a nested value whose leaves are named with dots. Objects
at the steps of a step-indexed metric are nested values in turn.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from operator import lt
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from magnus_tracking.runlog.elapsed import by_end
from magnus_tracking.runlog.numbers_in_text import NUMBER_TYPES, index_of, is_index, measured
from magnus_tracking.runlog.tree import leaf_steps

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import RunLog, StepAttempt, StepLog

_ONCE = (0,)
_TEXTS = frozenset({str, type(None)})
_WRAPPER_KINDS = frozenset({"json", "metric", "object"})


class Blocks(Struct, frozen=True):
    """What is known of the blocks of a series.

    Attributes:
        not_finite: positions of values that are not finite, ascending.
        least: the least finite value of each block, the last of which may be shorter; infinity without one.
        most: likewise the greatest; minus infinity without one.
    """

    not_finite: Sequence[int]
    least: Sequence[float]
    most: Sequence[float]


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one metric of one step (and attempt) over its step indexes.

    Attributes:
        step: the internal name of the step of the pipeline that tracked it.
        attempt: the number of the attempt, or None where the engine keeps metrics on the step.
        name: the metric's name, with dots for nested values.
        indexes: step indexes, ascending; ``(0,)`` for a value that was tracked once.
        values: one value an index: any JSON value that is not an object, or an empty object.
            Numbers may be in an array.
        blocks: the least and the greatest of every few values, where they have been worked out; no part of what
            series are compared by.
        times: when each value was tracked, where that is known of some: naive local time in milliseconds since 1970,
            or `magnus_tracking.runlog.times.UNKNOWN`; no part of what series are compared by, either.
        repeated: see `Points`; no part of what series are compared by, either.
    """

    step: str
    attempt: int | None
    name: str
    indexes: Sequence[int]
    values: Sequence[Any]
    blocks: Blocks | None = field(default=None, compare=False, repr=False)
    times: Sequence[int] | None = field(default=None, compare=False, repr=False)
    repeated: int | None = field(default=None, compare=False, repr=False)

    @property
    def is_curve(self) -> bool:
        """Whether some value counts as a number."""
        return isinstance(self.values, array) or any(measured(value) is not None for value in self.values)

    @property
    def numbers(self) -> Sequence[float]:
        """One number a value: NaN where it counts as none, which is a gap in the curve."""
        return numbers_of(self.values)

    @property
    def last(self) -> Any:
        """The last value, of a curve as the number that it counts as: see `last_place`."""
        value = self.values[last_place(self.values)]
        number = measured(value)
        return value if number is None else number


def numbers_of(values: Sequence[Any]) -> Sequence[float]:
    """Values as numbers, with NaN for those that count as none; the values themselves where all are numbers."""
    if isinstance(values, array) or set(map(type, values)) <= NUMBER_TYPES:
        return values
    return [math.nan if (number := measured(value)) is None else number for value in values]


def last_place(values: Sequence[Any]) -> int:
    """The position of the last value of a series.

    It is the last that counts as a number; without one, the last that is not null; without any, that at the end.

    Args:
        values: in the order of their indexes, at least one.
    """
    end = len(values) - 1
    if isinstance(values, array) or values[end].__class__ in NUMBER_TYPES:
        return end
    backwards = range(end, -1, -1)
    if holds_numbers(values):
        return next(place for place in backwards if measured(values[place]) is not None)
    return next((place for place in backwards if values[place] is not None), end)


def holds_numbers(values: Sequence[Any]) -> bool:
    """Whether some of the values count as numbers."""
    # Texts repeat, and looking at each of a series of 300 took a fifth of the time to summarise a run.
    distinct = set(values) if set(map(type, values)) <= _TEXTS else values
    return any(measured(value) is not None for value in distinct)


def is_number(value: object) -> bool:
    """Whether `value` is an int or a float, NaN and infinities included, and no boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_nan(value: object) -> bool:
    """Whether `value` is the float NaN."""
    return isinstance(value, float) and math.isnan(value)


def unwrap(value: Any) -> Any:
    """The value of a runnable parameter or metric (``{"kind", "value", …}``); any other value as it is.

    An object that runnable pickled is named by its `value`; it is never loaded.
    """
    if isinstance(value, dict) and "value" in value:
        kind = value.get("kind")
        if isinstance(kind, str) and kind in _WRAPPER_KINDS:
            return value["value"]
    return value


def unwrap_all(values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters or metrics by name, without runnable's wrappers."""
    if dict not in map(type, values.values()):
        return dict(values)
    return {name: unwrap(value) for name, value in values.items()}


def inputs_of(attempt: StepAttempt) -> dict[str, Any]:
    """The parameters that an attempt started with, as either engine names them, without runnable's wrappers."""
    return unwrap_all(attempt.parameters or attempt.input_parameters)


def is_step_indexed(value: object) -> bool:
    """Whether `value` is an object, not empty, all of whose keys are integers."""
    return isinstance(value, dict) and bool(value) and all(map(is_index, value))


class Points(NamedTuple):
    """The values of a metric by step index.

    Attributes:
        indexes: ascending.
        values: one an index.
        repeated: the least step index of which the log has several values, written as ``1``, ``01`` and ``1.0`` or
            under names that are one with dots; the last of these values counts. None without one.
    """

    indexes: Sequence[int]
    values: Sequence[Any]
    repeated: int | None = None

    @classmethod
    def of(cls, indexes: Sequence[int], values: Sequence[Any]) -> Points:
        """The points of indexes in the order of the log, perhaps repeated."""
        latest = dict(zip(indexes, values, strict=True))
        ascending = tuple(sorted(latest))
        return cls(ascending, tuple([latest[index] for index in ascending]), least_repeated(indexes, len(latest)))

    def series(self, step: str, attempt: int | None, name: str) -> Series:
        """These points as the series of a step, and of an attempt of it."""
        return Series(step, attempt, name, self.indexes, self.values, repeated=self.repeated)


def least_repeated(indexes: Sequence[int], distinct: int) -> int | None:
    """The least of `indexes` that is there again, where only so many are distinct; None without one."""
    if distinct == len(indexes):
        return None
    return min(index for index, times in Counter(indexes).items() if times > 1)


def flatten(metrics: Mapping[str, Any]) -> dict[str, Points]:
    """The points of every metric in a `user_defined_metrics`, by its dotted name."""
    if dict not in map(type, metrics.values()):
        # Nearly all metrics of a run of very many steps were tracked once.
        return {name: Points(_ONCE, (value,)) for name, value in metrics.items()}
    found: dict[str, Points | tuple[list[int], list[Any]]] = {}

    def points(name: str) -> tuple[list[int], list[Any]]:
        known = found.get(name)
        if known is None or isinstance(known, Points):
            # A name that is there again continues the series.
            known = found[name] = ([], []) if known is None else (list(known.indexes), list(known.values))
        return known

    for name, wrapped in metrics.items():
        value = unwrap(wrapped)
        if isinstance(value, dict) and value and dict not in set(map(type, value.values())):
            # Nearly all points of a run are such values.
            indexes = _ascending(tuple(value)) if len(value) <= _MOST_SHARED else None
            if indexes is not None and name not in found:
                found[name] = Points(indexes, tuple(value.values()))
                continue
            if is_step_indexed(value):
                at, values = points(name)
                at += map(index_of, value)
                values += value.values()
                continue
        for leaf, index, leaf_value in _points(name, value, None):
            at, values = points(leaf)
            at.append(index)
            values.append(leaf_value)
    return {name: known if isinstance(known, Points) else Points.of(*known) for name, known in found.items()}


_MOST_SHARED = 4096
"""The keys of a metric of up to so many steps are kept for the next metric, which often has the same ones."""


@lru_cache(16)
def _ascending(keys: tuple[str, ...]) -> tuple[int, ...] | None:
    """The step indexes that keys are, where each is greater than the one before.

    The metrics of a step, and of the runs of a pipeline, mostly share their keys: reading these anew took half of the
    time in which 200 runs are opened.
    """
    if not all(map(is_index, keys)):
        return None
    indexes = tuple(map(index_of, keys))
    return indexes if all(map(lt, indexes, islice(indexes, 1, None))) else None


def _points(name: str, value: Any, index: int | None) -> Iterator[tuple[str, int, Any]]:
    stack = [(name, value, index)]
    while stack:
        name, value, index = stack.pop()
        if index is None and is_step_indexed(value):
            stack.extend((name, unwrap(item), index_of(key)) for key, item in reversed(value.items()))
        elif isinstance(value, dict) and value:
            stack.extend((f"{name}.{key}", item, index) for key, item in reversed(value.items()))
        else:
            yield name, index or 0, value


def series_of_step(step: StepLog) -> list[Series]:
    """The series of one step: of its attempts in order, then what only the step itself has.

    What the step holds beside the same values on its last attempt is one series (see the tracking core, which writes
    a step's metrics on both).
    """
    series: list[Series] = []
    last: dict[str, Series] = {}
    for attempt in step.attempts:
        last = {}
        for name, points in flatten(attempt.user_defined_metrics).items():
            last[name] = points.series(step.internal_name, attempt.attempt_number, name)
        series.extend(last.values())
    for name, points in flatten(step.user_defined_metrics).items():
        same = last.get(name)
        if same is None or same.indexes != points.indexes or not _equal(same.values, points.values):
            series.append(points.series(step.internal_name, None, name))
    return series


def _equal(left: Sequence[Any], right: Sequence[Any]) -> bool:
    # One comparison of all is far quicker, and tells only where there is a NaN.
    return left == right or (
        len(left) == len(right) and all(a == b or (is_nan(a) and is_nan(b)) for a, b in zip(left, right, strict=True))
    )


def series_of_run(run: RunLog) -> list[Series]:
    """Every series of the run, by step in the order of the log."""
    return [series for step in leaf_steps(run) for series in series_of_step(step)]


def last_of_series(leaves: Sequence[StepLog], series: Iterable[Series]) -> dict[str, Series]:
    """By metric, the series that gives a run its value: of the latest attempt, of the leaf step that ended last.

    Args:
        leaves: the leaf steps, in the order of the log; they may lack the values.
        series: every series of theirs, those of one step in the order of its attempts.
    """
    by_step: dict[str, dict[str, Series]] = {}
    for one in series:
        by_step.setdefault(one.step, {})[one.name] = one
    chosen: dict[str, Series] = {}
    for step in by_end(leaves):
        chosen.update(by_step.get(step.internal_name, {}))
    return chosen
