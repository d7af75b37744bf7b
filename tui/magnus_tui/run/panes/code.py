"""The code that ran: its identity, where it came from, and what was not committed."""

from __future__ import annotations

from rich.text import Text

from magnus_tui.format.text import clean
from magnus_tui.run.panes import attempt_text
from magnus_tui.run.selection import Selection
from magnus_tui.widgets.page import BLANK, Line, Page, fields, paragraph, rule

NO_IDENTITY = "no code identity was recorded: the step ran in no git repository or container that the engine knew of"


def code_lines(selection: Selection, page: Page) -> list[Line]:
    """The code identities of what is selected."""
    lines: list[Line] = []
    told: set[str] = set()
    for step in selection.below:
        for code in attempt_text.identities(step, selection.attempt if step is selection.step else None):
            key = f"{code.code_identifier}\x00{code.code_identifier_message}"
            if key in told:
                continue
            told.add(key)
            files = attempt_text.changed_files(code)
            message = (code.code_identifier_message or "").strip()
            facts = [
                ("identifier", clean(code.code_identifier or "")),
                ("type", clean(code.code_identifier_type or "")),
                ("remote", clean(code.code_identifier_url or "") or "none"),
                ("dependable", _dependable(code.code_identifier_dependable)),
            ]
            lines += [*([BLANK] if lines else []), rule(attempt_text.code_of(code), page), *fields(facts, page)]
            if files:
                lines += [BLANK, Line(Text("uncommitted changes in", page.ink["dim"]))]
                lines += [Line(Text("  " + clean(name), page.ink["status-silent"]), name) for name in files]
            elif message:
                lines += [BLANK, *paragraph(message, page)]
    return lines or paragraph(NO_IDENTITY, page, page.ink["dim"])


def _dependable(value: bool | None) -> str:
    if value is None:
        return "not known"
    return "yes: the commit is exactly what ran" if value else "no: the tree had uncommitted changes"
