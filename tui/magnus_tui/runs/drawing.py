"""How the lines of the run list are drawn: the headings, and a run a line; with the widths and looks that are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from msgspec import Struct, field
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from magnus_tui.format.status import status_color
from magnus_tui.format.text import truncate
from magnus_tui.runs.columns import FAILING_STEP, STARTED, STATUS, Column, Row
from magnus_tui.widgets.column_window import with_edges

GAP = 2
"""Cells between two columns."""
MARGIN = 2
"""Cells at the left, where marks stand."""
_DIM_COLUMNS = ("started", "tag", "steps", "size")

LOOKS = ("heading", "heading-cursor", "cursor", "cursor-blurred", "flash", "mark", "dim", "id", "empty")
"""The parts of the list that a style sheet gives a look."""


class RunLooks(Struct, frozen=True):
    """The styles of the list.

    Attributes:
        base: of the list itself.
        parts: by the names in `LOOKS`; those of headings whole, the others to be put on what is beneath.
        variables: of the theme.
        has_focus: whether keys go to the list.
    """

    base: Style
    parts: Mapping[str, Style]
    variables: dict[str, str]
    has_focus: bool = True
    _states: dict[str, Style] = field(default_factory=dict)
    _whole: dict[tuple[bool, Style], Style] = field(default_factory=dict)

    @classmethod
    def of(
        cls, base: Style, part: Callable[[str, bool], Style], variables: dict[str, str], has_focus: bool = True
    ) -> RunLooks:
        """The looks of a list.

        Args:
            base: of the list itself.
            part: gives the style of a part, and only what it adds where its second argument says so.
            variables: of the theme.
            has_focus: whether keys go to the list.
        """
        return cls(base, {name: part(name, not name.startswith("heading")) for name in LOOKS}, variables, has_focus)

    def of_state(self, state: str) -> Style:
        """The style of what tells a state by its colour."""
        if state not in self._states:
            self._states[state] = Style(color=status_color(self.variables, state))
        return self._states[state]

    def of_line(self, at_cursor: bool) -> Style:
        """The style of a whole line."""
        return self.of_part(_PLAIN, at_cursor)

    def of_part(self, look: Style, at_cursor: bool) -> Style:
        """The style of a part of a line: what it adds to that of the line, put on it."""
        known = self._whole.get((at_cursor, look))
        if known is None:
            cursor = self.parts["cursor" if self.has_focus else "cursor-blurred"]
            line = self.base + cursor if at_cursor else self.base
            known = self._whole[at_cursor, look] = line + look
        return known

    def of_column(self, column: Column) -> Style | None:
        """What the cells of a column add to the style of their line; None where that is not the same for all."""
        if column is STATUS or column is FAILING_STEP:
            return None
        if column.key == "id":
            return self.parts["id"]
        return self.parts["dim"] if column.key in _DIM_COLUMNS else _PLAIN

    def of_cell(self, column: Column, row: Row) -> Style:
        """What a cell of a column whose cells differ adds to the style of its line."""
        if column is STATUS:
            return self.of_state(row.state) + _BOLD
        if row.run.error is not None:
            return self.of_state("FAIL")
        return self.of_state("SILENT" if row.run.failing_step is None or row.run.recovered else "FAIL")


_BOLD, _PLAIN = Style(bold=True), Style()
_BETWEEN = " " * GAP


class RunLines:
    """Draws lines of one layout.

    Attributes:
        columns: the shown columns, from left to right.
        widths: their cells.
        looks: the styles.
        width: cells of a line.
    """

    def __init__(self, columns: Sequence[Column], widths: Sequence[int], looks: RunLooks, width: int) -> None:
        self.columns = columns
        self.widths = widths
        self.looks = looks
        self.width = width
        self._taken = MARGIN + sum(widths) + GAP * (len(widths) - 1)
        self._cells = [(column, cells, looks.of_column(column)) for column, cells in zip(columns, widths, strict=True)]

    def column_at(self, x: int) -> Column | None:
        """The column whose heading is at cell `x` of a line."""
        left = MARGIN
        for column, cells in zip(self.columns, self.widths, strict=True):
            if left <= x < left + cells + GAP:
                return column
            left += cells + GAP
        return None

    @cached_property
    def places(self) -> dict[str, tuple[int, int]]:
        """By the key of a column, its first cell and its width."""
        lefts = accumulate((cells + GAP for cells in self.widths[:-1]), initial=MARGIN)
        placed = zip(self.columns, zip(lefts, self.widths, strict=True), strict=True)
        return {column.key: place for column, place in placed}

    def heading(self, sorted_by: tuple[str, bool], cursor: Column | None, before: int = 0, after: int = 0) -> Strip:
        """The line of headings.

        Args:
            sorted_by: the key of the column that is sorted by, and whether it descends.
            cursor: whose heading is highlighted, if any.
            before: how many columns are beyond the left edge.
            after: how many are beyond the right one.
        """
        style, key, arrow = self.looks.parts["heading"], sorted_by[0], "↓" if sorted_by[1] else "↑"
        segments = [Segment(" " * MARGIN, style)]
        for column, cells in zip(self.columns, self.widths, strict=True):
            mark = arrow if column.key == key else ""
            title = truncate(column.title, cells - len(mark)) + mark
            look = self.looks.parts["heading-cursor"] if column is cursor else style
            segments += (Segment(_padded(title, cells, column.right), look), Segment(" " * GAP, style))
        segments.append(Segment(" " * (self.width - self._taken), style))
        line = Strip(segments, max(self._taken, self.width) + GAP).crop(0, self.width)
        return with_edges(line, before, after, style)

    def run(self, row: Row, texts: Sequence[str], *, marked: bool, at_cursor: bool) -> Strip:
        """The line of a run.

        Args:
            row: the run.
            texts: of the shown columns.
            marked: whether it carries the mark.
            at_cursor: whether the cursor stands on it.
        """
        looks = self.looks
        segments = [Segment("▌ ", looks.of_part(looks.parts["mark"], at_cursor))] if marked else []
        text, look = "" if marked else " " * MARGIN, _PLAIN
        for (column, cells, always), cell in zip(self._cells, texts, strict=True):
            if len(cell) > cells and column is STARTED:
                cell = cell.removesuffix(" ago")  # an age that is cut within itself reads worse
            cell_look = looks.of_cell(column, row) if always is None else always
            if cell_look is not look:
                segments.append(Segment(text, looks.of_part(look, at_cursor)))
                text, look = "", cell_look
            text += _fitted(cell, cells, column.right) + _BETWEEN
        rest = self.width - self._taken
        segments.append(Segment(text.removesuffix(_BETWEEN) + " " * rest, looks.of_part(look, at_cursor)))
        return Strip(segments, self._taken + max(rest, 0)).crop(0, self.width)

    def lit_up(self, line: Strip) -> Strip:
        """A line in one style that can't be overlooked, whatever its cells look like."""
        return Strip([Segment(line.text, self.looks.of_part(self.looks.parts["flash"], at_cursor=False))], self.width)


def _fitted(text: str, cells: int, right: bool) -> str:
    """`text` in exactly so many cells. Most texts are plain, and as long as they have characters."""
    if text.isascii() and len(text) <= cells:
        return text.rjust(cells) if right else text.ljust(cells)
    return _padded(truncate(text, cells), cells, right)


def _padded(text: str, cells: int, right: bool) -> str:
    space = " " * (cells - cell_len(text))
    return space + text if right else text + space
