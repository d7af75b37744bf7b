"""The columns of failures that are written: causes, the attempts of one, flaky steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from magnus_tracking.analysis.failures import FailedAttempt, FailureGroup
from magnus_tracking.analysis.flaky import FlakyStep
from magnus_tracking.runlog.times import seconds_between
from magnus_tui import format
from magnus_tui.format import side_by_side
from magnus_tui.format.table_columns import Column, inferred_time
from magnus_tui.format.text import clean, short_step


def _first_of(names: list[str]) -> str:
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return clean(short_step(names[0])) + more if names else ""


def _amount(names: list[str]) -> str:
    return str(len(names))


def _yes(value: Any) -> str:
    return "yes" if value else ""


CAUSES: Sequence[Column[FailureGroup]] = (
    Column("count", lambda one: one.count, right=True, stays=True),
    Column("signature", lambda one: one.signature, heading="cause", shrinks=True, stays=True),
    Column("steps", lambda one: list(one.steps), show=_first_of, shrinks=True),
    Column("runs", lambda one: list(one.runs), show=_amount, right=True),
    # Marked where that is only the last sign of what never ended.
    Column("first_seen", lambda one: (one.first_seen, one.inferred), "first", inferred_time),
    Column("last_seen", lambda one: (one.last_seen, one.inferred), "last", inferred_time),
    Column("still_failing", lambda one: one.still_failing, heading="still failing", show=_yes),
)
"""Of causes, for people."""

CAUSES_IN_FULL: Sequence[Column[FailureGroup]] = (
    *CAUSES[:2],
    Column("exception", lambda one: one.exception),
    Column("message", lambda one: one.message),
    *CAUSES[2:4],
    Column("first_seen", lambda one: one.first_seen),
    Column("last_seen", lambda one: one.last_seen),
    CAUSES[-1],
)
"""Of causes, for machines."""

ATTEMPTS: Sequence[Column[FailedAttempt]] = (
    Column("run_id", lambda one: one.run_id, heading="run"),
    Column("step", lambda one: one.step),
    Column("attempt", lambda one: one.attempt, right=True),
    Column("started", lambda one: one.started),
    Column("ended", lambda one: one.ended),
    Column("last_sign", lambda one: one.last_sign),
    Column(
        "duration",
        lambda one: seconds_between(one.started, one.ended),
        "took",
        show_beside=side_by_side.listed_durations,
        right=True,
    ),
    Column("exception", lambda one: one.exception),
    Column("message", lambda one: one.message),
    Column("at", lambda one: str(one.frame) if one.frame else None),
)
"""Of failed attempts."""

FLAKY: Sequence[Column[FlakyStep]] = (
    Column("rate", lambda one: one.rate, heading="failed", show=format.percent, right=True, stays=True),
    Column("step", lambda one: one.step, shrinks=True, stays=True),
    Column("attempts", lambda one: one.attempts, right=True),
    Column("failed", lambda one: one.failed, heading="failures", right=True),
    Column("passed_on_retry", lambda one: one.passed_on_retry, heading="passed on retry", right=True),
    Column("passed_in_later_run", lambda one: one.passed_in_later_run, heading="passed in a later run", right=True),
    Column("passed_otherwise", lambda one: one.passed_otherwise, heading="with other parameters", right=True),
    Column("last_failed", lambda one: one.last_failed, heading="last failed"),
    Column("runs", lambda one: list(one.runs), show=_amount, right=True),
    Column("commit", lambda one: one.code[1], show=lambda commit: clean(commit[:7]) if commit else ""),
    Column("dirty", lambda one: one.code[2], heading="uncommitted changes", show=_yes),
)
"""Of steps that failed and then passed in the same run or at the same commit."""
