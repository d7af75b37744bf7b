"""Which values of a series fall into which column of dots."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise, starmap
from operator import sub
from typing import NamedTuple

from magnus_tui.charts.window import Window

_KEPT = 32
"""Divisions that are kept: series of the same steps are drawn together, and share one."""


class BinsInBlocks(NamedTuple):
    """The bins between the first and the last in whole blocks of a size, and what sticks out of these at both ends.

    Attributes:
        inside: the whole blocks of each bin.
        head: the positions of the first of them before its first block.
        tail: the positions of the last of them after its last block.
    """

    inside: list[slice]
    head: slice
    tail: slice


class Bins:
    """Neighbouring ranges of positions, one for each column of dots into which something falls.

    Attributes:
        columns: the columns of dots, ascending.
        edges: where the ranges begin, and where the last one ends; ascending, no two equal.
    """

    def __init__(self, columns: list[int], edges: list[int]) -> None:
        self.columns = columns
        self.edges = edges
        self._blocks: dict[int, BinsInBlocks] = {}

    def blocks(self, size: int) -> BinsInBlocks:
        """The ranges in blocks of `size` positions; an edge between two of them moves to the nearest block's.

        Args:
            size: of a block, at most half of `narrowest`; there are three ranges at least.
        """
        found = self._blocks.get(size)
        if found is None:
            first, *inner, last = self.edges[1:-1]
            begin, end = -(-first // size), last // size
            places = [begin, *((edge + size // 2) // size for edge in inner), end]
            inside = list(starmap(slice, pairwise(places)))
            found = self._blocks[size] = BinsInBlocks(inside, slice(first, begin * size), slice(end * size, last))
        return found

    @cached_property
    def narrowest(self) -> int:
        """How many positions the narrowest range has, those at both ends left aside."""
        return min(map(sub, self.edges[2:-1], self.edges[1:-2]), default=0)

    def width(self) -> float:
        """How many positions a range has, on average."""
        return (self.edges[-1] - self.edges[0]) / max(len(self.columns), 1)


def bins_of(indexes: Sequence[int], window: Window, columns: int, *, contiguous: bool) -> Bins:
    """How the step indexes that `window` shows are divided.

    Args:
        indexes: step indexes, ascending.
        window: the step indexes shown.
        columns: over how many columns of dots.
        contiguous: whether each step index is the one before and 1.
    """
    if contiguous and indexes:
        return _contiguous(indexes[0], len(indexes), window, columns)
    start, stop = bisect_right(indexes, math.ceil(window.first) - 1), bisect_right(indexes, window.last)
    ends = [bisect_right(indexes, edge, start, stop) for edge in _inner_edges(window, columns)]
    return _filled(start, [*ends, stop])


@lru_cache(_KEPT)
def _contiguous(first: int, length: int, window: Window, columns: int) -> Bins:
    start = max(0, min(length, math.ceil(window.first) - first))
    stop = max(start, min(length, math.floor(window.last) - first + 1))
    ends = [max(start, min(stop, math.floor(edge) - first + 1)) for edge in _inner_edges(window, columns)]
    return _filled(start, [*ends, stop])


def _inner_edges(window: Window, columns: int) -> list[float]:
    """The right edge of each column but the last."""
    return [window.right_edge(column, columns) for column in range(columns - 1)]


def _filled(start: int, ends: list[int]) -> Bins:
    columns, edges = [], [start]
    for column, end in enumerate(ends):
        if end > edges[-1]:
            columns.append(column)
            edges.append(end)
    return Bins(columns, edges)
