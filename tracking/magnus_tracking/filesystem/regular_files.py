"""The one way in which files are opened for reading: only regular ones, and never waited for.

What lies where a run log, a journal, a log, an index or a setting should be may be a FIFO that nobody writes to, a
socket, or a link to a device that never ends. The system is told not to wait, and what was opened is looked at before
anything is read. `tests/tracking/filesystem/test_regular_files.py` holds the code to it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path

_READ = os.O_RDONLY
_NEVER_WAIT = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
"""Not every system has each of these flags: Windows alone has the last, and none of the others."""
_PART = 1 << 20
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe, no regular file"),
    (stat.S_ISSOCK, "a socket, no regular file"),
)


_tell: Callable[[str, int], None] | None = None


def tell_of_reading(tell: Callable[[str, int], None] | None) -> None:
    """Have `tell` called with the path and the size of every file that is opened from now on."""
    global _tell
    _tell = tell


_bring: Callable[[str], bool] | None = None


def bring_before_opening(bring: Callable[[str], bool] | None) -> None:
    """Have `bring` called with the path of a file that has a size and no content, before it is read.

    Such is a file whose content lies elsewhere; the function returns whether it has put the content in place.
    """
    global _bring
    _bring = bring


class NotRegularError(OSError):
    """There is something at the path that is not a regular file; `strerror` says what."""


def open_regular(path: str | Path, flags: int = _READ) -> tuple[int, os.stat_result]:
    """A descriptor of a regular file, which the caller closes, and what the file says of itself.

    Args:
        path: the file.
        flags: of `os.open`; for reading, if not given.

    Raises:
        NotRegularError: it is a folder, pipe, socket or device.
        OSError: it can't be opened.
    """
    try:
        descriptor = os.open(path, flags | _NEVER_WAIT, 0o666)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise not_regular(path, Path(path).stat().st_mode) from None
        raise
    try:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise not_regular(path, info.st_mode)
    except BaseException:
        os.close(descriptor)
        raise
    if _bring is not None and info.st_size and flags == _READ and not getattr(info, "st_blocks", 1):
        # Its parts that hold nothing take no room on the disk.
        os.close(descriptor)
        _bring(os.fspath(path))
        descriptor = os.open(path, flags | _NEVER_WAIT)
        info = os.fstat(descriptor)
    if _tell is not None:
        _tell(os.fspath(path), info.st_size)
    return descriptor, info


def not_regular(path: str | Path, mode: int) -> NotRegularError:
    """The error for what is not a regular file.

    Args:
        path: where it is.
        mode: as `os.stat` gives it.
    """
    kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "a device, no regular file")
    return NotRegularError(errno.EINVAL, kind, os.fspath(path))


def open_binary(path: str | Path) -> BufferedReader:
    """A regular file, opened for reading bytes; raises as `open_regular` does."""
    return os.fdopen(open_regular(path)[0], "rb")


def read_bytes(path: str | Path, most: int | None = None) -> bytes:
    """The content of a regular file.

    Args:
        path: the file.
        most: how many bytes it may have; None for any number.

    Raises:
        NotRegularError: it is a folder, pipe, socket or device.
        OSError: it can't be read, or is larger than that.
    """
    descriptor, info = open_regular(path)
    try:
        if most is not None and info.st_size > most:
            raise OSError(errno.EFBIG, f"larger than {most >> 10} KB", os.fspath(path))
        return read_all(descriptor, info.st_size + 1)
    finally:
        os.close(descriptor)


def read_text(path: str | Path, errors: str = "strict", most: int | None = None) -> str:
    """The content of a regular file, as UTF-8 text with newlines of any kind as one.

    Raises:
        NotRegularError, OSError: as `read_bytes`.
        UnicodeDecodeError: it is not UTF-8, with ``strict`` errors.
    """
    return read_bytes(path, most).decode("utf-8", errors).replace("\r\n", "\n").replace("\r", "\n")


def read_all(descriptor: int, expected: int) -> bytes:
    """Everything from where a file stands: in one call, unless it grew or the system gives less at once.

    Args:
        descriptor: of the file.
        expected: one byte more than it is thought to have.
    """
    data = os.read(descriptor, expected)
    if len(data) == expected - 1:
        return data
    parts = [data]
    while part := os.read(descriptor, _PART):
        parts.append(part)
    return b"".join(parts)
