"""When two JSON values are the same, and how far two numbers are apart."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from magnus_tracking.runlog.metrics import is_nan, is_number
from magnus_tracking.runlog.numbers_in_text import measured

_EXACT = 2**53
"""Up to here every integer is a float."""


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same: numbers by value, NaN like NaN, and never a boolean like a number."""
    if is_number(left) and is_number(right):
        return bool(left == right) or (is_nan(left) and is_nan(right))
    return type(left) is type(right) and bool(left == right)


def delta(value: Any, baseline: Any) -> int | float | None:
    """`value` − `baseline`, exactly for integers; None where one is missing, no number, or the result is NaN.

    Text that reads as a number counts as that number.
    """
    value, baseline = measured(value), measured(baseline)
    if value is None or baseline is None:
        return None
    if isinstance(value, int) and isinstance(baseline, int):
        return value - baseline
    if is_nan(value) or is_nan(baseline):
        return None
    if not _is_finite(value):
        infinite: float = value
        return infinite if _is_finite(baseline) or infinite == -baseline else None
    if not _is_finite(baseline):
        return -float(baseline)
    if _is_large(value) or _is_large(baseline):
        return _exact_difference(value, baseline)
    return float(value) - float(baseline)


def _is_finite(number: float) -> bool:
    """Whether a number is neither infinite nor NaN; an integer beyond every float is finite."""
    return isinstance(number, int) or math.isfinite(number)


def _is_large(value: float) -> bool:
    return isinstance(value, int) and abs(value) > _EXACT


def _exact_difference(value: float, baseline: float) -> int | float:
    difference = Fraction(value) - Fraction(baseline)
    if difference.denominator == 1:
        return int(difference)
    try:
        return float(difference)
    except OverflowError:
        return int(difference)


def percentage(difference: int | float | None, baseline: Any) -> float | None:
    """A difference, as `delta` gives it, in percent of the baseline's size; None where that has no meaning."""
    baseline = measured(baseline)
    if difference is None or not baseline or not _is_finite(baseline) or not _is_finite(difference):
        return None
    try:
        return float(difference / abs(baseline) * 100)
    except OverflowError:
        return _large_percentage(difference, baseline)


def _large_percentage(difference: float, baseline: float) -> float | None:
    """A percentage between numbers that are not floats, where it is one itself."""
    try:
        return float(Fraction(difference) / abs(Fraction(baseline)) * 100)
    except OverflowError:
        return None


def distance(value: Any, baseline: Any) -> float:
    """How much two values differ: 0 for the same, 1 for other text, up to 2 for numbers of opposite signs.

    For numbers of one sign it is the difference as a share of the larger, so that ten times more and ten times less are
    equally far. What is missing, NaN or infinite on one side only is 1 apart.
    """
    if same(value, baseline):
        return 0.0
    value, baseline = measured(value), measured(baseline)
    difference = delta(value, baseline)
    if difference is None or not difference or not (_is_finite(value) and _is_finite(baseline)):
        return 1.0
    try:
        return float(min(abs(difference) / max(abs(value), abs(baseline)), 2.0))
    except OverflowError:
        return float(abs(Fraction(difference)) / max(abs(Fraction(value)), abs(Fraction(baseline))))
