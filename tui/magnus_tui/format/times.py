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
    """Seconds as a clock reads them: ``0.35 s``, ``4:07``, ``1:02:03``, ``2 d 03:04``.

    Args:
        seconds: how long; None for unknown.
        finer: how many more digits than usual, to tell it from others beside it.
    """
    if seconds is None:
        return DASH
    if seconds < 0:
        return "-" + duration(-seconds, finer)
    if finer:
        return _fine_duration(seconds, finer)
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTE - 0.05:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < _DAY:
        return f"{whole // _HOUR}:{whole % _HOUR // 60:02d}:{whole % 60:02d}"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR:02d}:{whole % _HOUR // 60:02d}"


def took(taken: Took, missing: str = DASH) -> str:
    """How long a run or a part of it took, marked ``~`` where that is inferred; a question mark where nobody can tell.

    Args:
        taken: how long.
        missing: the text where no time was kept.
    """
    if taken.note is not None:
        return "?"
    return missing if taken.seconds is None else f"{'~' if taken.inferred else ''}{duration(taken.seconds)}"


def _fine_duration(seconds: float, finer: int) -> str:
    if seconds < 1 - 0.0005 / 10**finer:
        return f"{seconds * 1000:.{finer}f} ms"
    if seconds < _MINUTE - 0.05 / 10**finer:
        return f"{seconds:.{finer + 1}f} s"
    decimals = finer - (seconds >= _DAY)
    whole, _, rest = f"{seconds:.{decimals}f}".partition(".")
    days, clock = divmod(int(whole), _DAY)
    hours = f"{days} d {clock // _HOUR:02d}:" if days else f"{clock // _HOUR}:" if clock >= _HOUR else ""
    minutes = clock % _HOUR // 60
    return f"{hours}{f'{minutes:02d}' if hours else minutes}:{clock % 60:02d}" + (f".{rest}" if rest else "")


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
