"""The index of a store: its runs' summaries, kept outside the store, answered without reading a run."""

from __future__ import annotations

import functools
import hashlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from magnus_tracking.analysis.liveness import StalledRule
from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.filesystem.cache_folder import cache_folder, store_key
from magnus_tracking.index import aggregates, rows
from magnus_tracking.index.database import Database
from magnus_tracking.index.loaded_columns import ColumnCache, IndexSource
from magnus_tracking.process.debug_log import timed
from magnus_tracking.query.fields import Context, Field
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.runlog.times import zone_name
from magnus_tracking.stores import Store
from magnus_tracking.stores.formats import entry_names, run_id_of

_log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from magnus_tracking.index.refresher import IndexChanged, Refresher
    from magnus_tracking.query import Query, SortKey

T = TypeVar("T")

DAMAGE = (sqlite3.Error, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, MemoryError)
"""What a damaged index raises: errors of SQLite, and those of values that can't be."""

_LOOKED_AT_FIRST = tuple(map(Field, ("id", "tag", "failing", "message", "status")))

GONE = "this run was removed a moment ago"
"""The `error` of a row that is asked for after its run is gone."""


def _load(field: Field, source: IndexSource) -> int:
    return len(source.column(field))


class RunIndex:
    """The summaries of a store's runs, in SQLite in the user's cache folder.

    Every method may be called from any thread. A damaged index is made anew, and then fills up again in the
    background.

    A first reading of many runs leaves out the minimum, maximum and mean of metrics of several steps, which no list
    shows. They are read the first time that a question looks at them.

    Attributes:
        store: the store.
        needs_complete: whether a partial answer looked at what was left out, so that it will differ after `complete`.
    """

    def __init__(
        self, store: Store, database: Database, folder: Path | None, yield_to_ui: Callable[[], None] | None = None
    ) -> None:
        """Use `open` instead."""
        self.store = store
        self.needs_complete = False
        self._database = database
        self._folder = folder
        self._cache = ColumnCache(database)
        self._yield_to_ui = yield_to_ui or _at_once
        self._made_refresher: Refresher | None = None
        self._making_refresher = threading.Lock()
        self._tell: Callable[[IndexChanged], None] = _ignore
        self._filling: threading.Thread | None = None
        self._was_odd = False
        self._in_background = False

    @classmethod
    def open(
        cls,
        store: Store,
        folder: Path | None = None,
        yield_to_ui: Callable[[], None] | None = None,
        *,
        in_background: bool = False,
    ) -> RunIndex:
        """The index of `store`, which may be empty or out of date until it is refreshed.

        Args:
            store: what to index.
            folder: where indexes are kept, if not in the user's cache folder.
            yield_to_ui: called before work of a tenth of a second and more, from threads that refresh the index;
                returns once nothing is more urgent.
            in_background: whether an index that had to be made anew fills up in a thread, answers being empty until
                then; by default the question that found the damage waits for it.
        """
        folder = None if store.only is not None else folder or cache_folder() / "index"
        database = Database(folder / _file_name(store.root) if folder is not None else None)
        index = cls(store, database, folder, yield_to_ui)
        index._in_background = in_background
        return index

    @property
    def _refresher(self) -> Refresher:
        """What brings the index up to date; made at its first use."""
        with self._making_refresher:
            if self._made_refresher is None:
                from magnus_tracking.index.refresher import Refresher  # late: the first screen only looks up

                self._made_refresher = Refresher(self.store, self._database, self._cache, self._yield_to_ui)
            return self._made_refresher

    @property
    def notice(self) -> str | None:
        """What the user should know where the index can't be kept, or None."""
        if self._folder is None or self._database.path is not None:
            return None
        if self._database.was_held:
            return f"another process holds the index in {self._folder}: runs are read anew this time"
        return f"can't write the cache folder {self._folder}: runs are read anew at each start"

    def close(self) -> None:
        """Write what makes the next start quick, and let go of the files."""
        try:
            if self._database.path is not None and self._made_refresher is not None:
                self._made_refresher.keep_order()
        except DAMAGE:
            # The next start sorts instead.
            pass
        self._database.close()

    def count(self) -> int:
        """How many runs the index has."""
        return sum(self.counts().values())

    def counts(self) -> dict[str, int]:
        """How many runs have which status; ``UNREADABLE`` counts the ones that can't be read."""
        return self._ask(aggregates.counts, {})

    def fields(self) -> list[str]:
        """The parameters (``param.lr``) and metrics (``metric.loss``) that some run has, by name."""
        return self._ask(aggregates.names, [])

    def stalled_rule(self) -> StalledRule:
        """When silence counts as stalled, learnt from all runs."""
        return StalledRule(longest=self._ask(aggregates.longest, {}))

    def summary(self, run_id: str) -> RunSummary | None:
        """The summary of one run, or None where the index has none."""
        row_id = self.row_of(run_id)
        return None if row_id is None else self._read([row_id]).get(row_id)

    def row_of(self, run_id: str) -> int | None:
        """The row id of a run, or None where the index has none."""
        return self._ask(lambda connection: rows.row_of(connection, entry_names(run_id)), None)

    def rows(self, row_ids: Sequence[int]) -> list[RunSummary]:
        """The summaries of `row_ids`, one each, in their order; one that is gone says so in its `error`.

        So does each of an index that had to be made anew meanwhile, which gives other runs the same numbers.
        """
        version = self._database.version
        found = self._read(row_ids)
        if self._database.version != version:
            found = {}
        return [found.get(row_id) or RunSummary(run_id="", error=GONE) for row_id in row_ids]

    def selected(
        self,
        query: Query | None = None,
        sort: Sequence[SortKey] = (),
        context: Context | None = None,
        most: int | None = None,
    ) -> list[RunSummary]:
        """The summaries of the runs that `positions` gives, or of the first `most` of them."""
        while True:
            version = self._database.version
            found = self.rows(self.positions(query, sort, context)[:most])
            if self._database.version == version:
                return found

    def positions(
        self,
        query: Query | None = None,
        sort: Sequence[SortKey] = (),
        context: Context | None = None,
        *,
        partial: bool = False,
    ) -> Sequence[int]:
        """The row ids of the runs that `query` selects, in the order of `sort`.

        Args:
            query: which runs; None for all.
            sort: by what, the most important first; what they leave equal is ordered by start, latest first.
            context: what unfinished runs' durations depend on.
            partial: see `ask`.
        """
        if query is None and _is_default(sort):
            return self._ask(self._cache.recent, rows.array_of())

        def select(source: IndexSource) -> Sequence[int]:
            from magnus_tracking.query import order  # late: the first screen is in the kept order

            row_ids = source.recent()
            if query is not None:
                selected = b"\x00" + query.mask(source, context)
                row_ids = rows.array_of(compress(row_ids, map(selected.__getitem__, row_ids)))
            if not _is_default(sort):
                ordered = order(source, list(map((-1).__add__, row_ids)), sort)
                row_ids = rows.array_of(map((1).__add__, ordered))
            return row_ids[:]

        return self.ask(select, rows.array_of(), context, partial=partial)

    def ask(
        self,
        question: Callable[[IndexSource], T],
        nothing: T,
        context: Context | None = None,
        *,
        partial: bool = False,
    ) -> T:
        """What `question` makes of the rows column by column; a row's position is its row id less one.

        Args:
            question: asked in this thread, twice at most; it must not keep the source.
            nothing: the answer where the index can't be read just now.
            context: what unfinished runs' durations depend on.
            partial: whether to answer at once with what is known, and to set `needs_complete`, instead of reading first
                what was left out and is looked at.
        """

        def asked(connection: sqlite3.Connection) -> tuple[T, bool]:
            with self._cache.lock:
                source = IndexSource(connection, self._cache.columns(connection), context or Context())
                return question(source), source.needs_complete

        answer, needs_complete = self._ask(asked, (nothing, False))
        if needs_complete and partial:
            self.needs_complete = True
        elif needs_complete:
            self.complete()
            answer, _ = self._ask(asked, (nothing, False))
        return answer

    def prepare(self, pause: Callable[[], object] = lambda: None) -> None:
        """Load what a filter looks at first, so that its first key is answered as soon as the others.

        Args:
            pause: called now and then, so that what is more urgent need not wait.
        """
        for field in _LOOKED_AT_FIRST:
            pause()
            self.ask(functools.partial(_load, field), 0, partial=True)

    def refresh(
        self,
        on_batch: Callable[[IndexChanged], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        """Verify everything against the file system, and parse what changed, newest first.

        Args:
            on_batch: called in this thread after each batch that was taken in, at least once.
            should_stop: asked between runs; what was read until then is kept.

        Raises:
            StoreUnreadableError: the store can't be listed.
        """
        self._tell = on_batch or self._tell
        tell, stop = on_batch or _ignore, should_stop or _never
        with timed(_log, f"verified {self.store.root}"):
            self._repairing(lambda: self._refresher.refresh_all(tell, stop))

    def complete(
        self,
        on_batch: Callable[[IndexChanged], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        """Read the minimum, maximum and mean of the metrics of which they were left out.

        Args:
            on_batch: called in this thread after each batch that was taken in.
            should_stop: asked between batches; what was read until then is kept.
        """
        self.needs_complete = False
        try:
            self._refresher.complete(on_batch or _ignore, should_stop or _never)
        except DAMAGE as error:
            self._repair(error)
            self._fill_in_background()

    def refresh_runs(self, run_ids: Collection[str]) -> IndexChanged:
        """Bring a few runs up to date, such as those that were seen to change.

        Args:
            run_ids: runs that are new, changed or gone.
        """
        names = [name for run_id in run_ids for name in entry_names(run_id)]
        with timed(_log, f"read again: {', '.join(run_ids)}"):
            return self._repairing(lambda: self._refresher.refresh_runs(names))

    @property
    def may_be_behind(self) -> bool:
        """Whether runs may have come, gone or changed since `refresh` listed the store, which it then read for long."""
        return self._refresher.may_be_behind

    def unsettled(self) -> frozenset[str]:
        """The runs that changed so lately, or were so half-written, that they should be looked at again."""
        return self._ids(rows.unsettled)

    def unfinished(self) -> frozenset[str]:
        """The runs that may go on."""
        return self._ids(rows.unfinished)

    def _read(self, row_ids: Sequence[int]) -> dict[int, RunSummary]:
        def read(connection: sqlite3.Connection) -> dict[int, RunSummary]:
            found = rows.read(connection, row_ids, self.store.root)
            if len(found) < len(row_ids):
                lacking = set(row_ids) - found.keys()
                if not lacking.isdisjoint(self._cache.recent(connection)):
                    raise sqlite3.DatabaseError("rows that are in the order, and nowhere else")
            return found

        return self._ask(read, {})

    def _ids(self, question: Callable[[sqlite3.Connection], list[str]]) -> frozenset[str]:
        names: list[str] = []
        return frozenset(run_id_of(name) for name in self._ask(question, names))

    def _ask(self, question: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        try:
            with self._database.reading() as connection:
                return question(connection)
        except DAMAGE as error:
            self._repair(error)
        if self._in_background:
            self._fill_in_background()
            return nothing
        self.refresh(self._tell)
        with self._database.reading() as connection:
            return question(connection)

    def _repairing(self, work: Callable[[], T]) -> T:
        """The result of some work with the index, done again where it is damaged: anew, and in the end without a file.

        So it is where another thread found damage meanwhile, and began anew. Damage in memory is a fault of the code.
        """
        while True:
            version = self._database.version
            try:
                done = work()
            except DAMAGE as error:
                if self._database.path is None:
                    raise
                self._repair(error)
            else:
                if self._database.version == version:
                    return done

    def _repair(self, error: Exception) -> None:
        """Begin anew with an index that misbehaves, or that another process holds."""
        if not isinstance(error, sqlite3.Error):
            # Other errors come from an impossible value, or are a fault of the code, which comes again.
            if self._was_odd:
                raise error
            self._was_odd = True
        self._database.begin_anew(error)

    def _fill_in_background(self) -> None:
        if self._filling is None or not self._filling.is_alive():
            self._filling = threading.Thread(target=self._fill, name="magnus-index", daemon=True)
            self._filling.start()

    def _fill(self) -> None:
        try:
            self.refresh(self._tell)
        except (MagnusTrackingError, *DAMAGE):
            # The store is gone or the cache is damaged again: the next question or refresh tries again.
            return


def _is_default(sort: Sequence[SortKey]) -> bool:
    return not sort or (len(sort) == 1 and sort[0].field == Field("started") and sort[0].reverse)


def _at_once() -> None:
    """Give way to nothing."""


def _ignore(_: IndexChanged) -> None:
    return None


def _never() -> bool:
    return False


def _file_name(root: Path) -> str:
    """Name the index of the store at `root`; times in it are of the zone in which runs are read."""
    zone = zone_name()
    return f"{store_key(root)}{'-' + hashlib.sha256(zone.encode()).hexdigest()[:8] if zone else ''}.sqlite"
