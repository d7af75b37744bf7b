"""The metrics of a run in a few numbers, without building what need not be built.

A metric of many steps is a long text in the run log. Its last value stands at the end of that text and is read from
there; what needs all values (minimum, maximum, mean, counts) is left for later where the text is longer than the
caller allows.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec
from msgspec import Raw, Struct

from magnus_tracking.metrics import flatten, is_number
from magnus_tracking.outline import AttemptOutline, StepOutline, decode_value, unmark_values

DEFER_ABOVE = 1 << 20
"""Bytes of a metric's text above which its minimum, maximum, mean and counts are left for later."""

_LEAST_INDEX, _GREATEST_INDEX = -(10**18) + 1, 10**18 - 1
_SERIES = msgspec.json.Decoder(dict[int, Any])
_NUMBERS = {float, int}
_END = 400
_MOST_PROBES = 24
_PROBE_EVERY = 1500
_PROBE = 200
_SCALAR = rb'(-?[0-9][0-9.eE+-]*|"(?:[^"\\]|\\u0000bare )*"|true|false|null)'
_ENTRY = re.compile(rb'"(-?[0-9]{1,18})"\s*:\s*' + _SCALAR + rb"\s*,")
_LAST = re.compile(rb'"(-?[0-9]{1,18})"\s*:\s*' + _SCALAR + rb"\s*}$")
_LAST_WRAPPED = re.compile(rb'"(-?[0-9]{1,18})"\s*:\s*' + _SCALAR + rb'\s*}\s*,\s*"description"\s*:\s*"[^"\\]*"\s*}$')
_START = re.compile(rb'{\s*"(-?[0-9]{1,18})"')
_START_WRAPPED = re.compile(rb'{\s*"kind"\s*:\s*"(?:json|metric)"\s*,\s*"value"\s*:\s*{\s*"(-?[0-9]{1,18})"')


class MetricSummary(Struct, frozen=True, gc=False):
    """A metric of a run in a few numbers.

    Attributes:
        last: the value at the highest index, of the latest attempt, of the leaf step that ended last; any JSON value.
        min, max, mean: over the numbers of that series without NaN, or None where it has none.
        count: how many values the series has.
        nans: how many of them are NaN.
        complete: whether min, max, mean, count and nans are known; if not, they say nothing.
    """

    last: Any = None
    min: int | float | None = None
    max: int | float | None = None
    mean: float | None = None
    count: int = 0
    nans: int = 0
    complete: bool = True


Live = Mapping[int, Mapping[str, MetricSummary]]
"""By the `id` of a step's or attempt's outline, what it has tracked in flight, in place of what the file holds."""


def summarize_metrics(
    steps: Iterable[StepOutline], defer_above: int = DEFER_ABOVE, live: Live | None = None
) -> dict[str, MetricSummary]:
    """By metric, the latest attempt of the step that ended last among those that tracked it.

    Args:
        steps: the leaf steps, the one that ended last at the end.
        defer_above: bytes of a metric's text above which only its last value is read.
        live: what running attempts have tracked.
    """
    chosen: dict[str, MetricSummary] = {}
    live = live or {}
    for step in steps:
        owners: list[AttemptOutline | StepOutline] = [*step.attempts, step]
        for owner in owners:
            if id(owner) in live:
                chosen.update(live[id(owner)])
            elif owner.user_defined_metrics:
                chosen.update(_summarize(owner.user_defined_metrics, defer_above))
    return chosen


def summarize_values(values: Sequence[Any]) -> MetricSummary:
    """The summary of a series from its values, in the order of their indexes."""
    numbers: Sequence[Any] = values
    kinds = set(map(type, values))
    if not kinds <= _NUMBERS:
        numbers = [value for value in values if is_number(value)] if kinds & _NUMBERS else ()
    if not numbers:
        return MetricSummary(values[-1], count=len(values))
    nans, mean = 0, _quick_mean(numbers)
    if mean is None:
        # Only a NaN differs from itself.
        known = [value for value in numbers if value == value]
        nans = len(numbers) - len(known)
        numbers, mean = known, _mean(known)
    return MetricSummary(
        last=values[-1],
        min=min(numbers, default=None),
        max=max(numbers, default=None),
        mean=mean,
        count=len(values),
        nans=nans,
    )


def _summarize(metrics: Mapping[str, Raw], defer_above: int) -> dict[str, MetricSummary]:
    summaries: dict[str, MetricSummary] = {}
    decoded: dict[str, Any] = {}
    for name, raw in metrics.items():
        summary = _from_end(raw) if memoryview(raw).nbytes > defer_above else None
        summary = summary or _of_series(raw)
        if summary is None:
            try:
                value = decode_value(raw)
            except (msgspec.DecodeError, RecursionError):
                continue
            if isinstance(value, dict):
                decoded[name] = value
                summary = MetricSummary()
            else:
                summary = summarize_values((value,))
        summaries[name] = summary
    return _with_nested(summaries, decoded) if decoded else summaries


def _with_nested(summaries: dict[str, MetricSummary], decoded: Mapping[str, Any]) -> dict[str, MetricSummary]:
    """The summaries with those of nested metrics in the places where their objects stood."""
    result: dict[str, MetricSummary] = {}
    for name, summary in summaries.items():
        if name in decoded:
            flat = flatten({name: decoded[name]})
            result.update((leaf, summarize_values(values)) for leaf, (_, values) in flat.items())
        else:
            result[name] = summary
    return result


def _of_series(raw: Raw) -> MetricSummary | None:
    """The summary of a step-indexed metric whose values are no objects; None for any other."""
    if memoryview(raw)[:1].tobytes() != b"{":
        return None
    try:
        by_index = _SERIES.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
    indexes = list(by_index)
    in_order = sorted(indexes)
    if not indexes or in_order[0] < _LEAST_INDEX or in_order[-1] > _GREATEST_INDEX:
        return None
    values = list(by_index.values()) if indexes == in_order else [by_index[index] for index in in_order]
    kinds = set(map(type, values))
    if dict in kinds:
        return None
    return summarize_values(values if kinds <= _NUMBERS else unmark_values(values, raw))


def _from_end(raw: Raw) -> MetricSummary | None:
    """The last value of a step-indexed metric from the end of its text.

    None where the text does not look like one whose indexes ascend; a single index out of order between those that
    were looked at is only noticed when the metric is read in full.
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
    return MetricSummary(last=decode_value(Raw(last[2])), complete=False)


def _quick_mean(numbers: Sequence[float]) -> float | None:
    """The mean, or None where it is no finite number, as where a NaN is among the numbers."""
    try:
        mean = math.fsum(numbers) / len(numbers)
    except (OverflowError, ValueError):
        return None
    return mean if math.isfinite(mean) else None


def _mean(numbers: Sequence[float]) -> float | None:
    if not numbers:
        return None
    try:
        return math.fsum(numbers) / len(numbers)
    except (OverflowError, ValueError):
        return _mean_of_extremes(numbers)


def _mean_of_extremes(numbers: Sequence[float]) -> float:
    """The mean where the sum of the numbers, or one of them, is no finite float."""
    infinities = [number for number in numbers if number in (math.inf, -math.inf)]
    if infinities:
        return sum(infinities)
    mean = sum(map(Fraction, numbers)) / len(numbers)
    try:
        return float(mean)
    except OverflowError:
        return math.inf if mean > 0 else -math.inf
