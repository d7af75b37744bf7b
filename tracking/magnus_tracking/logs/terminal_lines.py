"""Captured output as a terminal would have left it: overwritten states are gone, harmless colours are kept apart.

Linear in the text, and hardly larger than it: a cursor does not go where nothing was written.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator

from magnus_tracking.printable import DIRECTION_CHANGES, ESCAPE_SEQUENCES

_COLORS = re.compile(r"(?:\x1b\[|\x9b)[0-9;]*m")
_MOVES = re.compile(r"[\r\x08]|(?:\x1b\[|\x9b)[0-9;]*[A-GJKm]")
"""What makes lines differ from the text between the escapes."""
_TOKENS = re.compile(rf"({ESCAPE_SEQUENCES.pattern}|[\x00-\x08\x0a-\x1f\x7f-\x9f])", re.VERBOSE)
_MOST_UP = 200
"""Lines that a cursor moves at most: more than a screen has."""
_HUES = ("red", "yellow", "green", "cyan", "blue", "magenta")
_BASIC = ("", "red", "green", "yellow", "blue", "magenta", "cyan", "")
"""The colours of a terminal by number; black and white may be that of the background, so they are left out."""
_LOOKS = {1: "bold", 2: "dim", 3: "italic", 4: "underline"}

Span = tuple[int, int, str]
"""Where a look begins and ends, and its words: ``bold red``."""


class LogLine(str):
    """A line of a log as plain text.

    Attributes:
        spans: the looks of its parts, in the words of Rich; no backgrounds, so that nothing can hide.
    """

    __slots__ = ("spans",)
    spans: tuple[Span, ...]

    def __new__(cls, text: str, spans: tuple[Span, ...] = ()) -> LogLine:
        """A line with looks."""
        line = super().__new__(cls, text)
        line.spans = spans
        return line


def screen_lines(text: str, *, colors: bool = True) -> tuple[list[str], list[int]]:
    """The lines that a terminal would have shown of `text`, and for each line of `text` the place of what it wrote.

    Cursor movements are obeyed, upwards too, as progress bars of several lines use them; what clears the whole screen
    is not.

    Args:
        text: what was captured.
        colors: whether the lines have looks, which takes longer.
    """
    text = DIRECTION_CHANGES.sub("", text.replace("\r\n", "\n"))
    if not colors:
        text = _COLORS.sub("", text)
    if not _MOVES.search(text):
        lines = _TOKENS.sub(lambda found: "\n" if found[0] == "\n" else "", text).split("\n")
        return list(lines), list(range(len(lines)))
    screen = _Screen()
    for place, part in enumerate(_TOKENS.split(text)):
        if place % 2:
            screen.obey(part)
        elif part:
            screen.write(part)
    return [row.line() for row in screen.rows], [min(row, len(screen.rows) - 1) for row in screen.places]


class _Row:
    """A line that can be written over, a character and its look each."""

    __slots__ = ("characters", "looks")

    def __init__(self) -> None:
        self.characters: list[str] = []
        self.looks: list[str] = []

    def line(self) -> str:
        text = "".join(self.characters)
        spans = tuple(self._spans()) if any(self.looks) else ()
        return LogLine(text, spans) if spans else text

    def _spans(self) -> Iterator[Span]:
        start, look = 0, ""
        for place, one in enumerate((*self.looks, "")):
            if one != look:
                if look:
                    yield start, place, look
                start, look = place, one
        if look:
            yield start, len(self.looks), look


class _Screen:
    def __init__(self) -> None:
        self.rows = [_Row()]
        self.places = [0]
        self._row = self._column = 0
        self._begun_anew = False
        self._color = ""
        self._set: set[int] = set()
        self._look = ""

    def write(self, text: str) -> None:
        row = self.rows[self._row]
        self.places[-1] = self._row
        if self._begun_anew:
            # A state is written over as a whole: what a longer one leaves behind is not meant to be read.
            del row.characters[self._column :], row.looks[self._column :]
            self._begun_anew = False
        end = self._column + len(text)
        row.characters[self._column : end] = text
        row.looks[self._column : end] = [self._look] * len(text)
        self._column = end

    def obey(self, token: str) -> None:
        if token == "\n":
            self._down()
            self.places.append(self._row)
        elif token == "\r":
            self._column, self._begun_anew = 0, True
        elif token == "\b":
            self._column = max(self._column - 1, 0)
        elif token[0] == "\x9b" or token[:2] == "\x1b[":
            self._sequence(token.removeprefix("\x9b").removeprefix("\x1b["))

    def _down(self) -> None:
        self._row += 1
        self._column, self._begun_anew = 0, False
        if self._row == len(self.rows):
            self.rows.append(_Row())

    def _sequence(self, sequence: str) -> None:
        """Obey a control sequence: colours, moves of the cursor, and what clears a line or what is below."""
        digits, kind = sequence[:-1], sequence[-1:]
        if not re.fullmatch(r"[0-9;]*", digits):
            return
        numbers = [int(number[:6] or 0) for number in digits.split(";")]
        count = max(numbers[0], 1)
        row = self.rows[self._row]
        if kind == "m":
            self._color_by(numbers)
        elif kind in "AF":
            self._row = max(self._row - min(count, _MOST_UP), 0)
        elif kind in "BE":
            self._row = min(self._row + count, len(self.rows) - 1)
        elif kind == "D":
            self._column = max(self._column - count, 0)
        elif kind in "CG":
            to = self._column + count if kind == "C" else count - 1
            if to > len(row.characters):
                row.characters.append(" ")
                row.looks.append("")
            self._column = min(to, len(row.characters))
            self._begun_anew = False
        elif kind == "K" and numbers[0] in (0, 2):
            start = self._column if numbers[0] == 0 else 0
            del row.characters[start:], row.looks[start:]
        elif kind == "J" and numbers[0] == 0:
            del row.characters[self._column :], row.looks[self._column :], self.rows[self._row + 1 :]
        if kind in "EF":
            self._column = 0
        self._column = min(self._column, len(self.rows[self._row].characters))

    def _color_by(self, numbers: list[int]) -> None:
        """Take over colours and attributes (SGR)."""
        waiting = iter(numbers)
        for number in waiting:
            if number == 0:
                self._color, self._set = "", set()
            elif number in _LOOKS:
                self._set.add(number)
            elif 21 <= number <= 24:
                self._set -= {1, 2} if number < 23 else {number - 20}
            elif 30 <= number <= 37 or 90 <= number <= 97:
                self._color = _BASIC[number % 10]
            elif number in (38, 48):
                color = _extended(waiting)
                self._color = color if number == 38 else self._color
            elif number == 39:
                self._color = ""
        self._look = " ".join([*(_LOOKS[one] for one in sorted(self._set)), *filter(None, [self._color])])


def _extended(numbers: Iterator[int]) -> str:
    """The basic colour that is nearest to one of 256 or of all; none for greys."""
    kind = next(numbers, 0)
    if kind == 2:
        red, green, blue = (min(next(numbers, 0), 255) for _ in range(3))
    else:
        number = min(next(numbers, 0), 255)
        if number < 16 or number > 231:
            return _BASIC[number % 8] if number < 16 else ""
        red, green, blue = ((number - 16) // place % 6 * 51 for place in (36, 6, 1))
    hue, saturation, _ = colorsys.rgb_to_hsv(red, green, blue)
    return _HUES[round(hue * 6) % 6] if saturation > 0.2 else ""
