"""Walking the steps and branches of a run log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from magnus_tracking.errors import AmbiguousNameError, StepNotFoundError
from magnus_tracking.runlog.failing import Failure, find_failure
from magnus_tracking.runlog.steps import walk_steps
from magnus_tracking.runlog.vocabulary import JOB_STEP, OUR_EXECUTOR, Engine, engine_that_wrote

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import BranchLog, JobLog, LogModel, RunLog, StepLog


class StepNode(Struct, frozen=True):
    """A step where it stands in the run: below which branch (None at the top), and how deep (0 at the top)."""

    step: StepLog
    branch: BranchLog | None
    depth: int


def job_as_step(job: JobLog) -> StepLog:
    """The leaf step named ``job`` that stands for a runnable job, with the job's own objects inside."""
    from magnus_tracking.runlog.models import StepLog

    step = StepLog(name=JOB_STEP, internal_name=JOB_STEP, step_type="job")
    for field in (
        "status",
        "message",
        "mock",
        "code_identities",
        "attempts",
        "data_catalog",
        "user_defined_metrics",
    ):
        if field in job.model_fields_set:
            setattr(step, field, getattr(job, field))
    return step


def is_ours(run: RunLog) -> bool:
    """Whether the tracking core wrote the log."""
    executor = run.run_config.get("executor")
    return isinstance(executor, dict) and executor.get("service_name") == OUR_EXECUTOR


def engine_of(run: RunLog) -> Engine:
    """Which engine wrote the log."""
    return engine_that_wrote(is_ours(run), "use_cached" in run.model_fields_set)


def top_steps(run: RunLog) -> dict[str, StepLog]:
    """The steps at the top of the run by internal name; a job is one step named ``job``."""
    if run.job is not None and not run.steps:
        return {JOB_STEP: job_as_step(run.job)}
    return run.steps


def walk(run: RunLog) -> Iterator[StepNode]:
    """Every step of the run, depth first, in the order of the log, a composite step before what it holds."""
    stack: list[Iterator[StepNode]] = [(StepNode(step, None, 0) for step in top_steps(run).values())]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            continue
        yield node
        stack.append(_below(node))


def _below(node: StepNode) -> Iterator[StepNode]:
    """The steps in a step's branches, branch by branch, as looking into one may take a while (`BranchLog.late`)."""
    for branch in node.step.branches.values():
        for step in branch.steps.values():
            yield StepNode(step, branch, node.depth + 1)


def odd_fields(run: RunLog) -> Iterator[tuple[str | None, str]]:
    """The fields whose values are of another type than their own, each with the internal name of its step.

    Null, which says that there is nothing, is none of them.
    """
    parts: list[tuple[str | None, LogModel]] = [(None, run)]
    if run.job is not None:
        parts.append((JOB_STEP, run.job))
    for node in walk(run):
        step = node.step
        identities = [code for attempt in step.attempts for code in attempt.code_identities]
        own = (step, *step.attempts, *step.code_identities, *identities, *step.data_catalog, *step.branches.values())
        parts += [(step.internal_name, part) for part in own]
    for name, part in parts:
        yield from ((name, field) for field, value in part.odd.items() if value is not None)


def leaf_steps(run: RunLog) -> list[StepLog]:
    """The steps that do work, in the order of the log."""
    return [step for step in walk_steps(top_steps(run).values()) if step.is_leaf]


def failure_of(run: RunLog) -> Failure[StepLog] | None:
    """What made a run fail: see `magnus_tracking.runlog.failing.find_failure`."""
    return find_failure(run.status, top_steps(run).values(), leaf_steps(run))


def steps_to_come(begun: Iterable[str], planned: Iterable[str]) -> list[str]:
    """The names among those of `planned` steps that are not among those that have `begun` at the top of the log."""
    known = set(begun)
    return [name for name in planned if name not in known]


def find_step(run: RunLog, name: str | None = None) -> StepLog:
    """The step that `name` means: its internal name, or an unambiguous end of it.

    Without a name it is the failing step, or the last that began in a branch that never ended, else the last leaf step
    of the log.

    Raises:
        StepNotFoundError: no step ends so, or the run has none.
        AmbiguousNameError: several do.
    """
    steps: Mapping[str, StepLog] = {node.step.internal_name: node.step for node in walk(run)}
    if name is None:
        leaves = [step for step in steps.values() if step.is_leaf]
        failure = failure_of(run)
        chosen = failure.step if failure else leaves[-1] if leaves else None
        if chosen is None:
            raise StepNotFoundError("", run.run_id, list(steps))
        return chosen
    if name in steps:
        return steps[name]
    ends = [key for key in steps if key.endswith("." + name)] or [key for key in steps if key.endswith(name)]
    if not name or not ends:
        raise StepNotFoundError(name, run.run_id, list(steps))
    if len(ends) > 1:
        raise AmbiguousNameError("step", name, ends)
    return steps[ends[0]]
