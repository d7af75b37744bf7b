"""Files that are only ever replaced whole, and the lock of a run."""

from __future__ import annotations

import fcntl
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from magnus_tracking.filesystem.regular_files import open_regular

_COUNTER = itertools.count()
_TEMPORARY = ".tmp"


def replace_file(path: Path, data: bytes, side: Path) -> None:
    """Replace a file in one step, so that a reader meets the old content or the new.

    Args:
        path: the file.
        data: its new content.
        side: the folder of the run's journals, on the same file system, where the temporary file is.

    Raises:
        OSError: it can't be written; the old content is still there.
    """
    temporary = side / f"{os.getpid()}-{next(_COUNTER)}{_TEMPORARY}"
    try:
        descriptor, _ = open_regular(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def locked(side: Path) -> Iterator[None]:
    """Hold the lock of a run, against other threads and processes of this host.

    It is the lock of the folder of journals itself, so that no file is left behind.

    Raises:
        OSError: the folder can't be made or opened.
    """
    while True:
        side.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(side, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_still(side, descriptor):
                yield
                return
        finally:
            # A process that was forked meanwhile holds the descriptor too: closing it here does not let go.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)


def _is_still(side: Path, descriptor: int) -> bool:
    """Whether the locked folder is the one at the path: who held the lock before may have removed it."""
    try:
        return os.path.samestat(side.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def remove_side(side: Path) -> None:
    """Remove a folder of journals that no attempt uses any more; one that still holds a journal stays."""
    try:
        for leftover in side.glob(f"*{_TEMPORARY}"):
            leftover.unlink(missing_ok=True)
        side.rmdir()
    except OSError:
        # Another process of the run still has a journal there, or the folder is gone already.
        return
