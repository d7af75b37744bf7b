"""What of a failed run began and never ended, where no step says that it failed.

A branch whose process died leaves no failed step behind: it stays unfinished in a run that the engine marked FAIL. One
rule serves the full model and the outline, which have the same fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from magnus_tracking.runlog.natural_order import natural_key
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import StepLog
    from magnus_tracking.runlog.outline import StepOutline

NEVER_ENDED = "never ended"
"""The reason of such a failure."""

T = TypeVar("T", "StepLog", "StepOutline")


@dataclass(slots=True, eq=False)
class Place(Generic[T]):
    """A step or a branch where it stands in the run.

    Attributes:
        name: its internal name.
        step: the step; of a branch the last step in it that began, else the step that holds it.
        outer: the step or branch that it is nested in.
        unfinished: whether it has not ended.
        started: the earliest start of an attempt in it; None where it shows none.
        holds_unfinished: whether something nested in it has not ended.
    """

    name: str
    step: T
    outer: Place[T] | None
    unfinished: bool
    started: datetime | None = None
    holds_unfinished: bool = False


def never_ended(steps: Iterable[T]) -> Place[T] | None:
    """The innermost branch or step that began and never ended, or None where all ended.

    Of several it is the one that began first; those that show no time come after the others, in natural order.

    Args:
        steps: at the top of the run.
    """
    places = _places(steps)
    for place in reversed(places):
        outer = place.outer
        if outer is None:
            continue
        outer.holds_unfinished |= place.unfinished or place.holds_unfinished
        if place.started is not None and (outer.started is None or place.started < outer.started):
            outer.started = place.started
    innermost = [place for place in places if place.unfinished and not place.holds_unfinished]
    return min(innermost, key=_order, default=None)


def _order(place: Place[T]) -> tuple[bool, datetime, list[tuple[int, int, str]]]:
    return (place.started is None, place.started or datetime.max, natural_key(place.name))


def _places(steps: Iterable[T]) -> list[Place[T]]:
    """Every step and branch, each before what is nested in it."""
    places: list[Place[T]] = []
    stack: list[tuple[T, Place[T] | None]] = [(step, None) for step in steps]
    while stack:
        step, outer = stack.pop()
        starts = [start for start in (parse_time(attempt.start_time) for attempt in step.attempts) if start]
        unfinished = not step.mock and step.status not in FINAL_STATUSES
        place = Place(step.internal_name, step, outer, unfinished, min(starts, default=None))
        places.append(place)
        for branch in step.branches.values():
            inner = list(branch.steps.values())
            held = Place(branch.internal_name, inner[-1] if inner else step, place, branch.status not in FINAL_STATUSES)
            places.append(held)
            stack += [(one, held) for one in inner]
    return places
