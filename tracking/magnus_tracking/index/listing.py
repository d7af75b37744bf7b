"""What the file system says of a store's runs, compared with what the index knew.

The whole listing of the last refresh is kept as two blobs, the names and the fingerprints in the order of the folder.
Comparing those costs next to nothing; only where they differ is each name looked up.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
import stat
import time
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter, ne
from pathlib import Path
from typing import Any, NamedTuple

from magnus_tracking.errors import StoreUnreadableError, os_reason
from magnus_tracking.index import state
from magnus_tracking.index.encoding import sealed, unsealed
from magnus_tracking.journal.journal_paths import run_beside
from magnus_tracking.journal.stamp import journal_stamp
from magnus_tracking.stores import RunHandle
from magnus_tracking.stores.formats import TEXT_SUFFIXES, entry_names
from magnus_tracking.stores.run_listing import entry_path, handle_at

UNSETTLED = 0
"""The fingerprint of a run that must be read again, whatever its file looks like."""

_SETTLED_NS = 100_000_000
"""Nanoseconds after which a further change moves the time of a file: clocks of file systems tick in up to 10 ms."""

_AGREES, _FINGERPRINTS, _NAMES = "listing", "listing fingerprints", "listing names"
"""The keys of what is kept of a listing; the first is there as long as the rows agree with the others."""

_PART = 256
"""Entries that are added at once: a list of more would be looked through for cycles again and again."""

_PARTS_BETWEEN = 8
"""Parts between two looks at what has been listed, some 5 ms."""


class Listing(NamedTuple):
    """The runs of a store in the order of its folder.

    Attributes:
        names: of the files and folders.
        fingerprints: one signed 64-bit number a name; equal numbers mean that nothing has changed.
        times: when each was last changed, in nanoseconds since 1970.
        journals: whether there may be journals beside the files.
    """

    names: list[str]
    fingerprints: array[int]
    times: array[int]
    journals: bool = True

    def mark(self, places: Mapping[str, int], marks: Mapping[str, int]) -> None:
        """Put in the fingerprints under which runs were taken in.

        Args:
            places: of the runs that were to be taken in, by name.
            marks: their fingerprints; a run without one is unsettled.
        """
        for name, place in places.items():
            self.fingerprints[place] = marks.get(name, UNSETTLED)


def fingerprint(handle: RunHandle, journal: int) -> int:
    """The number that changes with a run.

    Args:
        handle: the run.
        journal: the `journal_stamp` of its journals.
    """
    return hash((handle.mtime_ns, handle.size, handle.inode)) ^ journal


def settled_fingerprint(handle: RunHandle, journal: int) -> int:
    """The fingerprint to keep for a run that is about to be read.

    It is `UNSETTLED` where the file changed so lately that the file system's clock might not tell a further change.
    """
    recent = abs(time.time_ns() - handle.mtime_ns) < _SETTLED_NS
    return UNSETTLED if recent else fingerprint(handle, journal)


def list_store(root: Path, only: str | None = None, look: Callable[[Listing], None] | None = None) -> Listing:
    """The runs in the folder `root`.

    Args:
        root: the folder.
        only: the id of the only runs to list.
        look: called now and then with what there is so far.

    Raises:
        StoreUnreadableError: the folder can't be listed.
    """
    listing = Listing([], array("q"), array("q"))
    journals: dict[str, int] = {}
    try:
        with _scan(root) as entries:
            for number in itertools.count(1):
                part = list(itertools.islice(entries, _PART))
                if not part:
                    break
                if not _add_plain(part, listing):
                    for entry in part:
                        _add(entry, root, listing, journals)
                if look is not None and number % _PARTS_BETWEEN == 0:
                    look(listing)
            if look is not None:
                look(listing)
    except OSError as error:
        raise StoreUnreadableError(root, os_reason(error)) from None
    if journals:
        for place, name in enumerate(listing.names):
            listing.fingerprints[place] ^= journals.get(name, 0)
    return _of_one(listing, entry_names(only)) if only is not None else listing._replace(journals=bool(journals))


def _add_plain(part: Sequence[os.DirEntry[str]], listing: Listing) -> bool:
    """Add entries if all of them are files of one text, as nearly all are; one by one they take twice as long."""
    names = [entry.name for entry in part]
    if "." in map(itemgetter(0), names) or not all(map(str.endswith, names, itertools.repeat(TEXT_SUFFIXES))):
        return False
    try:
        infos = [entry.stat() for entry in part]
        times = array("q", [info.st_mtime_ns for info in infos])
    except (OSError, OverflowError):
        return False
    if not all(map(stat.S_ISREG, set(map(itemgetter(stat.ST_MODE), infos)))):
        return False
    sizes, inodes = map(itemgetter(stat.ST_SIZE), infos), map(itemgetter(stat.ST_INO), infos)
    listing.names.extend(names)
    listing.times.extend(times)
    listing.fingerprints.extend(map(hash, zip(times, sizes, inodes, strict=True)))
    return True


def _add(entry: os.DirEntry[str], root: Path, listing: Listing, journals: dict[str, int]) -> None:
    """Add a run, whatever it is, or the state of a file's journals."""
    if entry.name[0] == ".":
        return
    path = entry_path(root, entry.name)
    handle = handle_at(entry, path)
    if handle is not None:
        # The journals of a run that is one text are entries of their own.
        stamp = 0 if handle.format.is_one_text else journal_stamp(handle.format.journals(root, handle.run_id))
        listing.names.append(entry.name)
        listing.times.append(handle.mtime_ns)
        listing.fingerprints.append(fingerprint(handle, stamp))
    elif (run_id := run_beside(entry.name)) is not None:
        stamp = journal_stamp(path)
        journals.update({run_id + suffix: stamp for suffix in TEXT_SUFFIXES})


def _of_one(listing: Listing, wanted: Collection[str]) -> Listing:
    """What a listing says of the run whose files are called `wanted`."""
    kept = [place for place, name in enumerate(listing.names) if name in wanted]
    return Listing(
        [listing.names[place] for place in kept],
        array("q", [listing.fingerprints[place] for place in kept]),
        array("q", [listing.times[place] for place in kept]),
    )


@contextlib.contextmanager
def _scan(root: Path) -> Iterator[Iterator[os.DirEntry[str]]]:
    """The entries of a folder. From its descriptor each is examined without finding the way to the folder again."""
    if os.scandir not in os.supports_fd or not hasattr(os, "O_DIRECTORY"):
        with os.scandir(root) as entries:
            yield entries
        return
    descriptor = os.open(root, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        with os.scandir(descriptor) as entries:
            yield entries
    finally:
        os.close(descriptor)


def compare(connection: sqlite3.Connection, listing: Listing) -> tuple[dict[str, int], list[str]]:
    """How `listing` differs from what the index knows.

    Returns:
        By name, the places in the listing of what is new or has another fingerprint, the last changed first; and the
        names that are gone.
    """
    kept = _kept(connection)
    if kept is not None:
        joined, fingerprints = kept
        if _lacks_rows(connection, fingerprints):
            raise sqlite3.DatabaseError("rows that were read are not there")
        if joined == _join(listing.names):
            changed = differing(listing.fingerprints, fingerprints, 0, len(fingerprints))
            return _newest_first(listing, changed), []
    found = connection.execute("SELECT name, fingerprint FROM runs").fetchall()
    # Decoded together: of 100,000 names that saves 30 ms of some 350.
    names = os.fsdecode(b"/".join([name for name, _ in found])).split("/") if found else []
    return _look_up(listing, dict(zip(names, [mark for _, mark in found], strict=True)))


def keep(connection: sqlite3.Connection, listing: Listing) -> None:
    """Keep the listing that the index agrees with, inside a transaction.

    An index that was made anew since the refresh began, as another thread found it damaged, lacks what was taken in
    before: no listing is kept then, so that the next refresh looks for each run.
    """
    if _lacks_rows(connection, listing.fingerprints):
        forget(connection)
        return
    marks, names = sealed(listing.fingerprints.tobytes()), sealed(_join(listing.names))
    state.keep(connection, {_AGREES: 1, _FINGERPRINTS: marks, _NAMES: names})


def forget(connection: sqlite3.Connection) -> None:
    """Drop the listing that was kept, inside a transaction; the names, which are seldom others, are left in place."""
    state.forget(connection, _AGREES)


def differing(now: array[int], known: array[int], start: int, end: int) -> list[int]:
    """The places from `start` to before `end` that differ; an unsettled one differs from any."""
    here, there = now[start:end], known[start:end]
    return [] if here == there else list(itertools.compress(range(start, end), map(ne, here, there)))


def kept_fingerprints(connection: sqlite3.Connection) -> array[int] | None:
    """The fingerprints of the last listing in the order of the folder, or None where none was kept.

    Some runs may have been read since: they say only what is worth reading ahead.
    """
    kept = state.read(connection, _FINGERPRINTS)
    return _fingerprints(kept) if kept else None


def _kept(connection: sqlite3.Connection) -> tuple[bytes, array[int]] | None:
    kept = state.read(connection, _AGREES, _FINGERPRINTS, _NAMES)
    if _AGREES not in kept:
        return None
    return unsealed(kept[_NAMES]).tobytes(), _fingerprints(kept)


def _fingerprints(kept: Mapping[str, Any]) -> array[int]:
    return array("q", unsealed(kept[_FINGERPRINTS]).tobytes())


def _lacks_rows(connection: sqlite3.Connection, fingerprints: array[int]) -> bool:
    """Whether there are fewer rows than runs that were read."""
    number: int = connection.execute("SELECT count(*) FROM runs").fetchone()[0]
    return number < len(fingerprints) - fingerprints.count(UNSETTLED)


def _join(names: list[str]) -> bytes:
    return os.fsencode("/".join(names))


def _newest_first(listing: Listing, places: Iterable[int]) -> dict[str, int]:
    names = listing.names
    return {names[place]: place for place in sorted(places, key=listing.times.__getitem__, reverse=True)}


def _look_up(listing: Listing, known: dict[str, int]) -> tuple[dict[str, int], list[str]]:
    if not known:
        return _newest_first(listing, range(len(listing.names))), []
    find = known.get
    marks = enumerate(zip(listing.names, listing.fingerprints, strict=True))
    changed = [place for place, (name, mark) in marks if find(name, UNSETTLED) != mark or mark == UNSETTLED]
    removed = list(known.keys() - listing.names) if len(known) > len(listing.names) - len(changed) else []
    return _newest_first(listing, changed), removed
