"""The private copy of a store that lies elsewhere, in the cache folder.

A refresh costs one listing: a copy tells by its size and time whether it is up to date, and what is not is fetched,
the last changed first. Run logs are fetched by a refresh, files of the catalog when their run is opened, and large ones
when they are read: until then a file without content stands in their place. What was fetched long ago loses its content
again where the copies take more room than they may. All of it can be deleted at any time.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from magnus_tracking.errors import StoreUnreadableError, os_reason
from magnus_tracking.filesystem.cache_folder import cache_folder, private_folder
from magnus_tracking.filesystem.regular_files import read_bytes
from magnus_tracking.filesystem.shown_paths import show_as
from magnus_tracking.journal.journal_paths import run_beside
from magnus_tracking.runlog.default_names import CATALOG_FOLDER
from magnus_tracking.stores.copy_progress import Progress, Tell
from magnus_tracking.stores.formats import is_run_file, run_id_of
from magnus_tracking.stores.remote import base_of, endpoint, is_url
from magnus_tracking.stores.remote.copied_files import Copy, empty_oldest, remove, walk
from magnus_tracking.stores.remote.fetcher import Fetcher, Job
from magnus_tracking.stores.remote.origin import Item, Origin, parts_of

_log = logging.getLogger(__name__)

MOST_BYTES = 4 << 30
"""What the copies of one store may take of the disk before the oldest lose their content."""

_REMOTE = "remote"
_ABOUT = "origin.json"
_NEW = ".new"
_EAGER = 1 << 20
"""Catalog files of up to so many bytes are fetched when their run is opened: logs are rarely larger."""

_CATALOG_SECONDS = 5.0
"""After which the catalog of a run is listed again."""

_ALL_SECONDS = 600.0
"""The same where many runs are about to be looked at, each of them in its turn."""

_RUNS_AT_ONCE = 8
"""Runs whose catalogs are brought at the same time."""

_MOST_ABOUT = 1 << 16


class About(msgspec.Struct):
    """What a mirror remembers of its origin.

    Attributes:
        url: the address of the store, or the path of the archive.
        prefix: where the run logs lie in it.
        catalogs: the addresses of catalogs that the user named.
    """

    url: str
    prefix: str = ""
    catalogs: list[str] = []


class Mirror:
    """The copy of one store; every method may be called from any thread.

    Attributes:
        url: the address of the store, or the path of the archive.
        root: the folder of the run logs.
        refreshed: when a refresh was last complete, in seconds since 1970; None where none ever was.
    """

    def __init__(self, url: str, folder: Path) -> None:
        """Use `mirror_of` instead."""
        self.url = url
        self.folder = folder
        self.root = folder / ".run_log_store"
        self.catalog = folder / CATALOG_FOLDER
        self._about = self._read_about()
        self._name_places()
        self._origin: Origin | None = None
        self._named: list[tuple[Origin, str]] | None = None
        self._have: dict[str, Copy] | None = None
        self._fresh_until: dict[str, float] = {}
        self._bringing: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._fetcher = Fetcher(url, folder / _NEW)

    @property
    def refreshed(self) -> float | None:
        """See the class."""
        try:
            return (self.folder / _ABOUT).stat().st_mtime
        except OSError:
            return None

    def make(self) -> None:
        """Make the folders.

        Raises:
            StoreUnreadableError: the cache folder can't be written.
        """
        try:
            for folder in (self.root, self.catalog, self.folder / _NEW):
                private_folder(folder)
        except OSError as error:
            raise _no_cache(self.folder, error) from None

    def name_catalogs(self, urls: Sequence[str]) -> None:
        """Look for catalog files at these addresses first."""
        if list(urls) != self._about.catalogs:
            self._about.catalogs = list(urls)
            self._named = None

    # The run logs

    def refresh(self, tell: Tell | None = None, should_stop: Callable[[], bool] | None = None) -> None:
        """Bring the run logs up to date.

        Args:
            tell: called in this thread now and then, at least once at the end.
            should_stop: asked now and then; what was fetched until then is kept.

        Raises:
            StoreUnreadableError: the store can't be listed or fetched, or the cache folder not be written.
        """
        with self._refreshing:
            self.make()
            self._fetcher.remove_stale()
            try:
                self._refresh(tell or _ignore, should_stop or _never)
            except FileNotFoundError:
                raise StoreUnreadableError(self.url, "there is nothing at this address") from None
            except OSError as error:
                self._have = None
                raise _no_cache(self.folder, error) from None

    def _refresh(self, tell: Tell, should_stop: Callable[[], bool]) -> None:
        origin = self._opened()
        self._about.prefix = prefix = origin.find_store()
        self._name_places()
        have = self._have if self._have is not None else dict(walk(self.root))
        # An incomplete refresh leaves this as it was: what is on the disk is looked at anew.
        self._have = None
        seen: set[str] = set()
        wanted: list[Item] = []
        listed = 0
        for page in origin.items(prefix):
            listed += len(page)
            for item in page:
                path = item.key[len(prefix) :]
                parts = parts_of(path)
                if parts is None or not is_run_file(parts) or parts[0].startswith("."):
                    continue
                seen.add(path)
                if have.get(path) != (item.size, item.mtime_ns):
                    wanted.append(item)
            tell(Progress(listed, 0, None, frozenset()))
            if should_stop():
                return
        gone = have.keys() - seen
        if not seen and have and not listed and not is_url(self.url):
            raise StoreUnreadableError(Path(self.url), "the archive holds no run logs")
        done = 0
        total = len(wanted)
        for items in self._fetcher.fetch(origin, self._groups(origin.in_order(wanted), prefix), should_stop):
            done += len(items)
            have.update({item.key[len(prefix) :]: Copy(item.size, item.mtime_ns) for item in items})
            tell(Progress(listed, done, total, frozenset(_run_of(item.key[len(prefix) :]) for item in items)))
        if should_stop():
            return
        for path in gone:
            del have[path]
            remove(self.root, path)
        self._have = have
        self._fetcher.write(self.folder / _ABOUT, msgspec.json.encode(self._about))
        self._give_room(have)
        tell(Progress(listed, total, total, frozenset(map(_run_of, gone))))

    def _groups(self, items: Iterable[Item], prefix: str) -> list[list[Job]]:
        """The files to fetch run by run, in order: those of a run are put in place together."""
        groups: dict[str, list[Job]] = {}
        for item in items:
            path = item.key[len(prefix) :]
            groups.setdefault(path.partition("/")[0], []).append(Job(item, self.root / path))
        return list(groups.values())

    # The files of a run in the catalog

    def bring_catalog(self, run_id: str) -> None:
        """Bring what the catalog holds of a run up to date; where that can't be done, what is there stays.

        Small files are fetched, large ones only when they are opened.
        """
        self._bring_within(run_id, _CATALOG_SECONDS)

    def bring_catalogs(self, run_ids: Iterable[str]) -> None:
        """Bring what the catalog holds of several runs, which are about to be looked at one by one; does not wait."""
        pool = ThreadPoolExecutor(_RUNS_AT_ONCE, thread_name_prefix="catalogs")
        for run_id in run_ids:
            pool.submit(self._bring_within, run_id, _ALL_SECONDS)
        pool.shutdown(wait=False)

    def _bring_within(self, run_id: str, seconds: float) -> None:
        """Bring the catalog of a run, unless that was done; it then counts as up to date for so many seconds."""
        if parts_of(run_id) != (run_id,):
            return
        with self._lock:
            bringing = self._bringing.setdefault(run_id, threading.Lock())
        with bringing:
            if time.monotonic() < self._fresh_until.get(run_id, 0.0):
                return
            try:
                self.make()
                self._bring_catalog(run_id)
            except (StoreUnreadableError, OSError) as error:
                _log.debug("the catalog of %s can't be fetched: %s", run_id, error)
            self._fresh_until[run_id] = time.monotonic() + seconds

    def _bring_catalog(self, run_id: str) -> None:
        have = dict(walk(self.catalog / run_id))
        for origin, prefix in self._catalogs():
            place = f"{prefix}{run_id}/"
            items = [item for page in origin.items(place) for item in page]
            if prefix == self._about.prefix:
                items = [item for item in items if not is_run_file(parts_of(item.key[len(prefix) :]) or ())]
            if items:
                break
        else:
            return
        wanted: list[Job] = []
        seen: set[str] = set()
        for item in items:
            path = item.key[len(place) :]
            parts = parts_of(path)
            if parts is None or parts[-1].startswith(_ABOUT):
                continue
            seen.add(path)
            job = Job(item, self.catalog / run_id / path)
            if have.get(path) == (item.size, item.mtime_ns):
                continue
            if item.size <= _EAGER or not self._fetcher.put_placeholder(job):
                wanted.append(job)
        ordered = origin.in_order([job.item for job in wanted])
        jobs = {job.item.key: job for job in wanted}
        for _ in self._fetcher.fetch(origin, [[jobs[item.key]] for item in ordered]):
            pass
        for path in have.keys() - seen:
            remove(self.catalog / run_id, path)

    def _catalogs(self) -> Iterator[tuple[Origin, str]]:
        """Where catalogs may lie: where the user said, then beside the run logs, as on a disk."""
        if self._named is None:
            self._named = [_named_catalog(url) for url in self._about.catalogs]
        yield from self._named
        origin, prefix = self._opened(), self._about.prefix
        if prefix:
            above = _above(prefix)
            yield from ((origin, above + name) for name in (".catalog/", "catalog/", ""))
        else:
            yield origin, prefix

    # Content that is not here

    def bring(self, path: Path) -> bool:
        """Fetch the content of a file of this mirror that has none; whether that was done."""
        try:
            relative = path.relative_to(self.folder).as_posix()
        except ValueError:
            return False
        store, _, rest = relative.partition("/")
        if store == self.root.name:
            return self._bring_one(self._opened(), self._about.prefix + rest, path)
        if store == self.catalog.name:
            return any(self._bring_one(origin, prefix + rest, path) for origin, prefix in self._catalogs())
        return False

    def _bring_one(self, origin: Origin, key: str, path: Path) -> bool:
        info = path.stat()
        new = self._fetcher.download(origin, Item(key, info.st_size, 0))
        if new is None:
            return False
        os.utime(new, ns=(info.st_mtime_ns, info.st_mtime_ns))
        new.replace(path)
        return True

    def _give_room(self, have: dict[str, Copy]) -> None:
        """Take their content from files, where all of the copy take more room than they may."""
        if sum(copy.size for copy in have.values()) > MOST_BYTES:
            files = {self.root / path: copy.mtime_ns for path, copy in have.items()}
            files |= {self.catalog / path: copy.mtime_ns for path, copy in walk(self.catalog)}
            empty_oldest(files, MOST_BYTES)

    # Its own files

    def _opened(self) -> Origin:
        with self._lock:
            if self._origin is None:
                self._origin = _origin(self.url)
            return self._origin

    def _name_places(self) -> None:
        """Have paths of the copy told as what was copied."""
        base = base_of(self.url) + "/" if is_url(self.url) else f"{self.url}: "
        show_as(self.folder, base + _above(self._about.prefix))
        show_as(self.root, base + self._about.prefix)

    def _read_about(self) -> About:
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            found = msgspec.json.decode(read_bytes(self.folder / _ABOUT, _MOST_ABOUT), type=About)
            if found.url == self.url:
                return found
        return About(self.url)


def _above(prefix: str) -> str:
    """The prefix above one, which is empty or ends in a slash."""
    above = prefix.rstrip("/").rpartition("/")[0]
    return f"{above}/" if above else ""


_mirrors: dict[Path, Mirror] = {}
_all = threading.Lock()


def mirror_of(url: str) -> Mirror:
    """The mirror of a store; one object for each in a process.

    Args:
        url: the address of the store, or the absolute path of an archive.
    """
    named = url
    if url.startswith("s3"):
        named = f"{endpoint()} {url}"
    key = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return _at(cache_folder() / _REMOTE / key, url)


def _at(folder: Path, url: str) -> Mirror:
    with _all:
        if folder not in _mirrors:
            _mirrors[folder] = Mirror(url, folder)
        return _mirrors[folder]


def bring_content(path: str) -> bool:
    """Fetch the content of a file that has none, if it is one of a mirror; see `bring_before_opening`.

    Raises:
        OSError: it can't be fetched now; says why.
    """
    # Where several stores are shown as one, links lead to the copy.
    place = Path(os.path.realpath(path))
    mirrors = Path(os.path.realpath(cache_folder())) / _REMOTE
    if not place.is_relative_to(mirrors):
        return False
    folder = cache_folder() / _REMOTE / place.relative_to(mirrors).parts[0]
    place = folder / place.relative_to(folder.resolve())
    try:
        about = msgspec.json.decode(read_bytes(folder / _ABOUT, _MOST_ABOUT), type=About)
        return _at(folder, about.url).bring(place)
    except StoreUnreadableError as error:
        raise OSError(errno.EIO, f"its content has not been fetched, and {error.reason}", path) from None
    except msgspec.MsgspecError:
        return False


def _origin(url: str) -> Origin:
    if is_url(url):
        from magnus_tracking.stores.remote.buckets import Bucket

        return Bucket(url)
    from magnus_tracking.stores.remote.archives import Archive

    return Archive(Path(url))


def _named_catalog(url: str) -> tuple[Origin, str]:
    from magnus_tracking.stores.remote.buckets import Bucket

    bucket = Bucket(url)
    return bucket, bucket.prefix


def _run_of(path: str) -> str:
    name = path.partition("/")[0]
    return run_beside(name) or run_id_of(name)


def _no_cache(folder: Path, error: OSError) -> StoreUnreadableError:
    return StoreUnreadableError(folder, f"the cache folder, which holds the copy, can't be written: {os_reason(error)}")


def _ignore(_progress: Progress) -> None:
    return None


def _never() -> bool:
    return False
