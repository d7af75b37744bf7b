"""What is selected in a run: a row of its tree with the objects of the log behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from magnus_tracking.runlog.failing import failing_attempt
from magnus_tracking.runlog.steps import walk_steps
from magnus_tracking.runlog.tree import top_steps, walk
from magnus_tui.feed.run_opener import OpenedRun
from magnus_tui.run.catalog_entries import CatalogEntries
from magnus_tui.run.tree_rows import Item

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import BranchLog, RunLog, StepAttempt, StepLog


@dataclass(frozen=True, slots=True, repr=False)
class Selection:
    """A row of a run's tree.

    Attributes:
        opened: the run.
        item: the row.
        catalog: the catalog entries of the run.
        step: the step that it is, or that it belongs to; None for a step that has not begun.
        attempt: the attempt that it is; of a step the failing one, else the last.
        branch: the branch that it is.
    """

    opened: OpenedRun
    item: Item
    catalog: CatalogEntries
    step: StepLog | None = None
    attempt: StepAttempt | None = None
    branch: BranchLog | None = None

    def __repr__(self) -> str:
        # Workers describe themselves by their arguments; a whole run log would take seconds to write out.
        return f"Selection({self.run_id!r}, {self.item.key!r})"

    @property
    def run(self) -> RunLog:
        """The run's log."""
        return self.opened.run

    @property
    def run_id(self) -> str:
        """The name of the run's file or folder."""
        return self.opened.summary.run_id

    @property
    def below(self) -> list[StepLog]:
        """The steps that are selected: one step, or all in the branch."""
        if self.branch is not None:
            return list(walk_steps(self.branch.steps.values()))
        return [] if self.step is None else list(walk_steps([self.step]))

    def other_attempt(self, step: int) -> str | None:
        """The key of the row of the attempt that is `step` further on; None where there is none."""
        if self.step is None or self.attempt is None:
            return None
        attempts = self.step.attempts
        place = next((i for i, attempt in enumerate(attempts) if attempt is self.attempt), -1) + step
        return f"{self.item.step}#{attempts[place].attempt_number}" if 0 <= place < len(attempts) else None


def select(opened: OpenedRun, item: Item, steps: dict[str, StepLog] | OnTheWay, catalog: CatalogEntries) -> Selection:
    """The selection of a row.

    Args:
        opened: the run.
        item: the row.
        steps: the run's steps by internal name; see `steps_by_name`.
        catalog: the catalog entries of the run.
    """
    step = steps.get(item.step)
    if step is None:
        return Selection(opened, item, catalog)
    if item.kind == "branch":
        return Selection(opened, item, catalog, step, None, step.branches.get(item.key))
    numbered = (attempt for attempt in step.attempts if attempt.attempt_number == item.attempt)
    attempt = next(numbered, None) if item.attempt is not None else _telling_attempt(step)
    return Selection(opened, item, catalog, step, attempt)


def _telling_attempt(step: StepLog) -> StepAttempt | None:
    failing = failing_attempt(step) if step.status == "FAIL" else None
    return failing or (step.attempts[-1] if step.attempts else None)


def steps_by_name(run: RunLog) -> dict[str, StepLog]:
    """Every step of the run by its internal name."""
    return {node.step.internal_name: node.step for node in walk(run)}


class OnTheWay:
    """The same without a look into more branches than lead to a step, for a run whose branches are late.

    Args:
        run: the run.
    """

    def __init__(self, run: RunLog) -> None:
        self._run = run

    def get(self, name: str) -> StepLog | None:
        """The step of an internal name, where the names of what it is nested in lead to it."""
        steps: Iterable[StepLog] = top_steps(self._run).values()
        while True:
            step = next((one for one in steps if _leads(one.internal_name, name)), None)
            if step is None or step.internal_name == name:
                return step
            branches = (one for one in step.branches.values() if _leads(one.internal_name, name))
            branch = next(branches, None)
            if branch is None:
                return None
            steps = branch.steps.values()


def _leads(outer: str, name: str) -> bool:
    return name.startswith(outer) and name[len(outer) : len(outer) + 1] in ("", ".")


def next_step(run: RunLog, step: StepLog) -> StepLog | None:
    """The step that the log has behind `step` at the same place: in the same branch, or at the top."""
    siblings = list(_siblings(run, step))
    place = next((i for i, other in enumerate(siblings) if other.internal_name == step.internal_name), len(siblings))
    return next((other for other in siblings[place + 1 :] if other.attempts), None)


def is_top(run: RunLog, step: StepLog) -> bool:
    """Whether `step` stands in no branch."""
    return step.internal_name in top_steps(run)


def _siblings(run: RunLog, step: StepLog) -> Iterator[StepLog]:
    if is_top(run, step):
        yield from top_steps(run).values()
        return
    for node in walk(run):
        if node.branch is not None and step.internal_name in node.branch.steps:
            yield from node.branch.steps.values()
            return
