"""Text out of a run log, cut to the cells that it may take."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from magnus_tracking.printable import clean, clean_lines

__all__ = ["MOST_COPIED", "clean", "clean_lines", "truncate"]

MOST_COPIED = 8 << 20
"""Characters that are put on a clipboard at most: they go through the terminal, which takes its time."""


def truncate(text: str, cells: int) -> str:
    """Return `text` in at most `cells` cells of the terminal; what is cut ends in an ellipsis."""
    if cells <= 0:
        return ""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, cells - 1).rstrip() + "…"
