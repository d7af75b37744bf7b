"""Branches of a step, and attempts of a step, as columns of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from magnus_tracking.analysis.compare.comparison import Comparison, compare_subjects
from magnus_tracking.analysis.compare.spans import series_by_step, series_inside, steps_took
from magnus_tracking.analysis.compare.subject import Subject
from magnus_tracking.runlog.elapsed import attempt_seconds, span
from magnus_tracking.runlog.metrics import flatten, inputs_of, last_of_series, unwrap_all
from magnus_tracking.runlog.steps import code_of, walk_steps
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.tree import find_step

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import BranchLog, RunLog, StepAttempt, StepLog


def compare_inside(step: StepLog) -> Comparison:
    """Compare the branches of a composite step (folds, shards, candidates), or the attempts of another.

    The execution logs of attempts, which lie outside the run log, are compared by `magnus_tracking.logs.diff`.

    Raises:
        IndexError: the step has neither.
    """
    return compare_subjects(branch_subjects(step) if step.branches else attempt_subjects(step))


def branch_subjects(step: StepLog) -> list[Subject]:
    """The branches of a step as columns."""
    return [_branch_subject(step, branch) for branch in step.branches.values()]


def attempt_subjects(step: StepLog) -> list[Subject]:
    """The attempts of a step as columns."""
    return [_attempt_subject(step, attempt, attempt is step.attempts[-1]) for attempt in step.attempts]


def comparable_step(run: RunLog, name: str) -> StepLog | None:
    """The step to look inside of when `name` is pointed at: the nearest, from it outwards, with something to compare.

    A step has that if it has two branches or two attempts. None where neither it nor a step around it has.

    Raises:
        StepNotFoundError: the run has no such step.
    """
    step = find_step(run, name)
    while True:
        if len(step.branches) > 1 or len(step.attempts) > 1:
            return step
        around = step.internal_name.rsplit(".", 2)
        if len(around) < 3:
            return None
        step = find_step(run, around[0])


def branch_name(step: StepLog, branch: BranchLog) -> str:
    """The part of a branch's internal name that tells it from the other branches of `step`."""
    return branch.internal_name.removeprefix(step.internal_name + ".")


def _branch_subject(step: StepLog, branch: BranchLog) -> Subject:
    steps = list(walk_steps(branch.steps.values()))
    leaves = [step for step in steps if step.is_leaf]
    series = series_inside(leaves)
    prefix = branch.internal_name + "."
    started, _ = span(steps)
    return Subject(
        name=branch_name(step, branch),
        facts={"status": branch.status, "started": started, "duration": steps_took(steps)},
        parameters=_branch_parameters(branch, steps),
        metrics=last_of_series(leaves, series),
        by_step=series_by_step(series, prefix),
        steps=steps,
        prefix=prefix,
        code=code_of(leaves),
    )


def _branch_parameters(branch: BranchLog, steps: list[StepLog]) -> dict[str, Any]:
    """What the branch's steps were given, in order, and what the branch holds at its end."""
    parameters: dict[str, Any] = {}
    for step in steps:
        for attempt in step.attempts:
            parameters.update(inputs_of(attempt))
    return {**parameters, **unwrap_all(branch.parameters)}


def _attempt_subject(step: StepLog, attempt: StepAttempt, is_last: bool) -> Subject:
    metrics = attempt.user_defined_metrics or (step.user_defined_metrics if is_last else {})
    code = [code for code in attempt.code_identities or step.code_identities if code.code_identifier]
    outputs = unwrap_all(attempt.output_parameters)
    return Subject(
        name=f"attempt {attempt.attempt_number}",
        facts={
            "status": attempt.status,
            "started": parse_time(attempt.start_time),
            "duration": attempt_seconds(attempt),
            "message": attempt.message.strip() or None,
            "retry_indicator": attempt.retry_indicator or None,
        },
        parameters={**inputs_of(attempt), **({"returned": outputs} if outputs else {})},
        metrics={
            name: points.series(step.internal_name, attempt.attempt_number, name)
            for name, points in flatten(metrics).items()
        },
        code=code,
    )
