"""What text and keys read as: numbers in text, NaN and infinities in words, step indexes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

MOST_DIGITS = 640
"""Digits up to which Python turns any text into an integer, however it is set up: see `sys.int_info`."""

INDEX_LIMIT = 10**MOST_DIGITS
"""What is nearer to 0 than this is a step index."""

_INDEX = re.compile(rf"-?[0-9]{{1,{MOST_DIGITS}}}(?:\.0+)?")
_INTEGER = re.compile(rf"[+-]?(?:0|[1-9][0-9]{{0,{MOST_DIGITS - 1}}})")
_FLOAT = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NUMBER_STARTS = frozenset("+-.0123456789")
_WORDS = {"nan": math.nan, "infinity": math.inf, "+infinity": math.inf, "-infinity": -math.inf}
_LONGEST_WORD = max(map(len, _WORDS))
NUMBER_TYPES = frozenset({int, float})
"""Of values that count as numbers; booleans, which Python counts among them, do not."""


def is_index(key: str) -> bool:
    """Whether a key is a step index: an integer of up to `MOST_DIGITS` digits, ``4.0`` included."""
    return _INDEX.fullmatch(key) is not None


def reads_as_steps(value: Any) -> bool:
    """Whether a value is or holds an object all of whose keys are step indexes, so that it reads as a series."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, dict) and one:
            if all(map(is_index, one)):
                return True
            stack.extend(one.values())
    return False


def index_of(key: str) -> int:
    """The step index that a key is, of which `is_index` holds."""
    try:
        return int(key)
    except ValueError:
        return int(key.partition(".")[0])


def number_in_text(text: str) -> int | float | None:
    """The number that a text reads as, in decimal or exponent form; None where it reads as none.

    Leading zeros, underscores, white space and other bases make it no number.
    """
    if text[:1] not in _NUMBER_STARTS:
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else None


def number_of(value: Any) -> int | float | None:
    """The number that any value of a run is filtered, sorted and compared as; None where it is none."""
    if value.__class__ in NUMBER_TYPES:
        return value  # type: ignore[return-value]  # its class told
    return number_in_text(value) if value.__class__ is str else None


def read_numbers(values: Sequence[Any]) -> Sequence[Any]:
    """Values of any kind, with text that reads as a number as that number; the same object where there is no text."""
    if str not in set(map(type, values)):
        return values
    return [value if (number := number_of(value)) is None else number for value in values]


def measured(value: Any) -> int | float | None:
    """The number that a value of a metric counts as: `number_of`, and NaN or an infinity in words of any case."""
    if value.__class__ is str and len(value) <= _LONGEST_WORD and (word := _WORDS.get(value.lower())) is not None:
        return word
    return number_of(value)
