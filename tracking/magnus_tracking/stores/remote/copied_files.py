"""The files of a copy on the disk: which there are, and giving back the room that they take."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from magnus_tracking.filesystem.regular_files import open_regular

_RESTING = 600.0
"""Seconds after it was fetched in which a file keeps its content: somebody may be reading it."""


class Copy(NamedTuple):
    """What tells whether a copy is up to date."""

    size: int
    mtime_ns: int


def walk(folder: Path) -> Iterator[tuple[str, Copy]]:
    """The files below a folder, by their path with slashes."""
    waiting = [(os.fspath(folder), "")]
    while waiting:
        place, before = waiting.pop()
        try:
            entries = list(os.scandir(place))
        except OSError:
            continue
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{before}{entry.name}/"))
                elif entry.is_file(follow_symlinks=False):
                    info = entry.stat(follow_symlinks=False)
                    yield before + entry.name, Copy(info.st_size, info.st_mtime_ns)


def remove(root: Path, path: str) -> None:
    """Remove a file below `root`, and the folders that it leaves empty."""
    file = root / path
    with contextlib.suppress(OSError):
        file.unlink()
        for parent in file.parents:
            if parent == root:
                break
            parent.rmdir()


def empty_oldest(files: Mapping[Path, int], most: int) -> None:
    """Take their content from the files that changed longest ago, until the others take no more than `most` bytes.

    Args:
        files: when each was changed, in nanoseconds.
        most: bytes of the disk.
    """
    taken = {path: path.stat() for path in files if path.exists()}
    room = sum(getattr(info, "st_blocks", 0) * 512 for info in taken.values())
    resting = time.time() - _RESTING
    for path in sorted(files, key=lambda path: (files[path], path)):
        if room <= most:
            return
        info = taken.get(path)
        if info is None or not getattr(info, "st_blocks", 0) or info.st_ctime > resting:
            continue
        # In place: the index takes a file of the same number, size and time for the same.
        with contextlib.suppress(OSError):
            descriptor, _ = open_regular(path, os.O_RDWR)
            try:
                os.ftruncate(descriptor, 0)
                os.ftruncate(descriptor, info.st_size)
                os.utime(path, ns=(info.st_mtime_ns, info.st_mtime_ns))
            finally:
                os.close(descriptor)
            room -= info.st_blocks * 512
