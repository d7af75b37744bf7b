"""A store in an archive, which may be anybody's: members that lie about themselves cost a line, never more.

Names are held against `parts_of` by the mirror; links and devices are passed over; how much is unpacked is bounded.
"""

from __future__ import annotations

import contextlib
import tarfile
import threading
import time
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Any

from magnus_tracking.errors import StoreUnreadableError, os_reason
from magnus_tracking.filesystem.regular_files import open_binary
from magnus_tracking.runlog.default_names import STORE_FOLDERS
from magnus_tracking.stores.formats import is_run_file
from magnus_tracking.stores.remote.origin import Item, Origin

MOST_BYTES = 16 << 30
"""What an archive may unpack to."""

MOST_MEMBERS = 4_000_000
MOST_RATIO = 1000
"""Times its own size that an archive may unpack to: JSON that repeats itself reaches a tenth of it."""

_SMALL = 256 << 20
"""Bytes that any archive may unpack to."""

_PART = 1 << 20
_ENCRYPTED = 1
_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, KeyError)
"""What the standard library raises on a damaged, encrypted or unknown archive."""


class Archive(Origin):
    """An archive that `tarfile` or `zipfile` opens.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._items: dict[str, Item] = {}
        self._places: dict[str, Any] = {}
        self._opened: zipfile.ZipFile | tarfile.TarFile | None = None
        self._close: Callable[[], object] = lambda: None

    def items(self, prefix: str) -> Iterator[Sequence[Item]]:
        """See `Origin.items`."""
        self._look()
        yield [item for key, item in self._items.items() if key.startswith(prefix)]

    def folders(self, prefix: str) -> list[str]:
        """See `Origin.folders`."""
        self._look()
        rest = (key[len(prefix) :] for key in self._items if key.startswith(prefix))
        return list(dict.fromkeys(path.partition("/")[0] for path in rest if "/" in path))

    def find_store(self) -> str:
        """See `Origin.find_store`: the folder that is called like a store, else the uppermost that holds runs."""
        self._look()
        named: dict[str, int] = {}
        holding: dict[str, int] = {}
        for key in self._items:
            parts = PurePosixPath(key).parts
            for depth, part in enumerate(parts[:-1]):
                if part in STORE_FOLDERS:
                    named.setdefault("/".join(parts[: depth + 1]) + "/", depth * 4 + STORE_FOLDERS.index(part))
            for taken in (1, 2):
                if len(parts) >= taken and is_run_file(parts[-taken:]):
                    folder = "".join(f"{part}/" for part in parts[:-taken])
                    holding.setdefault(folder, (len(parts) - taken) * 2 + 2 - taken)
        for found in (named, holding):
            if found:
                return min(found, key=lambda folder: found[folder])
        raise StoreUnreadableError(self._path, "the archive holds no run logs")

    def in_order(self, items: Sequence[Item]) -> list[Item]:
        """See `Origin.in_order`: as they lie in the archive, so that one that is compressed is read once."""
        return sorted(items, key=lambda item: self._places[item.key][0] if item.key in self._places else 0)

    def read(self, key: str) -> Iterator[bytes]:
        """See `Origin.read`."""
        self._look()
        with self._lock, self._telling():
            if key not in self._items:
                raise FileNotFoundError(key)
            yield from self._content(key)

    def _content(self, key: str) -> Iterator[bytes]:
        size, place = self._items[key].size, self._places[key]
        if isinstance(self._opened, zipfile.ZipFile):
            with self._opened.open(place[1]) as file:
                yield from _parts(file, size)
            return
        stream = self._opened.fileobj if self._opened is not None else None
        assert stream is not None
        stream.seek(place[0])
        yield from _parts(stream, size)

    def _look(self) -> None:
        """Read the list of members, if the archive is another one than when it was last read."""
        with self._lock, self._telling():
            info = self._path.stat()
            stamp = (info.st_size, info.st_mtime_ns, info.st_ino)
            if stamp == self._stamp:
                return
            self._items, self._places = {}, {}
            self._close()
            self._opened = self._open()
            limit = max(_SMALL, min(MOST_BYTES, info.st_size * MOST_RATIO))
            unpacked = 0
            for item, place in self._members():
                unpacked = max(unpacked, place[0] + item.size) if place[1] is None else unpacked + item.size
                if unpacked > limit:
                    raise ValueError(f"it unpacks to more than {limit >> 20:,} MB, which no archive of run logs does")
                key = item.key.removeprefix("./")
                self._items[key] = Item(key, item.size, item.changed, item.tag)
                self._places[key] = place
                if len(self._items) > MOST_MEMBERS:
                    raise ValueError(f"it has more than {MOST_MEMBERS:,} members")
            self._stamp = stamp

    def _open(self) -> zipfile.ZipFile | tarfile.TarFile:
        file = open_binary(self._path)
        try:
            if zipfile.is_zipfile(file):
                return zipfile.ZipFile(file)
            file.seek(0)
            return _open_tar(file)
        finally:
            # Neither of them closes a file that it was given.
            self._close = weakref.finalize(self, file.close)

    def _members(self) -> Iterator[tuple[Item, tuple[int, Any]]]:
        """Yield each regular file with where it lies; a member of a tar has no more to tell than that."""
        opened = self._opened
        if isinstance(opened, zipfile.ZipFile):
            for member in opened.infolist():
                if not member.is_dir() and not member.flag_bits & _ENCRYPTED:
                    yield (
                        Item(member.filename, member.file_size, _dos_time(member.date_time), f"{member.CRC:x}"),
                        (member.header_offset, member),
                    )
            return
        assert opened is not None
        for entry in opened:
            if entry.isreg() and not entry.issparse():
                yield Item(entry.name, entry.size, _seconds(entry.mtime)), (entry.offset_data, None)
            elif entry.size > MOST_BYTES:
                raise ValueError("a member is larger than an archive may be")
            # It would keep all of them.
            opened.members = []  # type: ignore[attr-defined]

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Say in one line what the standard library makes of a damaged archive."""
        try:
            yield
        except FileNotFoundError:
            raise
        except _DAMAGE as error:
            self._stamp = None
            said = " ".join(os_reason(error).split())
            raise StoreUnreadableError(self._path, f"the archive can't be read: {said}") from None


def _open_tar(file: BufferedReader) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=file, mode="r:*")
    except tarfile.ReadError:
        raise ValueError("not an archive that this Python can open (zip; tar, plain or compressed)") from None


def _parts(file: Any, size: int) -> Iterator[bytes]:
    """Read as much as a member says that it holds, and no more."""
    while size > 0:
        part = file.read(min(_PART, size))
        if not part:
            raise EOFError("it ends too early")
        size -= len(part)
        yield part


def _seconds(given: float) -> int:
    """Return a time as a header has it, which may be no number at all, as one that files can have."""
    return int(min(max(given, 0.0), 1e12)) if given == given else 0


def _dos_time(parts: tuple[int, ...]) -> int:
    try:
        year, month, day, hour, minute, second = parts
        return int(time.mktime((year, month, day, hour, minute, second, 0, 0, -1)))
    except (ValueError, OverflowError):
        return 0
