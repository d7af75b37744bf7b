"""A cursor on the rows of a scrolling view, and the keys that move it."""

from __future__ import annotations

from typing import ClassVar

from textual.events import Resize
from textual.reactive import reactive

from magnus_tui.widgets.changed_lines import ChangedLines


class MovingCursor(ChangedLines, can_focus=True):
    """A view with a cursor on one of its rows. Classes that extend this one draw it where it moves.

    Attributes:
        cursor: position of the row that keys act on, from 0.
        numbered: what `go_to_number` counts.
    """

    numbered: ClassVar[str] = "row"
    cursor: reactive[int] = reactive(0, repaint=False)

    def row_count(self) -> int:
        """How many rows there are."""
        return 0

    @property
    def visible_rows(self) -> int:
        """How many rows are seen at once."""
        return max(self.size.height, 1)

    def validate_cursor(self, cursor: int) -> int:
        """The nearest row that exists."""
        return max(0, min(cursor, self.row_count() - 1))

    def on_resize(self, _event: Resize) -> None:
        """Keep the cursor on the screen."""
        self.show_cursor()

    def show_cursor(self) -> None:
        """Scroll as little as needed to show the row under the cursor."""
        self.show_rows(self.cursor, self.cursor)

    def show_rows(self, first: int, last: int) -> None:
        """Scroll as little as needed to show the rows from `first` to `last`."""
        top = self.scroll_offset.y
        if first < top:
            self.scroll_to(y=first, animate=False, force=True, immediate=True)
        elif last >= top + self.visible_rows:
            self.scroll_to(y=last - self.visible_rows + 1, animate=False, force=True, immediate=True)

    def move(self, rows: int) -> None:
        """Move the cursor by so many rows, up where negative."""
        self.cursor += rows

    def turn(self, rows: int) -> None:
        """Move by a page, or a part of one."""
        self.move(rows)

    def go_to_number(self, number: int) -> None:
        """Move to a row by its number, from 1."""
        self.cursor = number - 1

    def action_cursor_down(self) -> None:
        """Move to the next row."""
        self.move(1)

    def action_cursor_up(self) -> None:
        """Move to the previous row."""
        self.move(-1)

    def action_page_down(self) -> None:
        """Move a page down."""
        self.turn(self.visible_rows)

    def action_page_up(self) -> None:
        """Move a page up."""
        self.turn(-self.visible_rows)

    def action_half_down(self) -> None:
        """Move half a page down."""
        self.turn(max(self.visible_rows // 2, 1))

    def action_half_up(self) -> None:
        """Move half a page up."""
        self.turn(-max(self.visible_rows // 2, 1))

    def action_first(self) -> None:
        """Move to the first row."""
        self.move(-self.row_count())

    def action_last(self) -> None:
        """Move to the last row."""
        self.move(self.row_count())
