"""The steps, branches and attempts of a run as the rows of a tree; pure, without a widget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from magnus_tracking.analysis.liveness import REACHED, UNENDED, Liveness, Took, part_took, state_of, step_state
from magnus_tracking.runlog.elapsed import WENT_BACK, Span, attempt_span, went_back
from magnus_tracking.runlog.failing import Failure
from magnus_tracking.runlog.step_kinds import is_terminal
from magnus_tracking.runlog.steps import T
from magnus_tracking.runlog.times import seconds_between
from magnus_tracking.runlog.tree import steps_to_come
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES, GOES_ON, SKIPPED
from magnus_tui import format
from magnus_tui.format.status import in_order
from magnus_tui.format.text import clean

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import StepAttempt
    from magnus_tracking.runlog.outline import AttemptOutline

Kind = Literal["step", "branch", "attempt", "planned"]
_END = "end"
"""The text for a terminal step."""
_WENT_WELL = frozenset({"SUCCESS", SKIPPED, REACHED})


@dataclass(slots=True, eq=False)
class Item:
    """A row of the tree, with the rows below it.

    Attributes:
        kind: what it is.
        key: what tells it from the others: the internal name, and the attempt's number behind a ``#``.
        name: its own name.
        state: as it is shown, see `magnus_tracking.analysis.liveness.step_state`, or ``PLANNED``.
        step: internal name of the step that it is, or that holds it.
        attempt: the attempt's number, for an attempt.
        start, end: naive local times; None where they are not known.
        clock_went_back: whether the clock went back in it, so that nobody can tell how long it took.
        untimed: whether `start` and `end` do not tell how long it took: a step of which the first start or the last end
            is missing, or whose result was taken over.
        children: what hangs below.
        depth: how far it is indented, from 0.
        unfinished: whether it has not ended.
        inferred: whether `start` is not in the log, but concluded from what ended before.
        reason: why a run failed in which no step did, where it is what failed; see `magnus_tracking.runlog.failing`.
        has_failure: whether it, or something below it, failed.
    """

    kind: Kind
    key: str
    name: str
    state: str
    step: str
    attempt: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    note: str = ""
    children: list[Item] = field(default_factory=list)
    depth: int = 0
    unfinished: bool = False
    inferred: bool = False
    clock_went_back: bool = False
    untimed: bool = False
    reason: str = ""
    has_failure: bool = field(init=False)

    def __post_init__(self) -> None:
        self.has_failure = self.state == "FAIL" or any(child.has_failure for child in self.children)

    @property
    def is_leaf(self) -> bool:
        """Whether it is a step that does work: neither composite nor terminal. A retried one has its attempts below."""
        return self.kind == "step" and self.note != _END and all(child.kind == "attempt" for child in self.children)

    def took(self, until: datetime | None) -> Took:
        """How long it took, or has taken so far.

        Args:
            until: up to when an unfinished run has lasted, see `magnus_tracking.analysis.liveness.known_until`; None in
                one that has ended.
        """
        if self.clock_went_back:
            return Took(None, note=WENT_BACK)
        if until is not None and self.unfinished:
            return part_took(self.start, until, self.state, inferred=self.inferred)
        untimed = self.untimed or (self.state == UNENDED and self.kind != "attempt")
        return Took(None if untimed else seconds_between(self.start, self.end))

    @property
    def attempts(self) -> list[Item]:
        """The attempts of a step, where there are several or one failed."""
        return [child for child in self.children if child.kind == "attempt"]

    def worked(self, until: datetime | None) -> float:
        """Seconds that a leaf step is known to have been at work: without the time between its attempts; see `took`."""
        if self.inferred or self.state == SKIPPED:
            return 0.0
        if self.attempts:
            return sum(attempt.took(until).seconds or 0.0 for attempt in self.attempts)
        return seconds_between(self.start, self.end or (until if self.unfinished else None)) or 0.0


def build_items(
    status: str,
    top: Sequence[T],
    planned: Sequence[str],
    failure: Failure[T] | None,
    liveness: Liveness | None = None,
    started: datetime | None = None,
) -> list[Item]:
    """The rows of a run from the top, in the order of the log; steps still to come last, while it is unfinished.

    Args:
        status: of the run.
        top: its steps at the top, of the full model or of the outline.
        planned: names of the steps at the top that are planned.
        failure: what made it fail.
        liveness: whether it is still going.
        started: when it began, if that is known.
    """
    items = [_step_item(step, 0, _Run(status, liveness)) for step in top]
    if status not in FINAL_STATUSES:
        _infer_starts(items, started)
        to_come = steps_to_come((item.name for item in items), planned)
        items += [Item("planned", f"planned:{name}", name, "PLANNED", "") for name in to_come]
    else:
        _mark_without_step(items, failure)
    return items


class _Run(NamedTuple):
    """What the states of all rows depend on."""

    status: str
    liveness: Liveness | None


def _mark_without_step(items: Sequence[Item], failure: Failure[T] | None) -> None:
    if failure is None or not failure.reason:
        return
    path = path_to(items, failure.name)
    for item in path:
        item.has_failure = True
    if path:
        path[-1].reason = failure.reason
        path[-1].note = "  ".join(filter(None, (failure.reason, path[-1].note)))


def _infer_starts(items: Sequence[Item], since: datetime | None) -> None:
    """Let what has begun, but shows no time yet, begin when what came before it ended.

    The engines write an attempt only when it has ended.
    """
    for item in items:
        if item.start is None and item.unfinished:
            item.start, item.inferred = since, since is not None
        _infer_starts([child for child in item.children if child.kind != "attempt"], item.start or since)
        if item.kind == "step" and item.end is not None:
            since = max(item.end, since or item.end)


def _step_item(step: T, depth: int, run: _Run) -> Item:
    """The row of a step, with its attempts where they tell something, and its branches below it."""
    name = cast("object", step.name)
    unfinished = not step.mock and step.status in GOES_ON
    branches: list[Item] = []
    for branch in step.branches.values():
        inside = [_step_item(inner, depth + 2, run) for inner in branch.steps.values()]
        branches.append(_branch_item(step.internal_name, branch.internal_name, branch.status, inside, depth + 1, run))
    spans: list[Span] = list(map(attempt_span, step.attempts))
    shown = len(spans) > 1 or any(attempt.status == "FAIL" for attempt in step.attempts)
    pairs = zip(step.attempts, spans, strict=True) if shown else ()
    attempts: list[Item] = [_attempt_item(step.internal_name, *pair, depth + 1, run, unfinished) for pair in pairs]
    item = Item(
        kind="step",
        key=step.internal_name,
        # In an outline it may be anything, which is not a name, as in the model.
        name=name if isinstance(name, str) else "",
        state=step_state(step, *run),
        step=step.internal_name,
        note=_END if is_terminal(step) else _branch_note(branches) if branches else "",
        children=[*attempts, *branches],
        depth=depth,
        unfinished=unfinished,
    )
    item.start, item.end = _around([*spans, *((branch.start, branch.end) for branch in branches)])
    item.clock_went_back = went_back(spans) or _any_went_back(branches)
    item.untimed = step.mock or (not branches and None in (spans[0][0], spans[-1][1])) if spans else False
    if item.unfinished and run.status not in FINAL_STATUSES:
        # What ended is an attempt before; the engines write one only when it has ended.
        item.end = None
    return item


def _branch_item(step: str, key: str, status: str, children: list[Item], depth: int, run: _Run) -> Item:
    """The row of a branch, whose times are those of the steps in it."""
    item = Item(
        kind="branch",
        key=key,
        name=key.removeprefix(step + "."),
        state=state_of(status, *run),
        step=step,
        children=children,
        depth=depth,
        unfinished=status in GOES_ON,
    )
    item.start, item.end = _around([(child.start, child.end) for child in children])
    if item.unfinished and run.status not in FINAL_STATUSES:
        item.end = None
    item.clock_went_back = _any_went_back(children)
    return item


def _attempt_item(
    step: str, attempt: StepAttempt | AttemptOutline, span: Span, depth: int, run: _Run, unfinished: bool
) -> Item:
    """The row of an attempt."""
    number = attempt.attempt_number
    return Item(
        kind="attempt",
        key=f"{step}#{number}",
        name=f"attempt {number}",
        state=state_of(attempt.status, *run),
        step=step,
        attempt=number,
        start=span[0],
        end=span[1],
        clock_went_back=went_back([span]),
        depth=depth,
        unfinished=unfinished and attempt.status in GOES_ON,
    )


def _any_went_back(items: Sequence[Item]) -> bool:
    return any(item.clock_went_back for item in items)


def _around(spans: Sequence[Span]) -> Span:
    if len(spans) == 1:
        # As in nearly every step, and there may be very many.
        return spans[0]
    starts = [start for start, _ in spans if start]
    ends = [end for _, end in spans if end]
    return min(starts, default=None), max(ends, default=None)


def _branch_note(branches: Sequence[Item]) -> str:
    counts = Counter(branch.state for branch in branches)
    states = "  ".join(f"{amount} {format.glyph(state)}" for state, amount in in_order(counts))
    return f"{format.count(len(branches), 'branch', 'branches')}  {states}"


def folded_at_first(items: Sequence[Item]) -> set[str]:
    """The keys of composite rows that start folded: where nothing failed, once there are many rows."""
    everything = list(every_item(items))
    if len(everything) <= 24:
        return set()
    return {item.key for item in everything if item.children and not item.has_failure}


def every_item(items: Sequence[Item]) -> Iterator[Item]:
    """All rows, folded or not, from the top."""
    stack = list(reversed(items))
    while stack:
        item = stack.pop()
        yield item
        stack.extend(reversed(item.children))


def path_to(items: Sequence[Item], key: str) -> list[Item]:
    """The rows from the top down to the row `key`; empty where there is none."""
    path: list[Item] = []
    level = [iter(items)]
    while level:
        item = next(level[-1], None)
        if item is None:
            level.pop()
            del path[len(level) - 1 :]
            continue
        path.append(item)
        if item.key == key:
            return path
        level.append(iter(item.children))
    return []


def matching_items(items: Sequence[Item], holds: Callable[[str], bool]) -> tuple[list[Item], int, int]:
    """The rows whose names match, with the rows that they hang below, from the top; and how many match, of how many.

    Args:
        items: the rows at the top.
        holds: tells of a row's name whether it matches.
    """
    shown: dict[Item, None] = {}
    above: list[Item] = []
    matching = total = 0
    for item in every_item(items):
        total += 1
        del above[item.depth :]
        above.append(item)
        if holds(item.name):
            matching += 1
            shown.update(dict.fromkeys(above))
    return list(shown), matching, total


def visible_items(items: Sequence[Item], folded: set[str], *, hide_finished: bool = False) -> list[Item]:
    """The rows that are shown, from the top.

    Args:
        items: the rows at the top.
        folded: keys of rows whose children are hidden.
        hide_finished: whether rows that ended well are left out.
    """
    shown: list[Item] = []
    stack = list(reversed(items))
    while stack:
        item = stack.pop()
        if hide_finished and item.state in _WENT_WELL and not item.has_failure:
            continue
        shown.append(item)
        if item.key not in folded:
            stack.extend(reversed(item.children))
    return shown


def time_span(items: Sequence[Item]) -> tuple[datetime, datetime] | None:
    """From the first start to the last end of all rows; None where no time is known."""
    everything = list(every_item(items))
    starts = [item.start for item in everything if item.start]
    ends = [time for item in everything for time in (item.start, item.end) if time]
    return (min(starts), max(ends)) if starts else None


def _failed_itself(item: Item) -> bool:
    """Whether a row failed by itself, not by a row below it: an attempt, a step without one, what never ended."""
    if item.reason or item.state != "FAIL":
        return bool(item.reason)
    return item.kind == "attempt" or (item.kind == "step" and not any(child.has_failure for child in item.children))


def _failed_rows(items: Iterable[Item]) -> Iterator[Item]:
    """The rows that failed by themselves among some and all below them, from the top."""
    stack = [item for item in items if item.has_failure][::-1]
    while stack:
        item = stack.pop()
        if _failed_itself(item):
            yield item
        stack.extend(child for child in reversed(item.children) if child.has_failure)


def next_failure(items: Sequence[Item], path: Sequence[Item], step: int) -> str | None:
    """The key of the nearest row that failed by itself, from another row on.

    Args:
        items: the rows at the top.
        path: the rows from the top down to the other one; empty to begin above all rows.
        step: 1 for what comes after it, -1 for what comes before.
    """
    found = next((_failures_after if step > 0 else _failures_before)(items, path), None)
    return found.key if found is not None else None


def _failures_after(items: Sequence[Item], path: Sequence[Item]) -> Iterator[Item]:
    levels = [items, *(item.children for item in path)]
    yield from _failed_rows(levels.pop())
    for here, level in zip(reversed(path), reversed(levels), strict=True):
        yield from _failed_rows(level[level.index(here) + 1 :])


def _failures_before(items: Sequence[Item], path: Sequence[Item]) -> Iterator[Item]:
    levels = [items, *(item.children for item in path[:-1])]
    for depth in reversed(range(len(path))):
        level = levels[depth]
        yield from reversed(list(_failed_rows(level[: level.index(path[depth])])))
        if depth and _failed_itself(path[depth - 1]):
            yield path[depth - 1]


def next_slowest(slowest: Sequence[str], here: str | None, led_to: str | None) -> str:
    """The key of the row to visit when the slowest are asked for: the very slowest, and in turn those behind it.

    Args:
        slowest: their keys, the slowest first; not empty.
        here: the key under the cursor.
        led_to: where the last visit led to: from there on the next is meant, not from one that the cursor came to
            otherwise.
    """
    if here is not None and here == led_to and here in slowest:
        return slowest[(slowest.index(here) + 1) % len(slowest)]
    return slowest[0]


def slowest_text(place: int, steps: int, name: str, worked: str, *, others_waited: bool) -> str:
    """How a step stands out: ``slowest of 6 steps: 1.fit worked 670 ms``, ``2nd slowest of 6 steps: …``.

    Args:
        place: its position among the slowest, from 0.
        steps: how many leaf steps there are.
        name: of the step.
        worked: how long it worked, which is less than it took where it waited between attempts.
        others_waited: whether another step took longer than the slowest, by waiting.
    """
    rank = ("slowest", "2nd slowest", "3rd slowest")[place]
    note = "; waits between attempts don't count" if others_waited else ""
    return f"{rank} of {format.count(steps, 'step')}: {clean(name)} worked {worked}{note}"
