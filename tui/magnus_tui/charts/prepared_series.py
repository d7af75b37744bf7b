"""Series made ready for drawing: numbers, their bounds, where they are not finite; made once, off the event loop."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, islice
from operator import eq, gt, le
from typing import Any

from magnus_tracking.runlog.metrics import Blocks, Series, last_place
from magnus_tracking.runlog.times import UNKNOWN
from magnus_tui.charts.axes import XAxis
from magnus_tui.charts.bins import Bins, bins_of
from magnus_tui.charts.canvas import Canvas, Runs
from magnus_tui.charts.nan_gaps import Gaps
from magnus_tui.charts.pyramid import Pyramid
from magnus_tui.charts.recent_cache import Recent
from magnus_tui.charts.scales import Scale
from magnus_tui.charts.window import Window

_KEPT = 6
"""Reductions of one series that are kept: its small chart, its full one, its sparkline, and a few that were left."""

_SAMPLED = 5000
"""Values that quantiles are taken from."""
_STEPS = "q"
_SETTLED = 1e-15
"""What the correction of a moving average for its start no longer changes."""

_FARTHEST = 10**300
"""Step indexes farther than this from 0 can't be drawn where they are."""


class PreparedSeries:
    """A numeric series that can be drawn at any size in little time.

    Attributes:
        label: what the legend calls it.
        indexes: step indexes, ascending.
        values: one number an index.
        tracked: what they were made of: any JSON value an index.
        steps: the step index of each value, also where `indexes` are times.
        times: when each value was tracked, as `Series.times` tells; None where that is not known.
        began: when the run did that tracked them, in the same milliseconds; None where that is not known.
        canvases: what was drawn last of this series and others, by what it depends on.
        runs: the dots that were drawn last, by window, scale, and columns and rows of dots.
    """

    def __init__(
        self,
        label: str,
        indexes: Sequence[int],
        values: Sequence[float],
        blocks: Blocks | None = None,
        tracked: Sequence[Any] | None = None,
        steps: Sequence[int] | None = None,
        times: Sequence[int] | None = None,
        began: int | None = None,
    ) -> None:
        """Nothing is worked out yet.

        Args:
            label: what the legend calls it.
            indexes: step indexes, ascending.
            values: one number an index.
            blocks: of the values, where they are known.
            tracked: what the values were made of, where some of it is not a number.
            steps: the step indexes, where `indexes` are others.
            times: when each value was tracked, in milliseconds.
            began: when the run began, in milliseconds.
        """
        self.label = label
        self.indexes = indexes
        self.values = values
        self.tracked: Sequence[Any] = values if tracked is None else tracked
        self.steps: Sequence[int] = indexes if steps is None else steps
        self.times = times
        self.began = began
        self._blocks = blocks
        self._along: dict[XAxis, PreparedSeries | None] = {}
        self._smoothed: dict[float, PreparedSeries] = {}
        self._quantiles: Recent[tuple[int, int, float], tuple[float, float] | None] = Recent(_KEPT)
        self.canvases: Recent[Hashable, Canvas] = Recent(2)
        self.runs: Recent[tuple[Window, Scale, int, int], Runs] = Recent(_KEPT)

    @classmethod
    def of(cls, series: Series, label: str | None = None, began: int | None = None) -> PreparedSeries:
        """The curve of `series`, under its own name unless `label` gives another; see `began` of the class."""
        numbers = series.numbers
        if not isinstance(numbers, array):
            try:
                numbers = array("d", numbers)
            except OverflowError:
                numbers = array("d", map(as_float, numbers))
        label = series.name if label is None else label
        indexes = drawable(series.indexes)
        return cls(label, indexes, numbers, series.blocks, series.values, None, series.times, began)

    def __len__(self) -> int:
        return len(self.values)

    def along(self, axis: XAxis) -> PreparedSeries | None:
        """This series with times in milliseconds in place of its step indexes; None where no time is known."""
        if axis == "step":
            return self
        if axis not in self._along:
            self._along[axis] = self._over_time(axis)
        return self._along[axis]

    def is_along(self, axis: XAxis) -> bool:
        """Whether `along` has been worked out already."""
        return axis == "step" or axis in self._along or self.times is None

    def _over_time(self, axis: XAxis) -> PreparedSeries | None:
        """The values whose times are known, by these, ascending also where a clock went back."""
        if self.times is None:
            return None
        known = [place for place, time in enumerate(self.times) if time != UNKNOWN]
        times = [self.times[place] for place in known]
        start = 0 if axis == "clock" else self.began if self.began is not None else min(times)
        if len(known) == len(self) and all(map(le, times, islice(times, 1, None))):
            moved = array(_STEPS, [time - start for time in times]) if start else self.times
            parts = (self.label, moved, self.values, self._blocks, self.tracked, self.steps, self.times, self.began)
            return PreparedSeries(*parts)
        known.sort(key=self.times.__getitem__)
        moved = array(_STEPS, [self.times[place] - start for place in known])
        values, tracked = ([part[place] for place in known] for part in (self.values, self.tracked))
        steps = [self.steps[place] for place in known]
        times = [self.times[place] for place in known]
        return PreparedSeries(self.label, moved, array("d", values), None, tracked, steps, times, self.began)

    @cached_property
    def pyramid(self) -> Pyramid:
        """The bounds of any range of the values."""
        return Pyramid(self.values, self._blocks)

    @cached_property
    def positive(self) -> Pyramid:
        """The bounds of any range of the positive values, for logarithmic axes."""
        return Pyramid(array("d", [value if value > 0 else math.nan for value in self.values]))

    @cached_property
    def last(self) -> int:
        """The position of the last value that counts as a number; 0 without any value."""
        return last_place(self.tracked) if len(self) else 0

    @cached_property
    def _is_contiguous(self) -> bool:
        """Whether each step index is the one before and 1, so that positions need not be searched for."""
        indexes = self.indexes
        if isinstance(indexes, range):
            return indexes.step == 1
        if not indexes or indexes[-1] - indexes[0] != len(indexes) - 1:
            return False
        if isinstance(indexes, array) and indexes.typecode == _STEPS:
            return indexes.tobytes() == _steps(indexes[0], len(indexes))
        return all(map(eq, indexes, range(indexes[0], indexes[-1] + 1)))

    def ready(self, *, zoomed: bool = True) -> PreparedSeries:
        """This series, with everything worked out that a chart of it needs; called off the event loop.

        Args:
            zoomed: whether also what only a chart of a part of a long series needs.
        """
        _ = self.pyramid, self.gaps, self.extremes, self.last, self._is_contiguous
        if zoomed:
            _ = self.pyramid.fine
        return self

    def bins(self, window: Window, columns: int) -> Bins:
        """Which values fall into each column of dots.

        Args:
            window: the step indexes shown.
            columns: over how many columns of dots.
        """
        return bins_of(self.indexes, window, columns, contiguous=self._is_contiguous)

    @cached_property
    def gaps(self) -> Gaps:
        """Where values are NaN, infinite, or not numbers."""
        return Gaps(self.indexes, self.tracked, self.pyramid.not_finite)

    @cached_property
    def extremes(self) -> tuple[int, int] | None:
        """Positions of the least and the greatest finite value, the first of each; None without a finite one."""
        bounds = self.pyramid.bounds(0, len(self.values))
        if bounds is None:
            return None
        return self.pyramid.find(bounds[0], highest=False), self.pyramid.find(bounds[1], highest=True)

    def between_quantiles(self, start: int, stop: int, share: float) -> tuple[float, float] | None:
        """Between which values all but a share of those of some positions lie, at either end; None without any.

        Of many values some at even distances stand for all.

        Args:
            start: the first position.
            stop: the position behind the last.
            share: from 0 to below one half.
        """
        key = (start, stop, share)

        def find() -> tuple[float, float] | None:
            stride = max((stop - start) // _SAMPLED, 1)
            values = sorted(filter(math.isfinite, self.values[start:stop:stride]))
            if not values:
                return None
            cut = int(len(values) * share)
            return values[cut], values[len(values) - 1 - cut]

        return self._quantiles.get(key, find)

    def within(self, first: float, last: float) -> tuple[int, int]:
        """The positions (start, stop) of the step indexes from `first` to `last`, both included."""
        return bisect_left(self.indexes, first), bisect_right(self.indexes, last)

    def part(self, window: Window) -> Series:
        """The values that lie in a window, by step index."""
        shown = slice(*self.within(window.first, window.last))
        steps, values = self.steps[shown], self.tracked[shown]
        times = None if self.times is None else self.times[shown]
        if self.steps is not self.indexes and any(map(gt, steps, islice(steps, 1, None))):
            # Where a clock went back, values in the order of their times are not in that of their steps.
            order = sorted(range(len(steps)), key=steps.__getitem__)
            steps, values = ([found[place] for place in order] for found in (steps, values))
            times = None if times is None else [times[place] for place in order]
        return Series("", None, self.label, steps, values, times=times)

    def at(self, index: float) -> int | None:
        """The position of the last step index that is not after `index`; None before the first."""
        place = bisect_right(self.indexes, index) - 1
        return place if place >= 0 else None

    def nearest(self, index: float) -> int:
        """The position of the step index nearest to `index`."""
        place = bisect_left(self.indexes, index)
        if place == 0:
            return 0
        if place == len(self.indexes):
            return place - 1
        return place if self.indexes[place] - index < index - self.indexes[place - 1] else place - 1

    def smoothed(self, weight: float) -> PreparedSeries:
        """The exponential moving average, corrected for its start as Adam's moments are (Kingma & Ba, 2015).

        Args:
            weight: of what came before, from 0 (no smoothing) to below 1.
        """
        if weight not in self._smoothed:
            self._smoothed[weight] = PreparedSeries(
                self.label, self.indexes, self._averages(weight), tracked=self.tracked, steps=self.steps
            )
        return self._smoothed[weight]

    def is_smoothed(self, weight: float) -> bool:
        """Whether the average of that weight is there already."""
        return not weight or weight in self._smoothed

    def _averages(self, weight: float) -> array[float]:
        """The averages, one a value; what is not finite stays, and is in none of the others."""
        average, share, averages = 0.0, 0.0, array("d")
        rest = 1 - weight
        for place, value in enumerate(self.values):
            if 1 - share < _SETTLED and self.pyramid.finite:
                # From here on there is nothing to correct, and the same is worked out in a fifth of the time.
                following = accumulate(
                    self.values[place:], lambda last, next: last * weight + next * rest, initial=average
                )
                averages.extend(islice(following, 1, None))
                break
            if math.isfinite(value):
                average = average * weight + value * rest
                share = share * weight + rest
                averages.append(average / share)
            else:
                averages.append(value)
        return averages


@lru_cache(4)
def _steps(first: int, count: int) -> bytes:
    """Step indexes without a gap, as an array holds them; the series of a step mostly share them."""
    return array(_STEPS, range(first, first + count)).tobytes()


def as_float(value: int | float) -> float:
    """The float nearest to a number; infinite for an integer beyond every float."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def drawable(indexes: Sequence[int]) -> Sequence[int]:
    """Step indexes as they can be drawn: those beyond every float are where the greatest are."""
    if not indexes or -_FARTHEST <= indexes[0] <= indexes[-1] <= _FARTHEST:
        return indexes
    return [max(-_FARTHEST, min(index, _FARTHEST)) for index in indexes]
