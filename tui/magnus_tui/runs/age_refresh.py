"""When what the list says of runs changes by itself, as time goes by."""

from __future__ import annotations

import math
from collections.abc import Iterable

from magnus_tracking.analysis.liveness import DEAD
from magnus_tui import format
from magnus_tui.runs.columns import Row

_SOONEST_SECONDS = 5.0
"""Between two times that the list is brought up to date: laying it out takes more than the latest second is worth."""


def seconds_to_change(rows: Iterable[Row]) -> float | None:
    """Seconds after which one of some rows reads otherwise, although nothing was written; None if none ever does."""
    soonest = min(map(_seconds, rows), default=math.inf)
    return None if soonest == math.inf else max(soonest, _SOONEST_SECONDS)


def _seconds(row: Row) -> float:
    run = row.run
    if run.error is None and not run.is_finished and row.liveness not in DEAD:
        # It takes longer and longer, falls silent, or is lost with the process that writes it.
        return _SOONEST_SECONDS
    return format.ago_changes(run.started, row.now)
