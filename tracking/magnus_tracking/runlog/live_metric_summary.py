"""A metric of a live run in a few numbers, taken together as its values come.

Memory does not grow with the values; what needs them all is said, so that they are read again.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from magnus_tracking.runlog.metric_summary import MetricSummary, exact_mean, summarize_values
from magnus_tracking.runlog.metrics import flatten
from magnus_tracking.runlog.numbers_in_text import INDEX_LIMIT, measured, reads_as_steps

_AT_A_TIME = 1024
"""Numbers that are added up in one go."""


class RunningMetric:
    """One metric whose steps ascend."""

    def __init__(self) -> None:
        self._step: int | None = None
        self._only: Any = None
        self._leaves: dict[str, _RunningSeries] = {}
        self._is_single = False

    def add(self, step: int, value: Any) -> bool:
        """Take in the next value; False where it takes all values to tell what that changes."""
        before = self._step
        if (before is not None and step <= before) or not -INDEX_LIMIT < step < INDEX_LIMIT:
            return False
        self._step = step
        # A value at step 0 alone is stored without its step, but for one that would read as a series.
        self._is_single = before is None and step == 0 and not reads_as_steps(value)
        self._only = value if self._is_single else None
        if not isinstance(value, dict):
            self._series("").add(value)
            return True
        for leaf, points in flatten({"": {"0": value}}).items():
            self._series(leaf).add(points.values[-1])
        return True

    def summaries(self, name: str) -> dict[str, MetricSummary]:
        """The metric in a few numbers, by dotted name, under the name that it has."""
        if self._is_single:
            return {leaf: summarize_values(points.values) for leaf, points in flatten({name: self._only}).items()}
        return {name + leaf: series.summary() for leaf, series in self._leaves.items()}

    def _series(self, leaf: str) -> _RunningSeries:
        series = self._leaves.get(leaf)
        if series is None:
            series = self._leaves[leaf] = _RunningSeries()
        return series


class _RunningSeries:
    """The values of one series, in the order of their steps."""

    def __init__(self) -> None:
        self._last_number: int | float | None = None
        self._last_other: Any = None
        self._least: int | float | None = None
        self._greatest: int | float | None = None
        self._count = self._numbers = 0
        self._infinities: set[float] = set()
        self._sum = _Sum()

    def add(self, value: Any) -> None:
        """Take in the next value."""
        self._count += 1
        number = measured(value)
        if number is None:
            self._last_other = self._last_other if value is None else value
            return
        self._last_number = number
        if number != number:
            return
        self._numbers += 1
        self._least = number if self._least is None or number < self._least else self._least
        self._greatest = number if self._greatest is None or number > self._greatest else self._greatest
        if isinstance(number, float) and math.isinf(number):
            self._infinities.add(number)
        else:
            self._sum.add(number)

    def summary(self) -> MetricSummary:
        """The series in a few numbers, as `magnus_tracking.runlog.metric_summary.summarize_values` gives them."""
        if self._last_number is None:
            return MetricSummary(self._last_other, count=self._count)
        mean = None
        if self._numbers:
            mean = sum(self._infinities) if self._infinities else self._sum.mean(self._numbers)
        return MetricSummary(
            self._last_number, self._least, self._greatest, mean, self._count, self._count - self._numbers
        )


class _Sum:
    """A sum of finite numbers, to twice the digits of a float."""

    def __init__(self) -> None:
        self._parts: list[int | float] = []
        self._beyond = Fraction(0)
        self._whole: int | None = 0
        """The same, exactly, as long as all are integers."""

    def add(self, number: int | float) -> None:
        """Add a number."""
        self._whole = self._whole + number if self._whole is not None and isinstance(number, int) else None
        self._parts.append(number)
        if len(self._parts) < _AT_A_TIME:
            return
        try:
            total = math.fsum(self._parts)
            self._parts = [total, math.fsum([*self._parts, -total])]
        except OverflowError:
            self._beyond += sum(map(Fraction, self._parts))
            self._parts = []

    def mean(self, count: int) -> int | float:
        """The sum as a share of `count`, as `magnus_tracking.runlog.metric_summary.mean_of` gives it."""
        if self._whole is not None:
            return exact_mean(self._whole, count, of_integers=True)
        try:
            if not self._beyond:
                return math.fsum(self._parts) / count
        except OverflowError:
            pass
        return exact_mean(self._beyond + sum(map(Fraction, self._parts)), count, of_integers=False)
