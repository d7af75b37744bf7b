"""From a file to its bytes, where nothing about the file may be trusted.

The engines rewrite their files in place, so that a reader can meet an empty or half-written one: a file that changed
a moment ago is read again before it is called unreadable.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from magnus_tracking.errors import UnreadableRunError, os_reason
from magnus_tracking.filesystem.regular_files import NotRegularError, open_regular, read_all

_RETRIES = 5
_RETRY_PAUSE = 0.01
_RECENT = 2.0

T = TypeVar("T")


def read_bytes(path: str | Path) -> bytes:
    """The content of a regular file; pipes, devices and folders are refused without waiting on them.

    Raises:
        UnreadableRunError: the file is gone, may not be read, or is not a regular file.
    """
    with _opened(path) as (descriptor, size):
        return read_all(descriptor, size + 1)


def read_parts(path: str | Path, size: int) -> Iterator[bytes]:
    """The content of a regular file in parts of `size` bytes, without the rest that fills none; raises likewise."""
    with _opened(path) as (descriptor, _):
        part = os.read(descriptor, size)
        while len(part) == size:
            yield part
            part = os.read(descriptor, size)


@contextmanager
def _opened(path: str | Path) -> Iterator[tuple[int, int]]:
    """The descriptor of a regular file, and the bytes that it holds."""
    try:
        descriptor, info = open_regular(path)
    except FileNotFoundError:
        reason = "a link to a file that does not exist" if Path(path).is_symlink() else "the file is gone"
        raise UnreadableRunError(Path(path), reason) from None
    except NotRegularError as error:
        raise UnreadableRunError(Path(path), f"{error.strerror}, where a run log was expected") from None
    except OSError as error:
        raise UnreadableRunError(Path(path), os_reason(error)) from None
    try:
        yield descriptor, info.st_size
    except OSError as error:
        raise UnreadableRunError(Path(path), os_reason(error)) from None
    finally:
        os.close(descriptor)


def read_plain(path: str, below: int) -> tuple[os.stat_result, bytes] | None:
    """What a regular file says of itself, and its content, with one look-up of its path.

    Args:
        path: the file.
        below: bytes that it must be smaller than.

    Returns:
        None for anything else, and where it can't be read: `read_bytes` tells why.
    """
    try:
        descriptor, info = open_regular(path)
    except OSError:
        return None
    try:
        return None if info.st_size >= below else (info, read_all(descriptor, info.st_size + 1))
    except OSError:
        return None
    finally:
        os.close(descriptor)


def read_as(path: str | Path, parse: Callable[[bytes], T], content: bytes | None = None) -> T:
    """What `parse` makes of the file, tried again while the file is being rewritten.

    `parse` raises ValueError with a reason for the user, or RecursionError.

    Args:
        path: the file.
        parse: makes something of its content.
        content: the content, where it has just been read.

    Raises:
        UnreadableRunError: the file can't be read or parsed.
    """
    for attempt in range(_RETRIES):
        data = read_bytes(path) if content is None else content
        content = None
        try:
            return parse(data)
        except RecursionError:
            raise UnreadableRunError(Path(path), "nested too deeply") from None
        except ValueError as error:
            if attempt == _RETRIES - 1 or not _changed_just_now(path):
                raise UnreadableRunError(Path(path), str(error)) from None
            time.sleep(_RETRY_PAUSE)
    raise AssertionError("the last attempt returns or raises")


def _changed_just_now(path: str | Path) -> bool:
    try:
        return abs(time.time() - Path(path).stat().st_mtime) < _RECENT
    except OSError:
        return False
