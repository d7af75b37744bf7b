"""Durations, ages and times as text."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from magnus_tui.format.values import DASH

if TYPE_CHECKING:
    from magnus_tracking.analysis.liveness import Took

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(seconds: float | None, finer: int = 0) -> str:
    """Seconds in the two largest units that they fill: ``350 ms``, ``4.1 s``, ``4m 07s``, ``1h 02m``, ``2d 03h``.

    Args:
        seconds: how long; None for unknown.
        finer: how many more digits than usual, to tell it from others beside it; hours and days first get all units.
    """
    if seconds is None:
        return DASH
    if seconds < 0:
        return "-" + duration(-seconds, finer)
    if seconds < 1 - 0.0005 / 10**finer:
        return f"{seconds * 1000:.{finer}f} ms"
    if seconds < _MINUTE - 0.05 / 10**finer:
        return f"{seconds:.{finer + 1}f} s"
    is_long = seconds >= _HOUR - 0.5 / 10**finer
    if is_long and not finer:
        hours, minutes = divmod(round(seconds / _MINUTE), 60)
        if hours < 24:
            return f"{hours}h {minutes:02d}m"
        days, hours = divmod(round(seconds / _HOUR), 24)
        return f"{days}d {hours:02d}h"
    whole, _, fraction = f"{seconds:.{finer - is_long}f}".partition(".")
    minutes, rest = divmod(int(whole), _MINUTE)
    last = f"{rest:02d}{'.' if fraction else ''}{fraction}s"
    if not is_long:
        return f"{minutes}m {last}"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return (f"{days}d {hours:02d}h" if days else f"{hours}h") + f" {minutes:02d}m {last}"


def took(taken: Took, missing: str = DASH) -> str:
    """How long a run or a part of it took, marked ``~`` where that is inferred; a question mark where nobody can tell.

    Args:
        taken: how long.
        missing: the text where no time was kept.
    """
    if taken.note is not None:
        return "?"
    return missing if taken.seconds is None else f"{'~' if taken.inferred else ''}{duration(taken.seconds)}"


def ago(time: datetime | None, now: datetime, *, inferred: bool = False) -> str:
    """How long before `now` a time was, or its date where it would lie in the future.

    Args:
        time: naive local time of the machine that ran.
        now: naive local time in the same zone.
        inferred: whether the time comes from a file's name or age rather than from the log; marked ``~``.
    """
    if time is None:
        return DASH
    mark = "~" if inferred else ""
    seconds = (now - time).total_seconds()
    if seconds < 0:
        return mark + time.strftime("%Y-%m-%d %H:%M")
    return mark + span(seconds) + " ago"


def ago_changes(time: datetime | None, now: datetime) -> float:
    """Seconds after which `ago` says something else of a time; infinite where it never does."""
    if time is None:
        return math.inf
    seconds = (now - time).total_seconds()
    if seconds < 0:
        return -seconds
    unit = 1 if seconds < _MINUTE else _MINUTE if seconds < _HOUR else _HOUR if seconds < 2 * _DAY else _DAY
    return unit - seconds % unit


def span(seconds: float) -> str:
    """A length of time in its largest unit: ``12 s``, ``3 min``, ``2 h``, ``9 d``."""
    if seconds < _MINUTE:
        return f"{int(seconds)} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    if seconds < 2 * _DAY:
        return f"{int(seconds // _HOUR)} h"
    return f"{int(seconds // _DAY)} d"


def silence(length: timedelta | None) -> str:
    """The text for a run that is not known to be alive and has been silent for so long; None where nobody can tell."""
    if length is None:
        return "no sign of life can be dated: all its times lie ahead of this machine's clock"
    return f"no sign of life for {span(length.total_seconds())}"


def clock(time: datetime | None) -> str:
    """A time of day to the second, or a dash."""
    return time.strftime("%H:%M:%S") if time else DASH


def date_time(time: datetime | None) -> str:
    """A date and time to the second, or a dash."""
    return time.strftime("%Y-%m-%d %H:%M:%S") if time else DASH
