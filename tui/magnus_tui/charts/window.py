"""The part of the steps' axis that a chart shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """The step indexes that a chart shows, from `first` to `last`, which differ."""

    first: float
    last: float

    def column(self, index: float, columns: int) -> int:
        """The column of dots in which a step index falls."""
        place = (index - self.first) / (self.last - self.first)
        return max(0, min(columns - 1, round(place * (columns - 1))))

    def index(self, column: float, columns: int) -> float:
        """The step index at a column of dots."""
        return self.first + (self.last - self.first) * column / max(columns - 1, 1)
