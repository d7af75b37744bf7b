"""What a series comes to, worked out from its values the long way, for all readings to be held against."""

import math
import re
from fractions import Fraction

NUMBER = re.compile(r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
WORDS = {"nan": math.nan, "infinity": math.inf, "+infinity": math.inf, "-infinity": -math.inf}


def number(value):
    """The number that a value of a series counts as, or None."""
    if isinstance(value, str):
        if value.lower() in WORDS:
            return WORDS[value.lower()]
        if not NUMBER.fullmatch(value):
            return None
        return int(value) if re.fullmatch(r"[+-]?[0-9]+", value) else float(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def last(values):
    """The last measurement; of values that are not numbers the last that is there."""
    numbers = [found for value in values if (found := number(value)) is not None]
    there = [value for value in values if value is not None]
    return numbers[-1] if numbers else there[-1] if there else None


def facts(values):
    """Last, least and greatest value, how many there are, and how many are gaps."""
    numbers = [found for value in values if (found := number(value)) is not None]
    known = [found for found in numbers if found == found]
    gaps = len(values) - len(known) if numbers else 0
    return repr(last(values)), min(known, default=None), max(known, default=None), len(values), gaps


def mean(values):
    """The mean of the numbers without NaN, or None; the nearest integer where no float holds it."""
    known = [found for value in values if (found := number(value)) is not None and found == found]
    if not known:
        return None
    infinite = [found for found in known if found in (math.inf, -math.inf)]
    if infinite:
        return sum(infinite)
    exact = sum(map(Fraction, known)) / len(known)
    try:
        return float(exact)
    except OverflowError:
        return round(exact)


def agrees(summary, values):
    """Whether a summary says of values what they come to."""
    said = (repr(summary.last), summary.min, summary.max, summary.count, summary.nans)
    return said == facts(values) and near(summary.mean, mean(values))


def near(left, right):
    """Whether two means are the same but for rounding."""
    if left is None or right is None:
        return left is right
    if left == right or (left != left and right != right):
        return True
    if not all(map(math.isfinite, (number for number in (left, right) if isinstance(number, float)))):
        return False
    return abs(Fraction(left) - Fraction(right)) <= max(abs(Fraction(left)) / 10**9, Fraction(1e-300))
