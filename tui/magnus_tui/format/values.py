"""Numbers and other JSON values as text."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any

from magnus_tui.format.text import clean

DASH = "–"
"""What stands for a value that is not there."""
NAN = "NaN"
INFINITY = "∞"
NOT_FINITE = frozenset({NAN, INFINITY, f"-{INFINITY}"})
"""The texts of the numbers that no axis has."""


_MORE_DIGITS = 4
"""How many digits more a number gets that would read as a whole one."""
_ALL_DIGITS = 17
"""Significant digits that tell every float from every other."""


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
    if not math.isfinite(value):
        return NAN if math.isnan(value) else INFINITY if value > 0 else f"-{INFINITY}"
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
