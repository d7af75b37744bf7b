"""What was tracked beside a run log: an engine wrote the log, and the tracking core may not change it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

R = TypeVar("R")
V = TypeVar("V")

NO_STEP = "(step unknown)"
"""The name for what cannot be told to be of any step; it is shown at the top of its run."""

MARK = "not_in_engine_record"
"""In a document, the names of the metrics that the engine did not record; true in a step or attempt that it did not."""

ENGINE_RECORD = "engine_record"
"""In a document: the engine's own values of metrics for which the core has other values."""

UNRECORDED = "the engine did not record this attempt: its process ended first"
RUNNING = "the engine has not recorded this attempt yet"
UNWRITTEN = "not in the run log, only in its journal: it could not be written there, on a full disk say"
UNPLACED = "tracked in this run; which step tracked it could not be told"


class Beside(dict[str, V]):
    """Metrics of a part of a run log, by dotted name, that stand beside those in the log, rather than in their place.

    Args:
        metrics: what was tracked.
        names: the names that it was tracked by: what the log holds under one of them does not count.
    """

    def __init__(self, metrics: Mapping[str, V], names: Collection[str]) -> None:
        super().__init__(metrics)
        self._names = frozenset(names)

    def others_in(self, recorded: Mapping[str, R]) -> dict[str, R]:
        """What a log holds of other metrics."""
        return {name: metric for name, metric in recorded.items() if name not in self._names}


def lay_beside(part: dict[str, Any], metrics: dict[str, Any]) -> None:
    """Lay metrics over those that an engine recorded, in place, and mark them."""
    known = part.get("user_defined_metrics")
    own: dict[str, Any] = known if isinstance(known, dict) else {}
    part["user_defined_metrics"] = {**Beside(metrics, metrics).others_in(own), **metrics}
    if part.get(MARK) is not True:
        part[MARK] = sorted(metrics)
    replaced = {name: own[name] for name in metrics if name in own}
    if replaced:
        part[ENGINE_RECORD] = replaced
