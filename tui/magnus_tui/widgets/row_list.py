"""A list of any length in columns, of which only the rows that are seen are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.events import Click
from textual.message import Message
from textual.strip import Strip

from magnus_tui import keys
from magnus_tui.format.text import truncate
from magnus_tui.widgets.column_window import columns_that_fit, last_page, mark_of_more, with_edges
from magnus_tui.widgets.cursor_view import CursorView
from magnus_tui.widgets.filtering_screen import Filtered, matcher

_GAP = 2
_MEASURED = 200
"""Rows from the top by which the columns are made as wide as they need."""
_LEAST = 16
"""Cells of a flexible column, if it needs as many, for which others are rather beyond the edge."""


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of a list.

    Attributes:
        title: what stands above it.
        right: whether it is aligned to the right, as numbers are.
        flexible: whether it gives way first, and takes what room is left.
    """

    title: str
    right: bool = False
    flexible: bool = False


class RowList(CursorView):
    """Rows below headings; `enter` or a second click chooses one.

    The columns up to the first one of text stay at the left while others scroll.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.MOVE, keys.COLUMNS)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--heading", "row-list--cursor"}
    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        padding: 0 1;
        & > .row-list--heading { color: $dim; }
        & > .row-list--cursor { background: $block-cursor-blurred-background; }
        &:focus > .row-list--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """

    class Highlighted(Message):
        """The cursor came to stand on another row."""

    class Chosen(Message):
        """A row was chosen.

        Attributes:
            position: which one.
        """

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns: Sequence[ListColumn] = ()
        self._count = 0
        self._needle = ""
        self._kept: Sequence[int] = ()
        self._row: Callable[[int], Sequence[Text]] = lambda _: ()
        self._widths: list[int] = []
        self._first = 0

    def show(
        self, columns: Sequence[ListColumn], count: int, row: Callable[[int], Sequence[Text]], cursor: int = 0
    ) -> None:
        """Show other rows.

        Args:
            columns: from left to right.
            count: how many rows there are.
            row: the cells of a row, made when it is seen.
            cursor: where the cursor is to stand.
        """
        if columns is not self._columns:
            self._first = 0
        self._columns, self._count, self._row = columns, count, row
        self._measure()
        self._keep(cursor)

    def filter_lines(self, text: str) -> None:
        """Show only the rows whose cells hold every word of `text`."""
        here = self.position
        self._needle = text
        self._keep(here if here is not None else 0)
        self.post_message(Filtered(f"{len(self._kept):,} of {self._count:,}", is_empty=not self._kept))
        self.cursor_moved()

    def _keep(self, cursor: int) -> None:
        """Choose the rows that are shown, and put the cursor on the one at a position among all of them."""
        self._kept = range(self._count)
        if self._needle:
            holds = matcher(self._needle)
            self._kept = [row for row in self._kept if holds(" ".join(cell.plain for cell in self._row(row)))]
        self.rows_changed()
        self.put_cursor(self._kept.index(cursor) if cursor in self._kept else 0)
        self.show_cursor()
        self.refresh_changed()

    @property
    def position(self) -> int | None:
        """The position of the row under the cursor among all rows, filtered or not; None without one."""
        return self._kept[self.cursor] if 0 <= self.cursor < len(self._kept) else None

    @property
    def kept(self) -> Sequence[int]:
        """The positions of the rows that are shown among all rows."""
        return self._kept

    def row_count(self) -> int:
        """How many rows are shown."""
        return len(self._kept)

    def cursor_moved(self) -> None:
        """Tell that another row is under the cursor."""
        self.post_message(self.Highlighted())

    def _measure(self) -> None:
        sample = [self._row(position) for position in range(min(self._count, _MEASURED))]
        self._widths = [
            max([cell_len(column.title), *(cells[place].cell_len for cells in sample)])
            for place, column in enumerate(self._columns)
        ]

    @property
    def _staying(self) -> int:
        texts = (place for place, column in enumerate(self._columns) if column.title.strip() and not column.right)
        return next(texts, 0) + 1

    def _seen(self) -> tuple[list[int], int]:
        """Which columns are on the screen, and how many are beyond the right edge."""
        least = [
            min(width, _LEAST) if column.flexible else width
            for width, column in zip(self._widths, self._columns, strict=True)
        ]
        places = list(range(len(least)))
        if sum(least) + _GAP * (len(least) - 1) <= self._room(0):
            self._first = 0
            return places, 0
        cells = least[self._staying :]
        room = self._room(len(cells)) - sum(least[: self._staying]) - _GAP * (self._staying - 1)
        self._first = min(self._first, last_page(cells, room, _GAP))
        start = self._staying + self._first
        stop = start + columns_that_fit(cells, self._first, room, _GAP)
        return [*places[: self._staying], *places[start:stop]], len(places[stop:])

    def _room(self, beyond: int) -> int:
        """Cells for columns, beside a scrollbar and a mark that names so many beyond the edge."""
        return self.scrollable_content_region.width - (len(mark_of_more(beyond)) + 2 if beyond else 0)

    def _fitted(self) -> list[tuple[int, int]]:
        """The columns on the screen with their widths; the flexible ones share what the others leave."""
        seen, _ = self._seen()
        widths = {place: self._widths[place] for place in seen}
        flexible = [place for place in seen if self._columns[place].flexible]
        room = self._room(len(self._widths) - len(seen)) - _GAP * max(len(seen) - 1, 0)
        room -= sum(width for place, width in widths.items() if place not in flexible)
        for left, place in enumerate(sorted(flexible, key=widths.__getitem__), 1 - len(flexible)):
            widths[place] = min(widths[place], max(room // (1 - left), 1))
            room -= widths[place]
        return list(widths.items())

    def draw_line(self, y: int) -> Strip:
        """The headings, or a row."""
        width, base = self.size.width, self.rich_style
        place = self.scroll_offset.y + y - 1
        if y == 0:
            style = self.get_component_rich_style("row-list--heading", partial=True)
            line = self._line([Text(column.title) for column in self._columns], style)
            return with_edges(self.text_line(line, base), self._first, self._seen()[1], style).apply_style(base)
        if place < len(self._kept):
            style = Style()
            if place == self.cursor:
                style = self.get_component_rich_style("row-list--cursor", partial=True)
            line = self._line(self._row(self._kept[place]), style)
        else:
            return Strip.blank(width, base)
        return self.text_line(line, base)

    def _line(self, cells: Sequence[Text], style: Style) -> Text:
        line = Text(style=style, no_wrap=True)
        for place, width in self._fitted():
            cell, column = cells[place], self._columns[place]
            if line.plain:
                line.append(" " * _GAP)
            shown = cell if cell.cell_len <= width else Text(truncate(cell.plain, width), cell.style)
            padding = " " * (width - shown.cell_len)
            if column.right:
                line.append(padding)
            line.append_text(shown)
            if not column.right:
                line.append(padding)
        line.append(" " * max(self.size.width - line.cell_len, 0))
        return line

    def _scroll_columns(self, to: int) -> None:
        self._first = max(to, 0)
        self.refresh()

    def action_column_left(self) -> None:
        """Show the column beyond the left edge."""
        self._scroll_columns(self._first - 1)

    def action_column_right(self) -> None:
        """Show the column beyond the right edge."""
        self._scroll_columns(self._first + 1)

    def action_column_first(self) -> None:
        """Show the first columns."""
        self._scroll_columns(0)

    def action_column_last(self) -> None:
        """Show the last columns."""
        self._scroll_columns(len(self._columns))

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        if self.position is not None:
            self.post_message(self.Chosen(self.position))

    def on_click(self, event: Click) -> None:
        """Put the cursor on a row; choose the one on which it stands already."""
        position = self.scroll_offset.y + event.y - 1
        if event.y > 0 and position < len(self._kept):
            if position == self.cursor:
                self.action_choose()
            else:
                self.cursor = position
