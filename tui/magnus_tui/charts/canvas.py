"""A canvas of braille cells: two dots across and four down in each, one colour a cell."""

from __future__ import annotations

from array import array
from functools import lru_cache
from itertools import repeat
from operator import xor
from typing import NamedTuple

BLANK = 0x2800
_LEFT, _RIGHT = (0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80)
_NOBODY = -1


def _character(dots: int) -> str:
    """The character of a cell, from its left dots and its right ones, four bits each with the topmost first."""
    left = sum(bit for row, bit in enumerate(_LEFT) if dots >> 7 - row & 1)
    right = sum(bit for row, bit in enumerate(_RIGHT) if dots >> 3 - row & 1)
    return chr(BLANK + left + right) if dots else " "


_CHARACTERS = {dots: _character(dots) for dots in range(256)}


@lru_cache(64)
def _taken(owner: int, height: int) -> list[array[int]]:
    """By how many cells of a column are one drawer's, what says so; it is copied, and never changed."""
    return [array("h", repeat(owner, cells)) for cells in range(height + 1)]


class Runs(NamedTuple):
    """Vertical runs of dots: the columns of dots that they lie in, and the rows of their first and last dots."""

    columns: list[int]
    tops: list[int]
    bottoms: list[int]


class Canvas:
    """A grid of `width` × `height` cells."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        down = height * 4
        # A column of dots is one number, its topmost dot the highest bit: a run is drawn by one operation.
        self._columns = [0] * (width * 2)
        self._owners = array("h", [_NOBODY]) * (width * height)
        self._from_row = [(1 << down - row) - 1 for row in range(down)]
        self._below_row = [(1 << down - 1 - row) - 1 for row in range(down)]
        self._cells: bytes | None = None

    @property
    def dots_across(self) -> int:
        """Columns of dots."""
        return self.width * 2

    @property
    def dots_down(self) -> int:
        """Rows of dots."""
        return self.height * 4

    def draw(self, runs: Runs, owner: int) -> None:
        """Set dots that lie on the canvas.

        Args:
            runs: what is set.
            owner: who draws, 0 or above.
        """
        columns, owners, height = self._columns, self._owners, self.height
        begun = map(self._from_row.__getitem__, runs.tops)
        beyond = map(self._below_row.__getitem__, runs.bottoms)
        for column, dots in zip(runs.columns, map(xor, begun, beyond), strict=True):
            columns[column] |= dots
        taken = _taken(owner, height)
        for column, top, bottom in zip(*runs, strict=True):
            first = (column >> 1) * height + (top >> 2)
            cells = (bottom >> 2) - (top >> 2) + 1
            owners[first : first + cells] = taken[cells]
        self._cells = None

    def row_text(self, row: int) -> str:
        """What the cells of a row show: braille characters, and spaces where there are no dots."""
        return self._drawn()[row :: self.height].decode("latin-1").translate(_CHARACTERS)

    def row_owners(self, row: int) -> list[int]:
        """By cell of a row, who drew there last, or -1."""
        return self._owners[row :: self.height].tolist()

    def owner(self, row: int, column: int) -> int:
        """Who drew last in a cell, or -1."""
        return self._owners[column * self.height + row]

    def _drawn(self) -> bytes:
        """The dots of each cell, column by column: those on the left in the high half, the topmost first."""
        if self._cells is None:
            digits = [f"{dots:0{self.height}x}" for dots in self._columns]
            halves = bytearray(self.width * self.height * 2)
            halves[0::2] = "".join(digits[0::2]).encode()
            halves[1::2] = "".join(digits[1::2]).encode()
            self._cells = bytes.fromhex(halves.decode())
        return self._cells
