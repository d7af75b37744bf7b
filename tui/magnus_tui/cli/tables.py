"""Laying a table out in lines: whole in a pipe, fitted to the width on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rich.cells import cell_len, set_cell_size

from magnus_tui.format.table_columns import Column, Line, blocks, titles

T = TypeVar("T")
_GAP = "  "
_LEAST = 12
"""The width below which a column that shrinks is not cut."""


@dataclass(slots=True)
class _Cells:
    """A column with its cells as text and as wide as it will be drawn."""

    title: str
    texts: list[str]
    styles: list[str]
    right: bool
    shrinks: bool
    stays: bool
    needed: int
    width: int = 0


def layout(
    columns: Sequence[Column[T]],
    items: Sequence[T],
    width: int | None,
    widths: dict[str, int] | None = None,
    *,
    headings: bool = True,
) -> Iterator[Line]:
    """The lines of a table: its headings, a line an item, and on a narrow terminal what was left out.

    Args:
        columns: what to show.
        items: a row each.
        width: cells that a line may take; None for as many as it needs.
        widths: of the columns, by title, in the parts of the table that were laid out before; kept up to date.
        headings: whether this part has them.
    """
    drawn = [_draw(column, title, items) for column, title in zip(columns, titles(columns), strict=True)]
    known = {} if widths is None else widths
    for cells in drawn:
        cells.width = cells.needed = known[cells.title] = max(cells.needed, known.get(cells.title, 0))
    dropped = _fit(drawn, width) if width is not None else []
    if headings:
        yield _row([(cells.title, "bold") for cells in drawn], drawn)
    for number in range(len(items)):
        yield _row([(cells.texts[number], cells.styles[number]) for cells in drawn], drawn)
    if dropped and headings:
        yield [(f"hidden (terminal too narrow): {', '.join(dropped)}", "dim")]


def _draw(column: Column[T], title: str, items: Sequence[T]) -> _Cells:
    texts = [text for block in blocks(items) for text in column.texts(block)]
    width = max(map(cell_len, (title, *texts)))
    styles = [column.style(item) for item in items]
    return _Cells(title, texts, styles, column.right, column.shrinks, column.stays, width)


def _fit(drawn: list[_Cells], width: int) -> list[str]:
    """Cut what shrinks, then drop columns from the right, until a row is no wider than `width`; the dropped titles."""
    dropped: list[str] = []
    while (excess := _total(drawn) - width) > 0:
        for cells in drawn:
            if cells.shrinks and excess > 0:
                cut = min(excess, max(cells.width - max(_LEAST, cell_len(cells.title)), 0))
                cells.width -= cut
                excess -= cut
        if excess <= 0:
            break
        last = next((cells for cells in reversed(drawn) if not cells.stays), None)
        if last is None:
            break
        drawn.remove(last)
        dropped.insert(0, last.title)
        for cells in drawn:
            cells.width = cells.needed
    return dropped


def _total(drawn: Sequence[_Cells]) -> int:
    return sum(cells.width for cells in drawn) + len(_GAP) * (len(drawn) - 1)


def _row(pieces: Sequence[tuple[str, str]], drawn: Sequence[_Cells]) -> Line:
    line: list[tuple[str, str]] = []
    for (text, style), cells in zip(pieces, drawn, strict=True):
        if line:
            line.append((_GAP, ""))
        line.append((_aligned(text, cells), style))
    return line


def _aligned(text: str, cells: _Cells) -> str:
    length = cell_len(text)
    if length > cells.width:
        return set_cell_size(text, cells.width - 1) + "…"
    padding = " " * (cells.width - length)
    return padding + text if cells.right else text + padding
