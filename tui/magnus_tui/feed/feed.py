"""The only door from the screens to the core: everything here may read files, so it is called from worker threads.

The list of runs is never held as a whole, but asked for by the rows that are on the screen. Functions import what the
first screen does without: the parser, analyses, and what follows changes.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from magnus_tracking.analysis.liveness import DEFAULT_STALLED_AFTER, Liveness, StalledRule, liveness_of
from magnus_tracking.errors import StoreUnreadableError
from magnus_tracking.index import RunIndex
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.runlog.times import local_time
from magnus_tracking.stores import Store
from magnus_tracking.stores.formats import main_file
from magnus_tui.feed.prefetch import SeriesFeed
from magnus_tui.feed.run_opener import RunOpener
from magnus_tui.feed.store_failures import StoreFailures
from magnus_tui.format.text import home_relative

if TYPE_CHECKING:
    from magnus_tracking.follow import Polling, Presence
    from magnus_tracking.index import IndexChanged
    from magnus_tracking.query import ColumnSource, Context, Direction, Field, Group, Query, SortKey
    from magnus_tui.settings import Settings

_BATCH = 1000
"""Rows that are held at a time where all are looked through."""
_LISTING_SECONDS = 0.04
"""Seconds that listing may take before a first frame that shows runs by their files alone."""
_PROVISIONAL_ROWS = 100
"""Runs on that frame: no screen shows more."""


class ListedRun(Struct, frozen=True):
    """A run as the list knows it, whatever the time.

    Attributes:
        run: its row.
        writer_gone: whether the process that writes its journal is gone from this host; None without a journal, and of
            what is finished.
        store: what its store is called, where several are shown as one.
        is_read: whether its log has been read; else it is known by its file alone.
    """

    run: RunSummary
    writer_gone: bool | None = None
    store: str = ""
    is_read: bool = True


class Names(Struct, frozen=True):
    """What can be jumped to by name.

    Attributes:
        runs: run ids, the most recently started first.
        steps: own names of steps, and `metrics` names of metrics, in the order of the alphabet.
    """

    runs: tuple[str, ...]
    steps: tuple[str, ...]
    metrics: tuple[str, ...]


def file_to_edit(path: Path) -> Path:
    """A file, or the main file of a run that is a folder."""
    return main_file(path) if path.is_dir() else path


class Feed:
    """What the screens know of a store.

    Attributes:
        store: the store that is explored.
        project: the name of the folder that holds it.
        series: the series of its runs.
        opener: opens its runs.
        failures: what failed in its runs.
        is_reading: whether some runs may not have been read yet.
    """

    def __init__(self, store: Store, series: SeriesFeed | None = None) -> None:
        """Read nothing yet.

        Args:
            store: the store that is explored.
            series: the series of its runs, if some are being read already.
        """
        self.store = store
        self.project = store.project_name
        self.series = series or SeriesFeed(store)
        self.opener = RunOpener(store, self.series, lambda run_id: self.index.summary(run_id))
        self.failures = StoreFailures(store, self._summaries, lambda: self.index.count())
        self._presence: Presence | None = None
        self.is_reading = True
        self._stalled_after = DEFAULT_STALLED_AFTER

    def use_settings(self, settings: Settings) -> None:
        """Obey the settings: silence counts as theirs, and their catalogs come after those that are named already."""
        self._stalled_after = settings.stalled_after
        self.store.name_catalogs([*map(str, self.store.catalogs), *settings.catalogs_of(self.store.project)])

    @property
    def root(self) -> Path:
        """Where the store lies."""
        return self.store.root

    @property
    def place(self) -> str:
        """The place of the store as its user knows it: its folder, address or archive."""
        return self.store.place

    @property
    def title(self) -> str:
        """The place of the store, as a title says it."""
        return self.store.project_name if self.store.is_several else home_relative(self.store.place)

    def is_read(self, path: Path) -> bool:
        """Whether a path lies inside a store that is read, or inside its catalog; looks links up.

        Args:
            path: absolute, without links.
        """
        members: tuple[Store, ...] = getattr(self.store, "members", (self.store,))
        folders = (folder for store in members for folder in (store.root, store.catalog, *store.catalogs))
        return any(path.is_relative_to(folder.resolve()) for folder in folders)

    @cached_property
    def index(self) -> RunIndex:
        """The index of the store's summaries, opened at its first use."""
        return RunIndex.open(self.store, yield_to_ui=self.series.yield_to_ui, in_background=True)

    @property
    def notice(self) -> str | None:
        """What the user should know of the index, if it can't be kept."""
        return self.index.notice

    def refresh(self, on_batch: Callable[[IndexChanged], None], should_stop: Callable[[], bool]) -> None:
        """Bring the index up to date with the store, telling each batch of changes.

        Raises:
            StoreUnreadableError: the store can't be listed.
        """
        from magnus_tracking.follow import Presence

        # Before it is read, so that another store that comes into its place from then on is noticed.
        self._presence = Presence(self.store.root)
        self.is_reading = True
        try:
            self.index.refresh(on_batch, should_stop)
        finally:
            self.is_reading = False

    @property
    def needs_complete(self) -> bool:
        """Whether an answer looked at minima, maxima or means that were not read yet; `complete` reads them."""
        return self.index.needs_complete

    def complete(self, on_batch: Callable[[IndexChanged], None], should_stop: Callable[[], bool]) -> None:
        """Read the minima, maxima and means that were left out, telling each batch that was taken in."""
        self.index.complete(on_batch, should_stop)

    def keep_up(
        self,
        stop: threading.Event,
        tell: Callable[[IndexChanged], None],
        polling: Polling,
        tell_store: Callable[[str, bool], None],
    ) -> None:
        """Take in what changes in the store, until `stop`; blocks.

        Args:
            stop: ends it.
            tell: called after each change that was taken in.
            polling: whether files are polled instead of waiting for events.
            tell_store: called in words, and with whether it is there, when the store is gone, and when it is back.
        """
        from magnus_tracking.follow import keep_up

        keep_up(self.index, stop, tell, polling, tell_store, self._presence)

    def keep_copy(
        self,
        stop: threading.Event,
        tell: Callable[[IndexChanged], None],
        tell_state: Callable[[str, str | None], None],
        goes_on: Callable[[], bool],
    ) -> None:
        """Keep the copy of a store that lies elsewhere up to date, until `stop`; blocks. See `follow.copy_updates`."""
        from magnus_tracking.follow.copy_updates import keep_copy

        keep_copy(self.index, stop, tell, lambda state: tell_state(*state), goes_on)

    def remember(self) -> tuple[str, ...]:
        """Remember the store as the one opened last; returns what opens it again."""
        from magnus_tui.feed.store_history import places_of, remember_store

        remember_store(self.store)
        return places_of(self.store)

    def prepare_queries(self, pause: Callable[[], object]) -> None:
        """Build the parser of queries and load what they look at, so that the first key in the filter need not wait.

        Args:
            pause: called now and then, so that what is more urgent need not wait.
        """
        from magnus_tracking.query import prepare

        prepare()
        self.index.prepare(pause)

    def close(self) -> None:
        """Let go of the index's files, and of what is being read for nobody."""
        self.series.close()
        if "index" in self.__dict__:
            self.index.close()

    def positions(self, query: Query | None, sort: Sequence[SortKey], context: Context | None = None) -> Sequence[int]:
        """The row ids of the runs that `query` selects, in the order of `sort`, by what is known; see `needs_complete`.

        Args:
            query: which runs; None for all.
            sort: by what, the most important first.
            context: what the durations and liveness of unfinished runs depend on; see `context`.
        """
        return self.index.positions(query, sort, context, partial=True)

    def context(self, now: datetime, rule: StalledRule) -> Context:
        """What the values of unfinished runs depend on."""
        from magnus_tracking.query import Context

        return Context(now, rule, self.store.writer_gone)

    def values(self, row_ids: Sequence[int], field: str) -> list[Any]:
        """One field of some rows, in their order, in the words of the query language (``metric.loss``).

        It is None of a row that is gone with an index that was made anew.
        """
        from magnus_tracking.query import parse_field

        wanted = parse_field(field)

        def picked(source: ColumnSource) -> list[Any]:
            column = source.column(wanted)
            if row_ids and max(row_ids) <= len(column):
                # As a rule; of 100,000 rows a frame is won by not asking each of them.
                return list(map([None, *column].__getitem__, row_ids))
            return [column[row_id - 1] if row_id <= len(column) else None for row_id in row_ids]

        return self.index.ask(picked, [None] * len(row_ids), partial=True)

    def existing_values(self, field: Field) -> list[Any]:
        """The values of a field that some run has, for completion."""
        return self.index.ask(lambda source: list(source.column(field)), [], partial=True)

    def groups(
        self,
        row_ids: Sequence[int],
        by: str,
        metrics: Sequence[tuple[str, Direction | None]],
        context: Context | None = None,
    ) -> list[Group]:
        """The rows in groups of one value of the field `by`; the groups' positions are row ids less one."""
        from magnus_tracking.query import group, parse_field

        chosen = [(parse_field(metric), direction) for metric, direction in metrics]
        positions = [row_id - 1 for row_id in row_ids]

        def grouped(source: ColumnSource) -> list[Group]:
            return group(source, positions, parse_field(by), chosen)

        return self.index.ask(grouped, [], context, partial=True)

    def rows(self, row_ids: Sequence[int]) -> list[RunSummary]:
        """The summaries of a few rows, such as those on the screen."""
        return self.index.rows(row_ids)

    def summaries(self, run_ids: Iterable[str]) -> list[RunSummary]:
        """The summaries of runs that the index knows, by their ids and in their order."""
        rows = map(self.index.row_of, run_ids)
        return self.rows([row_id for row_id in rows if row_id is not None])

    def listed(self, row_ids: Sequence[int]) -> dict[int, ListedRun]:
        """The same by row id, with what else the list shows of them."""
        found = self.rows(row_ids)
        label = self.store.label_of
        return {
            row_id: ListedRun(run, self._writer_gone(run), label(run.run_id))
            for row_id, run in zip(row_ids, found, strict=True)
        }

    def dead(self, context: Context) -> dict[tuple[str, str], int]:
        """How many unfinished runs are not known to live, by their status and what is inferred of them."""
        from magnus_tracking.query import Field

        def counted(source: ColumnSource) -> Counter[tuple[str, str]]:
            pairs = zip(source.column(Field("status")), source.column(Field("liveness")), strict=True)
            return Counter((status or "", found.upper()) for status, found in pairs if found not in (None, "live"))

        return self.index.ask(counted, Counter(), context, partial=True)

    def counts(self) -> dict[str, int]:
        """How many runs have which status; ``UNREADABLE`` counts the ones that can't be read."""
        return self.index.counts()

    def names(self) -> Names:
        """Every run, step and metric by its name; by what is known."""
        from magnus_tracking.query import NEWEST_FIRST, Field

        runs = self.values(self.positions(None, NEWEST_FIRST), "id")
        steps = {name.rpartition(".")[2] for listed in self.existing_values(Field("step")) for name in listed or ()}
        metrics = [name.removeprefix("metric.") for name in self.fields() if name.startswith("metric.")]
        return Names(tuple(runs), tuple(sorted(steps)), tuple(sorted(metrics)))

    def fields(self) -> list[str]:
        """The parameters (``param.lr``) and metrics (``metric.loss``) that some run has."""
        return self.index.fields()

    def missing_names(self, query: Query | None, fields: Sequence[Field]) -> list[str]:
        """What to say of names in a query, and of other fields, that no run has; by what is known."""
        from magnus_tracking.query import missing_names

        return missing_names(query, fields, self.fields(), self.counts(), self._some_run_has)

    def _some_run_has(self, field: Field) -> bool:
        return any(value is not None for value in self.existing_values(field))

    def liveness(self, run: RunSummary, now: datetime) -> Liveness | None:
        """Whether a run is live, silent, stalled or lost; None for a finished or unreadable one."""
        if run.is_finished or run.error is not None:
            return None
        return liveness_of(run, now, self.stalled_rule(), self.store.writer_gone(run.run_id))

    def _writer_gone(self, run: RunSummary) -> bool | None:
        if run.is_finished or run.error is not None:
            return None
        return self.store.writer_gone(run.run_id)

    def next_failure(self, row_ids: Sequence[int], position: int, step: int) -> int | None:
        """The nearest position after (or, with -1, before) `position` of a run that failed."""
        from magnus_tracking.query import parse

        failed = set(self.positions(parse("status:fail"), ()))
        stop = len(row_ids) if step > 0 else -1
        return next((i for i in range(position + step, stop, step) if row_ids[i] in failed), None)

    def in_order(self, row_ids: Sequence[int], run_ids: Iterable[str]) -> list[str]:
        """`run_ids` in the order of the list `row_ids`; what is not in it comes last."""
        rows = {run_id: self.index.row_of(run_id) for run_id in run_ids}
        wanted = set(rows.values())
        places = {row_id: place for place, row_id in enumerate(row_ids) if row_id in wanted}
        return sorted(rows, key=lambda run_id: (places.get(rows[run_id] or -1, len(row_ids)), run_id))

    def provisional(self) -> list[ListedRun]:
        """The runs by the names and times of their files alone, the newest first: what a store without an index shows.

        Empty where listing would take longer than a frame may; reading then shows the first runs. Likewise where the
        store is gone a moment after it was opened, which reading tells.
        """
        found = []
        stop = time.monotonic() + _LISTING_SECONDS
        try:
            for handle in self.store.iter_handles():
                found.append(handle)
                if time.monotonic() > stop:
                    return []
        except StoreUnreadableError:
            return []
        newest = heapq.nlargest(_PROVISIONAL_ROWS, found, key=lambda handle: handle.mtime_ns)
        return [
            ListedRun(
                RunSummary(
                    run_id=handle.run_id,
                    started=local_time(handle.mtime_ns / 1e9),
                    started_inferred=True,
                    path=handle.path,
                    size=handle.size,
                ),
                is_read=False,
            )
            for handle in newest
        ]

    def stalled_rule(self) -> StalledRule:
        """When silence counts as stalled: as the settings say, and as the other runs teach."""
        return replace(self.index.stalled_rule(), after=self._stalled_after)

    def reruns_of(self, run_id: str) -> list[str]:
        """The runs that re-ran a run, by id, the last started first."""
        from magnus_tracking.analysis.compare.links import reruns_of
        from magnus_tracking.query import Field

        def reruns(source: ColumnSource) -> list[int]:
            return [row_id for row_id, original in enumerate(source.column(Field("original")), 1) if original == run_id]

        found = self.rows(self.index.ask(reruns, []))
        return [run.run_id for run in reversed(reruns_of(found, run_id))]

    def runs_of_pipeline(self, run: RunSummary) -> list[RunSummary]:
        """The runs of the same pipeline, the first started first; with an unknown pipeline the run alone."""
        return self.rows(rows) if (rows := self._rows_of_pipeline(run)) else [run]

    def run_beside(self, run: RunSummary, step: int) -> str | None:
        """The id of the run of the same pipeline that started next (or, with -1, before); None where there is none."""
        rows, here = self._rows_of_pipeline(run), self.index.row_of(run.run_id)
        place = rows.index(here) + step if here in rows else -1
        return self.rows([rows[place]])[0].run_id if 0 <= place < len(rows) else None

    def _rows_of_pipeline(self, run: RunSummary) -> list[int]:
        """The row ids of the runs of the same pipeline, the first started first; none where that is not known."""
        if not run.pipeline:
            return []
        from magnus_tracking.query import parse_sort

        rows = self.positions(None, parse_sort("started"))
        pipelines = dict(zip(rows, self.values(rows, "pipeline"), strict=True))
        # The index may have read the run again since.
        own = pipelines.get(self.index.row_of(run.run_id) or 0)
        return [row_id for row_id in rows if own is not None and pipelines[row_id] == own]

    def _summaries(self) -> Iterator[RunSummary]:
        """Every run, the latest first, a batch at a time."""
        from magnus_tracking.query import NEWEST_FIRST

        row_ids = self.positions(None, NEWEST_FIRST)
        for start in range(0, len(row_ids), _BATCH):
            yield from self.rows(row_ids[start : start + _BATCH])
