"""Everything that the run screen reads, off the event loop, in worker threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from magnus_tracking.analysis.liveness import known_until
from magnus_tracking.logs.catalog import CatalogFile, check_file
from magnus_tracking.runlog.collection import paused_collection
from magnus_tracking.runlog.failing import failing_attempt
from magnus_tracking.runlog.tree import failure_of
from magnus_tui.charts.entries import Entry, prepare
from magnus_tui.feed.feed import Feed, OpenedRun
from magnus_tui.run.catalog_entries import CatalogEntries
from magnus_tui.run.panes.catalog import entries_of
from magnus_tui.run.panes.overview import Surroundings
from magnus_tui.run.selection import Selection, select, steps_by_name
from magnus_tui.run.tree_rows import Item, build_items, every_item, folded_at_first, time_span

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import RunLog, StepLog


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
    """

    opened: OpenedRun
    items: list[Item]
    keys: frozenset[str]
    folded: frozenset[str]
    span: tuple[datetime, datetime] | None
    failure: tuple[str, ...]
    steps: dict[str, StepLog]
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
        """The row to begin on: what was asked for, else what failed, else what runs, else the first.

        Args:
            step: internal name of a step.
            attempt: number of one of its attempts.
        """
        wanted = [
            f"{step}#{attempt}",
            step,
            *self.failure,
            self.opened.summary.current_step,
            self.items[0].key if self.items else None,
        ]
        return next((key for key in wanted if key in self.keys), None)


def load_run(feed: Feed, run_id: str, now: datetime, *, zoomed: bool = True) -> LoadedRun:
    """Open a run.

    Args:
        feed: the door to the core.
        run_id: the run.
        now: naive local time in the zone of the machine that ran.
        zoomed: see `PreparedSeries.ready`; `ready_for_zoom` does it afterwards.

    Raises:
        RunNotFoundError: the run is gone.
        UnreadableRunError: its files can't be understood.
    """
    with feed.reading(run_id), paused_collection(lasting=feed.is_huge(run_id)):
        return _load(feed, run_id, now, zoomed=zoomed)


def _load(feed: Feed, run_id: str, now: datetime, *, zoomed: bool) -> LoadedRun:
    opened = feed.open_run(run_id)
    around = Surroundings(now, feed.liveness(opened.summary, now), tuple(feed.reruns_of(run_id)))
    items = build_items(opened.run, opened.summary.planned)
    return LoadedRun(
        opened,
        items,
        keys=frozenset(item.key for item in every_item(items)),
        folded=frozenset(folded_at_first(items)),
        span=time_span(items),
        failure=_failure_keys(opened.run),
        steps=steps_by_name(opened.run),
        catalog=CatalogEntries(opened.run),
        entries=prepare(opened.series, zoomed=zoomed, began=opened.summary.started),
        around=around,
    )


def _failure_keys(run: RunLog) -> tuple[str, ...]:
    failure = failure_of(run)
    if failure is None:
        return ()
    tried = failing_attempt(failure.step)
    return (f"{failure.name}#{tried.attempt_number}", failure.name) if tried else (failure.name,)


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
    home = feed.home_of(selection.run)
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
