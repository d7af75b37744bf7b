"""What stands between every widget and the terminal: no cell holds what a terminal would obey."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from magnus_tracking.printable import clean, has_unprintable


class PrintableFilter(LineFilter):
    """Takes out of every line what a terminal would obey, whichever widget drew it.

    Widgets clean text where they lay it out, so that its width is right; this is the guarantee behind them. The cells
    that a line takes stay the same.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with what is not printable replaced."""
        if not any(has_unprintable(segment.text) for segment in segments):
            return segments
        return [
            Segment(_same_width(segment.text), segment.style) if has_unprintable(segment.text) else segment
            for segment in segments
        ]


def _same_width(text: str) -> str:
    return "".join(
        character if not has_unprintable(character) else clean(character)[:1] * cell_len(character)
        for character in text
    )
