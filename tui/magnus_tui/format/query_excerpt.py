"""The part of a query around the character at fault, under which a caret can stand."""

from __future__ import annotations

from magnus_tracking.errors import QueryError
from magnus_tui.format.text import clean

_AROUND = 30
"""Characters of a query that are shown on each side of the one at fault, so that both fit into a terminal's line."""


def excerpt(error: QueryError) -> tuple[str, int]:
    """The query around the fault, and the cell in it below which the caret stands."""
    from rich.cells import cell_len

    begin, end = max(0, error.position - _AROUND), error.position + _AROUND
    lead = ("…" if begin else "") + clean(error.text[begin : error.position])
    behind = clean(error.text[error.position : end]) + ("…" if end < len(error.text) else "")
    return lead + behind, cell_len(lead)
