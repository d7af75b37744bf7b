"""From values to the text that a cell shows: durations, times, numbers, statuses.

Everything here is pure; text that comes out of a run log has gone through `magnus_tui.text.clean`
before it reaches a cell.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magnus_tui.text import clean

if TYPE_CHECKING:
    from magnus_tracking.analysis.liveness import Took

DASH = "–"
"""What stands for a value that is not there."""

STATUS_GLYPHS = {
    "SUCCESS": "✔",
    "FAIL": "✘",
    "PROCESSING": "●",
    "CREATED": "◌",
    "TRIGGERED": "◌",
    "SILENT": "◍",
    "STALLED": "◍",
    "LOST": "◍",
    "SKIPPED": "⊘",
    "UNREADABLE": "!",
    "RETRIED": "↻",
    "RERUN": "⤷",
    "PLANNED": "·",
}
"""Shape by state; colour never is the only signal."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_MORE_DIGITS = 4
"""How many digits more a number gets that would read as a whole one."""
_ALL_DIGITS = 17
"""Significant digits that tell every float from every other."""


def glyph(state: str) -> str:
    """The glyph of a status or state; an unknown status gets a question mark."""
    return STATUS_GLYPHS.get(state, "?")


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


def took(taken: Took) -> str:
    """How long a run took, marked ``~`` where that is inferred; a question mark where the clock went back."""
    if taken.note is not None:
        return "?"
    return f"{'~' if taken.inferred else ''}{duration(taken.seconds)}"


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


def span(seconds: float) -> str:
    """A length of time in its largest unit: ``12 s``, ``3 min``, ``2 h``, ``9 d``."""
    if seconds < _MINUTE:
        return f"{int(seconds)} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    if seconds < 2 * _DAY:
        return f"{int(seconds // _HOUR)} h"
    return f"{int(seconds // _DAY)} d"


def silence(length: timedelta) -> str:
    """What is said of a run that has not been heard of for so long."""
    return f"no sign of life for {span(length.total_seconds())}"


def clock(time: datetime | None) -> str:
    """A time of day to the second, or a dash."""
    return time.strftime("%H:%M:%S") if time else DASH


def date_time(time: datetime | None) -> str:
    """A date and time to the second, or a dash."""
    return time.strftime("%Y-%m-%d %H:%M:%S") if time else DASH


def number(value: float, digits: int = 4) -> str:
    """A number in few characters: integers whole with separators, floats to `digits` significant digits.

    A float that is not whole gets some digits more where it would read as if it were: 0.99996 is not 1.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return (
            f"{value:,}" if abs(value) < 10**15 else str(value) if abs(value) < 10**18 else _scientific(value, digits)
        )
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    magnitude = abs(value)
    if magnitude >= 10**6 or magnitude < 10**-4:
        return _scientific(value, digits)
    decimals = max(digits - 1 - math.floor(math.log10(magnitude)), 0)
    most = max(decimals, 1) + _MORE_DIGITS if decimals else 0
    while True:
        text = f"{value:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        if "." in text or decimals >= most or value.is_integer():
            return text
        decimals += 1


def _scientific(value: float, digits: int) -> str:
    try:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    except OverflowError:
        text = str(abs(value))
        return f"{'-' if value < 0 else ''}{text[0]}.{text[1:digits]}e{len(text) - 1}"
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def value(item: Any) -> str:
    """Any JSON value on one line, safe to show; text without quotes."""
    if item is None:
        return "null"
    if isinstance(item, int | float):
        return number(item)
    if isinstance(item, str):
        return clean(item)
    return clean(json.dumps(item, ensure_ascii=False, default=str))


def size(count: int) -> str:
    """Bytes in the unit that keeps them short: ``812 B``, ``20 kB``, ``51 MB``."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.5:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def home_relative(path: str | Path) -> str:
    """A path as its user would write it, by its text alone: nothing is looked up."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` looks up links
    try:
        return f"~/{absolute.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(absolute)


def count(amount: int, noun: str, plural: str | None = None) -> str:
    """An amount with its noun: ``1 run``, ``31 runs``."""
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def column_numbers(values: Sequence[Any], digits: int = 4) -> list[str]:
    """The values of one column as text: numbers with the same number of decimals, everything else as `value` has it.

    Numbers that differ have different texts, with more digits where it takes them.

    Args:
        values: any JSON values; None where a row has none.
        digits: significant digits that the largest of the small numbers keeps.
    """
    numeric = [item for item in values if isinstance(item, int | float)]
    for shown_digits in range(digits, _ALL_DIGITS + 1):
        texts = _column(values, shown_digits)
        if not is_ambiguous(numeric, _column(numeric, shown_digits)):
            return texts
    return [
        _all_digits(item) if isinstance(item, int | float) else text for item, text in zip(values, texts, strict=True)
    ]


def _column(values: Sequence[Any], digits: int) -> list[str]:
    plain = [item for item in values if _is_plain_float(item)]
    decimals = max((_decimals(item, digits) for item in plain), default=0)
    return [
        DASH
        if item is None
        else f"{item + 0.0:,.{decimals}f}"
        if _is_plain_float(item)
        else number(item, digits)
        if isinstance(item, int | float)
        else value(item)
        for item in values
    ]


def _all_digits(item: float) -> str:
    return f"{item:,}" if isinstance(item, int) and not isinstance(item, bool) else number(item, _ALL_DIGITS)


def is_ambiguous(items: Sequence[Any], texts: Sequence[str]) -> bool:
    """Whether two different items have the same text."""
    known: dict[str, Hashable] = {}
    return any(known.setdefault(text, key) != key for text, key in zip(texts, map(identity, items), strict=True))


def identity(item: Any) -> Hashable:
    """What two JSON values have in common just if they are the same: numbers by value, NaN like NaN."""
    if isinstance(item, bool | str | datetime) or item is None:
        return (type(item).__name__, item)
    if isinstance(item, int | float):
        return ("number", "NaN" if item != item else item)
    return ("JSON", json.dumps(item, sort_keys=True, default=str))


def _is_plain_float(item: Any) -> bool:
    """Whether a number is a float that reads well without an exponent."""
    return isinstance(item, float) and math.isfinite(item) and (item == 0 or 10**-4 <= abs(item) < 10**6)


def _decimals(item: float, digits: int) -> int:
    shown = number(item, digits)
    return len(shown.partition(".")[2])
