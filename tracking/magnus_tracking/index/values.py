"""Which values of a run the index keeps by column."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from magnus_tracking.query.fields import GETTERS, METRIC, PARAMETER
from magnus_tracking.summary import RunSummary

SEGMENT = 512
"""Rows in a segment of a column."""

_GETTERS = tuple(GETTERS.items())


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
    gapless = bool(places) and places[-1] == len(places) - 1
    for name, get in _GETTERS:
        values = list(map(get, summaries))
        if gapless and None not in values:
            columns[name] = values
        else:
            _put_all(columns, name, places, values)
    _put_all(columns, "duration", places, [summary.duration for summary in summaries])
    for place, summary in zip(places, summaries, strict=True):
        for name, value in summary.parameters.items():
            _put(columns, column_name(PARAMETER, name), place, value)
        for name, metric in summary.metrics.items():
            _put(columns, column_name(METRIC, name), place, metric.last)
            if metric.min is not None:
                _put(columns, column_name(METRIC, name, "min"), place, metric.min)
                _put(columns, column_name(METRIC, name, "max"), place, metric.max)
                _put(columns, column_name(METRIC, name, "mean"), place, metric.mean)
    return columns


def _put_all(columns: dict[str, list[Any]], column: str, places: Sequence[int], values: Sequence[Any]) -> None:
    for place, value in zip(places, values, strict=True):
        if value is not None:
            _put(columns, column, place, value)


def _put(columns: dict[str, list[Any]], column: str, place: int, value: Any) -> None:
    content = columns.get(column)
    if content is None:
        columns[column] = [None] * place + [value]
        return
    missing = place - len(content)
    if missing > 0:
        content += [None] * missing
    if missing >= 0:
        content.append(value)
    else:
        content[place] = value


@functools.lru_cache(maxsize=4096)
def column_name(kind: str, name: str, aggregate: str = "last") -> str:
    """What the column of a parameter or metric is called in the index."""
    text = f"{kind}.{name}" if aggregate == "last" else f"{aggregate} {kind}.{name}"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
