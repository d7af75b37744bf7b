"""The table of a comparison: labels that stay at the left, a column a run, scrolled by whole columns."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.events import Click, MouseScrollLeft, MouseScrollRight, Resize
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from magnus_tracking.analysis.compare import Row
from magnus_tracking.analysis.compare.values import same
from magnus_tui import keys
from magnus_tui.charts.series_colors import series_color, series_glyph
from magnus_tui.compare.cells import STAR
from magnus_tui.compare.layout import (
    GAP,
    ColumnHeading,
    ColumnWidths,
    CompareLine,
    TableLines,
    column_widths,
    is_numeric,
    label_width,
    shorten_label,
)
from magnus_tui.format.text import clean, truncate, truncate_value
from magnus_tui.widgets.column_window import columns_that_fit, last_page
from magnus_tui.widgets.cursor_view import MovingCursor

_HEADING_LINES = 2
_SCROLLBAR = 1
_MOST_NEEDED = 1000
"""Cells that columns are given where it is asked what they need."""
_MARGIN = 1


class CompareTable(MovingCursor):
    """Rows of keys, columns of runs.

    Attributes:
        cursor: position of the cursor among the lines; it never stands on a heading.
        column: the column under the cursor.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.MOVE, keys.COLUMNS)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "compare-table--cursor",
        "compare-table--cell",
        "compare-table--dim",
        "compare-table--section",
        "compare-table--best",
    }

    column: reactive[int] = reactive(0)

    class Highlighted(Message):
        """The cursor came to stand on another cell, or on none."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown = TableLines()
        self.headings: list[ColumnHeading] = []
        self.baseline = 0
        self.empty = Text()
        self._label = 0
        self._widths: list[ColumnWidths] = []
        self._first = 0

    def show(self, shown: TableLines, headings: Sequence[ColumnHeading], baseline: int) -> None:
        """Show other lines; the cursor stays on its key where that is still there."""
        here = self.current
        self._shown = shown
        self.headings = list(headings)
        self.baseline = baseline
        self.virtual_size = Size(0, len(shown.lines) + _HEADING_LINES)
        rows = ((place, shown.lines[place].row) for place in shown.places)
        same_key = (place for place, row in rows if row is not None and here is not None and row.name == here.name)
        place = next(same_key, min(self.cursor, max(len(shown.lines) - 1, 0)))
        self.set_reactive(CompareTable.cursor, self._nearest_row(place, 1))
        self.set_reactive(CompareTable.column, self.validate_column(self.column))
        self._lay_out()
        self.show_cursor()
        self._tell()

    @property
    def lines(self) -> Sequence[CompareLine]:
        """Headings and rows."""
        return self._shown.lines

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.lines[self.cursor].row if 0 <= self.cursor < len(self.lines) else None

    @property
    def _room(self) -> int:
        return max(self.size.width - _MARGIN - self._label - GAP - 1, 8)

    @property
    def shown_columns(self) -> range:
        """The columns that are on the screen."""
        if not self._widths:
            return range(0)
        return range(self._first, self._first + columns_that_fit(self._totals, self._first, self._room, GAP))

    @property
    def _totals(self) -> list[int]:
        return [width.total for width in self._widths]

    def needed_width(self) -> int:
        """Cells that labels and columns take with their changes in full."""
        label = label_width(self._shown, _MOST_NEEDED)
        widths = column_widths(self._shown, self._heading_cells(), _MOST_NEEDED)
        return _MARGIN + label + sum(width.total + GAP for width in widths) + 2 * GAP + _SCROLLBAR + 1

    def _heading_cells(self) -> list[int]:
        return [max(cell_len(clean(heading.name)) + 2, cell_len(heading.note)) for heading in self.headings]

    def _lay_out(self) -> None:
        self._label = label_width(self._shown, self.size.width)
        self._widths = column_widths(self._shown, self._heading_cells(), self._room - GAP)
        self._keep_column_shown()
        self.refresh()

    def _keep_column_shown(self) -> None:
        self._first = max(min(self._first, last_page(self._totals, self._room, GAP), self.column), 0)
        while self._widths and self.column not in self.shown_columns:
            self._first += 1

    # Drawing

    def render_line(self, y: int) -> Strip:
        """A line of the screen: two of headings, then a line of the table each."""
        width, base = self.size.width, self.rich_style
        if not self.headings:
            return self._said(y - 1, width, base)
        if y < _HEADING_LINES:
            return self._heading(y, width, base)
        place = self.scroll_offset.y + y - _HEADING_LINES
        if not self.lines:
            return self._said(y - _HEADING_LINES - 1, width, base)
        if place >= len(self.lines):
            return Strip.blank(width, base)
        return self._line(place, width, base)

    def _said(self, y: int, width: int, base: Style) -> Strip:
        lines = self.empty.split("\n")
        if not 0 <= y < len(lines):
            return Strip.blank(width, base)
        text = Text(" " * _MARGIN, style=base)
        text.append_text(lines[y])
        return self.text_line(text, base)

    def _heading(self, y: int, width: int, base: Style) -> Strip:
        """A line of headings: names with their glyphs, or below them how each went."""
        line = Text(" " * _MARGIN, style=base, no_wrap=True)
        dim = self.get_component_rich_style("compare-table--dim", partial=True)
        line.append((self._where() if y == 0 else "").ljust(self._label)[: self._label], dim)
        dark = self.app.current_theme.dark
        for column in self.shown_columns:
            heading, room = self.headings[column], self._widths[column].total
            line.append(" " * GAP)
            if y == 0:
                name = truncate(clean(heading.name), room - 2)
                here = Style(underline=True) if column == self.column and self.has_focus else Style()
                line.append(" " * (room - 2 - cell_len(name)))
                line.append(name, Style(bold=True) + here)
                line.append(f" {series_glyph(column)}", Style(color=series_color(column, dark=dark)))
            else:
                note = truncate(heading.note, room)
                line.append(" " * (room - cell_len(note)))
                line.append(note, dim)
        return self.text_line(line, base)

    def _where(self) -> str:
        shown, total = self.shown_columns, len(self.headings)
        if len(shown) >= total:
            return ""
        before, after = ("‹ " if shown.start else "", " ›" if shown.stop < total else "")
        numbers = f"{shown.start + 1:,}–{shown.stop:,}" if len(shown) > 1 else f"{shown.start + 1:,}"
        return f"{before}{numbers} of {total:,}{after}"

    def _line(self, place: int, width: int, base: Style) -> Strip:
        shown = self.lines[place]
        style = base
        if place == self.cursor:
            style = base + self.get_component_rich_style("compare-table--cursor", partial=True)
        line = Text(" " * _MARGIN, style=style, no_wrap=True)
        label = shorten_label(shown.label, self._label)
        if shown.row is None:
            line.append(label, self.get_component_rich_style("compare-table--section", partial=True))
            return self.text_line(line, style)
        line.append(label + " " * (self._label - cell_len(label)))
        for column in self.shown_columns:
            line.append(" " * GAP)
            self._append_cell(line, shown, column, at_cursor=place == self.cursor and column == self.column)
        return self.text_line(line, style)

    def _append_cell(self, line: Text, shown: CompareLine, column: int, *, at_cursor: bool) -> None:
        """Add a value with its star, and beside it the change, so that numbers stand in columns."""
        cell, widths, row = shown.cells[column], self._widths[column], shown.row
        dim = self.get_component_rich_style("compare-table--dim", partial=True)
        best = self.get_component_rich_style("compare-table--best", partial=True)
        mark = self.get_component_rich_style("compare-table--cell", partial=True) if at_cursor else Style()
        unchanged = row is not None and column != self.baseline and same(row.values[column], row.values[self.baseline])
        star = f"{STAR} " if cell.best else ""
        numeric = row is not None and is_numeric(row) and widths.change > 0
        room = widths.value if numeric else widths.total
        right = GAP + widths.change if numeric else 0
        fits = cell_len(cell.text) <= room - len(star)
        text = truncate_value(cell.text if fits else cell.excerpt or cell.text, room - len(star))
        line.append(" " * (widths.total - right - cell_len(star) - cell_len(text)), mark)
        line.append(star, best + mark)
        line.append(text, (dim if unchanged else best if cell.best else Style()) + mark)
        if numeric:
            change = truncate_value(widths.change_of(cell), widths.change)
            line.append(" " * (right - cell_len(change)), mark)
            line.append(change, dim + mark)

    # Moving

    def _nearest_row(self, place: int, step: int) -> int:
        """The nearest line that has a row, in the direction of `step` first."""
        places = self._shown.places
        if not places:
            return 0
        found = bisect_left(places, place) if step > 0 else bisect_right(places, place) - 1
        return places[max(0, min(found, len(places) - 1))]

    def row_count(self) -> int:
        """How many lines there are, headings of sections included."""
        return len(self.lines)

    @property
    def visible_rows(self) -> int:
        """How many lines fit below the headings of the columns."""
        return max(self.size.height - _HEADING_LINES, 1)

    def move(self, rows: int) -> None:
        """Move the cursor by so many lines, or on to the next that is not a heading."""
        self.cursor = self._nearest_row(self.validate_cursor(self.cursor + rows), 1 if rows > 0 else -1)

    def watch_cursor(self) -> None:
        """Keep the cursor on the screen and tell where it is."""
        self.show_cursor()
        self.refresh()
        self._tell()

    def watch_column(self) -> None:
        """Bring the column onto the screen and tell."""
        self._keep_column_shown()
        self.refresh()
        self._tell()

    def validate_column(self, column: int) -> int:
        """The nearest column that exists."""
        return max(0, min(column, len(self.headings) - 1))

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Draw anew: the column's heading is underlined only with the focus."""
        super().watch_has_focus(_has_focus)
        self.refresh()

    def on_resize(self, _event: Resize) -> None:
        """Lay out for the new size."""
        self._lay_out()
        super().on_resize(_event)

    def show_cursor(self) -> None:
        """Scroll as little as needed to show the row under the cursor, with the heading of its section."""
        heading = self.cursor > 0 and self.lines and self.lines[self.cursor - 1].row is None
        self.show_rows(self.cursor - 1 if heading else self.cursor, self.cursor)

    def _tell(self) -> None:
        if self.is_mounted:
            self.post_message(self.Highlighted())

    def go_to_number(self, number: int) -> int | None:
        """Move to a row by its number, from 1, or to the nearest; headings do not count. The number of that row."""
        places = self._shown.places
        if not places:
            return None
        reached = max(1, min(number, len(places)))
        self.cursor = places[reached - 1]
        return reached

    def action_column_left(self) -> None:
        """Move to the column at the left."""
        self.column -= 1

    def action_column_right(self) -> None:
        """Move to the column at the right."""
        self.column += 1

    def action_column_first(self) -> None:
        """Move to the first column."""
        self.column = 0

    def action_column_last(self) -> None:
        """Move to the last column."""
        self.column = len(self.headings) - 1

    def on_mouse_scroll_left(self, event: MouseScrollLeft) -> None:
        """Move to the column at the left."""
        event.stop()
        self.column -= 1

    def on_mouse_scroll_right(self, event: MouseScrollRight) -> None:
        """Move to the column at the right."""
        event.stop()
        self.column += 1

    def on_click(self, event: Click) -> None:
        """Put the cursor on the cell, or on the column of the heading, that was clicked."""
        left = _MARGIN + self._label
        for column in self.shown_columns:
            right = left + GAP + self._widths[column].total
            if left <= event.x < right:
                self.column = column
            left = right
        place = self.scroll_offset.y + event.y - _HEADING_LINES
        if event.y >= _HEADING_LINES and place < len(self.lines) and self.lines[place].row is not None:
            self.cursor = place
