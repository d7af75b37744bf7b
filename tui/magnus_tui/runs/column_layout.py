"""Which columns of the run list are on the screen, and how wide each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from rich.cells import cell_len

from magnus_tui.format import DASH
from magnus_tui.format.side_by_side import common_beginning, cut_apart
from magnus_tui.runs.columns import FAILING_STEP, Column, Row
from magnus_tui.runs.drawing import GAP, MARGIN
from magnus_tui.widgets.column_window import columns_that_fit, last_page, mark_of_more

_LONGEST_TITLE = 12
"""Cells that a column takes for its heading where its values need fewer."""
_MOST_OF_A_VALUE = 40
"""Cells of a parameter or metric: one of hundreds would leave no room for the columns after it."""
_LEAST_FAILING_STEP = 24
"""Cells of the failing step for which other columns give way; it takes more where there are more."""
_GIVING_WAY = ((FAILING_STEP.key, 8), ("id", 12), ("tag", 4), ("started", 7))
"""The columns that become narrower where there is no room, in their order, and how narrow each may be."""
_MOST_TO_TELL_APART = 32
"""Cells that the run's id keeps at most where shorter ones would be cut alike."""
_SAYS_NOTHING = {"", DASH}
"""The cells of a row without a value."""
_STAYING = 2
"""Columns that stay at the left while others scroll: the status and the run's id."""


class ColumnLayout:
    """Columns in a list of so many cells: those that matter most are seen first, the others are scrolled to.

    Attributes:
        columns: from left to right.
        order: their positions, those first that are seen at first.
        shown: the positions of those on the screen.
        before: how many columns are beyond the left edge.
    """

    def __init__(self, columns: list[Column]) -> None:
        """Show nothing yet."""
        self.columns = columns
        self.order: list[int] = []
        self.shown: list[int] = []
        self.before = 0
        self.forget_widths()

    def use(self, columns: list[Column]) -> None:
        """Lay out other columns from now on."""
        self.columns = columns
        self.order = list(range(len(columns)))
        self.forget_widths()

    def forget_widths(self) -> None:
        """Begin anew with the widths that texts need."""
        self._widths = [0] * len(self.columns)
        self._filled: set[int] = set()
        self._decimals = [0] * len(self.columns)
        self._finest: dict[int, Row] = {}
        self._giving = dict(_GIVING_WAY)

    def write(self, rows: Sequence[Row]) -> list[list[str]]:
        """The cells of some rows, column by column; numbers keep the decimals that their column has had."""
        texts: list[list[str]] = []
        for place, column in enumerate(self.columns):
            finest = self._finest.get(place)
            texts.append(column.cells(rows if finest is None else [*rows, finest])[: len(rows)])
            decimals = max(map(_decimals, texts[-1]), default=0) if column.name else 0
            if decimals > self._decimals[place]:
                # All of them have as many, for the sake of one.
                self._decimals[place] = decimals
                self._finest[place] = max(rows, key=lambda row: _decimals(column.cells([row])[0]))
        return [
            cut_apart(cells, _MOST_OF_A_VALUE) if column.name else cells
            for column, cells in zip(self.columns, texts, strict=True)
        ]

    def widen(self, texts: Sequence[Sequence[str]], sort: str) -> None:
        """Give each column what its heading and some texts need; none becomes narrower.

        Args:
            texts: of each column.
            sort: the key of the column that carries the arrow.
        """
        self._widths = [
            max(
                width,
                min(cell_len(column.title), _LONGEST_TITLE) + (column.key == sort),
                min(_widest(cells), _MOST_OF_A_VALUE) if column.name else _widest(cells),
                1,
            )
            for width, column, cells in zip(self._widths, self.columns, texts, strict=True)
        ]
        ids = next(cells for column, cells in zip(self.columns, texts, strict=True) if column.key == "id")
        apart = min(_cells_that_tell_apart(ids), _MOST_TO_TELL_APART)
        self._giving["id"] = max(self._giving["id"], apart)
        self._filled.update(i for i, cells in enumerate(texts) if not _SAYS_NOTHING.issuperset(cells))

    def needed_width(self) -> int:
        """Cells that all columns but the size would take, untruncated."""
        widths = [w for w, column in zip(self._widths, self.columns, strict=True) if column.key != "size"]
        return sum(widths) + GAP * (len(widths) - 1) + MARGIN + 1 + self._mark_cells

    @property
    def _mark_cells(self) -> int:
        """Cells of the mark at the right edge, with a gap before it."""
        return 1 + len(mark_of_more(len(self.columns) - _STAYING))

    @property
    def after(self) -> int:
        """How many columns are beyond the right edge."""
        return len(self.columns) - len(self.shown) - self.before

    def choose(self, width: int, sort: str, cursor: int) -> int:
        """Choose which columns are seen; the glyph and the run's id stay at the left.

        Args:
            width: cells of the list.
            sort: the key of the column that is sorted by.
            cursor: the place in the order of a column that has to be seen.

        Returns:
            The place of that column now.
        """
        here = self.order[cursor] if cursor < len(self.order) else None
        widths = [
            min(cells, _LEAST_FAILING_STEP) if column is FAILING_STEP else cells
            for cells, column in zip(self._widths, self.columns, strict=True)
        ]
        least = [
            min(cells, self._giving.get(column.key, cells)) for cells, column in zip(widths, self.columns, strict=True)
        ]
        room = _room(width) - self._mark_cells
        first = list(range(len(self.columns)))
        if width and sum(widths) + GAP * (len(widths) - 1) > _room(width):
            first = self._fitting(widths, least, room, sort)
        self.order = first + [i for i in range(len(self.columns)) if i not in first]
        cursor = self.order.index(here) if here is not None else cursor
        staying, rest = self.order[:_STAYING], self.order[_STAYING:]
        cells = [widths[i] for i in rest]
        room -= sum(least[i] for i in staying) + GAP
        place = cursor - _STAYING
        self.before = max(min(self.before, last_page(cells, room, GAP), max(place, 0)), 0)
        if self.before == 0 and place < len(first) - _STAYING:
            self.shown = first
            return cursor
        while self.before + columns_that_fit(cells, self.before, room, GAP) <= place:
            self.before += 1
        self.shown = staying + rest[self.before : self.before + columns_that_fit(cells, self.before, room, GAP)]
        return cursor

    def _fitting(self, widths: Sequence[int], least: Sequence[int], room: int, sort: str) -> list[int]:
        """The positions of the columns that are seen at first in `room` cells.

        What says nothing goes first, then what gives way first. What the user chose goes only where it would not fit
        even with all columns as narrow as they may be, `least`, and what is sorted by always stays.
        """
        shown = list(range(len(self.columns)))
        empty = set(shown) - self._filled

        def excess(cells: Sequence[int], more: Sequence[int] = ()) -> int:
            return sum(cells[i] + GAP for i in [*shown, *more]) - GAP - room

        def drop(cells: Sequence[int], ranks: Mapping[int, int]) -> None:
            gone = []
            for i in sorted(ranks, key=lambda i: (ranks[i], -i)):
                if excess(cells) > 0:
                    shown.remove(i)
                    gone.append(i)
            for i in reversed(gone):
                # Columns that say nothing come back only after all that say something, except the size.
                if excess(cells, [i]) <= 0 and (i not in empty or all(ranks[j] <= 0 for j in gone if j not in shown)):
                    shown.append(i)
            shown.sort()

        free = {i: column.keep for i, column in enumerate(self.columns) if column.key != sort}
        kept = {i: -1 if i in empty else keep for i, keep in free.items() if keep is not None}
        soon = {i: keep for i, keep in kept.items() if not self.columns[i].name}
        soon |= {i: -1 for i in free if i in empty and self.columns[i] is FAILING_STEP}
        drop(widths, soon)
        drop(least, {i: keep for i, keep in kept.items() if i in shown})
        return shown

    def shown_widths(self, width: int) -> list[int]:
        """Cells of the shown columns in a list of `width` cells: the failing step gives way first, then the run id."""
        given = [self._widths[i] for i in self.shown]
        room = _room(width) - (self._mark_cells if len(self.shown) < len(self.columns) else 0)
        excess = sum(given) + GAP * (len(given) - 1) - room
        for key, least in self._giving.items():
            place = next((n for n, i in enumerate(self.shown) if self.columns[i].key == key), None)
            if excess > 0 and place is not None:
                less = min(excess, max(given[place] - least, 0))
                given[place] -= less
                excess -= less
        return given


def _cells_that_tell_apart(texts: Sequence[str]) -> int:
    """Cells that texts need so that none of them is cut like another."""
    ordered = sorted(set(texts))
    # A letter in which they differ, and the ellipsis.
    return max(
        (
            min(common_beginning([one, other]) + 2, max(cell_len(one), cell_len(other)))
            for one, other in pairwise(ordered)
        ),
        default=0,
    )


def _decimals(text: str) -> int:
    digits = text.partition(".")[2]
    return len(digits) if digits.isdigit() else 0


def _widest(texts: Sequence[str]) -> int:
    return max(map(len if all(map(str.isascii, texts)) else cell_len, texts), default=0)


def _room(width: int) -> int:
    """The cells that columns and the gaps between them have in a list of `width` cells."""
    return width - MARGIN - 1
