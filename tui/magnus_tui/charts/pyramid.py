"""Minimum and maximum of any range of a series without looking at each value: a pyramid of blocks.

Reducing a series to the columns of a screen keeps every extreme, which stride and LTTB do not. A block is 16 values,
a block of the next level 16 blocks. NaN and infinities are never in the bounds.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence

FACTOR = 16
_DIRECT = 4 * FACTOR


class Pyramid:
    """The bounds of any range of `values`, which are kept as they are.

    Attributes:
        size: how many values there are.
        finite: whether all of them are finite.
    """

    def __init__(self, values: Sequence[float]) -> None:
        self.size = len(values)
        if isinstance(values, array):
            # A list gives its numbers again and again without making them anew.
            values = values.tolist()
        try:
            # A sum that is finite has no summand that is not.
            self.finite = math.isfinite(sum(values)) or all(map(math.isfinite, values))
        except OverflowError:
            self.finite = False
        lows: Sequence[float] = values
        highs: Sequence[float] = values
        if not self.finite:
            lows = [value if _is_finite(value) else math.inf for value in values]
            highs = [value if _is_finite(value) else -math.inf for value in values]
        self._lows = [lows]
        self._highs = [highs]
        while len(lows) > _DIRECT:
            starts = range(0, len(lows), FACTOR)
            lows = [min(lows[i : i + FACTOR]) for i in starts]
            highs = [max(highs[i : i + FACTOR]) for i in starts]
            self._lows.append(lows)
            self._highs.append(highs)

    def bounds(self, start: int, stop: int) -> tuple[float, float] | None:
        """The least and the greatest finite value at positions `start` to `stop` (exclusive), or None without any."""
        low = _extreme(self._lows, start, stop, min, math.inf)
        if low == math.inf:
            return None
        return low, _extreme(self._highs, start, stop, max, -math.inf)


def _extreme(
    levels: Sequence[Sequence[float]],
    start: int,
    stop: int,
    pick: Callable[[Iterable[float]], float],
    nothing: float,
) -> float:
    """What `pick` finds at positions `start` to `stop`, from the largest blocks that fit."""
    found = [nothing]
    level = 0
    while stop - start > _DIRECT and level + 1 < len(levels):
        head = min(-start % FACTOR, stop - start)
        tail = (stop - head - start) % FACTOR
        values = levels[level]
        if head:
            found.append(pick(values[start : start + head]))
        if tail:
            found.append(pick(values[stop - tail : stop]))
        start, stop = (start + head) // FACTOR, (stop - tail) // FACTOR
        level += 1
    if stop > start:
        found.append(pick(levels[level][start:stop]))
    return pick(found)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
