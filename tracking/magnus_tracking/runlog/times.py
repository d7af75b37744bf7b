"""Times and durations as run logs write them.

Both engines write naive local time of the machine that ran (``str(datetime)``). It is kept as written, and taken to be
in the zone in which runs are read: this machine's, or the one that `use_zone` names. Other programs may write an
offset, which is obeyed: such a time is turned into that zone, and keeps how far that was ahead of UTC, so that an hour
is an hour across the beginning and the end of summer time, too.
"""

from __future__ import annotations

import functools
import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ZONE_VARIABLE = "MAGNUS_TIME_ZONE"
"""The environment variable that tells the zone to the processes that read in this one's place."""


class Moment(datetime):
    """A time that was written with an offset: naive and local like any other, but known to the hour.

    Two of them are compared, and subtracted, as they followed one another; with any other time, as clocks showed them.

    Attributes:
        ahead: how far the zone was ahead of UTC then.
    """

    ahead: timedelta | None = None

    @classmethod
    def of(cls, time: datetime) -> Self:
        """The moment of an aware time, as clocks in its zone show it."""
        return cls.combine(time.date(), time.time().replace(fold=0))._with(time.utcoffset())

    def _with(self, ahead: timedelta | None) -> Self:
        self.ahead = ahead
        return self

    def since(self, other: datetime) -> timedelta:
        """How much later than `other` it is."""
        difference = datetime.__sub__(self, other)
        if isinstance(other, Moment) and self.ahead is not None and other.ahead is not None:
            return difference - (self.ahead - other.ahead)
        return difference

    def __sub__(self, other: Any) -> Any:
        """Time since a time, or the moment so much earlier."""
        if isinstance(other, datetime):
            return self.since(other)
        return self + -other if isinstance(other, timedelta) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        """Time from this moment to `other`."""
        return -self.since(other) if isinstance(other, datetime) else NotImplemented

    def __add__(self, other: timedelta) -> Self:
        """The moment so much later, on the same clock."""
        return super().__add__(other)._with(self.ahead)

    __radd__ = __add__

    def __lt__(self, other: Any) -> bool:
        """Whether it is earlier."""
        return self.since(other) < _NONE

    def __le__(self, other: Any) -> bool:
        """Whether it is not later."""
        return self.since(other) <= _NONE

    def __gt__(self, other: Any) -> bool:
        """Whether it is later."""
        return self.since(other) > _NONE

    def __ge__(self, other: Any) -> bool:
        """Whether it is not earlier."""
        return self.since(other) >= _NONE

    def __eq__(self, other: object) -> bool:
        """Whether it is the same time."""
        return isinstance(other, datetime) and self.since(other) == _NONE

    def __hash__(self) -> int:
        """The same for times that clocks showed alike, which are equal unless both are moments."""
        return super().__hash__()


_NONE = timedelta(0)


def as_shown(time: datetime | None) -> datetime | None:
    """A time as clocks showed it, and no more, which can be kept in files."""
    return datetime.combine(time.date(), time.time()) if isinstance(time, Moment) else time


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
        return Moment.of(time.astimezone(_zone()))
    except (OverflowError, ValueError, OSError):
        # At the very ends of the calendar, where no zone can be applied.
        return time.replace(tzinfo=None, fold=0)


UNKNOWN = -(1 << 63)
"""Stands for an unknown time among times in milliseconds."""


def in_ms(time: datetime) -> int:
    """A time as clocks showed it, in milliseconds since 1970."""
    return (datetime.combine(time.date(), time.time()) - _EPOCH) // _MS


def of_ms(ms: int) -> datetime | None:
    """The time that `in_ms` turned into milliseconds; None for `UNKNOWN`, and for what no calendar has."""
    try:
        return _EPOCH + ms * _MS
    except OverflowError:
        return None


_EPOCH = datetime(1970, 1, 1)
_MS = timedelta(milliseconds=1)


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from `start` to `end`, or None where one of them is not known, or time went backwards between them."""
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()
