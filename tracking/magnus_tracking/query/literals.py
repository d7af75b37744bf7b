"""What the right of a comparison means, which the field on its left decides."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from magnus_tracking.query.fields import METRIC, Kind
from magnus_tracking.query.nodes import ORDER, Comparison

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|min|s|m|h|d|w)\s*)+", re.IGNORECASE)
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d|w)", re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?\d{1,4000}")
_FLOAT = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.IGNORECASE)
_TIME = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?)?")

DURATIONS = "a duration such as 90s, 5m, 2h or 3d"
DATES = "a date such as 2026-11-20 or 2026-11-20T14:30"


@dataclass(frozen=True, slots=True)
class Span:
    """What a time stands for: the moment where it begins, and the first moment after it (a date is a whole day)."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a comparison means nothing."""

    message: str
    expected: tuple[str, ...]


def parse_number(text: str) -> int | float | None:
    """The number that `text` is, integers exactly; None where it is none, and for NaN, which equals nothing."""
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else None


def parse_seconds(text: str) -> float | None:
    """Seconds in ``90s``, ``1h30m`` or a bare number of seconds; None where it is neither."""
    if _DURATION.fullmatch(text):
        return math.fsum(float(amount) * _SECONDS[unit.lower()] for amount, unit in _DURATION_PART.findall(text))
    return parse_number(text)


def parse_span(text: str) -> Span | None:
    """The year and month, day, minute, second or microsecond that `text` names; None where it names none."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction = match.groups()
    micros = int((fraction or "0").ljust(6, "0"))
    try:
        begin = datetime(
            int(year), int(month), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), micros
        )
        return Span(begin, _end(begin, day, hour, second, fraction))
    except (ValueError, OverflowError):
        return None


def _end(begin: datetime, day: str | None, hour: str | None, second: str | None, fraction: str | None) -> datetime:
    if day is None:
        return (begin + timedelta(days=32)).replace(day=1)
    if hour is None:
        return begin + timedelta(days=1)
    if second is None:
        return begin + timedelta(minutes=1)
    if fraction is None:
        return begin + timedelta(seconds=1)
    return begin + timedelta(microseconds=1)


def check_comparison(comparison: Comparison) -> Problem | None:
    """Why the value can't be compared with the field, or None where it can."""
    field, text = comparison.field, comparison.value.text
    if field.kind is Kind.NUMBER and parse_number(text) is None:
        return _expected(str(field), text, "a number")
    if field.kind is Kind.SECONDS and parse_seconds(text) is None:
        # Without the field's name: it may have been written as `took`.
        return Problem(f"expected {DURATIONS}, not {text!r}", (DURATIONS,))
    if field.kind is Kind.TIME and parse_span(text) is None and not _DURATION.fullmatch(text):
        return _expected(str(field), text, f"{DATES}, or {DURATIONS} ago")
    if field.kind is Kind.CODE and comparison.operator in ORDER:
        return Problem(
            "code is compared with : only: dirty, clean, or the beginning of a commit", ("dirty", "clean", "a commit")
        )
    if field.kind is Kind.TEXTS and comparison.operator in ORDER:
        return Problem("step is compared with : only, with the name of a step", ("the name of a step",))
    if field.name == METRIC and text.lower() == "nan":
        return Problem(f"nothing equals NaN: use nan:{field}", (f"nan:{field}",))
    if comparison.operator in ORDER and len(comparison.value.parts) > 1:
        return Problem("* stands for any text, which is neither more nor less: use : or !=", ("a value without *",))
    return None


def _expected(field: str, text: str, what: str) -> Problem:
    return Problem(f"{field} is compared with {what}, not {text!r}", (what,))
