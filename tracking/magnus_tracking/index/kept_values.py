"""Which values of a run the index keeps by column."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from magnus_tracking.query.fields import GETTERS, LAST, METRIC, PARAMETER
from magnus_tracking.runlog.summary import RunSummary

SEGMENT = 512
"""Rows in a segment of a column."""

T = TypeVar("T")

_GETTERS = tuple(GETTERS.items())
_OF_NUMBERS = tuple((name, attrgetter(name)) for name in ("min", "max", "mean"))


def values_to_keep(summary: RunSummary) -> dict[str, Any]:
    """The values of a run by column, without those that are not there.

    The duration is that of a finished run: what grows by itself is worked out when it is asked for.
    """
    values = {name: value for name, get in _GETTERS if (value := get(summary)) is not None}
    if summary.duration is not None:
        values["duration"] = summary.duration
    for name, value in summary.parameters.items():
        values[column_name(PARAMETER, name)] = value
    for name, metric in summary.metrics.items():
        values[column_name(METRIC, name)] = metric.last
        if metric.min is not None:
            values[column_name(METRIC, name, "min")] = metric.min
            values[column_name(METRIC, name, "max")] = metric.max
            values[column_name(METRIC, name, "mean")] = metric.mean
    return values


def columns_to_keep(places: Sequence[int], summaries: Sequence[RunSummary]) -> dict[str, list[Any]]:
    """`values_to_keep` of many runs, by column: lists as long as their last value asks for.

    Args:
        places: where the values of each run stand in the lists, ascending.
        summaries: the runs.
    """
    columns: dict[str, list[Any]] = {}
    for name, get in _GETTERS:
        _put(columns, name, places, list(map(get, summaries)))
    _put(columns, "duration", places, [summary.duration for summary in summaries])
    for name, (some, values) in _by_name(places, [summary.parameters for summary in summaries]).items():
        columns[column_name(PARAMETER, name)] = _spread(some, values)
    for name, (some, metrics) in _by_name(places, [summary.metrics for summary in summaries]).items():
        columns[column_name(METRIC, name)] = _spread(some, [metric.last for metric in metrics])
        for aggregate, of in _OF_NUMBERS:
            _put(columns, column_name(METRIC, name, aggregate), some, list(map(of, metrics)))
    return columns


def _by_name(places: Sequence[int], held: Sequence[Mapping[str, T]]) -> dict[str, tuple[list[int], list[T]]]:
    """Where something of a name is held, and what: ascending places, and a value each."""
    found: dict[str, tuple[list[int], list[T]]] = {}
    for place, values in zip(places, held, strict=True):
        for name, value in values.items():
            known = found.get(name)
            if known is None:
                known = found[name] = ([], [])
            known[0].append(place)
            known[1].append(value)
    return found


def _put(columns: dict[str, list[Any]], column: str, places: Sequence[int], values: list[Any]) -> None:
    """Make a column of the values that are there, if any is."""
    if None in values:
        there = [(place, value) for place, value in zip(places, values, strict=True) if value is not None]
        places, values = [place for place, _ in there], [value for _, value in there]
    if values:
        columns[column] = _spread(places, values)


def _spread(places: Sequence[int], values: list[Any]) -> list[Any]:
    """A list that holds each value at its place, and None where there is none."""
    if places[-1] == len(places) - 1:
        return values
    content = [None] * (places[-1] + 1)
    for place, value in zip(places, values, strict=True):
        content[place] = value
    return content


@functools.lru_cache(maxsize=4096)
def column_name(kind: str, name: str, aggregate: str = LAST) -> str:
    """What the column of a parameter or metric is called in the index."""
    text = f"{kind}.{name}" if aggregate == LAST else f"{aggregate} {kind}.{name}"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
