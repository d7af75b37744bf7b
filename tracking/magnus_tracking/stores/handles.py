"""Listing the runs of a store cheaply: names, sizes and times, without reading any."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from magnus_tracking.errors import StoreUnreadableError

CHUNK_PREFIXES = ("RunLog", "StepLog-", "BranchLog-", "Parameter-")
"""What the names of a chunked run's files begin with (magnus and runnable)."""

RUN_LOG_CHUNK = "RunLog.json"
HUGE = 8 << 20
"""Bytes of a run from which on another process reads it, and it is opened without its long metrics."""

_SUFFIX = ".json"
_LAST_NS = (1 << 63) - 1
_LONGEST_NAME = 255
"""Bytes of a file's name, on every file system in common use."""


class RunHandle(msgspec.Struct, frozen=True):
    """A run as the file system sees it; two equal handles mean that nothing about the run has changed.

    Attributes:
        run_id: the name of the file without ``.json``, or of the folder: what the engines find the run by.
        path: the file or the folder.
        chunked: whether `path` is a folder of chunks.
        size: bytes, of all chunks together.
        mtime_ns: last modification, of the newest chunk.
        inode: of the file, or a sum over the chunks, so that a replaced file differs.
    """

    run_id: str
    path: str
    chunked: bool
    size: int
    mtime_ns: int
    inode: int


def list_handles(root: Path, only: str | None = None) -> Iterator[RunHandle]:
    """The runs in the folder `root`, in no particular order; with `only`, the runs of that id.

    Raises:
        StoreUnreadableError: the folder can't be listed.
    """
    try:
        entries = os.scandir(root)
    except OSError as error:
        raise StoreUnreadableError(root, (error.strerror or str(error)).lower()) from None
    with entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if only is not None and entry.name not in (only, only + _SUFFIX):
                continue
            handle = handle_at(entry, entry.path)
            if handle is not None:
                yield handle


def handle_at(entry: os.DirEntry[str], path: str) -> RunHandle | None:
    """The run at an entry of a store's folder, which is at `path`; None where it is no run."""
    is_json = entry.name.endswith(_SUFFIX)
    try:
        is_folder = entry.is_dir()
        if not is_folder and not is_json:
            return None
        if is_folder:
            return _chunked_handle(path, entry.name) or (_unexamined(path, entry.name) if is_json else None)
        info = entry.stat()
    except OSError:
        return _unexamined(path, entry.name)
    return file_handle(entry.name, path, info)


def _unexamined(path: str, name: str) -> RunHandle:
    """A handle for what can't be examined, so that reading it tells the reason."""
    return RunHandle(name.removesuffix(_SUFFIX), path, False, 0, 0, 0)


def _chunked_handle(path: str, name: str) -> RunHandle | None:
    size = newest = inodes = 0
    found = False
    try:
        for chunk in list_chunks(path):
            found = True
            info = chunk.stat()
            size += info.st_size
            newest = max(newest, changed_ns(info))
            inodes += info.st_ino
    except OSError:
        return RunHandle(name, path, True, 0, 0, 0)
    return RunHandle(name, path, True, size, newest, inodes & 0x7FFFFFFFFFFFFFFF) if found else None


def list_chunks(folder: str | Path) -> list[os.DirEntry[str]]:
    """The chunks in the folder of a run, by name.

    Raises:
        OSError: the folder can't be listed.
    """
    with os.scandir(folder) as entries:
        chunks = [entry for entry in entries if entry.name.startswith(CHUNK_PREFIXES) and entry.name.endswith(_SUFFIX)]
    return sorted(chunks, key=lambda chunk: chunk.name)


def entry_path(root: str | Path, name: str) -> str:
    """The path of an entry of a store, exactly as listing the store gives it."""
    folder = os.fspath(root)
    return folder + name if folder.endswith("/") else f"{folder}/{name}"


def is_entry_name(name: str) -> bool:
    """Whether `name` can be that of a run in a store's folder: no path, not hidden, and one that a file can have."""
    try:
        length = len(os.fsencode(name))
    except UnicodeEncodeError:
        return False
    return 0 < length <= _LONGEST_NAME and not name.startswith(".") and os.sep not in name and "\x00" not in name


def find_handle(root: str | Path, name: str) -> RunHandle | None:
    """The run at the file or folder called `name` in the store, or None where there is none."""
    path = entry_path(root, name)
    try:
        info = os.stat(path)  # noqa: PTH116 - twice as quick as a Path, for every run of a store
    except FileNotFoundError:
        return _unexamined(path, name) if Path(path).is_symlink() else None
    except OSError:
        return _unexamined(path, name)
    if stat.S_ISDIR(info.st_mode):
        return _chunked_handle(path, name) or (_unexamined(path, name) if name.endswith(_SUFFIX) else None)
    if not name.endswith(_SUFFIX):
        return None
    return file_handle(name, path, info)


def file_handle(name: str, path: str, info: os.stat_result) -> RunHandle:
    """The run in a regular file.

    Args:
        name: of the file, with its ending.
        path: the file.
        info: what it says of itself.
    """
    return RunHandle(name.removesuffix(_SUFFIX), path, False, info.st_size, changed_ns(info), info.st_ino)


def changed_ns(info: os.stat_result) -> int:
    """When a file was last changed, in nanoseconds since 1970; what 64 bits don't hold is the nearest that they do."""
    return min(max(info.st_mtime_ns, -_LAST_NS), _LAST_NS)


def is_store_like(folder: Path) -> bool:
    """Whether the folder holds at least one thing that looks like a run."""
    try:
        return next(list_handles(folder), None) is not None
    except StoreUnreadableError:
        return False


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder, where a refused look counts as yes, so that the refusal is told when it is listed."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
