"""Which values of a run the index keeps by column."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from magnus_tracking.query.fields import GETTERS, METRIC, PARAMETER
from magnus_tracking.query.functions import FUNCTIONS, LAST, OF_ALL_VALUES
from magnus_tracking.runlog.metric_summary import COMPLETE
from magnus_tracking.runlog.summary import RunSummary

SEGMENT = 512
"""Rows in a segment of a column."""

_GETTERS = tuple(GETTERS.items())
_OF_ALL_VALUES = tuple((name, FUNCTIONS[name].of) for name in OF_ALL_VALUES)


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
        if metric.depth == COMPLETE:
            for function, of in _OF_ALL_VALUES:
                if (value := of(metric)) is not None:
                    values[column_name(METRIC, name, function)] = value
    return values


def columns_to_keep(found: Iterable[tuple[int, RunSummary]]) -> dict[str, list[Any]]:
    """`values_to_keep` of many runs, by column: lists as long as their last value asks for.

    Args:
        found: runs, and where their values stand in the lists, ascending.
    """
    columns: dict[str, list[Any]] = {}
    for place, summary in found:
        for name, value in values_to_keep(summary).items():
            column = columns.get(name)
            if column is None:
                column = columns[name] = []
            if len(column) < place:
                column.extend([None] * (place - len(column)))
            column.append(value)
    return columns


@functools.lru_cache(maxsize=4096)
def column_name(kind: str, name: str, aggregate: str = LAST) -> str:
    """What the column of a parameter or metric is called in the index."""
    text = f"{kind}.{name}" if aggregate == LAST else f"{aggregate} {kind}.{name}"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
