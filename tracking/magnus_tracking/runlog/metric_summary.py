"""The metrics of a run in a few numbers, without building what need not be built.

A metric of many steps is a long text in the run log. Its last value stands at the end of that text and is read from
there where the text is longer than the caller allows. What needs all values (minimum, maximum, mean, counts), which
few questions ask for, is left for the first of those where the caller says so.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from magnus_tracking.runlog.consecutive_steps import CountingSeries, SeriesValue
from magnus_tracking.runlog.metrics import flatten, holds_numbers, is_step_indexed, last_place, unwrap
from magnus_tracking.runlog.nan_marks import is_marked, unmark, unmark_all
from magnus_tracking.runlog.numbers_in_text import INDEX_LIMIT, MOST_DIGITS, NUMBER_TYPES, measured
from magnus_tracking.runlog.outline import AttemptOutline, StepOutline, decode_value
from magnus_tracking.runlog.tracked_beside import Beside

PROVISIONAL, LAST_ONLY, COMPLETE = range(3)
"""What is known of a metric: its last value as it seems; its last value; everything."""


class Detail(Struct, frozen=True, array_like=True):
    """How much of the metrics of a run is worked out.

    Attributes:
        from_end_above: bytes of a metric's text above which only its last value is read, from the end of the text.
        ranges: whether the minimum, maximum, mean and counts of series are worked out.
    """

    from_end_above: int = 1 << 20
    ranges: bool = True


DEFAULT_DETAIL = Detail()
FULL_DETAIL = Detail(sys.maxsize)

_COUNTING_SERIES = CountingSeries()
_SERIES = msgspec.json.Decoder(dict[int, SeriesValue])
_ODD_SERIES = msgspec.json.Decoder(dict[int, Any])
_FEW = 1000
"""Values that are quicker sorted than looked through for the least and for the greatest."""
_BRACE = ord("{")
_COUNTING = list(range(2048))
"""The indexes of most metrics, which costs less to look at than whether they ascend."""
_EXACT = 1 << 53
"""Up to here every integer is a float too."""
_END = 400
_MOST_PROBES = 24
_PROBE_EVERY = 1500
_PROBE = 200
_SCALAR = rb'(-?[0-9][0-9.eE+-]*|"(?:[^"\\]|\\u0000bare )*"|true|false|null)'
_KEY = rb'"(-?[0-9]{1,%d})"' % MOST_DIGITS
_ENTRY = re.compile(_KEY + rb"\s*:\s*" + _SCALAR + rb"\s*,")
_LAST = re.compile(_KEY + rb"\s*:\s*" + _SCALAR + rb"\s*}$")
_LAST_WRAPPED = re.compile(_KEY + rb"\s*:\s*" + _SCALAR + rb'\s*}\s*,\s*"description"\s*:\s*"[^"\\]*"\s*}$')
_START = re.compile(rb"{\s*" + _KEY)
_START_WRAPPED = re.compile(rb'{\s*"kind"\s*:\s*"(?:json|metric)"\s*,\s*"value"\s*:\s*{\s*' + _KEY)


class MetricSummary(Struct, frozen=True, gc=False, array_like=True):
    """A metric of a run in a few numbers.

    Attributes:
        last: the last value of the latest attempt, of the leaf step that ended last: see
            `magnus_tracking.runlog.metrics.Series.last`.
        min, max, mean: over the numbers of that series without NaN, or None where it has none; see `mean_of`.
        count: how many values the series has.
        nans: how many of them are NaN, or no numbers among numbers.
        depth: `COMPLETE`, or else min, max, mean, count and nans say nothing: `LAST_ONLY` where they were left out,
            `PROVISIONAL` where the run should soon be read again, as even the last value may be another.
    """

    last: Any = None
    min: int | float | None = None
    max: int | float | None = None
    mean: int | float | None = None
    count: int = 0
    nans: int = 0
    depth: int = COMPLETE


Live = Mapping[int, Mapping[str, MetricSummary]]
"""By the `id` of a step's or attempt's outline, what journals hold, in place of its log's metrics or beside them."""


def summarize_metrics(
    steps: Iterable[StepOutline], detail: Detail = DEFAULT_DETAIL, live: Live | None = None
) -> dict[str, MetricSummary]:
    """By metric, the latest attempt of the step that ended last among those that tracked it.

    Args:
        steps: the leaf steps, the one that ended last at the end.
        detail: how much is worked out.
        live: what is in journals.
    """
    chosen: dict[str, MetricSummary] = {}
    for step in steps:
        before: Mapping[str, Raw] | None = None
        owners: list[AttemptOutline | StepOutline] = [*step.attempts, step]
        for owner in owners:
            if live and (tracked := live.get(id(owner))) is not None:
                if isinstance(tracked, Beside) and owner.user_defined_metrics:
                    chosen.update(_summarize(tracked.others_in(owner.user_defined_metrics), detail))
                chosen.update(tracked)
                before = None
                continue
            metrics = owner.user_defined_metrics
            # The tracking core keeps the metrics of the last attempt on its step too.
            if metrics and metrics != before:
                chosen.update(_summarize(metrics, detail))
            before = metrics
    return dict(sorted(chosen.items())) if len(chosen) > 1 else chosen


def summarize_values(values: Sequence[Any]) -> MetricSummary:
    """The summary of a series from its values, in the order of their indexes."""
    numbers: Sequence[Any] = values
    if not set(map(type, values)) <= NUMBER_TYPES:
        found = map(measured, values) if holds_numbers(values) else ()
        numbers = [number for number in found if number is not None]
    if not numbers:
        return MetricSummary(values[last_place(values)], count=len(values))
    last, mean = numbers[-1], _quick_mean(numbers)
    if mean is None:
        # Only a NaN differs from itself.
        numbers = [value for value in numbers if value == value]
        mean = mean_of(numbers)
    return MetricSummary(
        last=last,
        min=min(numbers, default=None),
        max=max(numbers, default=None),
        mean=mean,
        count=len(values),
        nans=len(values) - len(numbers),
    )


def last_of(values: Sequence[Any]) -> MetricSummary:
    """The summary of a series whose last value alone is wanted."""
    last = values[last_place(values)]
    number = measured(last)
    return MetricSummary(last if number is None else number, depth=LAST_ONLY)


def _summarize(metrics: Mapping[str, Raw], detail: Detail) -> dict[str, MetricSummary]:
    summaries: dict[str, MetricSummary] = {}
    for name, metric in metrics.items():
        try:
            summary = _of_metric(metric, detail)
            found = {name: summary} if summary is not None else dict(_of_object(name, decode_value(metric)))
        except (msgspec.DecodeError, RecursionError):
            continue
        # ``a.b`` and the ``b`` of ``a`` are one series.
        if not summaries.keys().isdisjoint(found):
            return _of_united(metrics)
        summaries.update(found)
    return summaries


def _of_united(metrics: Mapping[str, Raw | MetricSummary]) -> dict[str, MetricSummary]:
    """The summaries of metrics some of which have one dotted name; of those summarised already, none has."""
    united: dict[str, MetricSummary] = {}
    decoded: dict[str, Any] = {}
    for name, metric in metrics.items():
        if isinstance(metric, MetricSummary):
            united[name] = metric
            continue
        with contextlib.suppress(msgspec.DecodeError, RecursionError):
            decoded[name] = decode_value(metric)
    return {**united, **{name: summarize_values(points.values) for name, points in flatten(decoded).items()}}


def _of_metric(metric: Raw | MetricSummary, detail: Detail) -> MetricSummary | None:
    """The summary of a metric of one value or of plain values by step; None for any other."""
    if isinstance(metric, MetricSummary):
        return metric
    return _of_series(metric, detail) if memoryview(metric)[0] == _BRACE else _of_one(decode_value(metric))


def _of_object(name: str, value: Any) -> Iterator[tuple[str, MetricSummary]]:
    """The summaries of a metric of any form, by dotted name."""
    value = unwrap(value)
    if type(value) is not dict:
        yield name, _of_one(value)
    elif dict in map(type, value.values()) or is_step_indexed(value) or not value:
        for leaf, points in flatten({name: value}).items():
            yield leaf, summarize_values(points.values)
    else:
        for key, item in value.items():
            yield f"{name}.{key}", _of_one(item)


def _of_one(value: Any) -> MetricSummary:
    """The summary of a single value that is not an object."""
    if type(value) not in NUMBER_TYPES:
        return MetricSummary(value, count=1) if measured(value) is None else summarize_values((value,))
    if -_EXACT <= value <= _EXACT:
        return MetricSummary(value, value, value, float(value), 1)
    return _of_numbers((value,)) or summarize_values((value,))


def _of_series(raw: Raw, detail: Detail) -> MetricSummary | None:
    """The summary of a step-indexed metric whose values are not objects; None for any other object."""
    text = memoryview(raw)
    if text.nbytes > detail.from_end_above and (probed := probe(raw)):
        return probed.summary
    try:
        values = _COUNTING_SERIES.read(raw) or _in_order(_SERIES.decode(raw))
    except msgspec.ValidationError:
        return _of_odd_series(raw) if _START.match(text) else None
    return _of_plain(values, detail, raw) if values else None


def _of_plain(values: Sequence[SeriesValue], detail: Detail, raw: Raw) -> MetricSummary:
    """The summary of values that may be marked as NaN or infinite.

    Args:
        values: in the order of their indexes.
        detail: how much is worked out.
        raw: their text.
    """
    only_last = not detail.ranges and len(values) > 1
    if only_last and (number := measured(unmark(values[-1]))) is not None:
        return MetricSummary(number, depth=LAST_ONLY)
    if not only_last and (summary := _of_numbers(values)) is not None:
        return summary
    found = unmark_all(values) if is_marked(raw) else values
    return last_of(found) if only_last else summarize_values(found)


def _of_odd_series(raw: Raw) -> MetricSummary | None:
    """The same where some values may be neither numbers nor texts."""
    try:
        values = _in_order(_ODD_SERIES.decode(raw))
    except (msgspec.DecodeError, RecursionError):
        return None
    return None if not values or dict in set(map(type, values)) else summarize_values(list(map(unmark, values)))


def _in_order(by_index: Mapping[int, Any]) -> list[Any]:
    """The values of a step-indexed metric by index; none where an index is too long to be one."""
    indexes = list(by_index)
    if indexes != _COUNTING[: len(indexes)]:
        ascending = sorted(indexes)
        if not indexes or ascending[0] <= -INDEX_LIMIT or ascending[-1] >= INDEX_LIMIT:
            return []
        if indexes != ascending:
            return [by_index[index] for index in ascending]
    return list(by_index.values())


def _of_numbers(values: Sequence[Any]) -> MetricSummary | None:
    """The summary of finite numbers, or None; booleans, which Python takes for numbers, may only stand alone."""
    if type(values[-1]) not in NUMBER_TYPES:
        return None
    try:
        mean = _quick_mean(values)
    except TypeError:
        return None
    if mean is None:
        return None
    ends = sorted(values) if len(values) <= _FEW else (min(values), max(values))
    return MetricSummary(values[-1], ends[0], ends[-1], mean, len(values))


class Probed(NamedTuple):
    """What the ends of the text of a step-indexed metric say.

    Attributes:
        first: the index at its beginning.
        highest: the index at its end.
        summary: the last value.
    """

    first: int
    highest: int
    summary: MetricSummary


def probe(raw: Raw) -> Probed | None:
    """The last value of a step-indexed metric from the end of its text.

    None where the text does not look like one whose indexes ascend, or no number is at its end; a single index out of
    order between those that were looked at is only noticed when the metric is read in full.
    """
    text = memoryview(raw)
    head, tail = bytes(text[:_PROBE]), bytes(text[-_END:])
    start, last = _START.match(head), _LAST.search(tail)
    if start is None:
        start, last = _START_WRAPPED.match(head), _LAST_WRAPPED.search(tail)
    if start is None or last is None:
        return None
    indexes = [int(start[1])]
    probes = min(_MOST_PROBES, len(text) // _PROBE_EVERY)
    for place in range(1, probes):
        offset = len(text) * place // probes
        entry = _ENTRY.search(bytes(text[offset : offset + _PROBE]))
        if entry is None:
            return None
        indexes.append(int(entry[1]))
    indexes.append(int(last[1]))
    if any(left > right for left, right in itertools.pairwise(indexes)):
        return None
    value = measured(decode_value(Raw(last[2])))
    return None if value is None else Probed(indexes[0], indexes[-1], MetricSummary(value, depth=PROVISIONAL))


def _quick_mean(numbers: Sequence[float]) -> float | None:
    """The mean, or None where a float may not hold it, or a NaN is among the numbers."""
    try:
        mean = math.fsum(numbers) / len(numbers)
    except (OverflowError, ValueError):
        return None
    return mean if -_EXACT < mean < _EXACT else None


def mean_of(numbers: Sequence[int | float]) -> int | float | None:
    """The mean of numbers without NaN, None without any.

    A mean that no float holds, as of integers of hundreds of digits, is the nearest integer.
    """
    if not numbers:
        return None
    of_integers = set(map(type, numbers)) == {int}
    try:
        mean = math.fsum(numbers) / len(numbers)
        if abs(mean) < _EXACT or not of_integers:
            return mean
    except OverflowError:
        pass
    except ValueError:
        return math.nan  # of both infinities
    infinities = [number for number in numbers if number in (math.inf, -math.inf)]
    return (
        sum(infinities)
        if infinities
        else exact_mean(sum(map(Fraction, numbers)), len(numbers), of_integers=of_integers)
    )


def exact_mean(total: Fraction | int, count: int, *, of_integers: bool) -> int | float:
    """A sum as a share of `count`; the nearest integer beyond every float, and where integers are finer than floats."""
    mean = Fraction(total) / count
    if of_integers and abs(mean) >= _EXACT:
        return round(mean)
    try:
        return float(mean)
    except OverflowError:
        return round(mean)
