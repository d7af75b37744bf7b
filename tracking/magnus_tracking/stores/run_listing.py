"""Listing the runs of a store cheaply: names, sizes and times, without reading any."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from magnus_tracking.errors import StoreUnreadableError, os_reason
from magnus_tracking.stores.formats import RunHandle, entry_names, handle_of, text_format, unexamined

HUGE = 8 << 20
"""Bytes of a run from which on another process reads it, and it is opened without its long metrics."""

WORTH_KEEPING = 1 << 20
"""Bytes of a run from which on its series are kept on disk, too."""

_LONGEST_NAME = 255
"""Bytes of a file's name, on every file system in common use."""


def list_handles(root: Path, only: str | None = None) -> Iterator[RunHandle]:
    """The runs in the folder `root`, in no particular order; with `only`, the runs of that id.

    Raises:
        StoreUnreadableError: the folder can't be listed.
    """
    wanted = None if only is None else entry_names(only)
    try:
        entries = os.scandir(root)
    except OSError as error:
        raise StoreUnreadableError(root, os_reason(error)) from None
    with entries:
        for entry in entries:
            if entry.name.startswith(".") or (wanted is not None and entry.name not in wanted):
                continue
            handle = handle_at(entry, entry.path)
            if handle is not None:
                yield handle


def handle_at(entry: os.DirEntry[str], path: str) -> RunHandle | None:
    """The run at an entry of a store's folder, which is at `path`; None where it is not a run."""
    try:
        info = entry.stat()
    except OSError:
        # A link that leads nowhere, or what may not be looked at: a run where it could be one.
        return unexamined(entry.name, path) if text_format(entry.name) or _is_folder_entry(entry) else None
    return handle_of(entry.name, path, info)


def _is_folder_entry(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder, as far as can be told."""
    try:
        return entry.is_dir()
    except OSError:
        return True


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
    except (FileNotFoundError, NotADirectoryError):
        return unexamined(name, path) if Path(path).is_symlink() and text_format(name) else None
    except OSError:
        return unexamined(name, path)
    return handle_of(name, path, info)


def is_huge_text(handle: RunHandle) -> bool:
    """Whether a run is one huge text, whose long metrics are best read apart from the rest."""
    return handle.size >= HUGE and handle.format.is_one_text


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
