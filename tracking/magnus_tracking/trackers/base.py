"""What a tracker is."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

Points = Mapping[str, Mapping[int, Any]]
"""Values by step index, by metric."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What a tracker is told of a run: its id, its tag (empty without one) and its parameters."""

    run_id: str
    tag: str
    parameters: Mapping[str, Any]


class Tracker(Protocol):
    """Where metrics go besides the run log.

    No method may raise or take long: a tracker that can't do its work warns once, and the run goes on without it. A
    class that configures itself takes the keys of its configuration as parameters.

    Attributes:
        service_name: the name by which configurations ask for it.
    """

    service_name: str

    def describe(self) -> dict[str, Any]:
        """The tracker's configuration, as `run_config` shows it, without secrets."""

    def start(self, run: RunInfo) -> None:
        """A run starts, or another process joins it."""

    def publish(self, points: Points) -> None:
        """An attempt ended, and these are its metrics.

        A tracker that has a method ``watch(journal: Path)``, too, is told there of the file that an attempt which
        begins appends its values to, and may send them before the attempt ends.
        """

    def finish(self, status: str | None) -> None:
        """The run ended with this status; None where only this process leaves it."""

    def client_context(self) -> AbstractContextManager[Any]:
        """The tracker's own session within the run."""


class DoNothingTracker:
    """The tracker of runs that have none."""

    service_name = "do-nothing"

    def describe(self) -> dict[str, Any]:
        """See `Tracker.describe`."""
        return {"service_name": self.service_name, "service_type": "experiment_tracker"}

    def start(self, run: RunInfo) -> None:
        """See `Tracker.start`."""

    def publish(self, points: Points) -> None:
        """See `Tracker.publish`."""

    def finish(self, status: str | None) -> None:
        """See `Tracker.finish`."""

    def client_context(self) -> AbstractContextManager[None]:
        """A context that is nothing."""
        return contextlib.nullcontext()
