"""The only door from the screens to the core: everything here may read files, so it is called from worker threads.

Opening a run gives an immutable snapshot; the list of runs is never held as a whole, but asked for by the rows that are
on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from magnus_tracking.index import IndexChanged, RunIndex
from magnus_tracking.liveness import StalledRule
from magnus_tracking.stores import Store
from magnus_tracking.summary import RunSummary

if TYPE_CHECKING:
    from magnus_tracking.metrics import Series
    from magnus_tracking.models import RunLog
    from magnus_tracking.query import Query, SortKey


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """A run that was opened: its full log, its row in the list, and its series.

    Attributes:
        run: the full run log.
        summary: the same run in one row.
        series: every metric of every step and attempt.
    """

    run: RunLog
    summary: RunSummary
    series: tuple[Series, ...]


class Feed:
    """What the screens know of a store.

    Attributes:
        store: the store that is explored.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    @cached_property
    def index(self) -> RunIndex:
        """The index of the store's summaries, opened at its first use."""
        return RunIndex.open(self.store)

    @property
    def notice(self) -> str | None:
        """What the user should know of the index, if it can't be kept."""
        return self.index.notice

    def refresh(self, on_batch: Callable[[IndexChanged], None], should_stop: Callable[[], bool]) -> None:
        """Bring the index up to date with the store, telling each batch of changes.

        Raises:
            StoreUnreadableError: the store can't be listed.
        """
        self.index.refresh(on_batch, should_stop)

    def positions(self, query: Query | None, sort: Sequence[SortKey]) -> Sequence[int]:
        """The row ids of the runs that `query` selects, in the order of `sort`."""
        return self.index.positions(query, sort)

    def rows(self, row_ids: Sequence[int]) -> list[RunSummary]:
        """The summaries of a few rows, such as those on the screen."""
        return self.index.rows(row_ids)

    def stalled_rule(self) -> StalledRule:
        """When silence counts as stalled, learnt from the other runs."""
        return self.index.stalled_rule()

    def open_run(self, run_id: str) -> OpenedRun:
        """A run in full.

        Raises:
            RunNotFoundError: the run is gone.
            UnreadableRunError: its files can't be understood.
        """
        from magnus_tracking.metrics import series_of_run

        run = self.store.load(run_id)
        summary = self.store.summarize(self.store.handle(run_id))
        return OpenedRun(run, summary, tuple(series_of_run(run)))
