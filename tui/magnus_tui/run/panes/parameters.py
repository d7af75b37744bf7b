"""The parameters of a run, and what the selected step changed in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from magnus_tracking.runlog.metrics import unwrap
from magnus_tui import format
from magnus_tui.format.side_by_side import values
from magnus_tui.run.panes import attempt_text
from magnus_tui.run.selection import Selection, is_top, next_step
from magnus_tui.widgets.page import BLANK, Line, Page, fields, rule

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import StepAttempt, StepLog

_ABSENT = object()


def parameter_lines(selection: Selection, page: Page) -> list[Line]:
    """What the step changed, what it started with, and the parameters of the run as they ended."""
    lines: list[Line] = []
    step, attempt = selection.step, selection.attempt
    if selection.branch is not None:
        lines += _group(f"of branch {selection.item.name}", _unwrapped(selection.branch.parameters), page)
    elif step is not None and attempt is not None:
        before = attempt_text.inputs_of(attempt)
        lines += [rule(f"changed by {step.name}", page), *_changes(selection, step, attempt, before, page), BLANK]
        lines += _group("when the attempt started", before, page)
    run = _unwrapped(selection.run.parameters)
    if run:
        lines += _group("of the run", run, page)
    elif not lines:
        lines.append(Line(Text("this run has no parameters", page.ink["dim"])))
    return lines


def _unwrapped(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: unwrap(value) for name, value in parameters.items()}


def _group(title: str, parameters: dict[str, Any], page: Page) -> list[Line]:
    listed = fields(attempt_text.shown(parameters), page) or [Line(Text("none", page.ink["dim"]))]
    return [rule(title, page), *listed, BLANK]


def _changes(
    selection: Selection, step: StepLog, attempt: StepAttempt, before: dict[str, Any], page: Page
) -> list[Line]:
    after = _after(selection, step, attempt)
    if after is None:
        return [Line(Text("can't be told: no later step of this branch shows its parameters", page.ink["dim"]))]
    whole = not attempt.output_parameters
    names = [*after, *(name for name in before if whole and name not in after)]
    lines = []
    for name in names:
        was, became = before.get(name, _ABSENT), after.get(name, _ABSENT)
        if was is not became and was != became:
            lines.append(_change(name, was, became, page))
    return lines or [Line(Text("nothing", page.ink["dim"]))]


def _after(selection: Selection, step: StepLog, attempt: StepAttempt) -> dict[str, Any] | None:
    """The parameters behind an attempt: runnable writes them down, magnus shows them at the next step's start."""
    if "output_parameters" in attempt.model_fields_set:
        return _unwrapped(attempt.output_parameters) or attempt_text.inputs_of(attempt)
    follower = next_step(selection.run, step)
    if follower is not None:
        return attempt_text.inputs_of(follower.attempts[0])
    return _unwrapped(selection.run.parameters) if is_top(selection.run, step) else None


def _change(name: str, was: Any, became: Any, page: Page) -> Line:
    there = [one for one in (was, became) if one is not _ABSENT]
    texts = iter([format.value(None) if one is None else text for one, text in zip(there, values(there), strict=True)])
    old = "" if was is _ABSENT else next(texts)
    new = "" if became is _ABSENT else next(texts)
    told = f"{old} → {new}" if old and new else f"{new} (new)" if new else f"{old} (removed)"
    return fields([(name, told)], page)[0]
