"""What the failures of a store look like as lists: causes, the attempts of one, and flaky steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from magnus_tracking.analysis.failures import FailedAttempt, FailureGroup
from magnus_tracking.analysis.flaky import FlakyStep
from magnus_tracking.runlog.times import seconds_between
from magnus_tui import format
from magnus_tui.format import side_by_side
from magnus_tui.format.table_columns import SIDE_BY_SIDE
from magnus_tui.format.text import clean, short_step, shortened, truncate
from magnus_tui.widgets.row_list import ListColumn

_MOST_NAMED = 40
"""Steps, runs or attempts that are named below a list."""
_MOST_CELLS = 40
"""Cells for the run, and for the step, of an attempt that is named there."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that is ready to be shown.

    Attributes:
        said: what it holds, in a sentence.
        columns: from left to right.
        count: how many rows it has.
        row: the cells of a row.
        detail: all that is known of a row.
        copied: what is copied of a row.
    """

    said: str
    columns: Sequence[ListColumn]
    count: int
    row: Callable[[int], Sequence[Text]]
    detail: Callable[[int], Text]
    copied: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Ink:
    """What lists are coloured with, and the time that ages are counted from."""

    dim: str
    fail: str
    now: datetime


_CAUSE_COLUMNS = (
    ListColumn(" "),
    ListColumn("count", right=True),
    ListColumn("cause", flexible=True),
    ListColumn("steps"),
    ListColumn("runs", right=True),
    ListColumn("last", right=True),
    ListColumn("first", right=True),
)
_ATTEMPT_COLUMNS = (
    ListColumn("run"),
    ListColumn("step", flexible=True),
    ListColumn("attempt", right=True),
    ListColumn("ended", right=True),
    ListColumn("took", right=True),
    ListColumn("at", flexible=True),
)
_FLAKY_COLUMNS = (
    ListColumn("rate", right=True),
    ListColumn("step", flexible=True),
    ListColumn("failed", right=True),
    ListColumn("passed later", flexible=True),
    ListColumn("runs", right=True),
    ListColumn("last", right=True),
)


def causes(groups: Sequence[FailureGroup], ink: Ink, unreadable: int = 0, total: int = 0) -> Listing:
    """The causes of all failures.

    Args:
        groups: the causes.
        ink: what they are drawn with.
        unreadable: how many runs can't be read, so that nobody knows whether they failed.
        total: how many runs there are.
    """
    failing = sum(group.still_failing for group in groups)
    found = _failures([attempt for group in groups for attempt in group.attempts])
    said = (
        f"{format.count(len(groups), 'cause')} in {found} · still failing: {failing}"
        if groups
        else "no attempt in this store has failed"
    )
    if unreadable:
        said += f" · {unreadable:,} of {format.count(total, 'run')} can't be read"

    def row(position: int) -> Sequence[Text]:
        group = groups[position]
        return (
            Text(format.glyph("FAIL") if group.still_failing else " ", style=ink.fail),
            Text(f"{group.count:,}"),
            Text(clean(group.signature)),
            Text(_steps(group.steps)),
            Text(f"{len(group.runs):,}"),
            Text(format.ago(group.last_seen, ink.now, inferred=group.inferred)),
            Text(format.ago(group.first_seen, ink.now, inferred=group.inferred)),
        )

    def detail(position: int) -> Text:
        group = groups[position]
        text = Text().append(_reason(group.exception, group.message), "bold")
        frame = group.attempts[0].frame
        text.append(f"\nat {clean(str(frame))}" if frame else "", ink.dim)
        text.append(f"\nsteps  {_named(group.steps)}" if group.steps else "", ink.dim)
        text.append(f"\nruns   {_named(group.runs)}", ink.dim)
        text.append(_attempts_in_short(group.attempts, ink.now))
        return text

    return Listing(said, _CAUSE_COLUMNS, len(groups), row, detail, lambda position: _copied(groups[position]))


def _failures(failed: Sequence[FailedAttempt]) -> str:
    """How many attempts failed, and how many runs or steps did without one."""
    without = sum(one.attempt is None for one in failed)
    if not without:
        return format.count(len(failed), "failed attempt")
    beside = f"{format.count(len(failed) - without, 'failed attempt')} and " if without < len(failed) else ""
    return f"{beside}{format.count(without, 'failure')} without a failed attempt"


def _copied(group: FailureGroup) -> str:
    return f"{group.exception}: {group.message}" if group.exception else group.message


def attempts(failed: Sequence[FailedAttempt], ink: Ink) -> Listing:
    """Failed attempts, one by one."""

    @cache
    def took(block: int) -> list[str]:
        first = block * SIDE_BY_SIDE
        return side_by_side.listed_durations(list(map(_seconds, failed[first : first + SIDE_BY_SIDE])))

    def row(position: int) -> Sequence[Text]:
        attempt = failed[position]
        return (
            Text(clean(attempt.run_id)),
            Text(clean(attempt.step)),
            Text("" if attempt.attempt is None else str(attempt.attempt)),
            Text(format.ago(attempt.seen, ink.now, inferred=attempt.ended is None)),
            Text(took(position // SIDE_BY_SIDE)[position % SIDE_BY_SIDE]),
            Text(clean(str(attempt.frame)) if attempt.frame else ""),
        )

    def detail(position: int) -> Text:
        attempt = failed[position]
        text = Text()
        text.append(" › ".join(clean(name) for name in (attempt.run_id, attempt.step) if name) + "\n", ink.dim)
        text.append(_reason(attempt.exception, attempt.message), "bold")
        text.append(_last_heard(attempt), ink.dim)
        if attempt.frame:
            line = f":{attempt.frame.line}" if attempt.frame.line is not None else ""
            function = f" in {clean(attempt.frame.function)}" if attempt.frame.function else ""
            text.append(f"\nat {clean(attempt.frame.file)}{line}{function}", ink.dim)
            text.append(f"\n   {clean(attempt.frame.code)}")
        return text

    tried = all(attempt.attempt is not None for attempt in failed)
    said = f"{format.count(len(failed), 'attempt')} failed this way" if tried else f"{_failures(failed)}, of this cause"
    said += ", latest first" if len(failed) > 1 else ""
    return Listing(said, _ATTEMPT_COLUMNS, len(failed), row, detail, lambda position: failed[position].run_id)


def flaky(steps: Sequence[FlakyStep], ink: Ink) -> Listing:
    """Steps that failed and then passed in the same run or at the same commit."""

    def row(position: int) -> Sequence[Text]:
        step = steps[position]
        return (
            Text(format.percent(step.rate)),
            Text(clean(step.step)),
            Text(f"{step.failed:,} of {step.attempts:,}"),
            Text(_passed(step)),
            Text(f"{len(step.runs):,}"),
            Text(format.ago(step.last_failed, ink.now)),
        )

    def detail(position: int) -> Text:
        step = steps[position]
        text = Text().append(clean(step.step), "bold")
        commit = f" of commit {clean(step.code[1][:12])}{_changes(step)}" if step.code[1] else ""
        text.append(f"\n{step.failed:,} of {step.attempts:,} attempts{commit} failed; then passed {_passed(step)}")
        text.append(f"\nruns   {_named(step.runs)}", ink.dim)
        return text

    said = (
        f"{format.count(len(steps), 'flaky step')}: failed, and then passed in the same run or at the same commit"
        if steps
        else "no step in this store failed and then passed in the same run or at the same commit"
    )
    return Listing(said, _FLAKY_COLUMNS, len(steps), row, detail, lambda position: steps[position].step)


def _passed(step: FlakyStep) -> str:
    ways = (
        (step.passed_on_retry, "on retry"),
        (step.passed_in_later_run, "in a later run"),
        (step.passed_otherwise, "with other parameters"),
    )
    return ", ".join(f"{count:,} {way}" for count, way in ways if count)


def _changes(step: FlakyStep) -> str:
    """That there were uncommitted changes, of which nobody knows whether another run had the same ones."""
    if not step.code[2]:
        return ""
    in_other_runs = step.passed_in_later_run + step.passed_otherwise
    return " (with uncommitted changes, perhaps others)" if in_other_runs else " (with uncommitted changes)"


def _reason(exception: str | None, message: str) -> str:
    return clean(shortened(f"{exception}: {message}" if exception else message))


def _steps(steps: Sequence[str]) -> str:
    more = f" +{len(steps) - 1}" if len(steps) > 1 else ""
    return truncate(clean(short_step(steps[0])), 20) + more if steps else ""


def _named(names: Sequence[str]) -> str:
    more = f", and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return clean(", ".join(names[:_MOST_NAMED])) + more


def _attempts_in_short(failed: Sequence[FailedAttempt], now: datetime) -> str:
    """The runs and steps of several attempts, latest first, and when: what fills a tall screen."""
    if len(failed) < 2:
        return ""
    named = failed[:_MOST_NAMED]
    columns = ([clean(one.run_id) for one in named], [clean(one.step) for one in named])
    runs, steps = (_evened(side_by_side.names_apart(names, _MOST_CELLS)) for names in columns)
    ages = (format.ago(one.seen, now) for one in named)
    return "\n" + "".join(f"\n{run}  {step}  {age}" for run, step, age in zip(runs, steps, ages, strict=True))


def _evened(texts: Sequence[str]) -> list[str]:
    """Texts cut and padded to the same cells."""
    cells = min(max(map(cell_len, texts)), _MOST_CELLS)
    return [set_cell_size(truncate(text, cells), cells) for text in texts]


def _last_heard(attempt: FailedAttempt) -> str:
    """When what never ended began and was last heard of, as far as that is known; empty of an attempt that ended."""
    if attempt.last_sign is None:
        return ""
    began = f"began {format.date_time(attempt.started)}, " if attempt.started else ""
    return f"\n{began}last sign of life {format.date_time(attempt.last_sign)}"


def _seconds(attempt: FailedAttempt) -> float | None:
    return seconds_between(attempt.started, attempt.ended)
