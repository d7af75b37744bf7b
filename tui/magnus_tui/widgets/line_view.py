"""A scrolling view of lines that are made only when they are seen, with a cursor on one of them."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from magnus_tui import keys
from magnus_tui.widgets.cursor_view import MovingCursor
from magnus_tui.widgets.page import Ink

_MARGIN = 1
_SIDE_STEP = 8


class LineView(MovingCursor):
    """Lines one below the other. What they are is said by the classes that extend this one.

    Textual's widgets have a metaclass of their own, so that it is the type checker that holds those to it.

    Attributes:
        side: how many cells the lines are moved to the left.
    """

    DEFAULT_CSS = """
    LineView {
        height: 1fr;
        background: $background;
        scrollbar-gutter: stable;
        & > .line-view--cursor { background: $block-cursor-blurred-background; }
        &:focus > .line-view--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.MOVE)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-view--cursor"}

    numbered: ClassVar[str] = "line"
    side: reactive[int] = reactive(0)

    class Moved(Message):
        """The cursor came to stand on another line."""

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return 0

    def row_count(self) -> int:
        """How many lines there are."""
        return self.line_count

    @abstractmethod
    def line_at(self, place: int) -> Text:
        """The line at `place`, which is asked for only when it is seen."""

    def copy_text(self) -> str:
        """What `y` copies of the line under the cursor."""
        return self.line_at(self.cursor).plain.strip() if self.line_count else ""

    def file_path(self) -> str | None:
        """The file behind the line under the cursor, if there is one."""
        return None

    @property
    def shows_cursor(self) -> bool:
        """Whether the line under the cursor is marked."""
        return self.has_focus

    @property
    def ink(self) -> Ink:
        """The colours of the theme in use."""
        return Ink(self.app.theme_variables)

    @property
    def text_width(self) -> int:
        """Cells that a line has."""
        return max(self.scrollable_content_region.width - 2 * _MARGIN, 1)

    @property
    def visible_rows(self) -> int:
        """How many lines are seen at once."""
        return max(self.scrollable_content_region.height, 1)

    @property
    def at_end(self) -> bool:
        """Whether the cursor stands on the last line."""
        return self.cursor >= self.line_count - 1

    def lines_changed(self) -> None:
        """Draw anew because the lines are others; the cursor stays where it can."""
        self.virtual_size = Size(0, self.line_count)
        self.set_reactive(LineView.cursor, self.validate_cursor(self.cursor))
        self.show_cursor()
        self.refresh_changed()

    def draw_line(self, y: int) -> Strip:
        """A line of the screen."""
        width = self.size.width
        place = self.scroll_offset.y + y
        base = self.rich_style
        if place >= self.line_count:
            return Strip.blank(width, base)
        if place == self.cursor and self.shows_cursor:
            base += self.get_component_rich_style("line-view--cursor", partial=True)
        line = Text(" " * _MARGIN, style=base, no_wrap=True, end="")
        line.append_text(self._moved_aside(self.line_at(place)))
        return self.text_line(line, base)

    def _moved_aside(self, line: Text) -> Text:
        """The part of a line that is seen; what is cut at the right ends in an ellipsis."""
        seen = line[self.side : self.side + self.text_width + 1] if self.side or len(line) > self.text_width else line
        if seen.cell_len > self.text_width:
            seen = seen.copy()
            seen.truncate(self.text_width, overflow="ellipsis")
        return seen

    def watch_cursor(self) -> None:
        """Keep the cursor on the screen and tell that it moved."""
        self.show_cursor()
        self.refresh_changed()
        if self.is_mounted:
            self.post_message(self.Moved())

    def watch_side(self) -> None:
        """Draw the lines moved."""
        self.refresh()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """The cursor is only marked with the focus."""
        super().watch_has_focus(_has_focus)
        self.refresh()

    def validate_side(self, side: int) -> int:
        """Not beyond the left edge."""
        return max(0, side)

    def action_side_left(self) -> None:
        """Show what lies to the left."""
        self.side -= _SIDE_STEP

    def action_side_right(self) -> None:
        """Show what lies to the right."""
        self.side += _SIDE_STEP

    def action_side_first(self) -> None:
        """Show the beginning of the lines."""
        self.side = 0

    def action_side_last(self) -> None:
        """Show the end of the line under the cursor."""
        if self.line_count:
            self.side = len(self.line_at(self.cursor)) - self.text_width + 1

    def on_click(self, event: Click) -> None:
        """Put the cursor on the line that was clicked."""
        place = self.scroll_offset.y + event.y
        if place < self.line_count:
            self.cursor = place
