"""Everything that the run screen reads, off the event loop, in worker threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from magnus_tracking.analysis.liveness import Liveness, known_until
from magnus_tracking.logs.catalog import CatalogFile, check_file
from magnus_tracking.runlog.failing import failing_attempt, find_failure
from magnus_tracking.runlog.garbage_collection import paused_collection
from magnus_tracking.runlog.step_kinds import is_leaf
from magnus_tracking.runlog.steps import T, walk_steps
from magnus_tracking.runlog.tree import top_steps
from magnus_tui.charts.metric_entries import Entry, prepare
from magnus_tui.feed.feed import Feed
from magnus_tui.feed.run_opener import OpenedRun
from magnus_tui.run.catalog_entries import CatalogEntries
from magnus_tui.run.panes.catalog import entries_of
from magnus_tui.run.panes.overview import Surroundings
from magnus_tui.run.selection import OnTheWay, Selection, select, steps_by_name
from magnus_tui.run.tree_rows import Item, build_items, every_item, folded_at_first, time_span

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import StepLog
    from magnus_tracking.runlog.summary import RunSummary


@dataclass(frozen=True, slots=True)
class LoadedRun:
    """A run ready to be shown.

    Attributes:
        opened: the run.
        items: the rows at the top of its tree.
        keys: the keys of all rows of its tree.
        folded: those that are folded at first.
        span: from its first start to its last end; None where no time is known.
        failure: the keys of the attempt and of the step that failed, the most telling first.
        steps: its steps by internal name.
        catalog: its catalog entries.
        entries: its series, ready to be drawn.
        around: what there is to say of the run as a whole.

    Of a run that was opened early there are no catalog entries and no series: see `load_rest`.
    """

    opened: OpenedRun
    items: list[Item]
    keys: frozenset[str]
    folded: frozenset[str]
    span: tuple[datetime, datetime] | None
    failure: tuple[str, ...]
    steps: dict[str, StepLog] | OnTheWay
    catalog: CatalogEntries
    entries: Sequence[Entry]
    around: Surroundings

    def until(self, now: datetime) -> datetime:
        """Up to when what is unfinished has lasted; see `known_until`."""
        return known_until(self.opened.summary, now, self.around.liveness)

    def selection(self, item: Item) -> Selection:
        """The row `item` with the objects of the log behind it."""
        return select(self.opened, item, self.steps, self.catalog)

    def first_key(self, step: str | None = None, attempt: int | None = None) -> str | None:
        """The row to begin on: what was asked for, else what failed, what runs, what was retried, or the last.

        Args:
            step: internal name of a step.
            attempt: number of one of its attempts.
        """
        asked = (f"{step}#{attempt}", step, *self.failure, self.opened.summary.current_step)
        known = next((key for key in asked if key in self.keys), None)
        if known is not None:
            return known
        leaves = [item for item in every_item(self.items) if item.is_leaf]
        retried = (item for item in leaves if item.children)
        found = next(retried, None) or (leaves[-1] if leaves else self.items[0] if self.items else None)
        return found.key if found is not None else None


def load_run(feed: Feed, run_id: str, now: datetime, *, early: bool = False) -> LoadedRun:
    """Open a run.

    Args:
        feed: the door to the core.
        run_id: the run.
        now: naive local time in the zone of the machine that ran.
        early: whether what the first frame shows will do: `load_rest` and `ready_for_zoom` give the rest.

    Raises:
        RunNotFoundError: the run is gone.
        UnreadableRunError: its files can't be understood.
    """
    with feed.opener.reading(run_id), paused_collection(lasting=feed.opener.is_huge(run_id)):
        return _load(feed, run_id, now, early=early)


def _load(feed: Feed, run_id: str, now: datetime, *, early: bool) -> LoadedRun:
    """Open the run, and work out its tree, its first selection and its series."""
    opened = feed.opener.open_run(run_id, early=early)
    around = Surroundings(now, feed.liveness(opened.summary, now), tuple(feed.reruns_of(run_id)))
    if opened.outline is not None:
        status, top = opened.outline.status, list(opened.outline.top_steps)
        tree, failure = _tree(status, top, opened.summary, around.liveness)
    else:
        status, steps = opened.run.status, list(top_steps(opened.run).values())
        tree, failure = _tree(status, steps, opened.summary, around.liveness)
    return LoadedRun(
        opened,
        tree,
        keys=frozenset(item.key for item in every_item(tree)),
        folded=frozenset(folded_at_first(tree)),
        span=time_span(tree),
        failure=failure,
        steps=steps_by_name(opened.run) if opened.is_whole else OnTheWay(opened.run),
        catalog=CatalogEntries(opened.run if opened.is_whole else None),
        entries=prepare(opened.series, zoomed=not early, began=opened.summary.started),
        around=around,
    )


def load_rest(feed: Feed, loaded: LoadedRun) -> LoadedRun:
    """The whole of a run that was opened early.

    Raises:
        UnreadableRunError: it can't be understood.
    """
    with feed.opener.reading(loaded.opened.summary.run_id), paused_collection(lasting=True):
        opened = feed.opener.whole(loaded.opened)
        return replace(
            loaded,
            opened=opened,
            steps=steps_by_name(opened.run),
            catalog=CatalogEntries(opened.run),
            entries=prepare(opened.series, zoomed=False, began=opened.summary.started),
        )


def _tree(
    status: str, top: Sequence[T], summary: RunSummary, liveness: Liveness | None
) -> tuple[list[Item], tuple[str, ...]]:
    """The rows of a run, and the keys of what failed."""
    failure = find_failure(status, top, [step for step in walk_steps(top) if is_leaf(step)])
    items = build_items(status, top, summary.planned, failure, liveness, summary.started)
    if failure is None:
        return items, ()
    tried = failing_attempt(failure.step)
    return items, (f"{failure.name}#{tried.attempt_number}", failure.name) if tried else (failure.name,)


def ready_for_zoom(loaded: LoadedRun, should_stop: Callable[[], bool]) -> None:
    """Work out what only charts of a part of a long series need, which the first frame need not wait for.

    Args:
        loaded: the run.
        should_stop: asked before each series.
    """
    for entry in loaded.entries:
        if should_stop():
            return
        if entry.curve is not None:
            entry.curve.ready()


def check_catalog(
    feed: Feed,
    selection: Selection,
    known: dict[int, CatalogFile],
    tell: Callable[[dict[int, CatalogFile]], None],
    should_stop: Callable[[], bool],
) -> None:
    """Hold the files of the catalog against their hashes, those of what is selected first.

    Args:
        feed: the door to the core.
        selection: what is selected.
        known: what has been found before, by the entry's number.
        tell: called with what has been found, now and then and at the end.
        should_stop: asked before each file.
    """
    own, others = entries_of(selection)
    found = dict(known)
    pending = 0
    home = feed.opener.home_of(selection.run)
    for item in (*own, *others):
        if should_stop():
            return
        if item.number not in found:
            found[item.number] = check_file(item.entry, home, selection.run_id)
            pending += found[item.number].size or 1 << 16
        if pending > 1 << 25:
            tell(dict(found))
            pending = 0
    tell(found)
