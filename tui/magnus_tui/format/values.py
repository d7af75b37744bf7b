"""Numbers and other JSON values as text."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from magnus_tui.format.text import clean

DASH = "–"
"""What stands for a value that is not there."""
NAN = "NaN"
INFINITY = "∞"
NOT_FINITE = frozenset({NAN, INFINITY, f"-{INFINITY}"})
"""The texts of the numbers that no axis has."""


_MORE_DIGITS = 4
"""How many decimals more a column gets for a number that would read as a whole one."""
_MOST_DIGITS = 12
"""Significant digits up to which a number gets more where it would read as a whole one; beyond is noise of floats."""


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
    if not _is_plain(magnitude):
        return _scientific(value, digits)
    decimals = max(digits - 1 - math.floor(math.log10(magnitude)), 0)
    most = max(_MOST_DIGITS - 1 - math.floor(math.log10(magnitude)), decimals) if decimals else 0
    while True:
        text = f"{value:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        if "." in text or decimals >= most or value.is_integer():
            return text
        decimals += 1


def signed(change: float, size: str) -> str:
    """A change by its size with its sign, a hyphen as in every other number: it can be pasted into a query."""
    return f"{'-' if change < 0 else '+'}{size}"


def _scientific(value: float, digits: int) -> str:
    try:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    except OverflowError:
        text = str(abs(value))
        mantissa, exponent = f"{'-' if value < 0 else ''}{text[0]}.{text[1:digits]}", str(len(text) - 1)
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


def percent(share: float) -> str:
    """A share in whole percent: ``50 %``."""
    return f"{share * 100:.0f} %"


def count(amount: int, noun: str, plural: str | None = None) -> str:
    """An amount with its noun: ``1 run``, ``31 runs``."""
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def column_numbers(values: Sequence[Any], digits: int = 4, *, even: bool = True) -> list[str]:
    """The values of one column as text: numbers with the same number of decimals, everything else as `value` has it.

    Numbers that would read the same as a different one get more digits, and these alone.

    Args:
        values: any JSON values; None where a row has none.
        digits: significant digits that the largest of the small numbers keeps.
        even: whether numbers share their decimals; else each has as many as it needs.
    """
    decimals = max((_decimals(item, digits) for item in values if _is_plain_float(item)), default=0) if even else None
    texts = [_in_column(item, digits, decimals) for item in values]
    finer = finer_numbers(values, texts)
    return [finer.get(item, text) if _is_finite(item) else text for item, text in zip(values, texts, strict=True)]


def _in_column(item: Any, digits: int, decimals: int | None) -> str:
    if item is None:
        return DASH
    if not isinstance(item, int | float):
        return value(item)
    if decimals is None or not _is_plain_float(item):
        return number(item, digits)
    text = f"{item + 0.0:,.{decimals}f}"
    reads_whole = decimals and item != int(item) and text.endswith("." + "0" * decimals)
    return number(item, digits) if reads_whole else text


def finer_numbers(values: Iterable[Any], texts: Iterable[str]) -> dict[float, str]:
    """The numbers whose texts don't read in the order of the numbers, with the digits with which they do.

    That is so where different ones read the same, and where one is rounded beyond another that is shown in full.

    Args:
        values: any JSON values.
        texts: of the values, as they are shown otherwise.
    """
    shown: dict[float, set[Decimal]] = {}
    for item, text in zip(values, texts, strict=True):
        if _is_finite(item):
            # The same number may be there as an integer, in full, and as a rounded float.
            shown.setdefault(item, set()).add(Decimal(text.replace(",", "")))
    ordered = sorted(shown)
    finer: dict[float, str] = {}
    joined: set[int] = set()
    for more in range(_MORE_DIGITS):
        read = [shown[item] for item in ordered]
        wrong = {place for place, (one, other) in enumerate(pairwise(read), 1) if max(one) >= min(other)}
        if not wrong:
            break
        # With more digits a number may read like the next one, from which it has to be told as well then.
        joined |= wrong
        for place in sorted(joined):
            if place - 1 not in joined:
                end = next(end for end in range(place + 1, len(ordered) + 1) if end not in joined)
                finer.update(_apart(ordered[place - 1 : end], more))
        shown |= {item: {Decimal(text.replace(",", ""))} for item, text in finer.items()}
    return finer


def _apart(ordered: Sequence[float], more: int = 0) -> dict[float, str]:
    """Different numbers that are nearly the same, ascending, each with the digits that tell it from its neighbours.

    Args:
        ordered: the numbers.
        more: digits beyond those of the differences, where halves were rounded to the same.
    """
    exact = [Decimal(repr(item)) for item in ordered]
    decimals = [more - (other - one).adjusted() for one, other in pairwise(exact)]
    in_full = any(isinstance(item, int) for item in ordered)
    return {
        item: f"{int(item):,}"
        if in_full and item == int(item)
        else _to_decimals(exact[place], max(decimals[max(place - 1, 0) : place + 1]))
        for place, item in enumerate(ordered)
    }


def _to_decimals(item: Decimal, decimals: int) -> str:
    if _is_plain(abs(float(item))):
        return f"{item:,.{max(decimals, 0)}f}"
    mantissa, _, exponent = f"{item:.{max(decimals + item.adjusted(), 0)}e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def ambiguous_texts(items: Sequence[Any], texts: Sequence[str]) -> set[str]:
    """The texts that two different items have."""
    known: dict[str, Hashable] = {}
    return {text for text, key in zip(texts, map(identity, items), strict=True) if known.setdefault(text, key) != key}


def is_ambiguous(items: Sequence[Any], texts: Sequence[str]) -> bool:
    """Whether two different items have the same text."""
    return bool(ambiguous_texts(items, texts))


def identity(item: Any) -> Hashable:
    """What two JSON values have in common just if they are the same: numbers by value, NaN like NaN."""
    if isinstance(item, bool | str | datetime) or item is None:
        return (type(item).__name__, item)
    if isinstance(item, int | float):
        return ("number", "NaN" if item != item else item)
    return ("JSON", json.dumps(item, sort_keys=True, default=str))


def _is_finite(item: Any) -> bool:
    """Whether a value is a number that can be written with digits."""
    return (
        isinstance(item, int | float) and not isinstance(item, bool) and (isinstance(item, int) or math.isfinite(item))
    )


def _is_plain(magnitude: float) -> bool:
    """Whether a number reads well without an exponent."""
    return magnitude == 0 or 10**-4 <= magnitude < 10**6


def _is_plain_float(item: Any) -> bool:
    return isinstance(item, float) and math.isfinite(item) and _is_plain(abs(item))


def _decimals(item: float, digits: int) -> int:
    """Decimals that a column needs for a number."""
    usual = max(digits - 1 - math.floor(math.log10(abs(item))), 0) if item else 0
    needed = len(number(item, digits).partition(".")[2])
    return needed if needed <= usual + _MORE_DIGITS else usual
