"""From values to positions on an axis, and the ticks that an axis is read by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from magnus_tui import format


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
            return cls(low, high, True) if high > low else cls(low / 2, high * 2 or 1.0, True)
        if high > low:
            return cls(low, high)
        margin = abs(low) / 10 or 1.0
        return cls(low - margin, high + margin)

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
    return [number * step for number in range(first, last + 1)] if last - first < 1000 else []


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
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
