"""What stands in place of a run that is being read, or can't be."""

from __future__ import annotations

from rich.text import Text

from magnus_tracking.errors import MagnusTrackingError, UnreadableRunError
from magnus_tracking.filesystem.shown_paths import shown_path
from magnus_tui.format.text import clean
from magnus_tui.widgets.page import BLANK, Line, Page, paragraph


def reading_lines(run_id: str, page: Page) -> list[Line]:
    """What is said while a run is being read."""
    return [BLANK, Line(Text(f"reading {clean(run_id)} …", page.ink["dim"]))]


def problem_lines(error: MagnusTrackingError, page: Page) -> list[Line]:
    """What is wrong, where, and what can be done."""
    if not isinstance(error, UnreadableRunError):
        return [BLANK, *paragraph(str(error), page, page.ink["status-fail"])]
    where = paragraph(shown_path(error.path), page)
    advice = (
        "Its file may be half-written: a run that goes on is read again as soon as it changes. "
        "If it stays so, look at the file, or ask `magnus-tui check` what else is wrong in this store. "
        "Nothing has been changed; esc goes back to the other runs."
    )
    return [
        BLANK,
        Line(Text("this run can't be read", f"bold {page.ink['status-fail']}")),
        BLANK,
        *paragraph(error.reason, page),
        *[Line(line.text, line.copy, error.path) for line in where],
        BLANK,
        *paragraph(advice, page, page.ink["dim"]),
    ]
