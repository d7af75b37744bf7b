"""How long steps took, and the series that they tracked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from magnus_tracking.runlog.elapsed import attempt_span, span, step_took, went_back
from magnus_tracking.runlog.metrics import Series, series_of_step
from magnus_tracking.runlog.steps import walk_steps
from magnus_tracking.runlog.times import seconds_between

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import StepLog


def step_seconds(step: StepLog) -> float | None:
    """Seconds from the first start of a step to its last end; None where the clock went back meanwhile."""
    if not step.is_composite:
        return step_took(step.attempts)
    return steps_took(walk_steps([step]))


def steps_took(steps: Iterable[StepLog]) -> float | None:
    """Seconds from the first start to the last end among `steps`; None where the clock went back in one."""
    listed = list(steps)
    if any(went_back(list(map(attempt_span, step.attempts))) for step in listed):
        return None
    return seconds_between(*span(listed))


def series_by_step(series: Iterable[Series], prefix: str = "") -> dict[tuple[str, str], Series]:
    """By (step without `prefix`, metric), the series of the step's latest attempt that has it.

    Args:
        series: of leaf steps, those of one step in the order of its attempts.
        prefix: what the steps' internal names begin with.
    """
    return {(one.step.removeprefix(prefix), one.name): one for one in series}


def series_inside(leaves: Iterable[StepLog]) -> list[Series]:
    """Every series of some leaf steps, in their order."""
    return [series for step in leaves for series in series_of_step(step)]
