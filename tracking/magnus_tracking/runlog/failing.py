"""Why a run failed: its failing step, the attempt that failed, or what began and never ended.

A branch whose process died leaves no failed step behind: it stays unfinished in a run that the engine marked FAIL. A
branch may also fail while no step in it does, and a composite step by an attempt of its own, as when it can't make its
branches. The rules serve the full model and the outline, which share their fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from magnus_tracking.runlog.elapsed import Attempt
from magnus_tracking.runlog.natural_order import natural_key
from magnus_tracking.runlog.steps import T
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.vocabulary import GOES_ON, NOT_BEGUN

NEVER_ENDED = "never ended"
BRANCH_FAILED = "failed, but no step in it did"
"""The reasons of a failure without a failing step: what is said behind the name of a step or branch."""
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
        name: the internal name of the step, or of a branch that never ended or that failed without a step.
        step: the step whose log tells most: the failing one, or the last one of the branch that began.
        reason: why, where the log has no failed attempt to tell it; else empty.
        message: what the log says of it; None where it says nothing.
        started: when what never ended, or the branch, began, as far as its attempts show.
    """

    name: str
    step: T
    reason: str
    message: str | None
    started: datetime | None = None


def find_failure(status: str, top: Iterable[T], leaves: Iterable[T]) -> Failure[T] | None:
    """What made a run fail; None where nothing failed.

    That is the failing step; in a FAIL run without one what never ended, else the innermost composite step or
    branch that failed.

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
    places = _places(top)
    place = min(_innermost(places, lambda place: place.unfinished), key=_order, default=None)
    if place is not None:
        return Failure(place.name, place.step, NEVER_ENDED, NEVER_ENDED, place.started)
    failed = _innermost(places, lambda place: place.status == "FAIL")
    step = failing_step(place.step for place in failed if not place.is_branch)
    if step is not None:
        return Failure(step.internal_name, step, "", failure_message(step))
    branch = min(failed, key=_order, default=None)
    return Failure(branch.name, branch.step, BRANCH_FAILED, BRANCH_FAILED, branch.started) if branch else None


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


class Place(Struct, Generic[T], eq=False):
    """A step or a branch where it stands in the run.

    Attributes:
        name: its internal name.
        step: the step; of a branch the last step in it that began, else the step that holds it.
        outer: the step or branch that it is nested in.
        status: its own, as the log has it.
        is_branch: whether it is a branch.
        began: whether anything shows that it began.
        started: the earliest start of an attempt in it; None where it shows none.
    """

    name: str
    step: T
    outer: Place[T] | None
    status: str
    is_branch: bool = False
    began: bool = False
    started: datetime | None = None

    @property
    def unfinished(self) -> bool:
        """Whether it began and has not ended; a status that no engine writes tells neither."""
        return self.status in GOES_ON and self.began and (self.is_branch or not self.step.mock)


def _innermost(places: Sequence[Place[T]], is_one: Callable[[Place[T]], bool]) -> list[Place[T]]:
    """The places that are one of a kind, and hold no other that is."""
    holding: set[int] = set()
    for place in reversed(places):
        if place.outer is not None and (id(place) in holding or is_one(place)):
            holding.add(id(place.outer))
    return [place for place in places if id(place) not in holding and is_one(place)]


def _order(place: Place[T]) -> tuple[bool, datetime, list[tuple[int, int, str]]]:
    """Of several, the one that began first; those that show no time come after the others, in natural order."""
    return (place.started is None, place.started or datetime.max, natural_key(place.name))


def _shows_it_began(step: T) -> bool:
    return bool(step.attempts) or step.status != NOT_BEGUN


def _places(steps: Iterable[T]) -> list[Place[T]]:
    """Every step and branch, each before what is nested in it."""
    places: list[Place[T]] = []
    stack: list[tuple[T, Place[T] | None]] = [(step, None) for step in steps]
    while stack:
        step, outer = stack.pop()
        starts = [start for start in (parse_time(attempt.start_time) for attempt in step.attempts) if start]
        began = _shows_it_began(step)
        place = Place(step.internal_name, step, outer, step.status, False, began, min(starts, default=None))
        places.append(place)
        for branch in step.branches.values():
            inner = list(branch.steps.values())
            last = next((one for one in reversed(inner) if _shows_it_began(one)), inner[-1] if inner else step)
            held = Place(branch.internal_name, last, place, branch.status, True, branch.status != NOT_BEGUN)
            places.append(held)
            stack += [(one, held) for one in inner]
    for place in reversed(places):
        holder = place.outer
        if holder is not None:
            holder.began |= place.began
            if place.started is not None and (holder.started is None or place.started < holder.started):
                holder.started = place.started
    return places
