"""What a comparison shows line by line: headings, labels, cells, and the widths that they need; no widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from magnus_tracking.analysis.compare import Comparison, Row
from magnus_tui.compare.cells import STAR, Cell, cells
from magnus_tui.format.side_by_side import strings_apart

GAP = 2
_MOST_TEXT = 32
_LEAST_COLUMN = 8
_PERCENT_CELLS = 9
_LEAST_LABEL = 14
_LABEL_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class ColumnHeading:
    """What stands above a column: its name, and on the line below how it went."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class CompareLine:
    """A line of the table: a heading, or the row of a key with its cells."""

    label: str
    row: Row | None = None
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class _ColumnNeeds:
    """How many cells what stands in a column takes.

    Attributes:
        texts: the widest text.
        numbers: the widest number with its star.
        change: the widest change in percent; where there is none, as a difference.
        change_in_full: the widest change as both.
    """

    texts: int
    numbers: int
    change: int
    change_in_full: int


@dataclass(frozen=True, slots=True)
class TableLines:
    """All lines of a table, and the cells that they take; made in a thread, as there may be many thousands.

    Attributes:
        lines: headings and rows.
        places: those of the rows among them.
        label: cells of the widest label.
        columns: what each column needs.
    """

    lines: Sequence[CompareLine] = ()
    places: Sequence[int] = ()
    label: int = 0
    columns: Sequence[_ColumnNeeds] = ()


@dataclass(frozen=True, slots=True)
class ColumnWidths:
    """How many cells a column takes.

    Attributes:
        total: of the whole column, without the gap before it.
        value: of that, for numbers with their star, which stand left of the changes.
        change: of that, for changes; 0 where there is no room for any.
        in_full: whether a change is told as a difference and in percent, and not in percent only.
    """

    total: int
    value: int
    change: int
    in_full: bool = False

    def change_of(self, cell: Cell) -> str:
        """The change of a cell as this column tells it."""
        return _change(cell, in_full=self.in_full) if self.change else ""


class WrittenRows:
    """The cells of a comparison's rows, each written once: another choice of rows shows most of them again.

    Attributes:
        comparison: the whole of it, from its baseline.
    """

    def __init__(self, compared: Comparison, baseline: int, chosen: Mapping[str, str]) -> None:
        """Write nothing yet.

        Args:
            compared: the whole comparison.
            baseline: the column that differences are measured from.
            chosen: by metric, ``min`` or ``max``, as the user said.
        """
        self.comparison = compared.with_baseline(baseline)
        self._compared = compared
        self._chosen = chosen
        self._cells: dict[tuple[str, str], tuple[Cell, ...]] = {}

    def are_of(self, compared: Comparison, baseline: int, chosen: Mapping[str, str]) -> bool:
        """Whether these are the rows that would be written."""
        return self._compared is compared and self.comparison.baseline == baseline and self._chosen == chosen

    def cells(self, row: Row) -> tuple[Cell, ...]:
        """The cells of one of the comparison's rows."""
        written = self._cells.get((row.section, row.key))
        if written is None:
            written = tuple(cells(row, self.comparison.baseline, self._chosen))
            self._cells[row.section, row.key] = written
        return written


def lines_of(comparison: Comparison, written: WrittenRows, *, grouped: bool) -> TableLines:
    """The lines of a comparison.

    Args:
        comparison: what is shown, in its order.
        written: the cells of all rows that may be shown.
        grouped: whether the rows stand below headings of their sections; otherwise each label names its section.
    """
    lines: list[CompareLine] = []
    section = None
    # The names beside those of the run's own facts are the user's.
    keys = strings_apart([row.key.replace("_", " ") if row.section == "run" else row.key for row in comparison.rows])
    for key, row in zip(keys, comparison.rows, strict=True):
        if grouped and row.section != section:
            section = row.section
            lines.append(CompareLine(section))
        label = f"  {key}" if grouped else f"{row.section} · {key}"
        lines.append(CompareLine(label, row, written.cells(row)))
    places = [place for place, line in enumerate(lines) if line.row is not None]
    numeric = [line.cells for line in lines if line.row is not None and is_numeric(line.row)]
    others = [line.cells for line in lines if line.row is not None and not is_numeric(line.row)]
    needs = [
        _needs([row[column] for row in numeric], [row[column] for row in others])
        for column in range(len(comparison.runs))
    ]
    return TableLines(lines, places, max((cell_len(line.label) for line in lines), default=0), needs)


def _needs(numeric: Sequence[Cell], others: Sequence[Cell]) -> _ColumnNeeds:
    return _ColumnNeeds(
        max(map(value_width, others), default=0),
        max(map(value_width, numeric), default=0),
        max((cell_len(_change(cell, in_full=False)) for cell in numeric), default=0),
        max((cell_len(_change(cell, in_full=True)) for cell in numeric), default=0),
    )


def label_width(shown: TableLines, room: int) -> int:
    """Cells for the labels, which stay while the columns scroll: what they need, at most two fifths of the room."""
    return max(min(shown.label, int(room * _LABEL_SHARE)), _LEAST_LABEL)


def column_widths(shown: TableLines, headings: Sequence[int], room: int) -> list[ColumnWidths]:
    """The width of every column; changes are told in full where all columns then still fit side by side.

    Args:
        shown: the lines of the table.
        headings: cells that each column's heading takes.
        room: cells for columns on the screen; no column is wider.
    """
    columns = list(zip(shown.columns, headings, strict=False))
    full = [_width(needs, heading, room, in_full=True) for needs, heading in columns]
    if sum(width.total + GAP for width in full) <= room:
        return full
    return [_width(needs, heading, room, in_full=False) for needs, heading in columns]


def _width(needs: _ColumnNeeds, heading: int, room: int, *, in_full: bool) -> ColumnWidths:
    """The width of one column, without changes where these have no room."""
    numbers = min(needs.numbers, room)
    change = needs.change_in_full if in_full else needs.change
    if change and numbers + GAP + change > room:
        change = 0
    with_change = numbers + (GAP + change if change else 0)
    texts = min(needs.texts, _MOST_TEXT, max(room // 2 - GAP, _LEAST_COLUMN))
    return ColumnWidths(min(max(heading, with_change, texts, _LEAST_COLUMN), room), numbers, change, in_full)


def _change(cell: Cell, *, in_full: bool) -> str:
    if in_full and cell.delta and cell.percent:
        return f"{cell.delta} {cell.percent:>{_PERCENT_CELLS}}"
    return cell.percent or cell.delta


def is_numeric(row: Row) -> bool:
    """Whether the values of a row stand in the column of numbers, beside their changes."""
    return any(delta is not None for delta in row.delta)


def value_width(cell: Cell) -> int:
    """Cells of a value with its star."""
    return cell_len(cell.text) + (len(STAR) + 1 if cell.best else 0)


def shorten_label(label: str, room: int) -> str:
    """A label in `room` cells; of a long path the end stays, which tells it from its neighbours."""
    if cell_len(label) <= room:
        return label
    indent = len(label) - len(label.lstrip())
    tail = label.strip()[-room:]
    while tail and cell_len(tail) > room - indent - 1:
        tail = tail[1:]
    return " " * indent + "…" + tail
