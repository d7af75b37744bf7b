"""How attempts, parameters and code identities are told in a few words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from magnus_tracking.analysis.liveness import DEAD
from magnus_tracking.runlog.elapsed import WENT_BACK, attempt_seconds
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tui import format
from magnus_tui.format.text import clean

if TYPE_CHECKING:
    from magnus_tracking.analysis.liveness import Liveness
    from magnus_tracking.runlog.models import CodeIdentity, StepAttempt, StepLog

_CHANGES = re.compile(r"^changes found in (.+)$", re.DOTALL)


def no_attempt(run_status: str, liveness: Liveness | None) -> str:
    """That a step has no attempt, which of a run that goes on may still come."""
    if run_status in FINAL_STATUSES or liveness in DEAD:
        return "no attempt was written"
    return "no attempt has been written yet"


def times_of(attempt: StepAttempt) -> str:
    """From when to when an attempt went on, and for how long; the end's date only where it differs."""
    start, end = parse_time(attempt.start_time), parse_time(attempt.end_time)
    if start is None and end is None:
        return "no times were kept"
    if end is None:
        return f"since {format.date_time(start)}"
    last = format.clock(end) if start and start.date() == end.date() else format.date_time(end)
    if start is not None and end < start:
        return f"{format.date_time(start)} → {last}   {WENT_BACK}"
    return f"{format.date_time(start)} → {last}   {format.duration(attempt_seconds(attempt))}"


def shown(parameters: dict[str, Any]) -> list[tuple[str, str]]:
    """Parameters as names and values to show."""
    return [(name, format.value(value)) for name, value in parameters.items()]


def changed_files(code: CodeIdentity) -> list[str]:
    """The files with uncommitted changes that a code identity names."""
    match = _CHANGES.match(code.code_identifier_message or "")
    return [name.strip() for name in match.group(1).split(",") if name.strip()] if match else []


def code_of(code: CodeIdentity, *, dirty: bool = False) -> str:
    """A code identity in a few words: ``git c1c90e3 (2 files changed)``.

    Args:
        code: the identity.
        dirty: whether another one of the run is known to have uncommitted changes.
    """
    identifier = clean(code.code_identifier or "")
    kind = clean(code.code_identifier_type or "")
    short = identifier[:7] if kind == "git" else identifier
    files = len(changed_files(code))
    if dirty or code.code_identifier_dependable is False:
        changed = f" ({format.count(files, 'file')} changed)" if files else " (uncommitted changes)"
    else:
        changed = ""
    return f"{kind} {short}".strip() + changed


def identities(step: StepLog, attempt: StepAttempt | None) -> list[CodeIdentity]:
    """The distinct code identities of an attempt, else of its step and all of its attempts."""
    own = [*attempt.code_identities, *step.code_identities] if attempt else []
    listed = own or [*step.code_identities, *(code for tried in step.attempts for code in tried.code_identities)]
    unique: dict[tuple[str | bool | None, ...], CodeIdentity] = {}
    for code in listed:
        key = (
            code.code_identifier,
            code.code_identifier_type,
            code.code_identifier_message,
            code.code_identifier_dependable,
        )
        if any((code.code_identifier, code.code_identifier_message)):
            unique.setdefault(key, code)
    return list(unique.values())
