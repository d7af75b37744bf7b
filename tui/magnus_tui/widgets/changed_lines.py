"""What draws itself line by line, and repaints only the lines that changed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip


def drawn_text(text: Text, console: Console) -> Iterable[Segment]:
    """The segments of a line of text; Rich leaves out the style of one no part of which has another."""
    return text.render(console) if text.spans else [Segment(text.plain, console.get_style(text.style))]


class ChangedLines(ScrollView):
    """Lines that are compared with those on the screen before they are painted.

    What changes while it is looked at is updated again and again, mostly to the same text.
    """

    @cached_property
    def _drawn(self) -> dict[int, Strip]:
        """The lines that are on the screen, as far as none of them is about to be painted."""
        return {}

    def draw_line(self, y: int) -> Strip:
        """A line of the screen, as it reads now."""
        return Strip.blank(self.size.width, self.rich_style)

    def render_line(self, y: int) -> Strip:
        """The same, now that it is painted."""
        strip = self._drawn[y] = self.draw_line(y)
        return strip

    def draw_lines(self, places: Iterable[int]) -> dict[int, Strip]:
        """Lines of the screen, as they read now."""
        return {y: self.draw_line(y) for y in places}

    def text_line(self, text: Text, style: Style) -> Strip:
        """A text in the whole width, in `style` where it has no other."""
        strip = Strip(drawn_text(text, self.app.console), text.cell_len).apply_style(style)
        return strip.adjust_cell_length(self.size.width, style)

    def refresh_changed(self) -> None:
        """Paint the lines that differ from those on the screen."""
        drawn = self._drawn.copy()
        if not drawn:
            self.refresh()
            return
        changed = [y for y, strip in self.draw_lines(range(self.size.height)).items() if drawn.get(y) != strip]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _set_dirty(self, *regions: Region) -> None:
        """Draw lines anew: those in `regions`, or all."""
        super()._set_dirty(*regions)
        if not regions:
            self._drawn.clear()
        for region in regions:
            for y in region.line_range:
                self._drawn.pop(y, None)
