"""The overview of what is selected in a run: how it went, why it failed, what its log ends with."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from magnus_tracking.analysis.failures import NO_REASON
from magnus_tracking.analysis.liveness import Liveness, known_until, silence_of, took
from magnus_tracking.runlog.failing import failure_message
from magnus_tracking.runlog.metrics import inputs_of
from magnus_tracking.runlog.numbers_in_text import measured
from magnus_tui import format, keys
from magnus_tui.format import side_by_side
from magnus_tui.format.repeated_steps import repeated_steps
from magnus_tui.format.status import in_order
from magnus_tui.format.table_columns import inferred_time
from magnus_tui.format.text import clean, truncate, truncate_path
from magnus_tui.run.attempt_logs import Evidence
from magnus_tui.run.panes import attempt_text
from magnus_tui.run.panes.traceback_text import without_boxes
from magnus_tui.run.selection import Selection
from magnus_tui.widgets.page import BLANK, Line, Page, fields, inline, paragraph, rule

if TYPE_CHECKING:
    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import StepAttempt, StepLog

_LEAST_OF_A_LOG = 5
_MOST_OF_A_LOG = 40
_MOST_BRANCHES = 50
_MOST_VALUES = 10_000
"""Values at the end of a metric among which the first that is not a number is looked for."""
_MOST_RUNS = 4
"""Runs with the same failure that are named."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the overview tells of the run around what is selected.

    Attributes:
        now: naive local time in the zone of the machine that ran.
        liveness: whether an unfinished run is live, silent, stalled or lost.
        reruns: ids of runs that re-ran this one.
    """

    now: datetime
    liveness: Liveness | None = None
    reruns: tuple[str, ...] = ()


def overview_lines(selection: Selection, evidence: Evidence | None, around: Surroundings, page: Page) -> list[Line]:
    """The overview; `evidence` is None while it is being read."""
    lines = [_headline(selection, page)]
    step, attempt = selection.step, selection.attempt
    if selection.item.kind == "planned":
        lines += [BLANK, Line(Text("this step has not begun", page.ink["dim"]))]
    elif selection.branch is not None or (step is not None and step.is_composite):
        lines += _without_step(selection, page)
        lines += _branches(selection, around, page)
    elif step is not None:
        lines += _attempt(step, attempt, selection.run.status, around, page)
        lines += _without_step(selection, page)
        lines += _reason(step, attempt, evidence, page)
        lines += _alike(selection, step, evidence, around.now, page) if evidence else []
        lines += _parameters(attempt, page)
        lines += _metrics(selection, step, attempt, page)
        lines += _log_end(evidence, page, page.height - len(lines))
    return [*lines, *_run(selection, around, page)]


def _headline(selection: Selection, page: Page) -> Line:
    item, step = selection.item, selection.step
    kind = "branch" if selection.branch is not None else step.step_type if step else item.kind
    name = clean(item.name if selection.branch is not None or step is None else step.name)
    whole = clean(item.key if selection.branch is not None else step.internal_name if step else name)
    right = Text(f"{clean(kind)} · ", page.ink["dim"])
    right.append(item.state.lower(), page.ink.status(item.state))
    line = Text(f"{format.glyph(item.state)} ", page.ink.status(item.state))
    room = max(page.width - right.cell_len - 4, 8)
    if whole.endswith(f".{name}") and cell_len(name) < room:
        # A step of this name may be in every branch.
        line.append(truncate_path(whole.removesuffix(name), room - cell_len(name), "."), page.ink["dim"])
    line.append(truncate(name, room), "bold")
    line.append(" " * max(page.width - line.cell_len - right.cell_len, 2))
    line.append_text(right)
    return Line(line, step.internal_name if step else name)


def _attempt(
    step: StepLog, attempt: StepAttempt | None, run_status: str, around: Surroundings, page: Page
) -> list[Line]:
    if step.mock:
        return [Line(Text("skipped: its result was taken from the run that this one re-runs", page.ink["dim"]))]
    if attempt is None:
        return [Line(Text(attempt_text.no_attempt(run_status, around.liveness), page.ink["dim"]))]
    place = next((i for i, other in enumerate(step.attempts, 1) if other is attempt), 1)
    return [Line(Text(f"attempt {place} of {len(step.attempts)}   {attempt_text.times_of(attempt)}", page.ink["dim"]))]


def _without_step(selection: Selection, page: Page) -> list[Line]:
    if not selection.item.reason:
        return []
    return [BLANK, *paragraph(selection.item.reason, page, f"bold {page.ink['status-fail']}")]


def _reason(step: StepLog, attempt: StepAttempt | None, evidence: Evidence | None, page: Page) -> list[Line]:
    """Why an attempt failed, where, and what else its message says; else the message alone."""
    failed = attempt.status == "FAIL" if attempt else step.status == "FAIL"
    said = _message(step, attempt)
    cause = evidence.cause if evidence else None
    if not failed:
        return [BLANK, *paragraph(said, page, page.ink["foreground"], most=4)] if said else []
    lines = [BLANK, *paragraph(_why(step, attempt, evidence), page, f"bold {page.ink['status-fail']}", most=4)]
    if cause and cause.frame:
        lines += paragraph(f"at {cause.frame}", page, page.ink["foreground"], indent=2, most=2)
    if cause and said and said not in str(cause):
        lines += paragraph(f"message: {said}", page, page.ink["dim"], most=2)
    return lines


def _message(step: StepLog, attempt: StepAttempt | None) -> str:
    return ((attempt.message if attempt else "") or step.message).strip()


def _why(step: StepLog, attempt: StepAttempt | None, evidence: Evidence | None) -> str:
    return str(evidence.reason if evidence else "") or _message(step, attempt) or NO_REASON


def _alike(selection: Selection, step: StepLog, evidence: Evidence, now: datetime, page: Page) -> list[Line]:
    """Whether this has happened before or since: how often, when first and last, in which runs.

    Attempts of which no reason was kept have only the name of their step in common.
    """
    alike = evidence.alike
    if alike is None:
        return []
    known = _why(step, selection.attempt, evidence) != NO_REASON
    way = "failed this way" if known else "at a step of this name failed without a known reason"
    if not alike:
        return paragraph(f"no other attempt in this store {way}", page, page.ink["dim"], indent=2)
    here = selection.run_id
    runs = list(dict.fromkeys("this run" if one.run_id == here else clean(one.run_id) for one in alike))
    times = [one.seen for one in alike if one.seen]
    first, last = (format.ago(time, now) for time in (min(times), max(times))) if times else ("", "")
    seen = f", first {first}, last {last}" if first != last else f", {last}" if last else ""
    more = f" and {len(runs) - _MOST_RUNS:,} more" if len(runs) > _MOST_RUNS else ""
    what = "other attempt" if all(one.attempt is not None for one in alike) else "other"
    said = f"{format.count(len(alike), what)} {way}{seen}, in {', '.join(runs[:_MOST_RUNS])}{more}"
    return paragraph(f"{said} · {keys.shown('failures')} lists them", page, page.ink["status-silent"], indent=2, most=3)


def _parameters(attempt: StepAttempt | None, page: Page) -> list[Line]:
    given = inputs_of(attempt) if attempt else {}
    if not given:
        return []
    return [BLANK, *inline(attempt_text.shown(given), page, 2, "parameters")]


def _metrics(selection: Selection, step: StepLog, attempt: StepAttempt | None, page: Page) -> list[Line]:
    """The last values of the attempt's metrics, since when they are not numbers, and which steps have several."""
    number = attempt.attempt_number if attempt else None
    of_step = (one for one in selection.opened.series if one.step == step.internal_name)
    series = [one for one in of_step if one.attempt in (None, number)]
    if not series:
        return []
    lines = [BLANK, *inline({one.name: _last_text(one) for one in series}.items(), page, 3, "metrics")]
    for said in repeated_steps(series):
        lines += paragraph(said, page, page.ink["status-silent"], indent=2, most=2)
    return lines


def _last_text(series: Series) -> str:
    """The last value of a metric: ``0.0309``, ``NaN from 186``."""
    last, said = series.last, format.value(series.last)
    if not isinstance(last, float) or math.isfinite(last):
        return said
    backwards = map(measured, islice(reversed(series.values), _MOST_VALUES))
    alike = sum(1 for _ in takewhile(lambda number: number is None or not abs(number) < math.inf, backwards))
    # Of a single value there is nothing to say, and nobody waits here for the beginning of millions.
    return said if len(series.values) == 1 or alike == _MOST_VALUES else f"{said} from {series.indexes[-alike]}"


def _log_end(evidence: Evidence | None, page: Page, room: int) -> list[Line]:
    if evidence is None:
        return [BLANK, Line(Text("reading the execution log …", page.ink["dim"]))]
    statement = [BLANK, *paragraph(evidence.statement, page, page.ink["dim"])] if evidence.statement else []
    if evidence.log is None or not evidence.end:
        return statement
    what = "traceback in " if evidence.cause else ""
    lines = [*statement, BLANK, rule(f"end of {what}{clean(evidence.log.name)}", page)]
    most = min(max(room - len(lines), _LEAST_OF_A_LOG), _MOST_OF_A_LOG)
    for text in without_boxes(evidence.end)[-most:]:
        lines.append(Line(_log_line(text, bool(evidence.cause), page), text, evidence.log))
    if evidence.cause:
        lines[-1].text.stylize(page.ink["status-fail"])
    return lines


def _log_line(text: str, in_traceback: bool, page: Page) -> Text:
    at_fault = in_traceback and text.lstrip().startswith(("❱", "-->", "---->"))
    style = page.ink["status-fail"] if at_fault else page.ink["foreground"]
    return Text(truncate(clean(text), page.width), style)


def _branches(selection: Selection, around: Surroundings, page: Page) -> list[Line]:
    """What is inside a composite step or a branch, one row each."""
    item, run = selection.item, selection.opened.summary
    until = None if run.is_finished else known_until(run, around.now, around.liveness)
    if item.start is not None:
        took = format.took(item.took(until))
        ended = format.clock(item.end) if item.end is not None else "…"
        lines = [Line(Text(f"{format.date_time(item.start)} → {ended}   {took}", page.ink["dim"]))]
    else:
        lines = []
    step = selection.step if selection.branch is None else None
    message = step and (failure_message(step) if step.status == "FAIL" else step.message.strip())
    if message:
        lines += [BLANK, *paragraph(message, page)]
    states = Counter(child.state for child in item.children)
    counted = "  ".join(f"{amount} {format.glyph(state)}" for state, amount in in_order(states))
    lines += [BLANK, rule(f"{'steps' if selection.branch is not None else 'branches'}  {counted}", page)]
    children = item.children[:_MOST_BRANCHES]
    durations = side_by_side.took([child.took(until) for child in children], "")
    for child, took in zip(children, durations, strict=True):
        line = Text(format.glyph(child.state) + " ", page.ink.status(child.state))
        line.append(truncate(clean(child.name), max(page.width - len(took) - 4, 8)), page.ink["foreground"])
        line.append(took.rjust(max(page.width - line.cell_len, 0)), page.ink["dim"])
        lines.append(Line(line, child.key))
    if len(item.children) > _MOST_BRANCHES:
        lines.append(Line(Text(f"… {len(item.children) - _MOST_BRANCHES} more", page.ink["dim"])))
    return lines


def _run(selection: Selection, around: Surroundings, page: Page) -> list[Line]:
    """What there is to say of the run as a whole."""
    run = selection.opened.summary
    is_doubtful = around.liveness not in (None, "live")
    status = f"{around.liveness}? (inferred; the log says {run.status.lower()})" if is_doubtful else run.status.lower()
    silent, note = silence_of(run, around.now), took(run, around.now, around.liveness).note
    facts = [
        ("status", status + (" (recovered from a failure)" if run.recovered else "")),
        ("reason", clean(run.message or "") if run.failing_step is None else ""),
        ("engine", run.engine),
        ("tag", clean(run.tag)),
        ("started", inferred_time((run.started, run.started_inferred))),
        ("ended", format.date_time(run.ended) if run.ended else ""),
        ("took", clean(f"not known: {note}") if note else ""),
        ("dag hash", clean(run.dag_hash)),
        ("script", clean(run.script)),
        ("re-run of", clean(run.original_run_id)),
        ("re-run by", clean(", ".join(around.reruns))),
        ("file", clean(format.home_relative(run.path))),
    ]
    if silent is not None or is_doubtful:
        heard = (
            f"{format.span(silent.total_seconds())} ago"
            if silent is not None and not is_doubtful
            else format.silence(silent)
        )
        facts.insert(1, ("last heard", heard))
    return [BLANK, rule("run", page), *fields([(name, value) for name, value in facts if value], page)]
