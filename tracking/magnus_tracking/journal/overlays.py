"""Laying what journals hold over a run log: the one rule for documents, outlines and series.

A journal of the tracking core's own run counts while its attempt runs: once that ends, its metrics are in the log. Its
step or attempt is added where a full disk kept that out of the log. A journal of an engine's run counts for good, as
nothing of it ever comes into the log. An engine numbers an attempt anew where the one before was killed and never
recorded, so that such journals belong to the attempt in whose time they were opened; one that belongs to none is an
attempt that the engine did not record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from magnus_tracking.journal.writer_liveness import WriterState, writer_state
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.tracked_beside import (
    MARK,
    NO_STEP,
    RUNNING,
    UNPLACED,
    UNRECORDED,
    UNWRITTEN,
    Beside,
    lay_beside,
)
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES, JOB_STEP

if TYPE_CHECKING:
    from magnus_tracking.journal.format import Header
    from magnus_tracking.runlog.outline import RunOutline

RUNS = "PROCESSING"
"""The status of a step or attempt that nothing is known to have ended."""

M = TypeVar("M")
P = TypeVar("P")
V = TypeVar("V")


class Tracked(NamedTuple, Generic[M]):
    """What one journal holds.

    Attributes:
        header: what it is about.
        metrics: in any form.
        last_sign: when it was last written to, naive local time; None where that can't be told.
    """

    header: Header
    metrics: M
    last_sign: datetime | None


class Laid(NamedTuple, Generic[P, M]):
    """A part of a run log, and what is laid over it.

    Attributes:
        part: a step, or an attempt of one.
        metrics: of each journal, the oldest first.
        beside: whether they stand beside what the log holds, rather than in its place.
    """

    part: P
    metrics: list[M]
    beside: bool


class _View(Protocol[P]):
    """A run log in some form, whose parts are steps and attempts."""

    is_final: bool

    def step(self, internal_name: str) -> P | None: ...

    def attempts(self, step: P) -> Sequence[P]: ...

    def read(self, part: P, field: str) -> Any: ...

    def add_attempt(self, step: P, fields: dict[str, Any], place: int) -> P: ...

    def add_step(self, fields: dict[str, Any]) -> P: ...


def overlay_run(document: dict[str, Any], journals: Iterable[Tracked[dict[str, Any]]]) -> dict[str, Any]:
    """Lay the journals of a run over its log, in place.

    The journals must have been read before the log: an attempt that ends in between is in the log then. The other way
    round its metrics would be in neither.

    Args:
        document: the full run log, as decoded from JSON.
        journals: with metrics as `Fold.metrics` gives them.
    """
    for laid in _lay(_Document(document), journals):
        metrics = merge_stored(laid.metrics)
        if laid.beside:
            lay_beside(laid.part, metrics)
        else:
            laid.part["user_defined_metrics"] = metrics
    return document


def lay_over(outline: RunOutline, journals: Iterable[Tracked[M]]) -> list[Laid[Any, M]]:
    """Find the parts of an outline whose metrics are in journals.

    Attempts that the engine did not record are added to the outline.

    Args:
        outline: of the run.
        journals: a journal without metrics is passed over.
    """
    from magnus_tracking.journal.outline_overlay import OutlineView

    view: _View[Any] = OutlineView(outline)
    return list(_lay(view, journals))


def raise_unless_ended(problem: Exception | None, status: str) -> None:
    """Raise why the journals of a run can't be read, which a run that has ended does without.

    Args:
        problem: why; None where they can.
        status: of the run, as its log has it.
    """
    if problem is not None and status not in FINAL_STATUSES:
        raise problem


def by_part(
    laid: Iterable[Laid[Any, M]], names: Callable[[M], Collection[str]], together: Callable[[list[M]], Mapping[str, V]]
) -> dict[int, Mapping[str, V]]:
    """The metrics by the `id` of the part that they belong to; those that stand beside the log's own as `Beside`.

    Args:
        laid: over a run log.
        names: gives what a journal tracks, by name.
        together: gives what journals of one part hold, by dotted name.
    """
    found: dict[int, Mapping[str, V]] = {}
    for part, metrics, beside in laid:
        united = together(metrics)
        found[id(part)] = Beside(united, {name for one in metrics for name in names(one)}) if beside else united
    return found


def merge_stored(metrics: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Metrics of several journals together, each as `Fold.metrics` gives them; of one step, the last value counts."""
    if len(metrics) == 1:
        return metrics[0]
    merged: dict[str, Any] = {}
    for one in metrics:
        for name, value in one.items():
            merged[name] = _united(merged[name], value) if name in merged else value
    return merged


def _united(left: Any, right: Any) -> Any:
    points = {**_by_step(left), **_by_step(right)}
    return points["0"] if points.keys() == {"0"} else {step: points[step] for step in sorted(points, key=int)}


def _by_step(value: Any) -> dict[str, Any]:
    is_indexed = isinstance(value, dict) and bool(value) and all(key.lstrip("-").isdecimal() for key in value)
    return value if is_indexed else {"0": value}


def _lay(view: _View[P], journals: Iterable[Tracked[M]]) -> Iterator[Laid[P, M]]:
    of_engines: dict[str, list[Tracked[M]]] = {}
    for journal in journals:
        header = journal.header
        if not header.is_of_attempt:
            continue
        if not header.engine and header.step:
            step = view.step(header.step) or _add_unwritten_step(view, header)
            if journal.metrics:
                yield from (Laid(part, [journal.metrics], False) for part in _running_parts(view, step, header))
        if not header.engine or not journal.metrics:
            continue
        name = header.step if view.step(header.step) is not None else NO_STEP
        of_engines.setdefault(name, []).append(journal)
    for name, found in of_engines.items():
        yield from _lay_beside(view, name, sorted(found, key=lambda journal: journal.header.time))


def _running_parts(view: _View[P], step: P, header: Header) -> list[P]:
    """List the parts of a run log whose metrics a journal of the core's own run replaces.

    These are its attempt, unless that has ended: its metrics are in the log then; and the step itself, where the
    attempt is its last, or where the log holds no attempt yet.
    """
    attempts = view.attempts(step)
    if not attempts:
        return [step]
    attempt = next((attempt for attempt in attempts if view.read(attempt, "attempt_number") == header.attempt), None)
    if attempt is None:
        attempt = _add_unwritten_attempt(view, step, header)
        return [attempt, step]
    if view.read(attempt, "status") in FINAL_STATUSES:
        return []
    return [attempt, step] if attempt is attempts[-1] else [attempt]


def _add_unwritten_step(view: _View[P], header: Header) -> P:
    """Add the step of a journal that its log lacks, at the top of the run."""
    step = view.add_step({"name": header.step, "internal_name": header.step, "status": RUNS, "message": UNWRITTEN})
    _add_unwritten_attempt(view, step, header)
    return step


def _add_unwritten_attempt(view: _View[P], step: P, header: Header) -> P:
    fields = {"attempt_number": header.attempt, "start_time": header.time, "end_time": "", "status": RUNS}
    return view.add_attempt(step, {**fields, "message": UNWRITTEN}, len(view.attempts(step)))


def _lay_beside(view: _View[P], name: str, journals: Sequence[Tracked[M]]) -> Iterator[Laid[P, M]]:
    """Lay the journals of one step of an engine over it, oldest first."""
    step = view.step(name)
    if step is None:
        step = view.add_step({"name": NO_STEP, "internal_name": NO_STEP, "status": "SUCCESS", "message": UNPLACED})
    if name == NO_STEP:
        yield Laid(step, [journal.metrics for journal in journals], True)
        return
    attempts = view.attempts(step)
    recorded: dict[int, list[M]] = {}
    unrecorded: dict[Any, list[Tracked[M]]] = {}
    for journal in journals:
        place = _place_among(view, attempts, journal.header)
        if place is None:
            # One process of an engine records all attempts of a step before it begins another.
            unrecorded.setdefault(journal.header.writer, []).append(journal)
        else:
            recorded.setdefault(place, []).append(journal.metrics)
    # Made before attempts are added, which moves their places.
    laid = [Laid(attempts[place], metrics, True) for place, metrics in recorded.items()]
    groups = list(unrecorded.values())
    if groups and not attempts:
        laid.append(Laid(step, [journal.metrics for journal in groups.pop()], True))
    for group in groups:
        attempt = _add_unrecorded(view, step, group)
        laid.append(Laid(attempt, [journal.metrics for journal in group], True))
    yield from laid


def _place_among(view: _View[P], attempts: Sequence[P], header: Header) -> int | None:
    """Which of the recorded attempts a journal belongs to: that in whose time it was opened."""
    opened = parse_time(header.time)
    for place, attempt in enumerate(attempts):
        start, end = (_time_of(view, attempt, field) for field in ("start_time", "end_time"))
        if opened is None or start is None:
            if view.read(attempt, "attempt_number") == header.attempt:
                return place
        elif start <= opened and (end is None or opened <= end):
            return place
    return None


def _time_of(view: _View[P], part: P, field: str) -> datetime | None:
    text = view.read(part, field)
    return parse_time(text) if isinstance(text, str) else None


def _add_unrecorded(view: _View[P], step: P, journals: Sequence[Tracked[M]]) -> P:
    header = journals[0].header
    runs = not view.is_final and any(writer_state(one.header) is not WriterState.GONE for one in journals)
    ended = None if runs else max(filter(None, (journal.last_sign for journal in journals)), default=None)
    attempts = view.attempts(step)
    taken = {view.read(attempt, "attempt_number") for attempt in attempts}
    # Where the engine gave the number again, this attempt came before all that it recorded under numbers from 1.
    numbers = (header.attempt, *range(0, -len(taken) - 1, -1))
    fields = {
        "attempt_number": next(number for number in numbers if number not in taken),
        "start_time": header.time,
        "end_time": "" if ended is None else str(ended),
        "status": RUNS if runs else "FAIL",
        "message": RUNNING if runs else UNRECORDED,
    }
    starts = [_time_of(view, attempt, "start_time") for attempt in attempts]
    opened = parse_time(header.time)
    before = sum(opened is not None and start is not None and start <= opened for start in starts)
    return view.add_attempt(step, fields, before)


class _Document:
    """A run log as decoded from JSON; see `_View`."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._steps = dict(_steps_in(document.get("steps")))
        self.is_final = document.get("status") in FINAL_STATUSES
        job = document.get("job")
        if isinstance(job, dict) and not self._steps:
            # A job has no other step.
            self._steps = {JOB_STEP: job, NO_STEP: job}

    def step(self, internal_name: str) -> dict[str, Any] | None:
        return self._steps.get(internal_name)

    def attempts(self, step: dict[str, Any]) -> list[dict[str, Any]]:
        attempts = step.get("attempts")
        return [item for item in attempts if isinstance(item, dict)] if isinstance(attempts, list) else []

    def read(self, part: dict[str, Any], field: str) -> Any:
        return part.get(field)

    def add_attempt(self, step: dict[str, Any], fields: dict[str, Any], place: int) -> dict[str, Any]:
        attempt = {**fields, MARK: True}
        attempts = step.get("attempts")
        if not isinstance(attempts, list):
            attempts = step["attempts"] = []
        attempts.insert(place, attempt)
        return attempt

    def add_step(self, fields: dict[str, Any]) -> dict[str, Any]:
        step = {**fields, "step_type": "task", MARK: True}
        steps = self._document.get("steps")
        if not isinstance(steps, dict):
            steps = self._document["steps"] = {}
        name = fields["internal_name"]
        steps[name] = self._steps[name] = step
        return step


def _steps_in(steps: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for step in steps.values() if isinstance(steps, dict) else ():
        if isinstance(step, dict):
            yield str(step.get("internal_name", "")), step
            branches = step.get("branches")
            for branch in branches.values() if isinstance(branches, dict) else ():
                yield from _steps_in(branch.get("steps") if isinstance(branch, dict) else None)
