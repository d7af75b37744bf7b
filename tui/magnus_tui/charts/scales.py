"""From values to positions on an axis."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

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
            low, high = self.low, self.high
            factor = down / (high - low)
            if factor < math.inf:
                if min(values) < low or max(values) > high:
                    values = [max(low, min(high, value)) for value in values]
                return [down - int((value - low) * factor + 0.5) for value in values]
            places = [(value - low) / (high - low) for value in values]
        if min(places) < 0 or max(places) > 1:
            places = [max(0.0, min(1.0, place)) for place in places]
        return [down - round(place * down) for place in places]

    def value(self, place: float) -> float:
        """The value at a place, 0 at `low` and 1 at `high`."""
        if self.log:
            return math.exp(math.log(self.low) + place * (math.log(self.high) - math.log(self.low)))
        return self.low * (1 - place) + self.high * place
