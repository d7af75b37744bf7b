"""Bringing an index up to date: verifying it against the file system, and taking in what changed.

Each batch is taken in by one transaction, so that a refresh that is killed in the middle goes on where it was.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from magnus_tracking.index import aggregates, listing, rows, segments, state
from magnus_tracking.index.database import Database
from magnus_tracking.index.encoding import decode_summary
from magnus_tracking.index.loaded_columns import ColumnCache
from magnus_tracking.index.read_scheduler import RunReader
from magnus_tracking.index.run_reading import ReadBatch, read_batch
from magnus_tracking.index.segments import SEGMENT
from magnus_tracking.index.worker_pool import MOST_WORKERS, Batch, batches_of
from magnus_tracking.stores import Store
from magnus_tracking.stores.formats import run_id_of
from magnus_tracking.stores.live_runs import LiveRuns

_AT_ONCE = 256
"""Runs that were seen to change and are taken in by one transaction."""

_SEGMENTS_BETWEEN = 16
"""Segments that are completed before another thread may write."""

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class IndexChanged:
    """One batch of changes to the index.

    Attributes:
        changed_ids: the runs that are new or have changed.
        removed_ids: the runs that are gone; of names that were said to change, also those that no run has.
        done: how many of the runs that need reading have been read.
        total: how many there are to read in this refresh.
    """

    changed_ids: frozenset[str]
    removed_ids: frozenset[str]
    done: int
    total: int


Tell = Callable[[IndexChanged], None]


class Refresher:
    """Brings an index up to date, one thread of this process at a time.

    Args:
        store: whose runs.
        database: of the index.
        cache: what this process has of it in memory.
        yield_to_ui: called before a huge run is read, and before runs are read in full; returns once nothing is more
            urgent.
    """

    def __init__(self, store: Store, database: Database, cache: ColumnCache, yield_to_ui: Callable[[], None]) -> None:
        self._store = store
        self._database = database
        self._cache = cache
        self._yield_to_ui = yield_to_ui
        self._one = threading.Lock()
        self._completing = threading.Lock()
        self._live_runs = LiveRuns(store)
        self._shortened = False
        self._listed: int | None = None
        self._read_many = False

    @property
    def may_be_behind(self) -> bool:
        """Whether runs came or went since the store was last listed, or may have changed while many were read."""
        return self._read_many or self._listed != self._folder_changed()

    def _folder_changed(self) -> int | None:
        """When entries last came or went in the store's folder, in nanoseconds since 1970; None without a folder."""
        try:
            return self._store.root.stat().st_mtime_ns
        except OSError:
            return None

    def refresh_all(self, tell: Tell, should_stop: Callable[[], bool]) -> None:
        """Verify every run, and read those that changed; see `RunIndex.refresh`."""
        with self._one, self._reader() as reader:
            connection = self._database.connection()
            known = listing.kept_fingerprints(connection) if rows.is_any(connection) else array("q")

            def look(listed: listing.Listing) -> None:
                if known is not None and self._store.only is None:
                    reader.read_ahead(listed, known)

            self._listed = self._folder_changed()
            now = listing.list_store(self._store.root, self._store.only, look)
            places, gone = listing.compare(connection, now)
            changed = list(places)
            self._read_many = len(changed) > _AT_ONCE
            removed = self._remove(gone)
            if removed or not changed:
                tell(IndexChanged(_NOTHING, removed, 0, len(changed)))
            marks: dict[str, int] = {}
            batches = reader.read(changed, should_stop, journals=now.journals)
            if self._take_all(batches, tell, len(changed), marks) < len(changed):
                return
            now.mark(places, marks)
            self._settle_segments()
            if changed or removed:
                self._settle(now)
            self._settle_provisional(now, tell, should_stop, marks)

    def _reader(self) -> RunReader:
        return RunReader(self._store, self._yield_to_ui)

    def _settle_provisional(
        self, now: listing.Listing, tell: Tell, should_stop: Callable[[], bool], marks: dict[str, int]
    ) -> None:
        """Re-read runs whose last value was guessed from the end of a metric's text."""
        names = rows.provisional(self._database.connection())
        if not names:
            return
        with self._reader() as reader:
            done = self._take_all(
                reader.read_in_full([[name] for name in names], should_stop, 1), tell, len(names), marks
            )
        if done == len(names):
            everywhere = {name: place for place, name in enumerate(now.names)}
            now.mark({name: everywhere[name] for name in names if name in everywhere}, marks)
            self._settle_segments()
            self._settle(now)

    def complete(self, tell: Tell, should_stop: Callable[[], bool]) -> None:
        """Read the runs again whose ranges were left out; see `RunIndex.complete`."""
        with self._completing:
            connection = self._database.connection()
            with self._one:
                lacking = rows.lacking_ranges(connection)
            total, done = sum(map(len, lacking)), 0
            for first in range(0, len(lacking), _SEGMENTS_BETWEEN):
                # Other changes are taken in in between.
                with self._one, self._reader() as reader:
                    some = [
                        rows.names_of(connection, row_ids) for row_ids in lacking[first : first + _SEGMENTS_BETWEEN]
                    ]
                    batches = [batch for names in some for batch in batches_of(names, SEGMENT)]
                    full = reader.read_in_full(batches, should_stop, MOST_WORKERS)
                    done = self._take_all(full, tell, total, {}, done)
                    self._settle_segments()
            self.keep_order()

    def refresh_runs(self, names: Sequence[str]) -> IndexChanged:
        """Bring the files and folders called `names` up to date; see `RunIndex.refresh_runs`."""
        with self._one:
            changed = _NOTHING
            gone: list[str] = []
            for start in range(0, len(names), _AT_ONCE):
                some = names[start : start + _AT_ONCE]
                read = read_batch(some, self._store.root, self._live_runs.summarize)
                changed |= self._write(some, read, {})
                gone += _gone(some, read)
            self._remove(gone)
            if self._shortened:
                with self._database.writing():
                    self._learn_longest()
            # Another process that has the same index may have taken a row out before: the run is gone all the same.
            removed = frozenset(map(run_id_of, gone)).difference(map(run_id_of, set(names).difference(gone)))
            return IndexChanged(changed, removed, len(changed), len(changed))

    def keep_order(self) -> None:
        """Write the default order, so that the next start need not sort."""
        with self._database.reading() as connection:
            if rows.kept_order(connection) is not None:
                return
            order, generation = self._cache.recent(connection), state.generation(connection)
        with self._database.writing() as connection:
            rows.keep_order(connection, order, generation)

    def _take_all(self, batches: Iterable[Batch], tell: Tell, total: int, marks: dict[str, int], done: int = 0) -> int:
        """Take in the batches, and take out the runs that are gone meanwhile.

        Args:
            batches: of different runs.
            tell: told of each.
            total: runs, in these batches and others.
            marks: where their fingerprints are put.
            done: runs that were read before.

        Returns:
            How many of `total` have been read then.
        """
        gone: list[str] = []
        for names, read in batches:
            taken = self._write(names, read, marks)
            gone += _gone(names, read)
            done += len(names)
            tell(IndexChanged(taken, _NOTHING, done, total))
        if removed := self._remove(gone):
            tell(IndexChanged(_NOTHING, removed, done, total))
        return done

    def _write(self, names: Sequence[str], read: ReadBatch, marks: dict[str, int]) -> frozenset[str]:
        """Take in a batch, all or none.

        Args:
            names: of the files and folders.
            read: what was read of them.
            marks: where their fingerprints are put.

        Returns:
            The ids of the runs.
        """
        with self._database.writing() as connection:
            runs = {
                name: run
                for name, run in zip(names, read.runs, strict=True)
                if run.content and not (run.half_written and self._keeps_last_good(name))
            }
            before = state.generation(connection)
            written = rows.write(connection, runs, read.segment if len(runs) == len(names) else None)
        self._shortened |= written.shortened
        marks.update((name, run.fingerprint) for name, run in runs.items())
        if self._cache.is_used:
            summaries = written.summaries or [decode_summary(run.content, "") for run in runs.values()]
            row_ids = [written.rows[name] for name in runs]
            self._cache.put(before, written.generation, zip(row_ids, summaries, strict=True))
        return frozenset(map(run_id_of, runs))

    def _keeps_last_good(self, name: str) -> bool:
        """Whether the row stays as it was, because the file is perhaps only half-written; it is read again later."""
        connection = self._database.connection()
        row_id = rows.row_of(connection, [name])
        if row_id is None or rows.read(connection, [row_id], self._store.root)[row_id].error is not None:
            return False
        rows.touch(connection, name, listing.UNSETTLED)
        return True

    def _remove(self, names: Sequence[str]) -> frozenset[str]:
        connection = self._database.connection()
        if not any(rows.row_of(connection, [name]) for name in names):
            return _NOTHING
        with self._database.writing() as connection:
            before = state.generation(connection)
            written = rows.remove(connection, names)
        self._shortened |= written.shortened
        self._cache.drop(before, written.generation, written.rows.values())
        return frozenset(run_id_of(name) for name in written.rows)

    def _settle_segments(self) -> None:
        for first in segments.to_write(self._database.connection()):
            with self._database.writing() as connection:
                segments.write(connection, first)

    def _settle(self, now: listing.Listing) -> None:
        """Write what makes the next start quick: the default order, the listing."""
        self.keep_order()
        with self._database.writing() as connection:
            if self._shortened:
                self._learn_longest()
            listing.keep(connection, now)

    def _learn_longest(self) -> None:
        connection = self._database.connection()
        runs = segments.read_between(connection, 1, 1 << 62)
        aggregates.learn_longest(connection, (summary for _, summary in runs))
        self._shortened = False


def _gone(names: Sequence[str], read: ReadBatch) -> list[str]:
    return [name for name, run in zip(names, read.runs, strict=True) if not run.content]
