"""Laying what journals hold over a run log: the one rule for documents, outlines and series."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from magnus_tracking.runlog.steps import walk_steps
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES

if TYPE_CHECKING:
    from magnus_tracking.journal.format import Header
    from magnus_tracking.journal.reader import InFlight
    from magnus_tracking.runlog.outline import RunOutline

M = TypeVar("M")


def overlay_run(document: dict[str, Any], journals: Iterable[InFlight]) -> dict[str, Any]:
    """Lay the journals of a run over its log, in place.

    The journals must have been read before the log: an attempt that ends in between is in the log then. The other way
    round its metrics would be in neither.

    Args:
        document: the full run log, as decoded from JSON.
        journals: as `read_in_flight` gives them.
    """
    for journal in journals:
        overlay(document, journal.header, journal.metrics)
    return document


def overlay(document: dict[str, Any], header: Header, metrics: dict[str, Any]) -> dict[str, Any]:
    """Lay the metrics of one journal over a run log, in place.

    Args:
        document: the full run log, as decoded from JSON.
        header: what the journal is about.
        metrics: as `Fold.metrics` gives them.
    """
    step = find_step(document, header.step)
    for part in _running_parts(step, header, _field) if metrics else ():
        part["user_defined_metrics"] = metrics
    return document


def live_parts(run: RunOutline, journals: Iterable[tuple[Header | None, M]]) -> dict[int, M]:
    """Find the parts of an outline whose metrics are in journals.

    Args:
        run: the outline.
        journals: what each is about, and its metrics in any form; a journal without a header, or without metrics, is
            passed over.

    Returns:
        The metrics by the `id` of the attempt or step that they belong to.
    """
    steps = {step.internal_name: step for step in walk_steps(run.top_steps)}
    return {
        id(part): metrics
        for header, metrics in journals
        if header is not None and metrics
        for part in _running_parts(steps.get(header.step), header, getattr)
    }


def _running_parts(step: Any, header: Header, read: Callable[[Any, str], Any]) -> list[Any]:
    """List the parts of a run log whose metrics a journal replaces.

    These are its attempt, unless that has ended: its metrics are in the log then; and the step itself, where the
    attempt is its last, or where the log holds no attempt yet.
    """
    if step is None or not header.is_of_attempt:
        return []
    attempts = read(step, "attempts")
    if not attempts:
        return [step]
    attempt = next((attempt for attempt in attempts if read(attempt, "attempt_number") == header.attempt), None)
    if attempt is None or read(attempt, "status") in FINAL_STATUSES:
        return []
    return [attempt, step] if attempt is attempts[-1] else [attempt]


def _field(part: dict[str, Any], name: str) -> Any:
    value = part.get(name)
    return [item for item in value or () if isinstance(item, dict)] if name == "attempts" else value


def find_step(document: dict[str, Any], internal_name: str) -> dict[str, Any] | None:
    """The step of that internal name in a run log, or None."""
    parts = internal_name.split(".")
    steps: Any = document.get("steps")
    for end in range(1, len(parts) + 1, 2):
        step = steps.get(".".join(parts[:end])) if isinstance(steps, dict) else None
        if not isinstance(step, dict) or end == len(parts):
            return step if isinstance(step, dict) else None
        branch = (step.get("branches") or {}).get(".".join(parts[: end + 1]))
        steps = branch.get("steps") if isinstance(branch, dict) else None
    return None
