"""A canvas of braille cells: two dots across and four down in each, one colour a cell."""

from __future__ import annotations

_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_RUNS = tuple(tuple(tuple(sum(bits[start : stop + 1]) for stop in range(4)) for start in range(4)) for bits in _BITS)
BLANK = 0x2800


class Canvas:
    """A grid of `width` × `height` cells.

    Attributes:
        bits: the dots of each cell, row by row.
        owners: by cell, who drew there last, or -1.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.bits = bytearray(width * height)
        self.owners = [-1] * (width * height)

    @property
    def dots_across(self) -> int:
        """Columns of dots."""
        return self.width * 2

    @property
    def dots_down(self) -> int:
        """Rows of dots."""
        return self.height * 4

    def vertical(self, x: int, top: int, bottom: int, owner: int) -> None:
        """Set the dots of column `x` from row `top` to row `bottom`, both included, which lie on the canvas."""
        runs = _RUNS[x & 1]
        cell = (top >> 2) * self.width + (x >> 1)
        last = (bottom >> 2) * self.width + (x >> 1)
        bits, owners = self.bits, self.owners
        if cell == last:
            bits[cell] |= runs[top & 3][bottom & 3]
            owners[cell] = owner
            return
        bits[cell] |= runs[top & 3][3]
        owners[cell] = owner
        full = runs[0][3]
        for middle in range(cell + self.width, last, self.width):
            bits[middle] |= full
            owners[middle] = owner
        bits[last] |= runs[0][bottom & 3]
        owners[last] = owner

    def character(self, cell: int) -> str:
        """What a cell shows: a braille character, or a space without dots."""
        return chr(BLANK + self.bits[cell]) if self.bits[cell] else " "
