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

from magnus_tracking.metrics import flatten, is_nan, is_number
from magnus_tracking.outline import AttemptOutline, StepOutline, decode_value

DEFER_ABOVE = 1 << 20
"""Bytes of a metric's text above which its minimum, maximum, mean and counts are left for later."""

_LONGEST_INDEX = 18
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
    kinds = set(map(type, values))
    if kinds <= {float, int}:
        mean = _mean(values)
        if mean is not None and math.isfinite(mean):
            return MetricSummary(values[-1], min(values), max(values), mean, len(values))
    numbers = [value for value in values if is_number(value) and not is_nan(value)]
    return MetricSummary(
        last=values[-1],
        min=min(numbers, default=None),
        max=max(numbers, default=None),
        mean=_mean(numbers),
        count=len(values),
        nans=sum(map(is_nan, values)),
    )


def _summarize(metrics: Mapping[str, Raw], defer_above: int) -> dict[str, MetricSummary]:
    summaries: dict[str, MetricSummary] = {}
    decoded: dict[str, Any] = {}
    for name, raw in metrics.items():
        summary = _from_end(raw) if memoryview(raw).nbytes > defer_above else None
        if summary is None:
            try:
                value = decode_value(raw)
            except (msgspec.DecodeError, RecursionError):
                continue
            if not isinstance(value, dict):
                summary = summarize_values((value,))
            else:
                in_order = _values_in_order(value)
                summary = summarize_values(in_order) if in_order else None
        if summary is None:
            decoded[name] = value
            summary = MetricSummary()
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


def _values_in_order(value: dict[str, Any]) -> list[Any] | None:
    """The values of a step-indexed metric by ascending index; None where it is no plain one."""
    names = "".join(value)
    if not (names.isascii() and names.isdigit()) or "" in value or dict in set(map(type, value.values())):
        return None
    indexes = list(map(int, value))
    if len(set(indexes)) < len(indexes) or max(map(len, value)) > _LONGEST_INDEX:
        return None
    if all(map(int.__lt__, indexes, indexes[1:])):
        return list(value.values())
    return [item for _, item in sorted(zip(indexes, value.values(), strict=True), key=_index_of)]


def _index_of(item: tuple[int, Any]) -> int:
    return item[0]


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
