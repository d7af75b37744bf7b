"""Whether an unfinished run is still going, as far as its silence tells.

The engines write only when a step starts or ends, and nothing when their process dies, so all of this is inferred: the
status in the file stays what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct, field

from magnus_tracking.runlog.step_kinds import AnyStep, status_of
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.runlog.times import local_time, seconds_between
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES, GOES_ON, NOT_BEGUN

Liveness = Literal["live", "silent", "stalled", "lost"]
DEAD: frozenset[Liveness | None] = frozenset({"stalled", "lost"})
"""What is no longer thought to go on."""
DEFAULT_STALLED_AFTER = timedelta(hours=1)
UNENDED = "NEVER ENDED"
"""The state of what has not ended in a run that has."""
REACHED = "REACHED"
"""The state of the `fail` node that a failed run reached: the engines log the node itself as a success."""
NOT_ALIVE = frozenset({"SILENT", "STALLED", "LOST", UNENDED})
"""States of what has not ended, and is not known to go on."""
TIMES_THE_LONGEST = 5.0
"""A run is stalled once silent for this many times the longest that its step took in other runs."""
_CLOCKS_DIFFER = timedelta(minutes=5)
"""Times that lie ahead by no more are those of another machine's clock, and recent."""


class StalledRule(Struct, frozen=True):
    """When silence counts as stalled.

    Attributes:
        after: the silence that is always allowed.
        longest: seconds by (pipeline, step's internal name): the longest that the step took in any finished run.
    """

    after: timedelta = DEFAULT_STALLED_AFTER
    longest: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def is_stalled(self, run: RunSummary, silence: timedelta) -> bool:
        """Whether `silence` is longer than both the setting and five times what the step took elsewhere."""
        usual = self.longest.get((run.pipeline, run.current_step or ""), 0.0)
        return silence > self.after and silence.total_seconds() > TIMES_THE_LONGEST * usual


def silence_of(run: RunSummary, now: datetime) -> timedelta | None:
    """How long nothing has been heard of an unfinished run.

    Returns:
        None for a finished or unreadable run, and where nobody can tell, because all its times lie ahead.
    """
    if run.is_finished or run.error is not None or run.last_sign is None:
        return None
    sign = _last_sign(run, now)
    return None if sign is None else max(now - sign, timedelta(0))


def _last_sign(run: RunSummary, now: datetime) -> datetime | None:
    """When a run was last heard of; a time that lies ahead tells nothing, then it is when its files were written."""
    written = local_time(run.mtime_ns / 1e9) if run.mtime_ns else None
    times = [time for time in (run.last_sign, written) if time is not None]
    sign = times[0] if times and times[0] <= now else min(times, default=None)
    return sign if sign is not None and sign <= now + _CLOCKS_DIFFER else None


def liveness_of(run: RunSummary, now: datetime, rule: StalledRule, writer_gone: bool | None = None) -> Liveness | None:
    """Whether an unfinished run is live, silent, stalled or lost; None for a finished or unreadable one.

    Args:
        run: the run.
        now: naive local time in the zone of the machine that ran.
        rule: when silence counts as stalled.
        writer_gone: whether the process that writes the run's journal is gone from this host; None without a journal.
    """
    if run.is_finished or run.error is not None or run.last_sign is None:
        return None
    if writer_gone is not None:
        return "lost" if writer_gone else "live"
    silence = silence_of(run, now)
    if silence is not None and rule.is_stalled(run, silence):
        return "stalled"
    return "silent" if silence is None or silence > rule.after else "live"


def known_until(run: RunSummary, now: datetime, liveness: Liveness | None) -> datetime:
    """Up to when an unfinished run has lasted: now, or where it is dead its last sign of life.

    Where all its signs lie ahead, its clock is another one, and alone tells how long it lasted.
    """
    if liveness not in DEAD or run.last_sign is None or (run.started is not None and run.started > now):
        return now
    sign = _last_sign(run, now)
    if sign is None or (run.started is not None and sign < run.started):
        sign = run.last_sign
    return max(sign, run.started or sign)


def run_state(run: RunSummary, liveness: Liveness | None) -> str:
    """The state in which a run is shown: its status, what is inferred of it, or that it can't be read.

    Args:
        run: the run.
        liveness: see `liveness_of`.
    """
    if run.error is not None:
        return "UNREADABLE"
    return run.status if liveness in (None, "live") else liveness.upper()


def state_of(status: str, run_status: str, liveness: Liveness | None) -> str:
    """The state in which a branch or attempt of a run is shown: no part of a run lives longer than the run.

    Args:
        status: its own, as the log has it.
        run_status: that of the run.
        liveness: of the run; see `liveness_of`.

    Returns:
        The status, or what is inferred of what has not ended.
    """
    if status not in GOES_ON:
        return status
    if run_status in FINAL_STATUSES:
        return status if status == NOT_BEGUN else UNENDED
    return liveness.upper() if liveness in ("silent", "stalled", "lost") else status


def step_state(step: AnyStep, run_status: str, liveness: Liveness | None) -> str:
    """The state in which a step is shown; see `state_of`. A `fail` node that ran is where a failed run went."""
    status = status_of(step)
    if step.step_type == "fail" and status == "SUCCESS":
        return REACHED
    return state_of(status, run_status, liveness)


class Took(Struct, frozen=True):
    """How long a run, or a part of it, took or has taken so far.

    Attributes:
        seconds: None where nobody can tell.
        inferred: whether its start or its end is concluded rather than written; marked ``~``.
        note: why there are no seconds although the log has times; None otherwise.
        so_far: whether it still grows.
    """

    seconds: float | None
    inferred: bool = False
    note: str | None = None
    so_far: bool = False


AHEAD = "it started later than this machine's clock says it is"


def took(run: RunSummary, now: datetime, liveness: Liveness | None) -> Took:
    """How long a run took: to its end; of an unfinished one up to now, or where it is dead to its last sign of life.

    Args:
        run: the run.
        now: naive local time in the zone of the machine that ran.
        liveness: whether it is still going; see `liveness_of`.
    """
    if run.error is not None or run.started is None:
        return Took(None)
    if run.clock_note is not None:
        return Took(None, note=run.clock_note)
    if run.is_finished:
        return Took(run.duration, run.started_inferred and run.duration is not None)
    inferred = run.started_inferred or liveness not in ("live", None)
    so_far = liveness not in DEAD
    return _unended(run.started, known_until(run, now, liveness), inferred, so_far=so_far)


def part_took(start: datetime | None, until: datetime | None, state: str, *, inferred: bool) -> Took:
    """How long a step, branch or attempt has taken that has not ended.

    Args:
        start: when it began; None where that is not known.
        until: up to when the run has lasted, see `known_until`; None where that lies before its start.
        state: in which it is shown; see `state_of`.
        inferred: whether its start is concluded rather than written.
    """
    if start is None:
        return Took(None)
    return _unended(start, until, inferred or state in NOT_ALIVE, so_far=state in GOES_ON or state == "SILENT")


def _unended(start: datetime, until: datetime | None, inferred: bool, *, so_far: bool) -> Took:
    seconds = seconds_between(start, until)
    return Took(seconds, inferred and seconds is not None, AHEAD if seconds is None else None, so_far)
