"""How the charts of a page share its cells: none is left blank, and each is large enough to be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

LEAST_WIDTH, LEAST_HEIGHT = 35, 8
"""Cells that a chart takes at least to be legible."""
GAP = 2
"""Blank columns between two charts beside one another."""
_SHAPE = 4.5
"""Columns a row of cells at which a curve over time reads best: about twice as wide as high."""


@dataclass(frozen=True, slots=True)
class Box:
    """The cells of one chart."""

    left: int
    top: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        """Whether a cell lies inside."""
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height


def most_on_page(width: int, height: int) -> int:
    """How many charts are legible at once in so many cells; at least one."""
    return _most_across(width) * _most_down(height)


def with_foot(width: int, room: int, said: str, count: int) -> int:
    """How many lines are left for charts where pages and `said` are told on a line below them.

    Args:
        width: cells of the page.
        room: lines for charts and for what is below them.
        said: what is said below them in any case.
        count: of the charts.
    """
    has_foot = said or count > most_on_page(width, max(room, 1))
    return max(room - 1, 1) if has_foot else max(room, 1)


@lru_cache(64)
def lay_out(count: int, width: int, height: int, enough: tuple[int, ...] = ()) -> tuple[tuple[Box, ...], ...]:
    """Boxes for the charts of a page, row by row; the rows of a page that is not full hold fewer and wider ones.

    Args:
        count: of the charts, at most what `most_on_page` says.
        width: cells of the page.
        height: lines of the page.
        enough: by chart, the lines that show everything it has; 0 where more lines always show more.
    """
    if count < 1 or width < 1 or height < 1:
        return ()
    possible = [
        rows for rows in range(1, min(count, _most_down(height)) + 1) if -(-count // rows) <= _most_across(width)
    ]
    rows = min(possible, key=lambda rows: _badness(count, rows, width, height))
    across = [count // rows + (place < count % rows) for place in range(rows)]
    starts = [0, *accumulate(across)]
    needed = [enough[start : start + many] for start, many in zip(starts, across, strict=False)]
    heights = _heights(height, [max(lines) if lines and all(lines) else 0 for lines in needed])
    return tuple(
        tuple(Box(left, top, cells, lines) for left, cells in _shares(width, many, GAP))
        for many, (top, lines) in zip(across, heights, strict=True)
    )


def _heights(height: int, enough: Sequence[int]) -> list[tuple[int, int]]:
    """Where each row begins and how high it is: those that need little leave the rest to the others."""
    share = height // len(enough)
    short = {row: lines for row, lines in enumerate(enough) if 0 < lines < share}
    others = [row for row in range(len(enough)) if row not in short]
    if not others:
        return _shares(height, len(enough), 0)
    lines = short | dict(
        zip(others, (cells for _, cells in _shares(height - sum(short.values()), len(others), 0)), strict=True)
    )
    tops = [0, *accumulate(lines[row] for row in range(len(enough)))]
    return [(tops[row], lines[row]) for row in range(len(enough))]


def _most_across(width: int) -> int:
    return max((width + GAP) // (LEAST_WIDTH + GAP), 1)


def _most_down(height: int) -> int:
    return max(height // LEAST_HEIGHT, 1)


def _badness(count: int, rows: int, width: int, height: int) -> float:
    """How far the shapes of the charts are from the best one, on average."""
    total = 0.0
    for place in range(rows):
        across = count // rows + (place < count % rows)
        total += across * abs(math.log(width / across / (height / rows) / _SHAPE))
    return total


def _shares(cells: int, parts: int, gap: int) -> list[tuple[int, int]]:
    """Where each of some parts begins and how long it is; together with the gaps between them they take all."""
    room = cells - gap * (parts - 1)
    shares = []
    start = 0
    for place in range(parts):
        length = max(room // parts + (place < room % parts), 0)
        shares.append((start, length))
        start += length + gap
    return shares
