"""What views that draw only what is seen share: a cursor on their rows, and the keys that move it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.events import Resize
from textual.filter import ANSIToTruecolor
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip

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

    def go_to_number(self, number: int) -> int | None:
        """Move to a row by its number, from 1, or to the nearest; the number of that."""
        self.cursor = number - 1
        return self.cursor + 1 if self.row_count() else None

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


class CursorView(MovingCursor):
    """A list with a cursor below lines that stay.

    Attributes:
        head: how many lines stay on top.
    """

    head = 1

    def before_lines(self) -> None:
        """Called before lines are drawn, to work out what they have in common."""

    def cursor_moved(self) -> None:
        """Called when the cursor has come to stand on another row."""

    @property
    def visible_rows(self) -> int:
        """How many rows fit below the lines that stay."""
        return max(self.size.height - self.head, 1)

    @property
    def rows_in_view(self) -> range:
        """The places of the rows on the screen."""
        top = self.scroll_offset.y
        return range(min(top, self.row_count()), min(top + self.visible_rows, self.row_count()))

    def rows_changed(self) -> None:
        """Take notice that there are other rows."""
        self.virtual_size = Size(0, self.row_count() + self.head)

    def put_cursor(self, position: int) -> None:
        """Put the cursor somewhere without telling anyone."""
        self.set_reactive(CursorView.cursor, self.validate_cursor(position))

    def watch_cursor(self, before: int, now: int) -> None:
        """Keep the cursor on the screen and tell where it is; without scrolling only two lines are drawn."""
        top = self.scroll_offset.y
        self.show_cursor()
        if self.scroll_offset.y == top:
            self.refresh(*(self._line_region(position) for position in (before, now)))
        else:
            self.refresh()
        if self.is_mounted:
            self.cursor_moved()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines in `crop` as they are drawn, in a third of Textual's steps where nothing is to be put around them.

        What is left out for a line that fills the list and whose colours are the theme's: borders, padding and
        opacity, and the search for colours of the terminal's palette. As there, a line is drawn once until it is dirty.
        """
        styles = self.styles
        if styles.gutter or styles.has_rule("hatch") or self.opacity != 1.0 or styles.text_opacity != 1.0:
            self.before_lines()
            return super().render_lines(crop)
        drawn = self._drawn
        drawn.update(self.draw_lines(y for y in crop.line_range if y not in drawn))
        return [drawn[y].crop(*crop.column_span) for y in crop.line_range]

    def draw_lines(self, places: Iterable[int]) -> dict[int, Strip]:
        """Lines as they read now, with what every line is filtered by."""
        self.before_lines()
        filters = [one for one in self.get_line_filters() if not isinstance(one, ANSIToTruecolor)]
        background = self.background_colors[1]
        lines = {y: self.render_line(y) for y in list(places)}
        for line_filter in filters:
            lines = {y: strip.apply_filter(line_filter, background) for y, strip in lines.items()}
        return lines

    def _line_region(self, position: int) -> Region:
        return Region(0, position - self.scroll_offset.y + self.head, self.size.width, 1)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw what has come into view; the scrollbar, which costs as much, only where it looks different."""
        if self.show_vertical_scrollbar:
            bar = self.vertical_scrollbar
            if self._place_on_bar(new_value) != self._place_on_bar(bar.position):
                bar.position = new_value
        if round(old_value) != round(new_value):
            self.refresh(self.size.region)

    def _place_on_bar(self, top: float) -> int:
        """Where the scrollbar's thumb begins, in the eighths of a cell that it is drawn in."""
        return int(top * self.size.height * 8 / max(self.max_scroll_y, 1))

    def turn(self, rows: int) -> None:
        """Move by a page, or a part of one; the cursor keeps its place on the screen."""
        to = self.validate_cursor(self.cursor + rows)
        top = max(0, min(self.scroll_offset.y + rows, self.row_count() - self.visible_rows))
        self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self.cursor = to
