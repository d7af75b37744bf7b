"""Time stamps of the lines of a log, and the lines around a moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time

from magnus_tracking.logs.pages import LogPages
from magnus_tracking.runlog.times import parse_time

_SEARCHED = 80
"""Characters at the beginning of a line in which its time stamp stands."""
_STAMP = re.compile(
    r"(?P<day>\d{4}[-/]\d\d[-/]\d\d)[T ](?P<at>\d\d:\d\d:\d\d)(?P<part>[.,]\d{1,6})?(?P<zone>Z|[+-]\d\d:?\d\d)?"
    r"|(?<![\d:])(?P<clock>[0-2]\d:[0-5]\d:[0-5]\d)(?P<share>[.,]\d{1,6})?(?![\d:])"
)


def stamp_of(line: str, near: datetime) -> datetime | None:
    """The time that a line says it was written at, naive local time; None where it says none.

    Loggers write ``2026-11-23 10:00:00,123``, ISO 8601 with or without a zone, or the clock alone.

    Args:
        line: of a log.
        near: some time of the log; a line that has only the clock takes its day.
    """
    match = _STAMP.search(line[:_SEARCHED])
    if match is None:
        return None
    try:
        if match["day"] is None:
            share = (match["share"] or ".0").replace(",", ".")
            return datetime.combine(near.date(), time.fromisoformat(f"{match['clock']}{share:0<7}"))
    except ValueError:
        return None
    part = (match["part"] or ".0").replace(",", ".")
    return parse_time(f"{match['day'].replace('/', '-')} {match['at']}{part:0<7}{match['zone'] or ''}")


def line_at(log: LogPages, moment: datetime, should_stop: Callable[[], bool]) -> tuple[int, int] | None:
    """The last line that was written by a moment, as its page and its place there; None without any time stamp.

    Args:
        log: the log, whose time stamps ascend.
        moment: naive local time.
        should_stop: asked before each page.

    Raises:
        CatalogError: the file can't be read.
    """
    found = first = None
    for number in range(_page_before(log, moment), log.count):
        if should_stop():
            return None
        for place, line in enumerate(log.page(number)):
            stamp = stamp_of(line, moment)
            if stamp is None:
                continue
            first = first or (number, place)
            if stamp > moment:
                return found or first
            found = number, place
    return found


def _page_before(log: LogPages, moment: datetime) -> int:
    """A page whose first time stamp is not after a moment; the first one where there is none."""
    low, high = 0, max(log.count - 1, 0)
    while low < high:
        middle = (low + high + 1) // 2
        stamps = (stamp for line in log.page(middle) if (stamp := stamp_of(line, moment)) is not None)
        stamp = next(stamps, None)
        if stamp is None or stamp > moment:
            high = middle - 1
        else:
            low = middle
    return low
