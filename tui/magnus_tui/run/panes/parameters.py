"""The parameters of a run, and what the selected step changed in them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.text import Text

from magnus_tracking.runlog.metrics import inputs_of, unwrap_all
from magnus_tracking.runlog.step_kinds import is_terminal
from magnus_tracking.runlog.tree import top_steps, walk
from magnus_tui import format
from magnus_tui.format.side_by_side import strings_apart, values
from magnus_tui.format.table_columns import MISSING
from magnus_tui.format.text import clean
from magnus_tui.run.panes import attempt_text
from magnus_tui.run.selection import Selection, is_top, next_step
from magnus_tui.widgets.page import BLANK, Line, Page, fields, pad, paragraph, rule

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import RunLog, StepAttempt, StepLog

_ABSENT = object()


def parameter_lines(selection: Selection, page: Page) -> list[Line]:
    """The parameters of the run as they ended, what the step changed, and what it started with."""
    lines: list[Line] = []
    run = unwrap_all(selection.run.parameters)
    if run:
        lines += [rule("of the run at its end, and the step that set each", page)]
        lines += [*_with_setters(run, setters(selection.run, run), page), BLANK]
    step, attempt = selection.step, selection.attempt
    if selection.branch is not None:
        lines += _group(f"of branch {selection.item.name}", unwrap_all(selection.branch.parameters), page)
    elif step is not None and attempt is not None:
        before = inputs_of(attempt)
        lines += [rule(f"changed by {step.name}", page), *_changes(selection, step, attempt, before, page), BLANK]
        lines += _group("when the attempt started", before, page)
    if not lines:
        lines.append(Line(Text("this run has no parameters", page.ink["dim"])))
    return lines


def _group(title: str, parameters: dict[str, Any], page: Page) -> list[Line]:
    rows = [{"of": title, "name": name, "value": value} for name, value in parameters.items()]
    listed = fields(attempt_text.shown(parameters), page, rows=rows) or [Line(Text("none", page.ink["dim"]))]
    return [rule(title, page), *listed, BLANK]


def setters(run: RunLog, final: dict[str, Any]) -> dict[str, str]:
    """The internal name of the last step that gave each parameter another value; none for those that were given.

    What the branches of a map return is collected by the engine once they have ended, so that the map sets it.

    Args:
        run: the log.
        final: its parameters as they ended.
    """
    found: dict[str, str] = {}
    returned: dict[str, Any] = {}
    top = top_steps(run)
    begun = [step for step in top.values() if step.attempts]
    following = {step.internal_name: inputs_of(later.attempts[0]) for step, later in pairwise(begun)}
    for node in walk(run):
        step = node.step
        if not step.attempts:
            continue
        attempt = step.attempts[-1]
        if "output_parameters" in attempt.model_fields_set:
            after = unwrap_all(attempt.output_parameters)
        elif step.internal_name in top and not is_terminal(step):
            after = following.get(step.internal_name, final)
        else:
            continue
        before = inputs_of(attempt)
        changed = [name for name in after if _differs(before.get(name, _ABSENT), after[name])]
        found.update(dict.fromkeys(changed, step.internal_name))
        returned.update((name, after[name]) for name in changed)
    maps = [node.step for node in walk(run) if node.step.step_type == "map"] if found else []
    for name, setter in found.items():
        outermost = next((step for step in maps if setter.startswith(f"{step.internal_name}.")), None)
        if outermost is not None and name in final and _differs(returned[name], final[name]):
            found[name] = (
                f"{outermost.internal_name} from its {format.count(len(outermost.branches), 'branch', 'branches')}"
            )
    return found


def _differs(was: Any, became: Any) -> bool:
    return was is not became and format.identity(was) != format.identity(became)


def _with_setters(parameters: dict[str, Any], known: dict[str, str], page: Page) -> list[Line]:
    """Names, values, and who set them, in columns; a long value goes on in further lines."""
    items = attempt_text.shown(parameters)
    told_apart = strings_apart([name for name, _ in items])
    names = min(max(map(cell_len, told_apart)), max(page.width // 3, 8))
    values = min(max(cell_len(text) for _, text in items), max(page.width // 2 - 2, 8))
    lines = []
    for shown, (name, text) in zip(told_apart, items, strict=True):
        told = paragraph(text, replace(page, width=names + 2 + values), page.ink["foreground"], names + 2, _MOST_LINES)
        head = Text(pad(shown, names) + "  ", page.ink["dim"])
        head.append_text(told[0].text[names + 2 :])
        head.pad_right(max(names + 4 + values - head.cell_len, 2))
        setter = known.get(name)
        head.append(f"set by {clean(setter)}" if setter else "given", page.ink["dim"])
        head.truncate(page.width, overflow="ellipsis")
        row = {"of": "the run", "name": name, "value": parameters[name], "set by": setter}
        lines += [Line(head, text, row=row), *told[1:]]
    return lines


_MOST_LINES = 6
"""Lines of a value."""


def _changes(
    selection: Selection, step: StepLog, attempt: StepAttempt, before: dict[str, Any], page: Page
) -> list[Line]:
    after = _after(selection, step, attempt)
    if after is None:
        return [Line(Text("unknown: no later step of this branch shows its parameters", page.ink["dim"]))]
    whole = not attempt.output_parameters
    names = [*after, *(name for name in before if whole and name not in after)]
    lines = []
    for shown, name in zip(strings_apart(names), names, strict=True):
        was, became = before.get(name, _ABSENT), after.get(name, _ABSENT)
        if was is not became and was != became:
            lines.append(_change(shown, name, was, became, page))
    return lines or [Line(Text("nothing", page.ink["dim"]))]


def _after(selection: Selection, step: StepLog, attempt: StepAttempt) -> dict[str, Any] | None:
    """The parameters behind an attempt: runnable writes them down, magnus shows them at the next step's start."""
    if "output_parameters" in attempt.model_fields_set:
        return unwrap_all(attempt.output_parameters) or inputs_of(attempt)
    follower = next_step(selection.run, step)
    if follower is not None:
        return inputs_of(follower.attempts[0])
    return unwrap_all(selection.run.parameters) if is_top(selection.run, step) else None


def _change(shown: str, name: str, was: Any, became: Any, page: Page) -> Line:
    there = [one for one in (was, became) if one is not _ABSENT]
    texts = iter([format.value(None) if one is None else text for one, text in zip(there, values(there), strict=True)])
    old = "" if was is _ABSENT else next(texts)
    new = "" if became is _ABSENT else next(texts)
    told = f"{old} → {new}" if old and new else f"{new} (new)" if new else f"{old} (removed)"
    values_of = {"value": MISSING if became is _ABSENT else became, "before": MISSING if was is _ABSENT else was}
    return fields([(shown, told)], page, rows=[{"of": "changed by the step", "name": name, **values_of}])[0]
