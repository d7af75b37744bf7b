"""Which columns of a table are seen: some stay at the left, the others scroll by whole columns beside them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


def columns_that_fit(widths: Sequence[int], first: int, room: int, gap: int) -> int:
    """How many columns from `first` fit side by side, each with a gap before it; at least one."""
    used = count = 0
    for width in widths[first:]:
        used += width + gap
        if count and used > room:
            break
        count += 1
    return max(count, 1)


def last_page(widths: Sequence[int], room: int, gap: int) -> int:
    """The greatest column that may be the leftmost, so that the columns to the right fill the room."""
    first = len(widths) - 1
    while first > 0 and first - 1 + columns_that_fit(widths, first - 1, room, gap) >= len(widths):
        first -= 1
    return max(first, 0)


def mark_of_more(columns: int) -> str:
    """The mark at the right edge of the headings for the columns beyond it, or nothing: ``2›``."""
    return f"{columns}›" if columns else ""


def with_edges(heading: Strip, before: int, after: int, style: Style) -> Strip:
    """A line of headings with the marks of what is beyond its edges laid over both ends: ``‹3`` and ``2›``.

    The last cell is left to a scrollbar.
    """
    left, right = f"‹{before}" if before else "", mark_of_more(after)
    end = heading.cell_length - 1
    middle = heading.crop(len(left), end - len(right))
    return Strip.join(
        [Strip([Segment(left, style)]), middle, Strip([Segment(right, style)]), heading.crop(end, heading.cell_length)]
    )
