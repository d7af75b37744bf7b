"""When steps ran, for how long, and which code they ran."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from magnus_tracking.runlog.elapsed import attempt_span, step_took, went_back
from magnus_tracking.runlog.metrics import Series, series_of_step
from magnus_tracking.runlog.times import parse_time, seconds_between

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import CodeIdentity, StepLog


def steps_inside(step: StepLog) -> Iterator[StepLog]:
    """`step` and every step below it, depth first."""
    stack = [step]
    while stack:
        current = stack.pop()
        yield current
        inner = [below for branch in current.branches.values() for below in branch.steps.values()]
        stack.extend(reversed(inner))


def step_seconds(step: StepLog) -> float | None:
    """Seconds from the first start of a step to its last end; None where the clock went back meanwhile."""
    if not step.is_composite:
        return step_took(step.attempts)
    return steps_took(steps_inside(step))


def steps_took(steps: Iterable[StepLog]) -> float | None:
    """Seconds from the first start to the last end among `steps`; None where the clock went back in one."""
    listed = list(steps)
    if any(went_back(list(map(attempt_span, step.attempts))) for step in listed):
        return None
    return seconds_between(*span(listed))


def span(steps: Iterable[StepLog]) -> tuple[datetime | None, datetime | None]:
    """The first start and the last end of the attempts of `steps`."""
    attempts = [attempt for step in steps for attempt in step.attempts]
    starts = [time for time in (parse_time(attempt.start_time) for attempt in attempts) if time]
    ends = [time for time in (parse_time(attempt.end_time) for attempt in attempts) if time]
    return min(starts, default=None), max(ends, default=None)


def code_of(steps: Iterable[StepLog]) -> list[CodeIdentity]:
    """The code identities of leaf steps and of their attempts, those without an identifier left out."""
    return [
        code
        for step in steps
        if step.is_leaf
        for code in (*step.code_identities, *(code for attempt in step.attempts for code in attempt.code_identities))
        if code.code_identifier
    ]


def series_by_step(series: Iterable[Series], prefix: str = "") -> dict[tuple[str, str], Series]:
    """By (step without `prefix`, metric), the series of the step's latest attempt that has it.

    Args:
        series: of leaf steps, those of one step in the order of its attempts.
        prefix: what the steps' internal names begin with.
    """
    return {(one.step.removeprefix(prefix), one.name): one for one in series}


def series_inside(steps: Iterable[StepLog]) -> list[Series]:
    """Every series of the leaf steps among `steps`, in their order."""
    return [series for step in steps if step.is_leaf for series in series_of_step(step)]


def last_ended(
    steps: Iterable[StepLog], by_step: Mapping[tuple[str, str], Series], prefix: str = ""
) -> dict[str, Series]:
    """By metric, the series of the step that ended last, as `metrics.last_series` chooses it for a run."""
    ends = {step.internal_name.removeprefix(prefix): span([step])[1] or datetime.min for step in steps}
    in_order = sorted(by_step.items(), key=lambda item: ends.get(item[0][0], datetime.min))
    return {name: series for (_, name), series in in_order}
