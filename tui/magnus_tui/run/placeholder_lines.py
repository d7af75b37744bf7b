"""What stands in place of a run that can't be read."""

from __future__ import annotations

from rich.text import Text

from magnus_tracking.errors import MagnusTrackingError, UnreadableRunError
from magnus_tracking.filesystem.shown_paths import shown_path
from magnus_tui.widgets.page import BLANK, Line, Page, paragraph


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
