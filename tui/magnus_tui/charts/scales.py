"""From values to positions on an axis, and the ticks that an axis is read by."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from magnus_tui import format

_LEAST = math.ulp(0.0)
_GREATEST = sys.float_info.max


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear or logarithmic axis from `low` to `high`, which differ."""

    low: float
    high: float
    log: bool = False

    @classmethod
    def around(cls, low: float, high: float, *, log: bool = False) -> Scale:
        """The axis that shows values from `low` to `high`, with room where all are equal.

        A logarithmic axis needs positive bounds; others give a linear one.
        """
        if log and low > 0:
            wide = (low, high) if high > low else (low / 2, high * 2)
            least, greatest = max(wide[0], _LEAST), min(wide[1], _GREATEST)
            if math.log(greatest) > math.log(least):
                return cls(least, greatest, True)
        if high > low:
            return cls(low, high)
        margin = abs(low) / 10 or 1.0
        return cls(max(low - margin, -_GREATEST), min(high + margin, _GREATEST))

    def place(self, value: float) -> float:
        """Where a value lies, 0 at `low` and 1 at `high`."""
        if self.log:
            if value <= 0:
                return 0.0
            return (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        span = self.high - self.low
        if math.isinf(span):
            return value / 2 / (self.high / 2 - self.low / 2) - self.low / 2 / (self.high / 2 - self.low / 2)
        return (value - self.low) / span

    def rows(self, values: Sequence[float], rows: int) -> list[int]:
        """In which of `rows` rows, counted from the top, each value lies; what is off the axis lies at its end."""
        down = rows - 1
        if not values:
            return []
        if self.log:
            least = math.log(self.low)
            span = math.log(self.high) - least
            places = [(math.log(value) - least) / span if value > 0 else 0.0 for value in values]
        elif math.isinf(self.high - self.low):
            places = [self.place(value) for value in values]
        else:
            low, span = self.low, self.high - self.low
            factor = down / span
            if min(values) >= low and max(values) <= self.high and factor < math.inf:
                return [down - int((value - low) * factor + 0.5) for value in values]
            places = [(value - low) / span for value in values]
        if min(places) < 0 or max(places) > 1:
            places = [max(0.0, min(1.0, place)) for place in places]
        return [down - round(place * down) for place in places]

    def value(self, place: float) -> float:
        """The value at a place, 0 at `low` and 1 at `high`."""
        if self.log:
            return math.exp(math.log(self.low) + place * (math.log(self.high) - math.log(self.low)))
        return self.low * (1 - place) + self.high * place

    def ticks(self, most: int) -> list[float]:
        """At most `most` round values on the axis, ascending; its ends where nothing rounder fits."""
        ticks = _log_ticks(self.low, self.high, most) if self.log else _linear_ticks(self.low, self.high, most)
        return ticks if len(ticks) >= 2 else [self.low, self.high][: max(most, 1)]


def _linear_ticks(low: float, high: float, most: int) -> list[float]:
    span = high - low
    if most < 2 or not math.isfinite(span) or span <= 0:
        return []
    rough = span / (most - 1)
    if rough <= 0 or not math.isfinite(rough):
        return []
    magnitude = 10.0 ** math.floor(math.log10(rough))
    if magnitude == 0:
        return []
    step = next((factor * magnitude for factor in (1, 2, 2.5, 5) if factor * magnitude >= rough), 10 * magnitude)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return list(dict.fromkeys(number * step for number in range(first, last + 1))) if last - first < 1000 else []


_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CLOCK_STEPS = (
    *(1, 2, 5, 10, 15, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE),
    *(_HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY, 90 * _DAY),
)


def time_ticks(first: float, last: float, most: int) -> list[float]:
    """At most `most` times from `first` to `last`, in seconds, that are round on a clock or a calendar of days."""
    rough = (last - first) / max(most - 1, 1)
    step = next((step for step in _CLOCK_STEPS if step >= rough), 365 * _DAY * math.ceil(rough / (365 * _DAY)))
    return [float(number * step) for number in range(math.ceil(first / step), math.floor(last / step) + 1)]


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    """Powers of ten, and where there is room twice and five times those, too."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first < 2 and first > -300 and last < 300:
        finer = [factor * 10.0**power for power in range(first - 1, last + 1) for factor in (1, 2, 5)]
        fitting = [tick for tick in finer if low <= tick <= high]
        if 2 <= len(fitting) <= most:
            return fitting
    stride = max(1, math.ceil((last - first + 1) / max(most, 1)))
    return [10.0**power for power in range(first, last + 1, stride) if -300 < power < 300]


def labels(values: list[float]) -> list[str]:
    """Texts of the ticks of one axis, with the decimals that tell them apart."""
    if not values:
        return []
    largest = max(abs(value) for value in values)
    gaps = [abs(b - a) for a, b in pairwise(values) if a != b]
    gap = min(gaps, default=largest)
    if largest >= 10**6 or (largest and largest < 10**-3):
        return [format.number(value, 4) for value in values]
    decimals = max(0, min(8, math.ceil(-math.log10(gap) + 0.3))) if gap > 0 else 2
    texts = [f"{value:,.{decimals}f}" for value in values]
    while decimals and all(text.endswith("0") for text in texts):
        decimals -= 1
        texts = [f"{value:,.{decimals}f}" for value in values]
    return texts
