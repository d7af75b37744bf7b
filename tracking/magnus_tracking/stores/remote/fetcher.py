"""Fetching files of an origin onto the disk: each into a new file first, which takes its place when it is complete."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from io import BufferedWriter
from pathlib import Path
from typing import NamedTuple

from magnus_tracking.errors import StoreUnreadableError
from magnus_tracking.stores.remote.origin import Item, Origin

_log = logging.getLogger(__name__)

_GROWN = 64 << 20
"""Bytes that a file may have grown since it was listed."""

_STALE = 3600.0
"""Seconds after which a new file is one that a killed process left."""


class Job(NamedTuple):
    """A file to fetch, and where it goes."""

    item: Item
    target: Path


class Fetcher:
    """Fetches files; every method may be called from any thread.

    Args:
        url: what the origin is called in errors.
        folder: where new files lie until they are complete, on the same file system as their places.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._lock = threading.Lock()
        self._count = 0

    def fetch(
        self, origin: Origin, groups: Iterable[Sequence[Job]], should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[list[Item]]:
        """Fetch groups of files, several files at a time; gives those of each group once they are in place."""
        waiting: dict[Future[Path | None], int] = {}
        open_groups: dict[int, tuple[Sequence[Job], dict[int, Path | None]]] = {}
        places: dict[Future[Path | None], int] = {}
        pool = ThreadPoolExecutor(origin.at_once, thread_name_prefix="fetching")
        try:
            coming = iter(enumerate(groups))
            is_all = False
            while not should_stop():
                while not is_all and len(waiting) < 4 * origin.at_once:
                    number, group = next(coming, (-1, ()))
                    is_all = number < 0
                    open_groups.update({} if is_all else {number: (group, {})})
                    for place, job in enumerate(group):
                        future = pool.submit(self.download, origin, job.item)
                        waiting[future], places[future] = number, place
                if not waiting:
                    return
                for future in wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED).done:
                    number = waiting.pop(future)
                    group, fetched = open_groups[number]
                    fetched[places.pop(future)] = future.result()
                    if len(fetched) == len(group):
                        del open_groups[number]
                        yield self._put(group, fetched)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _put(self, group: Sequence[Job], fetched: dict[int, Path | None]) -> list[Item]:
        """Put the files of a group in place."""
        put = []
        for place, job in enumerate(group):
            new = fetched[place]
            if new is None:
                continue
            try:
                _private_parent(job.target)
                new.replace(job.target)
                put.append(job.item)
            except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
                # Something is a folder here and a file there, which a bucket may hold and a disk may not.
                _log.debug("%s can't be put in place: %s", job.target, error)
                new.unlink(missing_ok=True)
        return put

    def download(self, origin: Origin, item: Item) -> Path | None:
        """Fetch a file into a new one; None where there is none any more."""
        new = self._new_file()
        size = 0
        try:
            with _created(new) as file:
                for part in origin.read(item.key):
                    size += len(part)
                    if size > 2 * item.size + _GROWN:
                        raise StoreUnreadableError(self._url, f"{item.key} is larger than it was listed")
                    file.write(part)
            os.utime(new, ns=(item.mtime_ns, item.mtime_ns))
        except FileNotFoundError:
            new.unlink(missing_ok=True)
            return None
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        return new

    def put_placeholder(self, job: Job) -> bool:
        """Put a file of the right size and time in place that has no content; whether the file system can do that."""
        new = self._new_file()
        try:
            with _created(new) as file:
                file.truncate(job.item.size)
            os.utime(new, ns=(job.item.mtime_ns, job.item.mtime_ns))
            if getattr(new.stat(), "st_blocks", 1):
                return False
            _private_parent(job.target)
            new.replace(job.target)
        except OSError:
            return False
        finally:
            new.unlink(missing_ok=True)
        return True

    def write(self, target: Path, content: bytes) -> None:
        """Write a file that is complete at every moment."""
        new = self._new_file()
        with _created(new) as file:
            file.write(content)
        new.replace(target)

    def _new_file(self) -> Path:
        with self._lock:
            self._count += 1
            return self._folder / f"{os.getpid()}-{threading.get_ident()}-{self._count}"

    def remove_stale(self) -> None:
        """Remove what a process left that was killed while it fetched."""
        with contextlib.suppress(OSError):
            for entry in list(os.scandir(self._folder)):
                if time.time() - entry.stat().st_ctime > _STALE:
                    Path(entry.path).unlink(missing_ok=True)


def _private_parent(path: Path) -> None:
    """Make the folders above a file, for this user alone."""
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _created(path: Path) -> BufferedWriter:
    """A new file that nobody else may read."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")
