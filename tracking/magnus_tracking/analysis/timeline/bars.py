"""What a timeline is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from magnus_tracking.analysis.liveness import UNENDED, Took, part_took
from magnus_tracking.runlog.elapsed import WENT_BACK, attempt_span, step_took
from magnus_tracking.runlog.times import seconds_between

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import StepAttempt, StepLog

BarKind = Literal["step", "branch", "attempt"]


@dataclass(frozen=True)
class Bar:
    """A step, a branch or an attempt over time.

    Attributes:
        kind: which of the three.
        key: the internal name of the step or branch; for an attempt that of its step, ``#`` and its number.
        label: the name without the path that the bars around it show.
        depth: how many bars this one is nested in.
        status: as it is shown; see `magnus_tracking.analysis.liveness.step_state`.
        start: when it began; None for what has not, or was skipped.
        end: when it ended, or the time up to which an unfinished one is drawn; None where that lies before its start.
        running: whether it had not ended when the log was read.
        inferred: whether `start` is not in the log, but concluded from what ended before.
        clock_went_back: whether the clock went back in it, so that nobody can tell how long it took.
        ready: when what came before it had ended, so that the time from then to `start` was a wait.
        critical: whether the run would have ended earlier had this been shorter.
        rank: 1 for the slowest leaf step of the run, 2 for the next, up to 3; None for others.
        step: the step that it is, or that it is an attempt of; None for a branch.
        attempt: the attempt that it is, or the only one of the step that it is.
    """

    kind: BarKind
    key: str
    label: str
    depth: int
    status: str
    start: datetime | None = None
    end: datetime | None = None
    running: bool = False
    inferred: bool = False
    clock_went_back: bool = False
    ready: datetime | None = None
    critical: bool = False
    rank: int | None = None
    step: StepLog | None = field(default=None, repr=False)
    attempt: StepAttempt | None = field(default=None, repr=False)

    @property
    def is_leaf(self) -> bool:
        """Whether it is a leaf step."""
        return self.kind == "step" and self.step is not None and self.step.is_leaf

    @property
    def grows(self) -> bool:
        """Whether it is drawn up to now, rather than to the last sign of life of a run that is dead."""
        return self.running and self.took.so_far

    @property
    def took(self) -> Took:
        """How long it took, or has taken so far."""
        if self.clock_went_back:
            return Took(None, note=WENT_BACK)
        if self.running:
            return part_took(self.start, self.end, self.status, inferred=self.inferred)
        if self.status == UNENDED and self.kind != "attempt":
            return Took(None)
        if self.step is not None and self.kind == "step" and not self.step.is_composite:
            return Took(None if self.step.mock else step_took(self.step.attempts))
        return Took(seconds_between(self.start, self.end))

    @property
    def seconds(self) -> float | None:
        """How many seconds it took, or has taken so far; None where that is not known."""
        return self.took.seconds

    @property
    def spans(self) -> tuple[tuple[datetime, datetime], ...]:
        """When it was at work: the whole of it, or where a step has several attempts, each of them."""
        if self.start is None or self.end is None:
            return ()
        if self.kind != "step" or self.step is None or self.step.is_composite or len(self.step.attempts) < 2:
            return ((self.start, self.end),)
        times = map(attempt_span, self.step.attempts)
        until = self.end if self.running else None
        spans = ((start, end or until) for start, end in times if start is not None)
        return tuple((start, end) for start, end in spans if end is not None and end >= start)

    @property
    def work(self) -> float:
        """Seconds that it is known to have been at work; less than `seconds` where attempts waited for one another."""
        skipped = self.step is not None and self.step.mock
        return 0.0 if self.inferred or skipped else sum((end - start).total_seconds() for start, end in self.spans)

    @property
    def wait(self) -> float:
        """Seconds between the end of what came before it and its start; 0 where nothing is known."""
        return max(seconds_between(self.ready, self.start) or 0.0, 0.0)


@dataclass(frozen=True)
class Timeline:
    """A run over time.

    Attributes:
        run_id: the run.
        status: its status.
        bars: what it consists of, each before what is nested in it, in the order of the log.
        start: the first start; None where nothing started.
        end: the last end, or now while the run is unfinished.
        note: what the log shows of a clock that went back; None if nothing.
    """

    run_id: str
    status: str
    bars: tuple[Bar, ...]
    start: datetime | None
    end: datetime | None
    note: str | None = None

    @property
    def seconds(self) -> float | None:
        """How long the run took, or has taken so far; None where the clock went back meanwhile."""
        return None if self.note is not None else seconds_between(self.start, self.end)

    @property
    def work(self) -> float | None:
        """Seconds of all attempts together, more than `seconds` where they overlap; None where the clock went back."""
        if self.note is not None:
            return None
        return sum(bar.work for bar in self.bars if bar.is_leaf)

    @property
    def slowest(self) -> tuple[Bar, ...]:
        """The slowest leaf steps, the slowest first."""
        return tuple(sorted((bar for bar in self.bars if bar.rank is not None), key=lambda bar: bar.rank or 0))

    def share(self, bar: Bar) -> float | None:
        """The part of the run's time that a bar takes, from 0 to 1."""
        whole = self.seconds
        return None if not whole or bar.seconds is None else bar.seconds / whole
