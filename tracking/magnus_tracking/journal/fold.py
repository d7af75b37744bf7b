"""From the records of a journal to the `user_defined_metrics` of an attempt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from magnus_tracking.journal.format import Record
from magnus_tracking.runlog.numbers_in_text import reads_as_steps


class Fold:
    """Metrics as they are tracked: the same metric and step again replaces the value."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._metrics: dict[str, dict[int, Any]] = {}
        self._times: dict[str, dict[int, int | None]] = {}
        self.add(records)

    def add(self, records: Iterable[Record]) -> None:
        """Take in more records, in the order in which they were tracked."""
        metrics, times = self._metrics, self._times
        for name, step, value, ms in records:
            by_step = metrics.get(name)
            if by_step is None:
                by_step = metrics[name] = {}
                times[name] = {}
            by_step[step] = value
            times[name][step] = ms

    def metrics(self) -> dict[str, Any]:
        """The metrics as a run log stores them, in the order in which they were first tracked.

        What was tracked at step 0 only is stored bare, unless it would read as a series of its own; all else as
        ``{"<step>": value}`` by ascending step.
        """
        return {name: _stored(by_step) for name, by_step in self._metrics.items()}

    def points(self) -> dict[str, dict[int, Any]]:
        """Values by step, by metric: what trackers are given."""
        return {name: dict(sorted(by_step.items())) for name, by_step in self._metrics.items()}

    def times(self) -> dict[str, dict[int, int | None]]:
        """When each value was tracked, by step, by metric: milliseconds after the header's time, where it is known."""
        return {name: dict(sorted(by_step.items())) for name, by_step in self._times.items()}

    def __bool__(self) -> bool:
        return bool(self._metrics)


def _stored(by_step: dict[int, Any]) -> Any:
    if len(by_step) == 1 and 0 in by_step and not reads_as_steps(by_step[0]):
        return by_step[0]
    return {str(step): by_step[step] for step in sorted(by_step)}
