"""Decimal numbers that are written without rounding: what a label says is the value of its tick."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

_PLAIN_FROM, _PLAIN_TO = -3, 6
"""Powers of ten between which the largest number of an axis reads better without an exponent."""

_WHOLE_TO = 1e22
"""The greatest power of ten that is a float. Of the digits of whole numbers beyond, most say nothing: 1e300 has 301."""


class Exact(NamedTuple):
    """The number ``digits`` · 10^``power``."""

    digits: int
    power: int

    @classmethod
    def of(cls, value: float) -> Exact:
        """The number that a float stands for: a whole one in full, others in the fewest digits that read back as it."""
        if float(value).is_integer() and abs(value) <= _WHOLE_TO:
            return cls(int(value), 0).shortest
        parts = Decimal(repr(value)).as_tuple()
        power = parts.exponent
        assert isinstance(power, int), "a tick is finite"
        digits = int("".join(map(str, parts.digits)))
        return cls(-digits if parts.sign else digits, power).shortest

    def __float__(self) -> float:
        return float(f"{self.digits}e{self.power}")

    @property
    def shortest(self) -> Exact:
        """The same number without zeros at the end of its digits."""
        digits, power = self
        if not digits:
            return Exact(0, 0)
        text = str(digits)
        zeros = len(text) - len(text.rstrip("0"))
        return Exact(digits // 10**zeros, power + zeros)

    @property
    def magnitude(self) -> int:
        """The power of ten of its first digit; 0 for zero."""
        return len(str(abs(self.digits))) - 1 + self.power if self.digits else 0

    def at(self, power: int) -> int:
        """Its digits where the last one stands for 10^`power`, which is no greater than its own power needs."""
        return self.digits * int(10 ** (self.power - power))

    def plain(self, decimals: int, separator: str = ",") -> str:
        """Its digits around a decimal point, with at least as many decimals as it has."""
        digits = self.at(-decimals)
        whole, rest = divmod(abs(digits), 10**decimals)
        text = f"{whole:,}".replace(",", separator) + (f".{rest:0{decimals}d}" if decimals else "")
        return f"-{text}" if digits < 0 else text

    def scientific(self) -> str:
        """Its digits behind the first one, and a power of ten."""
        digits, _ = self.shortest
        if not digits:
            return "0"
        text = str(abs(digits))
        mantissa = f"{text[0]}.{text[1:]}" if text[1:] else text
        return f"{'-' if digits < 0 else ''}{mantissa}e{self.magnitude}"


_UNITS = {3: "k", 6: "M", 9: "G", 12: "T"}
"""Letters for powers of a thousand, as they stand behind numbers."""
_EXPONENT = re.compile(r"^([+-]?)(\d)(?:\.(\d+))?e(\d+)$")


def with_unit(text: str) -> str:
    """A number as it is written, with a letter in place of a power of ten: ``1.5e6`` is ``1.5M``; others as they are.

    No digit is lost or made up, so that what differs still looks different.
    """
    match = _EXPONENT.match(text)
    if match is None:
        return text
    sign, first, rest, power = match[1], match[2], match[3] or "", int(match[4])
    unit = power // 3 * 3
    if unit not in _UNITS:
        return text
    digits = (first + rest).ljust(power - unit + 1, "0")
    whole, decimals = digits[: power - unit + 1], digits[power - unit + 1 :]
    return f"{sign}{whole}{'.' + decimals if decimals else ''}{_UNITS[unit]}"


def with_units(texts: Sequence[str]) -> Sequence[str]:
    """The numbers of an axis, with letters where each that has a power of ten can have one."""
    units = [with_unit(text) for text in texts]
    return texts if any("e" in text for text in units) else units


def write(numbers: Sequence[Exact], room: int, prefix: str = "") -> list[str] | None:
    """The numbers of an axis, each in full and none longer than `room`; None where they don't fit.

    All have the same decimals, or all an exponent: what is shorter, with a preference for the first.
    """
    numbers = [number.shortest for number in numbers]
    decimals = max((max(-number.power, 0) for number in numbers), default=0)
    top = max((number.magnitude for number in numbers if number.digits), default=0)
    forms = []
    if decimals + max(top, 0) <= room:
        forms = [[number.plain(decimals, separator) for number in numbers] for separator in (",", "")]
    forms.append([number.scientific() for number in numbers])
    if not _PLAIN_FROM <= top < _PLAIN_TO:
        forms.sort(key=lambda texts: max(map(len, texts), default=0))
    return next(
        ([prefix + text for text in texts] for texts in forms if max(map(len, texts), default=0) + len(prefix) <= room),
        None,
    )


def write_each(numbers: Sequence[Exact], room: int) -> list[str] | None:
    """The numbers of a logarithmic axis, each as it reads best by itself; None where one is longer than `room`."""
    texts = []
    for number in numbers:
        alone = write([number], room)
        if alone is None:
            return None
        texts += alone
    return texts


def split_offset(numbers: Sequence[Exact]) -> tuple[Exact, list[Exact]]:
    """What ascending numbers have in common, no greater than the least of them, and what each has beyond it."""
    power = min(number.power for number in numbers)
    digits = [number.at(power) for number in numbers]
    unit = 10 ** len(str(digits[-1] - digits[0]))
    base = digits[0] // unit * unit
    return Exact(base, power).shortest, [Exact(number - base, power) for number in digits]
