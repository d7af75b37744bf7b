"""Why a run failed: its failing step, the attempt that failed, or what began and never ended.

A branch whose process died leaves no failed step behind: it stays unfinished in a run that the engine marked FAIL. A
composite step may also fail by an attempt of its own, as when it can't make its branches. The rules serve the full
model and the outline, which share their fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from magnus_tracking.runlog.elapsed import Attempt
from magnus_tracking.runlog.natural_order import natural_key
from magnus_tracking.runlog.steps import T, walk_steps
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES

NEVER_ENDED = "never ended"
"""The reason of a failure without a failing step."""
NO_STEP_FAILED = "the run is marked FAIL, but no step of it failed"
LED_TO_FAIL = "no step failed: the pipeline led to its fail node"
"""What is said of a FAIL run in which nothing failed, and everything that began has ended."""


A_co = TypeVar("A_co", bound=Attempt, covariant=True)


class Tried(Protocol[A_co]):
    """A step, of the full model or of the outline."""

    @property
    def attempts(self) -> Sequence[A_co]:
        """Its attempts, in order."""


def failing_attempt(step: Tried[A_co]) -> A_co | None:
    """The attempt that made a failed step fail: its last one with status FAIL."""
    return next((attempt for attempt in reversed(step.attempts) if attempt.status == "FAIL"), None)


def failing_step(leaves: Iterable[T]) -> T | None:
    """The leaf step with status FAIL whose failing attempt ended first, or None: the first cause of a failure."""
    failed = [step for step in leaves if step.status == "FAIL"]
    # Most runs have none or one, whose time need not be parsed.
    return min(failed, key=_failing_end) if len(failed) > 1 else failed[0] if failed else None


def _failing_end(step: T) -> tuple[bool, datetime]:
    attempt = failing_attempt(step)
    end = parse_time(attempt.end_time) if attempt else None
    return (end is None, end or datetime.max)


def failure_message(step: T) -> str | None:
    """What the log says of a failed step: the failing attempt's message, else the step's; None without one."""
    attempt = failing_attempt(step)
    return (attempt.message if attempt else "").strip() or step.message.strip() or None


class Failure(Struct, Generic[T], eq=False):
    """What made a run fail.

    Attributes:
        name: the internal name of the step, or of a branch that never ended.
        step: the step whose log tells most: the failing one, or the last one of the branch that began.
        reason: why, where the log has no failed attempt to tell it; else empty.
        message: what the log says of it; None where it says nothing.
        started: when what never ended began, as far as its attempts show.
    """

    name: str
    step: T
    reason: str
    message: str | None
    started: datetime | None = None


def find_failure(status: str, top: Iterable[T], leaves: Iterable[T]) -> Failure[T] | None:
    """What made a run fail; None where nothing failed.

    That is the failing step; in a FAIL run without one what never ended, else a composite step that failed by itself.

    Args:
        status: of the run.
        top: its steps at the top.
        leaves: its leaf steps, in the order of the log.
    """
    step = failing_step(leaves)
    if step is not None:
        return Failure(step.internal_name, step, "", failure_message(step))
    if status != "FAIL":
        return None
    steps = list(top)
    place = never_ended(steps)
    if place is not None:
        return Failure(place.name, place.step, NEVER_ENDED, NEVER_ENDED, place.started)
    step = failing_step(_failed_themselves(steps))
    return Failure(step.internal_name, step, "", failure_message(step)) if step is not None else None


def why_unknown(status: str, failure: Failure[T] | None, top: Iterable[T]) -> str | None:
    """What is said of a FAIL run in which nothing is found that made it fail; None of any other run.

    Args:
        status: of the run.
        failure: what was found; see `find_failure`.
        top: its steps at the top.
    """
    if status != "FAIL" or failure is not None:
        return None
    return LED_TO_FAIL if any(step.step_type == "fail" for step in top) else NO_STEP_FAILED


def _failed_themselves(steps: Iterable[T]) -> Iterator[T]:
    """The steps that failed while none nested in them did."""
    for step in walk_steps(steps):
        inner = [one for branch in step.branches.values() for one in branch.steps.values()]
        if step.status == "FAIL" and all(one.status != "FAIL" for one in walk_steps(inner)):
            yield step


class Place(Struct, Generic[T], eq=False):
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
