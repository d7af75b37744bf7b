"""What is shown of the lines of a log, and the rows that it takes where long lines are wrapped."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len

from magnus_tui.format.text import clean

_LONGEST_SHOWN = 20_000
"""Characters of a line."""
_TAB = 8


class WrappedLines:
    """Which part of which line each row shows."""

    def __init__(self) -> None:
        self._lines: Sequence[str] = ()
        self._width = 0
        self._rows: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def lay_out(self, lines: Sequence[str], width: int) -> None:
        """Wrap lines, unless that is how they are wrapped already.

        Args:
            lines: whose lines stay the same as long as they are the same object.
            width: cells of a row.
        """
        if lines is not self._lines or width != self._width:
            self._rows = [(place, start) for place, line in enumerate(lines) for start in _cuts(line, width)]
            self._lines, self._width = lines, width

    def line_of(self, row: int) -> int:
        """The line that a row, or the nearest to it, shows a part of."""
        return self._rows[max(0, min(row, len(self._rows) - 1))][0] if self._rows else row

    def row_of(self, line: int) -> int:
        """The first row of a line."""
        return bisect_left(self._rows, (line, 0))

    def part(self, row: int) -> tuple[int, slice]:
        """The line that a row shows a part of, and which characters of what is shown of it."""
        line, start = self._rows[row]
        following, end = self._rows[row + 1] if row + 1 < len(self._rows) else (-1, 0)
        return line, slice(start, end if following == line else None)


def shown_text(plain: str) -> str:
    """The text of a line, as far as it is shown."""
    return clean(plain[:_LONGEST_SHOWN].expandtabs(_TAB))


def shown_places(plain: str, places: Iterable[int]) -> Iterator[int]:
    """Where some places of a line, ascending, lie in what is shown of it; found in one walk."""
    done = column = shown = 0
    for place in places:
        piece = f"{' ' * (column % _TAB)}{plain[done : min(place, _LONGEST_SHOWN)]}".expandtabs(_TAB)[column % _TAB :]
        done, column, shown = place, column + len(piece), shown + len(clean(piece))
        yield shown


def _cuts(line: str, width: int) -> Iterator[int]:
    """Where the rows of a wrapped line begin, in characters of what is shown of it."""
    if len(line) <= width and line.isascii() and "\t" not in line:
        yield 0
        return
    shown = shown_text(line).rstrip()
    start = cells = 0
    yield 0
    if shown.isascii():
        yield from range(width, len(shown), width)
        return
    for place, character in enumerate(shown):
        size = cell_len(character)
        if cells + size > width and place > start:
            start, cells = place, 0
            yield place
        cells += size
