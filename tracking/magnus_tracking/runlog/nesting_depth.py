"""Values in a run's row that are nested no deeper than whoever encodes, decodes, sorts or shows them can follow.

Each of these goes down one call a level, from wherever it is called; the full run log keeps such a value as it is.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from magnus_tracking.runlog.metric_summary import MetricSummary

DEEPEST = 100
"""Levels, far from the thousand calls that Python allows."""

TOO_DEEP = "nested too deeply to be listed"
_HOLDERS = frozenset({dict, list})


def make_shallow(parameters: dict[str, Any], metrics: dict[str, MetricSummary]) -> None:
    """Put a text in the place of values that are nested too deeply, in place."""
    if not _HOLDERS.isdisjoint(map(type, parameters.values())):
        for name in [name for name, value in parameters.items() if is_too_deep(value)]:
            parameters[name] = TOO_DEEP
    for name in [name for name, metric in metrics.items() if type(metric.last) in _HOLDERS]:
        if is_too_deep(metrics[name].last):
            metrics[name] = replace(metrics[name], last=TOO_DEEP)


def is_too_deep(value: Any) -> bool:
    """Whether a JSON value is nested too deeply to be in a row."""
    level = [value] if type(value) in _HOLDERS else []
    for _ in range(DEEPEST):
        if not level:
            return False
        inside = (holder.values() if type(holder) is dict else holder for holder in level)
        level = [item for items in inside for item in items if type(item) in _HOLDERS]
    return True
