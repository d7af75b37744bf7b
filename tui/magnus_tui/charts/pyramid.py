"""Minimum and maximum of any range of a series without looking at each value: a pyramid of blocks.

Reducing a series to the columns of a screen keeps every extreme, which stride and LTTB do not. A block is 64 values,
a block of the next level two blocks; smaller blocks are made when a part of the series is looked at that needs them.
NaN and infinities are never in the bounds.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import pairwise, starmap

from magnus_tracking.runlog.metrics import Blocks
from magnus_tracking.series.blocks import BLOCK, WORTH_IT, blocks_of, ends, replaced
from magnus_tui.charts.bins import Bins

_FINEST = 16
"""Values in the smallest blocks."""
_BLOCKS_A_BIN = 4
"""Whole blocks that a bin of several levels' blocks has at least."""

Bounds = tuple[float, float]
Levels = list[Sequence[float]]

_NOTHING = (math.inf, -math.inf)


class Pyramid:
    """The bounds of any range of `values`, which are kept as they are.

    Attributes:
        size: how many values there are.
        finite: whether all of them are finite.
        not_finite: positions of those that are not, ascending.
    """

    def __init__(self, values: Sequence[float], blocks: Blocks | None = None) -> None:
        """Build the levels.

        Args:
            values: the series.
            blocks: those of the series, which are the first level, where they are known.
        """
        known = blocks_of(values) if blocks is None else blocks
        self.size = len(values)
        self.not_finite = known.not_finite
        self.finite = not self.not_finite
        self._kind = values.typecode if isinstance(values, array) else "d"
        self._lows: Levels = [replaced(values, self.not_finite, math.inf)]
        self._highs: Levels = [replaced(values, self.not_finite, -math.inf)]
        if self.size > WORTH_IT:
            self._lows += self._levels(known.least, min)
            self._highs += self._levels(known.most, max)

    def bounds(self, start: int, stop: int) -> Bounds | None:
        """The least and the greatest finite value at positions `start` to `stop` (exclusive), or None without any."""
        low = _extreme(self._lows, start, stop, min, math.inf)
        if low == math.inf:
            return None
        return low, _extreme(self._highs, start, stop, max, -math.inf)

    def find(self, value: float, *, highest: bool) -> int:
        """The first position of a value that is the least or the greatest of all."""
        levels = self._highs if highest else self._lows
        place = levels[-1].index(value)
        for level in range(len(levels) - 2, -1, -1):
            factor = BLOCK if level == 0 else 2
            place = levels[level].index(value, place * factor)
        return place

    def bounds_of(self, bins: Bins) -> tuple[list[float], list[float]]:
        """The least and the greatest finite value of each bin: infinity and its opposite where it has none.

        Each value is in one bin, so that no extreme is lost. The first and the last bin are exact, since what is newest
        is in the last; the edges between wide bins of much the same width are exact to an eighth of it.
        """
        size = self._block(bins)
        if size is None:
            return self._bin_by_bin(bins)
        lows, highs = self._of_blocks(size)
        if size == 1:
            ranges = list(starmap(slice, pairwise(bins.edges)))
            return list(map(min, map(lows.__getitem__, ranges))), list(map(max, map(highs.__getitem__, ranges)))
        blocks = bins.blocks(size)
        least = [math.inf, *map(min, map(lows.__getitem__, blocks.inside)), math.inf]
        most = [-math.inf, *map(max, map(highs.__getitem__, blocks.inside)), -math.inf]
        ends = slice(*bins.edges[:2]), slice(*bins.edges[-2:])
        for place, part in zip((0, 1, -2, -1), (ends[0], blocks.head, blocks.tail, ends[1]), strict=True):
            low, high = self.bounds(part.start, part.stop) or _NOTHING
            least[place] = min(least[place], low)
            most[place] = max(most[place], high)
        return least, most

    def _bin_by_bin(self, bins: Bins) -> tuple[list[float], list[float]]:
        found = [self.bounds(start, stop) or _NOTHING for start, stop in pairwise(bins.edges)]
        return [low for low, _ in found], [high for _, high in found]

    def _block(self, bins: Bins) -> int | None:
        """The size of the blocks that suit the bins; None where these differ too much for one to suit them all."""
        width = bins.width()
        if width < _FINEST * _BLOCKS_A_BIN or len(self._lows) == 1:
            return 1
        if 2 * bins.narrowest < width:
            return None
        size, largest = _FINEST, BLOCK << (len(self._lows) - 2)
        while size < largest and width >= 2 * size * _BLOCKS_A_BIN:
            size *= 2
        return size

    def _of_blocks(self, size: int) -> tuple[Sequence[float], Sequence[float]]:
        """The least and the greatest value of each block of a size."""
        if 1 < size < BLOCK:
            return self.fine[size]
        level = 0 if size == 1 else (size // BLOCK).bit_length()
        return self._lows[level], self._highs[level]

    @cached_property
    def fine(self) -> dict[int, tuple[Sequence[float], Sequence[float]]]:
        """The least and the greatest value of each block smaller than those of the first level, by size."""
        least, most = ends(self._lows[0], _FINEST)
        if not self.finite:
            _, most = ends(self._highs[0], _FINEST)
        found: dict[int, tuple[Sequence[float], Sequence[float]]] = {}
        size = _FINEST
        while size < BLOCK:
            found[size] = self._beside(least), self._beside(most)
            least, most, size = _halved(least, min), _halved(most, max), 2 * size
        return found

    def _levels(self, blocks: Sequence[float], pick: Callable[..., float]) -> Levels:
        """The first level and those above it, each with what `pick` finds in two blocks of the one before."""
        levels: Levels = []
        while True:
            levels.append(self._beside(blocks))
            if len(blocks) <= 2 * _BLOCKS_A_BIN:
                return levels
            blocks = _halved(blocks, pick)

    def _beside(self, numbers: Iterable[float]) -> list[float]:
        """New numbers, one beside the other: those that were picked lie all over the memory, which reads slowly."""
        numbers_beside: array[float] = array(self._kind, numbers)
        return numbers_beside.tolist()


def _halved(blocks: Sequence[float], pick: Callable[..., float]) -> list[float]:
    """What `pick` finds in every two blocks."""
    halves = list(map(pick, blocks[::2], blocks[1::2]))
    return halves if len(blocks) % 2 == 0 else [*halves, blocks[-1]]


def _extreme(levels: Levels, start: int, stop: int, pick: Callable[[Iterable[float]], float], nothing: float) -> float:
    """What `pick` finds at positions `start` to `stop`, from the largest blocks that fit."""
    if 0 < stop - start <= WORTH_IT:
        return pick(levels[0][start:stop])
    found = [nothing]
    level = 0
    while stop - start > WORTH_IT and level + 1 < len(levels):
        factor = BLOCK if level == 0 else 2
        head = min(-start % factor, stop - start)
        tail = (stop - head - start) % factor
        values = levels[level]
        if head:
            found.append(pick(values[start : start + head]))
        if tail:
            found.append(pick(values[stop - tail : stop]))
        start, stop = (start + head) // factor, (stop - tail) // factor
        level += 1
    if stop > start:
        found.append(pick(levels[level][start:stop]))
    return pick(found)
