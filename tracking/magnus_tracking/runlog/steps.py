"""Steps, of the full model or of the outline, which share their fields: their order, their code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar, overload

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import CodeIdentity, StepLog
    from magnus_tracking.runlog.outline import CodeOutline, StepOutline

T = TypeVar("T", "StepLog", "StepOutline")


def walk_steps(steps: Iterable[T]) -> Iterable[T]:
    """Every step among `steps` and below them, depth first, each before the steps in its branches."""
    listed = list(steps)
    for step in listed:
        if step.branches:
            return _walk(listed)
    return listed


def _walk(steps: Sequence[T]) -> Iterator[T]:
    stack = [iter(steps)]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
            continue
        yield step
        if step.branches:
            stack.extend(iter(branch.steps.values()) for branch in reversed(step.branches.values()))


@overload
def code_of(leaves: Iterable[StepLog]) -> list[CodeIdentity]: ...
@overload
def code_of(leaves: Iterable[StepOutline]) -> list[CodeOutline]: ...
def code_of(leaves: Iterable[T]) -> list[CodeIdentity] | list[CodeOutline]:
    """The code identities of leaf steps and their attempts, in the order of the log; not those without identifier."""
    found = []
    for step in leaves:
        found += step.code_identities
        for attempt in step.attempts:
            found += attempt.code_identities
    return [code for code in found if code.code_identifier]
