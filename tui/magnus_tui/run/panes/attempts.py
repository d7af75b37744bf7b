"""The attempts of a step one by one: times, parameters, code, message, log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from magnus_tracking.analysis.failures import NO_REASON
from magnus_tracking.analysis.liveness import Liveness, state_of
from magnus_tracking.runlog.metrics import inputs_of, unwrap_all
from magnus_tui import format
from magnus_tui.format.text import clean
from magnus_tui.run.attempt_logs import Evidence
from magnus_tui.run.panes import attempt_text
from magnus_tui.run.selection import Selection
from magnus_tui.widgets.page import BLANK, Line, Page, inline, paragraph

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import StepAttempt

_MOST_OF_A_MESSAGE = 40


def attempt_lines(selection: Selection, evidence: Evidence | None, liveness: Liveness | None, page: Page) -> list[Line]:
    """Every attempt of the selected step, the one that is looked at marked."""
    step = selection.step
    if step is None or selection.branch is not None or step.is_composite:
        return [Line(Text("attempts belong to the steps inside; select one of them", page.ink["dim"]))]
    if not step.attempts:
        why = (
            "this step was skipped, so it has no attempt"
            if step.mock
            else attempt_text.no_attempt(selection.run.status, liveness)
        )
        return [Line(Text(why, page.ink["dim"]))]
    lines: list[Line] = []
    for attempt in step.attempts:
        lines += [*([BLANK] if lines else []), *_attempt(selection, attempt, evidence, liveness, page)]
    return lines


def _attempt(
    selection: Selection, attempt: StepAttempt, evidence: Evidence | None, liveness: Liveness | None, page: Page
) -> list[Line]:
    """An attempt: its state and times, why it failed, its parameters, code and logs."""
    ink = page.ink
    state = state_of(attempt.status, selection.run.status, liveness)
    looked_at = attempt is selection.attempt
    head = Text(f"{format.glyph(state)} ", ink.status(state))
    head.append(f"attempt {attempt.attempt_number}", "bold" if looked_at else "")
    head.append(f"  {state.lower()}", ink.status(state))
    head.append(f"   {attempt_text.times_of(attempt)}", ink["dim"])
    if looked_at and selection.step is not None and len(selection.step.attempts) > 1:
        head.append("   ◂ shown", ink["accent"])
    lines = [Line(head), *_reason(attempt, evidence, page)]
    if attempt.retry_indicator:
        lines += paragraph(f"retry {attempt.retry_indicator}", page, ink["dim"], indent=2)
    lines += _parameters(attempt, page)
    codes = attempt_text.identities(selection.step, attempt) if selection.step else []
    lines += [
        Line(Text(f"  code  {attempt_text.code_of(code)}", ink["dim"]), code.code_identifier or "") for code in codes
    ]
    return [*lines, *_logs(attempt, evidence, page)]


def _reason(attempt: StepAttempt, evidence: Evidence | None, page: Page) -> list[Line]:
    """Why an attempt failed, as everywhere: what its log says, else its message, which otherwise comes second."""
    ink, said = page.ink, attempt.message.strip()
    if attempt.status != "FAIL":
        return paragraph(said, page, ink["foreground"], indent=2, most=_MOST_OF_A_MESSAGE) if said else []
    reason = evidence.reasons.get(attempt.attempt_number) if evidence is not None else None
    told = str(reason or "") or said or NO_REASON
    lines = paragraph(told, page, ink["status-fail"], indent=2, most=_MOST_OF_A_MESSAGE)
    if reason is not None and reason.cause is not None and reason.cause.frame:
        lines += paragraph(f"at {reason.cause.frame} ({reason.cause.frame.file})", page, "", indent=2)
    if said and said not in told:
        lines += paragraph(f"message: {said}", page, ink["dim"], indent=2, most=_MOST_OF_A_MESSAGE)
    return lines


def _parameters(attempt: StepAttempt, page: Page) -> list[Line]:
    lines = []
    for title, values in (("in ", inputs_of(attempt)), ("out", attempt.output_parameters)):
        shown = attempt_text.shown(unwrap_all(values))
        for line in inline(shown, Page(page.ink, page.width - 8, page.height), 4):
            text = Text(f"  {title}   ", page.ink["dim"])
            text.append_text(line.text)
            lines.append(Line(text, line.copy))
    return lines


def _logs(attempt: StepAttempt, evidence: Evidence | None, page: Page) -> list[Line]:
    if evidence is None:
        return []
    logs = evidence.logs.of_attempt(attempt.attempt_number)
    if not logs:
        return paragraph(
            f"log   {evidence.logs.reason or 'none that belongs to this attempt'}", page, page.ink["dim"], 2
        )
    lines = []
    for log in logs:
        told = " (inferred)" if log.inferred else ""
        text = Text(f"  log   {clean(log.path.name)}{told}", page.ink["dim"])
        lines.append(Line(text, str(log.path), log.path))
    return lines
