"""The part of the index that writes it: verifying against the file system and taking in what changed."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from magnus_tracking.analysis.liveness import StalledRule
from magnus_tracking.index import aggregates, listing, rows, segments
from magnus_tracking.index.aggregates import Tally
from magnus_tracking.index.column_cache import Held
from magnus_tracking.index.database import Database
from magnus_tracking.index.encoding import decode_summary
from magnus_tracking.index.kept_values import SEGMENT
from magnus_tracking.index.live_runs import InFlightRuns
from magnus_tracking.index.read_ahead import Batch, ReadAhead
from magnus_tracking.index.refreshing import MANY_RUNS, IndexChanged, read_in_batches, read_in_full
from magnus_tracking.index.rows import Entry, Written
from magnus_tracking.index.run_reading import FIRST_DETAIL, MANY_DETAIL, ReadBatch, read_batch
from magnus_tracking.index.workers import MOST_WORKERS, Workers, WorkersLostError, batches_of
from magnus_tracking.stores import Store
from magnus_tracking.stores.formats import run_id_of

_AT_ONCE = 256
_SEGMENTS_AT_ONCE = 8
_SEGMENTS_BETWEEN = 16
"""Segments that are completed before another thread may write."""
_NOTHING: frozenset[str] = frozenset()
Tell = Callable[[IndexChanged], None]


class Refresher:
    """Brings an index up to date, one thread of this process at a time.

    Args:
        store: whose runs.
        database: of the index.
        held: what is held of it in memory.
        give_way: called before a huge run is read, and before runs are read in full; returns once nothing is more
            urgent.
    """

    def __init__(self, store: Store, database: Database, held: Held, give_way: Callable[[], None]) -> None:
        self._store = store
        self._database = database
        self._held = held
        self._give_way = give_way
        self._one = threading.Lock()
        self._completing = threading.Lock()
        self._in_flight = InFlightRuns(store)
        self._shortened = False

    def all(self, tell: Tell, should_stop: Callable[[], bool]) -> None:
        """Verify every run, and parse those that changed; see `RunIndex.refresh`."""
        known = listing.kept_fingerprints(self._database.connection())
        workers, alone = Workers(self._store.root, MANY_DETAIL), (os.cpu_count() or 1) < 2
        with self._one, ReadAhead(self._store, known, FIRST_DETAIL) as ahead, workers:
            given: list[str] = []
            empty_at = rows.empty_at(self._database.connection())

            def look(listed: listing.Listing) -> None:
                ahead.look(listed)
                if not (empty_at is None or alone or given or self._store.only) and len(listed.names) >= MANY_RUNS:
                    # All will have to be read, so that the processes can begin while the rest is examined.
                    with contextlib.suppress(WorkersLostError):
                        given.extend(workers.give(batches_of(listed.names[:], SEGMENT)))

            now = listing.list_store(self._store.root, self._store.only, look)
            places, gone, same_names = listing.compare(self._database.connection(), now)
            changed = list(places)
            removed = self._remove(gone)
            if removed or not changed:
                tell(IndexChanged(_NOTHING, removed, 0, len(changed)))
            marks: dict[str, int] = {}
            detail = MANY_DETAIL if len(changed) >= MANY_RUNS else FIRST_DETAIL
            batches = read_in_batches(
                self._store,
                changed,
                detail,
                should_stop,
                ahead,
                workers,
                given,
                journals=now.journals,
                give_way=self._give_way,
            )
            if not self._take_all(batches, tell, len(changed), marks, empty_at):
                return
            now.mark(places, marks)
            self._settle_segments()
            if changed or removed:
                self._settle(now, same_names)
            self._settle_provisional(now, tell, should_stop, marks)

    def _settle_provisional(
        self, now: listing.Listing, tell: Tell, should_stop: Callable[[], bool], marks: dict[str, int]
    ) -> None:
        """Read the runs again of which a long metric's last value is only that at the end of its text."""
        names = rows.provisional(self._database.connection())
        if not names:
            return
        batches = read_in_full(self._store, [[name] for name in names], should_stop, 1, self._give_way)
        if self._take_all(batches, tell, len(names), marks):
            everywhere = {name: place for place, name in enumerate(now.names)}
            now.mark({name: everywhere[name] for name in names if name in everywhere}, marks)
            self._settle_segments()
            self._settle(now)

    def complete(self, tell: Tell, should_stop: Callable[[], bool]) -> None:
        """Read the runs again whose ranges were left out; see `RunIndex.complete`."""
        with self._completing:
            with self._one:
                lacking = rows.lacking_ranges(self._database.connection())
            total, done = sum(map(len, lacking)), 0
            for first in range(0, len(lacking), _SEGMENTS_BETWEEN):
                # Other changes are taken in in between.
                with self._one:
                    some = lacking[first : first + _SEGMENTS_BETWEEN]
                    done = self._complete_some(some, tell, should_stop, done, total)
            self.keep_order()

    def _complete_some(
        self,
        segments_of_rows: Sequence[Sequence[int]],
        tell: Tell,
        should_stop: Callable[[], bool],
        done: int,
        total: int,
    ) -> int:
        """Read the runs of some rows in full; how many of `total` are done then."""
        connection = self._database.connection()
        names = [rows.names_of(connection, row_ids) for row_ids in segments_of_rows]
        batches = [batch for some in names for batch in batches_of(some, SEGMENT)]
        gone: list[str] = []
        for batch in read_in_full(self._store, batches, should_stop, MOST_WORKERS, self._give_way):
            (taken,) = self._write([batch], {})
            gone += [name for name, run in zip(batch[0], batch[1].runs, strict=True) if not run.content]
            done += len(batch[0])
            tell(IndexChanged(taken, _NOTHING, done, total))
        self._remove(gone)
        self._settle_segments()
        return done

    def some(self, names: Sequence[str]) -> IndexChanged:
        """Bring the files and folders called `names` up to date; see `RunIndex.refresh_runs`."""
        with self._one:
            changed = _NOTHING
            gone: list[str] = []
            for start in range(0, len(names), _AT_ONCE):
                some = names[start : start + _AT_ONCE]
                read = read_batch(some, self._store.root, self._in_flight.summarize)
                changed |= self._write([(some, read)], {})[0]
                gone += [name for name, run in zip(some, read.runs, strict=True) if not run.content]
            removed = self._remove(gone)
            if self._shortened:
                with self._database.writing():
                    self._learn_longest()
            return IndexChanged(changed, removed - changed, len(changed), len(changed))

    def keep_order(self) -> None:
        """Write the default order, so that the next start need not sort."""
        connection = self._database.connection()
        if rows.kept_order(connection) is not None:
            return
        order = self._held.recent(connection)
        with self._database.writing() as connection:
            rows.keep_order(connection, order)

    def _take_all(
        self, batches: Iterable[Batch], tell: Tell, total: int, marks: dict[str, int], empty_at: int | None = None
    ) -> bool:
        """Take in the batches; whether all `total` runs were in them.

        Args:
            batches: of different runs.
            tell: told of each.
            total: runs.
            marks: where their fingerprints are put.
            empty_at: the generation of the index if there is no run in it.
        """
        done = 0
        for together in _together(batches):
            written = self._write(together, marks, empty_at)
            # Each batch makes a generation. Where another process has made one too, they differ from then on.
            empty_at = None if empty_at is None else empty_at + len(together)
            for (names, _), taken in zip(together, written, strict=True):
                done += len(names)
                tell(IndexChanged(taken, _NOTHING, done, total))
        return done == total

    def _write(
        self, batches: Sequence[Batch], marks: dict[str, int], new_at: int | None = None
    ) -> list[frozenset[str]]:
        """Take in batches, all or none; the ids of the runs of each, their fingerprints in `marks`.

        Args:
            batches: of runs.
            marks: where their fingerprints are put.
            new_at: the generation of the index in which it has none of these runs, if that is known.
        """
        taken: list[tuple[list[Entry], int, Written]] = []
        with self._database.writing() as connection:
            for names, read in batches:
                entries = [
                    Entry(name, run.fingerprint, run.content, run.depth, run.unfinished)
                    for name, run in zip(names, read.runs, strict=True)
                    if run.content and not (run.half_written and self._keeps_last_good(name))
                ]
                if len(entries) < len(names):
                    read = ReadBatch([], _tally(entries), {})
                before = rows.generation_of(connection)
                are_new = new_at is not None and before == new_at + len(taken)
                written = rows.write(connection, entries, read.tally, read.columns, are_new=are_new)
                taken.append((entries, before, written))
        for entries, before, written in taken:
            self._shortened |= written.shortened
            marks.update((entry.name, entry.fingerprint) for entry in entries)
            if self._held.is_used:
                changed = [(written.rows[entry.name], decode_summary(entry.content, "")) for entry in entries]
                self._held.put(before, written.generation, changed, connection)
        return [frozenset(run_id_of(entry.name) for entry in entries) for entries, _, _ in taken]

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
            before = rows.generation_of(connection)
            written = rows.remove(connection, names)
        self._shortened |= written.shortened
        self._held.drop(before, written.generation, written.rows.values())
        return frozenset(run_id_of(name) for name in written.rows)

    def _settle_segments(self) -> None:
        for first in segments.to_write(self._database.connection()):
            with self._database.writing() as connection:
                segments.write(connection, first)

    def _settle(self, now: listing.Listing, same_names: int | None = None) -> None:
        """Write what makes the next start quick: the default order, the listing."""
        self.keep_order()
        with self._database.writing() as connection:
            if self._shortened:
                self._learn_longest()
            listing.keep(connection, now, rows.generation_of(connection), same_names)

    def _learn_longest(self) -> None:
        connection = self._database.connection()
        known = StalledRule.learn(summary for _, summary in segments.read_between(connection, 1, 1 << 62))
        aggregates.learn_longest(connection, known.longest)
        self._shortened = False


def _together(batches: Iterable[Batch]) -> Iterator[list[Batch]]:
    """Batches to take in with one transaction: whole segments, which come by the hundred, more and more at once.

    Each transaction writes parts of the order of names anew, wherever the names of its runs stand in it.
    """
    waiting: list[Batch] = []
    at_once = 1
    for batch in batches:
        waiting.append(batch)
        if not batch[1].columns or len(waiting) == at_once:
            yield waiting
            waiting, at_once = [], min(at_once + 1, _SEGMENTS_AT_ONCE)
    if waiting:
        yield waiting


def _tally(entries: Iterable[Entry]) -> Tally:
    return Tally.of([decode_summary(entry.content, "") for entry in entries])
