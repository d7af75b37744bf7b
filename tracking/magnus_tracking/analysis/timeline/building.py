"""From a run log to bars."""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from magnus_tracking.analysis.liveness import Liveness, state_of, step_state
from magnus_tracking.analysis.timeline.bars import Bar, Timeline
from magnus_tracking.analysis.timeline.critical_path import critical_keys
from magnus_tracking.runlog.elapsed import attempt_span, clock_note, span, went_back
from magnus_tracking.runlog.steps import walk_steps
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.tree import is_ours, top_steps
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES, GOES_ON

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import BranchLog, RunLog, StepAttempt, StepLog

_RANKS = 3


@dataclass
class Span:
    """A node of the tree of bars while it is built; `bar` has its times, `inside` what is nested in it.

    Attributes:
        bar: the bar.
        inside: branches of a composite step, steps of a branch, attempts of a leaf step.
    """

    bar: Bar
    inside: list[Span] = field(default_factory=list)

    @property
    def start(self) -> datetime | None:
        """When it began."""
        return self.bar.start

    @property
    def end(self) -> datetime | None:
        """When it ended, or the time up to which it is drawn."""
        return self.bar.end


def timeline_of(
    run: RunLog, now: datetime | None = None, started: datetime | None = None, liveness: Liveness | None = None
) -> Timeline:
    """The run over time.

    Args:
        run: the run.
        now: naive local time up to which unfinished bars run: the last sign of life of a run that is dead; without it,
            up to the last time in the log.
        started: when an unfinished run began whose log has no time yet.
        liveness: whether an unfinished run is still going.
    """
    steps = list(top_steps(run).values())
    finished = run.status in FINAL_STATUSES
    latest = max(_times(steps, ends_only=finished), default=None if finished else started)
    until = latest if now is None else now
    spans = _Building(run.status, liveness, None if finished else until).sequence(steps, 0, started)
    # A composite step may have attempts of its own, which its bar leaves to its branches.
    starts = [start for start in (span(walk_steps(steps))[0], *(one.start for one in spans)) if start]
    bars = _ranked(_flat(spans, critical_keys(spans)))
    note = clock_note(steps, one_at_a_time=not is_ours(run))
    if note is not None:
        # Waits that are measured across such a clock would be as wrong as durations.
        bars = tuple(replace(bar, ready=None) for bar in bars)
    end = max((time for time in (latest, None if finished else now) if time), default=None)
    return Timeline(run.run_id, run.status, bars, min(starts, default=started), end, note)


def _times(steps: Iterable[StepLog], *, ends_only: bool) -> Iterator[datetime]:
    for step in walk_steps(steps):
        for attempt in step.attempts:
            yield from filter(None, attempt_span(attempt)[ends_only:])


@dataclass(frozen=True, slots=True)
class _Building:
    """What the bars of a run depend on.

    Attributes:
        status: of the run.
        liveness: whether it is still going.
        until: up to when an unfinished step is drawn; None in a run that has ended.
    """

    status: str
    liveness: Liveness | None
    until: datetime | None

    def sequence(self, steps: Sequence[StepLog], depth: int, ready: datetime | None, parent: str = "") -> list[Span]:
        """Steps that follow one another.

        Args:
            steps: in the order of the log.
            depth: of their bars.
            ready: when the first could have begun.
            parent: the internal name of the branch that they are in.
        """
        spans: list[Span] = []
        ends: list[datetime] = []
        for step in steps:
            starts = _starts(step)
            before = bisect_right(ends, starts[0]) if starts else len(ends)
            since = ends[before - 1] if before else ready
            span = self._step(step, depth, since, step.internal_name.removeprefix(parent))
            spans.append(span)
            if span.end is not None and not span.bar.running:
                insort(ends, span.end)
        return spans

    def _step(self, step: StepLog, depth: int, ready: datetime | None, label: str) -> Span:
        state = step_state(step, self.status, self.liveness)
        bar = Bar("step", step.internal_name, label, depth, state, ready=ready, step=step)
        unfinished = _is_unfinished(step)
        if step.is_composite:
            inside = [self._branch(step, branch, depth + 1, ready) for branch in step.branches.values()]
            return self._around(bar, inside, unfinished)
        attempts = self._attempts(step, depth + 1, ready)
        span = self._around(bar, attempts, unfinished)
        if len(attempts) == 1:
            return Span(replace(span.bar, attempt=step.attempts[0]))
        return span

    def _branch(self, step: StepLog, branch: BranchLog, depth: int, ready: datetime | None) -> Span:
        name = branch.internal_name
        state = state_of(branch.status, self.status, self.liveness)
        bar = Bar("branch", name, name.removeprefix(step.internal_name + "."), depth, state, ready=ready)
        inside = self.sequence(list(branch.steps.values()), depth + 1, ready, name + ".")
        return self._around(bar, inside, branch.status in GOES_ON)

    def _around(self, bar: Bar, inside: list[Span], unfinished: bool) -> Span:
        """A bar from the first start to the last end of what is inside it, and of its own attempts."""
        times = [(span.start, span.end) for span in inside]
        back = any(span.bar.clock_went_back for span in inside)
        if bar.step is not None and (bar.step.is_composite or len(inside) > 1):
            own = list(map(attempt_span, bar.step.attempts))
            back = back or went_back(own)
            times += own if bar.step.is_composite else ()
        starts = [start for start, _ in times if start]
        running = unfinished and self.until is not None
        # What shows no time yet began when what came before it had ended: an attempt is written only when it has ended.
        since = bar.ready if running and not starts else None
        start = since or min(starts, default=None)
        running = running and start is not None
        end = self.until if running else max((end for _, end in times if end), default=None)
        return Span(
            replace(
                bar,
                start=start,
                end=_not_before(start, end),
                running=running,
                inferred=since is not None
                or (bool(starts) and all(span.bar.inferred for span in inside if span.start)),
                clock_went_back=back,
            ),
            inside,
        )

    def _attempts(self, step: StepLog, depth: int, ready: datetime | None) -> list[Span]:
        spans = []
        for attempt in step.attempts:
            bar = self._attempt(step, attempt, depth, ready)
            ready = bar.end or ready
            spans.append(Span(bar))
        return spans

    def _attempt(self, step: StepLog, attempt: StepAttempt, depth: int, ready: datetime | None) -> Bar:
        start, end = attempt_span(attempt)
        state = state_of(attempt.status, self.status, self.liveness)
        running = end is None and start is not None and self.until is not None
        running = running and _is_unfinished(step) and attempt.status in GOES_ON
        return Bar(
            "attempt",
            _key(step, attempt),
            _label(attempt),
            depth,
            state,
            start=start,
            # Where the clock went back no bar can be drawn.
            end=_not_before(start, self.until if running else end),
            running=running,
            clock_went_back=went_back([(start, end)]),
            ready=ready,
            step=step,
            attempt=attempt,
        )


def _is_unfinished(step: StepLog) -> bool:
    return not step.mock and step.status in GOES_ON


def _not_before(start: datetime | None, end: datetime | None) -> datetime | None:
    return None if start is not None and end is not None and end < start else end


def _starts(step: StepLog) -> list[datetime]:
    return sorted(time for time in (parse_time(attempt.start_time) for attempt in step.attempts) if time)


def _key(step: StepLog, attempt: StepAttempt) -> str:
    return f"{step.internal_name}#{attempt.attempt_number}"


def _label(attempt: StepAttempt) -> str:
    return f"attempt {attempt.attempt_number}"


def _flat(spans: Sequence[Span], critical: frozenset[str]) -> list[Bar]:
    """The bars of a tree, each before what is nested in it, their waits told once: by the outermost that waited."""
    bars: list[Bar] = []
    stack: list[tuple[Span, Bar | None]] = [(span, None) for span in reversed(spans)]
    while stack:
        span, around = stack.pop()
        bar, is_critical, ready = span.bar, span.bar.key in critical, _waited_since(span.bar, around)
        if is_critical or ready is not bar.ready:
            bar = replace(bar, critical=is_critical, ready=ready)
        bars.append(bar)
        stack.extend((inner, bar) for inner in reversed(span.inside))
    return bars


def _waited_since(bar: Bar, around: Bar | None) -> datetime | None:
    """Since when a bar waited: a branch since the first of its step began, and what begins with its container not."""
    if around is None or around.start is None:
        return bar.ready
    if bar.start == around.start:
        return None
    return around.start if bar.kind == "branch" else bar.ready


def _ranked(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    """The bars, the slowest third of the leaf steps that took time ranked, at most three of them."""
    own = {bar.key: bar.work for bar in bars if bar.is_leaf}
    timed = sorted((name for name, seconds in own.items() if seconds > 0), key=lambda name: -own[name])
    count = min(_RANKS, math.ceil(len(timed) / 3)) if len(timed) > 1 else 0
    ranks = {name: place for place, name in enumerate(timed[:count], 1)}
    return tuple(replace(bar, rank=ranks[bar.key]) if bar.kind == "step" and bar.key in ranks else bar for bar in bars)
