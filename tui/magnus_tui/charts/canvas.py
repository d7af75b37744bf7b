"""A canvas of braille cells: two dots across and four down in each, one colour a cell."""

from __future__ import annotations

from collections.abc import Iterable

_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_RUNS = tuple(tuple(tuple(sum(bits[start : stop + 1]) for stop in range(4)) for start in range(4)) for bits in _BITS)
BLANK = 0x2800
_CHARACTERS = " " + "".join(chr(BLANK + bits) for bits in range(1, 256))


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

    def draw(self, runs: Iterable[tuple[int, int, int]], owner: int) -> None:
        """Set dots that lie on the canvas.

        Args:
            runs: columns of dots, each with the rows of its first and its last dot.
            owner: who draws.
        """
        bits, owners, width = self.bits, self.owners, self.width
        for x, top, bottom in runs:
            side = _RUNS[x & 1]
            cell = (top >> 2) * width + (x >> 1)
            last = (bottom >> 2) * width + (x >> 1)
            if cell == last:
                bits[cell] |= side[top & 3][bottom & 3]
                owners[cell] = owner
                continue
            bits[cell] |= side[top & 3][3]
            owners[cell] = owner
            full = side[0][3]
            for middle in range(cell + width, last, width):
                bits[middle] |= full
                owners[middle] = owner
            bits[last] |= side[0][bottom & 3]
            owners[last] = owner

    def row_text(self, row: int) -> str:
        """What the cells of a row show: braille characters, and spaces where there are no dots."""
        return "".join(map(_CHARACTERS.__getitem__, self.bits[row * self.width : (row + 1) * self.width]))

    def character(self, cell: int) -> str:
        """What a cell shows: a braille character, or a space without dots."""
        return _CHARACTERS[self.bits[cell]]
