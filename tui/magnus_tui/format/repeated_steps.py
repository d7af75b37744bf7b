"""Saying that a log has several values of a metric at one step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from magnus_tui.format.text import clean

if TYPE_CHECKING:
    from magnus_tracking.runlog.metrics import Series


def repeated_steps(series: Iterable[Series]) -> list[str]:
    """What is said of the metrics that have several values at a step, once a metric; none of the others.

    Args:
        series: those of a step, of an attempt, or of a run.
    """
    first = {one.name: one.repeated for one in reversed(list(series)) if one.repeated is not None}
    return [
        f"metric {clean(name)} has several values at step {index}: the last one counts"
        for name, index in reversed(first.items())
    ]
