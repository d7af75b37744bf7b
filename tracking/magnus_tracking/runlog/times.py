"""Times and durations as run logs write them.

Both engines write naive local time of the machine that ran (``str(datetime)``). It is kept as written, and taken to be
in the zone in which runs are read: this machine's, or the one that `use_zone` names. Other programs may write an
offset, which is obeyed: such a time is turned into that zone.
"""

from __future__ import annotations

import functools
import os
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ZONE_VARIABLE = "MAGNUS_TIME_ZONE"
"""The environment variable that tells the zone to the processes that read in this one's place."""


def use_zone(name: str) -> None:
    """Read runs in the zone of this IANA name from now on, also in processes started later; in this machine's if empty.

    Raises:
        ZoneInfoNotFoundError: there is no such zone.
    """
    if name:
        os.environ[ZONE_VARIABLE] = name
    else:
        os.environ.pop(ZONE_VARIABLE, None)
    _zone.cache_clear()
    _zone()


def zone_name() -> str:
    """The name that `use_zone` was given; empty for this machine's zone."""
    return os.environ.get(ZONE_VARIABLE, "")


@functools.cache
def _zone() -> ZoneInfo | None:
    name = zone_name()
    if not name:
        return None
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def now() -> datetime:
    """The time now, naive, in the zone in which runs are read."""
    return datetime.now(_zone()).replace(tzinfo=None)


def local_time(seconds: float) -> datetime | None:
    """The time so many seconds after 1970, naive, in the zone in which runs are read.

    None for what no calendar has, which a file's time may be.
    """
    try:
        return datetime.fromtimestamp(seconds, _zone()).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


def parse_time(text: str) -> datetime | None:
    """The time that `text` holds, naive, in the zone in which runs are read; None where it holds none."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is None else _in_zone(time)


def _in_zone(time: datetime) -> datetime:
    """A time with an offset as naive time of the zone in which runs are read."""
    try:
        return time.astimezone(_zone()).replace(tzinfo=None, fold=0)
    except (OverflowError, ValueError, OSError):
        # At the very ends of the calendar, where no zone can be applied.
        return time.replace(tzinfo=None, fold=0)


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from `start` to `end`, or None where one of them is not known, or time went backwards between them."""
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()
