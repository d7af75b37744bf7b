"""Minimum and maximum of any range of a series without looking at each value: a pyramid of blocks.

Reducing a series to the columns of a screen keeps every extreme, which stride and LTTB do not. A block is 16 values,
a block of the next level 16 blocks. NaN and infinities are never in the bounds.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

FACTOR = 16
_DIRECT = 4 * FACTOR

Bounds = tuple[float, float]


class Pyramid:
    """The bounds of any range of `values`, which are kept as they are.

    Attributes:
        size: how many values there are.
        finite: whether all of them are finite.
    """

    def __init__(self, values: Sequence[float]) -> None:
        self.size = len(values)
        self.finite = _all_finite(values)
        lows: Sequence[float] = values
        highs: Sequence[float] = values
        if not self.finite:
            lows = [value if _is_finite(value) else math.inf for value in values]
            highs = [value if _is_finite(value) else -math.inf for value in values]
        self._lows = [lows]
        self._highs = [highs]
        while len(lows) > _DIRECT:
            lows, highs = _blocks(lows, min), _blocks(highs, max)
            self._lows.append(lows)
            self._highs.append(highs)

    def bounds(self, start: int, stop: int) -> Bounds | None:
        """The least and the greatest finite value at positions `start` to `stop` (exclusive), or None without any."""
        low = _extreme(self._lows, start, stop, min, math.inf)
        if low == math.inf:
            return None
        return low, _extreme(self._highs, start, stop, max, -math.inf)

    def bounds_between(self, edges: Sequence[int]) -> list[Bounds | None]:
        """The bounds of neighbouring ranges, each from one of the ascending `edges` to the next.

        The same as `bounds` of each, sooner: the blocks that an edge cuts are looked into only where they hold
        something beyond what the whole blocks hold.
        """
        level = 0
        width = (edges[-1] - edges[0]) / max(len(edges) - 1, 1)
        while width >= _DIRECT and level + 1 < len(self._lows):
            width /= FACTOR
            level += 1
        if level == 0:
            return [self.bounds(start, stop) for start, stop in pairwise(edges)]
        unit = FACTOR**level
        lows, highs = self._lows[level], self._highs[level]
        found: list[Bounds | None] = []
        start = edges[0]
        for stop in edges[1:]:
            first, last = -(-start // unit), stop // unit
            if first >= last:
                found.append(self.bounds(start, stop))
                start = stop
                continue
            low, high = min(lows[first:last]), max(highs[first:last])
            head, tail = first * unit, last * unit
            if start < head:
                if lows[first - 1] < low:
                    low = min(low, _extreme(self._lows, start, head, min, math.inf))
                if highs[first - 1] > high:
                    high = max(high, _extreme(self._highs, start, head, max, -math.inf))
            if tail < stop:
                if lows[last] < low:
                    low = min(low, _extreme(self._lows, tail, stop, min, math.inf))
                if highs[last] > high:
                    high = max(high, _extreme(self._highs, tail, stop, max, -math.inf))
            found.append(None if low == math.inf else (low, high))
            start = stop
        return found


def _blocks(values: Sequence[float], pick: Callable[..., float]) -> list[float]:
    """What `pick` finds in each block; all first values of blocks, all second ones and so on are taken together."""
    numbers = values.tolist() if isinstance(values, array) else values
    whole = len(numbers) - len(numbers) % FACTOR
    blocks = list(map(pick, *(numbers[place:whole:FACTOR] for place in range(FACTOR))))
    if whole < len(numbers):
        blocks.append(pick(numbers[whole:]))
    return blocks


def _extreme(
    levels: Sequence[Sequence[float]],
    start: int,
    stop: int,
    pick: Callable[[Iterable[float]], float],
    nothing: float,
) -> float:
    """What `pick` finds at positions `start` to `stop`, from the largest blocks that fit."""
    if 0 < stop - start <= _DIRECT:
        return pick(levels[0][start:stop])
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


def _all_finite(values: Sequence[float]) -> bool:
    if isinstance(values, array):
        # What is not finite makes the sum so, and the sum costs a fifth; finite values may still sum up to infinity.
        return math.isfinite(sum(values)) or all(map(math.isfinite, values))
    try:
        return all(map(math.isfinite, values))
    except OverflowError:
        return False


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
