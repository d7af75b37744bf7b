"""How long attempts, steps and branches took, and whether the clock went back meanwhile: the one place that tells.

*Took* is from the first start to the end of the last attempt. Where the clock was
set back, as at the end of summer time, nobody can tell either: both are None then, and `clock_note` says why. One rule
serves the full model and the outline, which have the same fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from magnus_tracking.runlog.step_kinds import is_terminal
from magnus_tracking.runlog.steps import T, walk_steps
from magnus_tracking.runlog.times import parse_time, seconds_between

Span = tuple[datetime | None, datetime | None]

WENT_BACK = "the clock went back"
"""What every note on such a time begins with."""


class Attempt(Protocol):
    """An attempt of a step, of the full model or of the outline."""

    @property
    def start_time(self) -> str:
        """When it began, as the log has it."""

    @property
    def end_time(self) -> str:
        """When it ended, as the log has it."""

    @property
    def status(self) -> str:
        """How it stands, as the log has it."""


def attempt_span(attempt: Attempt) -> Span:
    """When an attempt began and ended; None for what the log does not tell."""
    return parse_time(attempt.start_time), parse_time(attempt.end_time)


def attempt_seconds(attempt: Attempt) -> float | None:
    """How long an attempt took, or None where a time is not known, or the clock went back meanwhile."""
    return seconds_between(*attempt_span(attempt))


def step_took(attempts: Sequence[Attempt]) -> float | None:
    """Seconds from the start of the first attempt of a step to the end of its last; None where that is not known."""
    if len(attempts) == 1:
        return attempt_seconds(attempts[0])
    if not attempts or went_back(list(map(attempt_span, attempts))):
        return None
    return seconds_between(parse_time(attempts[0].start_time), parse_time(attempts[-1].end_time))


def span(steps: Iterable[T]) -> Span:
    """The first start and the last end of the attempts of `steps`."""
    spans = [attempt_span(attempt) for step in steps for attempt in step.attempts]
    starts = [start for start, _ in spans if start is not None]
    ends = [end for _, end in spans if end is not None]
    return min(starts, default=None), max(ends, default=None)


def by_end(steps: Sequence[T], ends: Sequence[datetime] | None = None) -> Sequence[T]:
    """Steps in the order in which their last attempts ended, those that show no end first.

    Steps of one internal name, which no engine writes, count as one: they ended with the last of them.

    Args:
        steps: in the order of the log, which settles ties.
        ends: the latest end of each, `datetime.min` without one, where they are known.
    """
    ends = [span([step])[1] or datetime.min for step in steps] if ends is None else ends
    ordered = steps
    if ends != sorted(ends):
        ordered = [steps[place] for place in sorted(range(len(steps)), key=ends.__getitem__)]
    if len({step.internal_name for step in steps}) == len(steps):
        return ordered
    by_name: dict[str, list[T]] = {}
    for step in steps:
        by_name.setdefault(step.internal_name, []).append(step)
    last_to_first = dict.fromkeys(step.internal_name for step in reversed(ordered))
    return [step for name in reversed(last_to_first) for step in by_name[name]]


def went_back(spans: Sequence[Span]) -> bool:
    """Whether the times of attempts that followed one another show that the clock went back."""
    before: datetime | None = None
    for start, end in spans:
        for time in (start, end):
            if time is not None:
                if before is not None and time < before:
                    return True
                before = time
    return False


def attempts_note(name: str, attempts: Sequence[Attempt]) -> str | None:
    """What the times of the attempts of the step called `name` show of a clock that went back; None if nothing."""
    for number, attempt in enumerate(attempts):
        start, end = attempt_span(attempt)
        if start is not None and end is not None and end < start:
            which = f"attempt {number + 1} of {name}" if len(attempts) > 1 else name
            return f"{WENT_BACK}: {which} ended at {_clock(end)}, before it began at {_clock(start)}"
    if len(attempts) > 1 and went_back(list(map(attempt_span, attempts))):
        return f"{WENT_BACK}: an attempt of {name} began before the one before it had ended"
    return None


def _clock(time: datetime) -> str:
    return time.isoformat(" ")


def clock_note(steps: Iterable[T], *, one_at_a_time: bool) -> str | None:
    """What the times of some steps, and of those nested in them, show of a clock that went back; None if nothing.

    Args:
        steps: that follow one another, in the order in which they began.
        one_at_a_time: whether a step begins only once the one before it has ended, as the engines do it; a process that
            tracks may have several at once.
    """
    starts: list[datetime] = []
    ends: list[datetime] = []
    for sequence in _sequences(steps):
        before: tuple[str, datetime, datetime | None] | None = None
        for step in sequence:
            note = attempts_note(step.internal_name, step.attempts)
            if note is not None:
                return note
            spans = list(map(attempt_span, step.attempts))
            starts += [start for start, _ in spans if start is not None]
            ends += [end for _, end in spans if end is not None]
            if is_terminal(step):
                # A run that was retried keeps the `fail` of the first time between steps that came later.
                continue
            start, end = _first_span(step)
            if start is None:
                continue
            if before is not None:
                name, began, ended = before
                if start < began or (one_at_a_time and ended is not None and start < ended):
                    earlier = f"began at {_clock(began)}" if start < began else f"ended at {_clock(ended or began)}"
                    return f"{WENT_BACK}: {step.internal_name} began at {_clock(start)}, but {name} {earlier}"
            before = (step.internal_name, start, end)
    if starts and ends and max(ends) < min(starts):
        return f"{WENT_BACK}: the last end, {_clock(max(ends))}, lies before the first start, {_clock(min(starts))}"
    return None


def _sequences(steps: Iterable[T]) -> Iterable[list[T]]:
    """The steps of the run, and those of each branch, as they follow one another."""
    pending: list[list[T]] = [list(steps)]
    while pending:
        sequence = pending.pop()
        yield sequence
        for step in sequence:
            pending += [list(branch.steps.values()) for branch in step.branches.values()]


def _first_span(step: T) -> Span:
    """When a step began, and when the first attempt of a leaf step ended.

    Later attempts may be those of a run that was taken up again, after steps that come later in the log.
    """
    if not step.branches:
        return attempt_span(step.attempts[0]) if step.attempts else (None, None)
    starts = [start for start in (parse_time(attempt.start_time) for attempt in step.attempts) if start]
    for inner in walk_steps([inner for branch in step.branches.values() for inner in branch.steps.values()]):
        starts += [start for start in (parse_time(attempt.start_time) for attempt in inner.attempts[:1]) if start]
    return min(starts, default=None), None
