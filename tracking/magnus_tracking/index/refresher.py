"""The part of the index that writes it: verifying against the file system and taking in what changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from magnus_tracking.index import aggregates, listing, rows, segments
from magnus_tracking.index.columns import values_to_keep
from magnus_tracking.index.database import Database
from magnus_tracking.index.held import Held
from magnus_tracking.index.refreshing import IndexChanged, may_be_half_written, newest_first, parse
from magnus_tracking.index.rows import Entry
from magnus_tracking.liveness import StalledRule
from magnus_tracking.stores import Store

_NOTHING: frozenset[str] = frozenset()


class Refresher:
    """Brings an index up to date, one thread of this process at a time."""

    def __init__(self, store: Store, database: Database, held: Held) -> None:
        self._store = store
        self._database = database
        self._held = held
        self._one = threading.Lock()
        self._shortened = False

    def all(self, tell: Callable[[IndexChanged], None], should_stop: Callable[[], bool]) -> None:
        """Verify every run, and parse those that changed; see `RunIndex.refresh`."""
        with self._one:
            now = listing.list_store(self._store.root, self._store.only)
            difference = listing.compare(self._database.connection(), now)
            runs = newest_first(self._store.root, difference.changed)
            removed = self._remove(difference.removed)
            if removed or not runs:
                tell(IndexChanged(_NOTHING, removed, 0, len(runs)))
            marks: dict[str, int] = {}
            done = 0
            for batch in parse(self._store, runs, should_stop):
                taken = self._write(batch, marks)
                done += len(batch)
                tell(IndexChanged(taken, _NOTHING, done, len(runs)))
            if done == len(runs):
                self._settle(now.marked(difference.changed, marks), changed=bool(done or removed))

    def some(self, names: Sequence[str]) -> IndexChanged:
        """Bring the files and folders called `names` up to date; see `RunIndex.refresh_runs`."""
        with self._one:
            runs = newest_first(self._store.root, names)
            there = {name for name, _ in runs}
            removed = self._remove([name for name in names if name not in there])
            changed = _NOTHING
            for batch in parse(self._store, runs, lambda: False):
                changed |= self._write(batch, {})
            if self._shortened:
                with self._database.writing():
                    self._learn_longest()
            return IndexChanged(changed, removed - changed, len(runs), len(runs))

    def keep_order(self) -> None:
        """Write the default order, so that the next start need not sort."""
        connection = self._database.connection()
        order = self._held.recent(connection)
        with self._database.writing() as connection:
            rows.keep_order(connection, order)

    def _write(self, batch: Sequence[Entry], marks: dict[str, int]) -> frozenset[str]:
        with self._database.writing() as connection:
            taken = [entry for entry in batch if not self._keeps_last_good(entry)]
            before = rows.generation_of(connection)
            written = rows.write(connection, taken)
        self._shortened |= written.shortened
        marks.update((entry.name, entry.fingerprint) for entry in taken)
        changed = [(written.rows[entry.name], entry.summary) for entry in taken]
        self._held.put(before, written.generation, changed, connection)
        return frozenset(entry.summary.run_id for entry in taken)

    def _keeps_last_good(self, entry: Entry) -> bool:
        """Whether the row stays as it was, because the file is perhaps only half-written; it is read again later."""
        if not may_be_half_written(entry.summary):
            return False
        connection = self._database.connection()
        row_id = rows.row_of(connection, [entry.name])
        if row_id is None or rows.read(connection, [row_id], self._store.root)[row_id].error is not None:
            return False
        rows.touch(connection, entry.name, listing.UNSETTLED)
        return True

    def _remove(self, names: Sequence[str]) -> frozenset[str]:
        connection = self._database.connection()
        if not any(rows.row_of(connection, [name]) for name in names):
            return _NOTHING
        with self._database.writing() as connection:
            before = rows.generation_of(connection)
            written = rows.remove(connection, names)
        self._shortened |= written.shortened
        self._held.drop(before, written.generation, written.rows.values())
        return frozenset(name.removesuffix(".json") for name in written.rows)

    def _settle(self, now: listing.Listing, *, changed: bool) -> None:
        """Write what makes the next start quick: segments of columns, the default order, the listing."""
        for first in segments.to_write(self._database.connection()):
            with self._database.writing() as connection:
                segments.write(connection, first, values_to_keep)
        if changed:
            self.keep_order()
        with self._database.writing() as connection:
            if self._shortened:
                self._learn_longest()
            if changed:
                listing.keep(connection, now, rows.generation_of(connection))

    def _learn_longest(self) -> None:
        connection = self._database.connection()
        known = StalledRule.learn(summary for _, summary in rows.read_between(connection, 1, 1 << 62))
        aggregates.learn_longest(connection, known.longest)
        self._shortened = False
