"""The outline of a run log, as what journals are laid over: see `magnus_tracking.journal.overlays`."""

from __future__ import annotations

from typing import Any

from magnus_tracking.runlog.outline import AttemptOutline, RunOutline, StepOutline
from magnus_tracking.runlog.steps import walk_steps
from magnus_tracking.runlog.tracked_beside import NO_STEP
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES


class OutlineView:
    """A run's outline; what is added is added to it."""

    def __init__(self, outline: RunOutline) -> None:
        self._outline = outline
        self._steps = {step.internal_name: step for step in walk_steps(outline.top_steps)}
        self.is_final = outline.status in FINAL_STATUSES

    def step(self, internal_name: str) -> StepOutline | None:
        """The step of that internal name; a job has no other."""
        if internal_name == NO_STEP and not self._outline.steps:
            return next(iter(self._steps.values()), None)
        return self._steps.get(internal_name)

    def attempts(self, step: StepOutline) -> list[AttemptOutline]:
        """The attempts of a step."""
        return step.attempts

    def read(self, part: StepOutline | AttemptOutline, field: str) -> Any:
        """A field of a step or attempt."""
        return getattr(part, field)

    def add_attempt(self, step: StepOutline, fields: dict[str, Any], place: int) -> AttemptOutline:
        """An attempt that the log does not hold."""
        attempt = AttemptOutline(**fields)
        step.attempts.insert(place, attempt)
        return attempt

    def add_step(self, fields: dict[str, Any]) -> StepOutline:
        """A step that the log does not hold."""
        step = StepOutline(**fields)
        self._outline.steps[step.internal_name] = self._steps[step.internal_name] = step
        return step
