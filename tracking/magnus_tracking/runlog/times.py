"""Times and durations as run logs write them.

Both engines write naive local time of the machine that ran (``str(datetime)``), and magnus writes durations as
``str(timedelta)``.
"""

from __future__ import annotations

import re
from datetime import datetime

_DURATION = re.compile(r"^(?:(-?\d{1,9}) days?, )?(\d{1,6}):(\d{2}):(\d{2}(?:\.\d{1,9})?)$")


def parse_time(text: str) -> datetime | None:
    """The naive local time that `text` holds, or None where it holds none.

    A time with a zone, which neither engine writes, is kept as its own local time.
    """
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is None else time.replace(tzinfo=None)


def local_time(seconds: float) -> datetime | None:
    """The naive local time so many seconds after 1970; None for what no calendar has, which a file's time may be."""
    try:
        return datetime.fromtimestamp(seconds)
    except (ValueError, OverflowError, OSError):
        return None


def parse_duration(text: str) -> float | None:
    """Seconds in a ``str(timedelta)`` (``0:00:00.008643``, ``1 day, 2:03:04``), or None where it is none."""
    match = _DURATION.match(text)
    if match is None:
        return None
    days, hours, minutes, seconds = match.groups()
    return int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from `start` to `end`, or None where one of them is not known."""
    if start is None or end is None:
        return None
    return (end - start).total_seconds()
