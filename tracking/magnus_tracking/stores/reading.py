"""From a file to its bytes, where nothing about the file may be trusted.

The engines rewrite their files in place, so that a reader can meet an empty or half-written one: a file that changed
a moment ago is read again before it is called unreadable.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from magnus_tracking.errors import UnreadableRunError

_RETRIES = 5
_RETRY_PAUSE = 0.01
_RECENT = 2.0

T = TypeVar("T")


def read_bytes(path: Path) -> bytes:
    """The content of a regular file; pipes, devices and folders are refused without waiting on them.

    Raises:
        UnreadableRunError: the file is gone, may not be read, or is not a regular file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        reason = "a link to a file that does not exist" if path.is_symlink() else "the file is gone"
        raise UnreadableRunError(path, reason) from None
    except OSError as error:
        raise UnreadableRunError(path, _os_reason(error)) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
            raise UnreadableRunError(path, f"{kind}, where a run log was expected")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    except OSError as error:
        raise UnreadableRunError(path, _os_reason(error)) from None
    finally:
        os.close(descriptor)


def _os_reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def read_as(path: Path, parse: Callable[[bytes], T]) -> T:
    """What `parse` makes of the file, tried again while the file is being rewritten.

    `parse` raises ValueError with a reason for the user, or RecursionError.

    Raises:
        UnreadableRunError: the file can't be read or parsed.
    """
    for attempt in range(_RETRIES):
        data = read_bytes(path)
        try:
            return parse(data)
        except RecursionError:
            raise UnreadableRunError(path, "nested too deeply") from None
        except ValueError as error:
            if attempt == _RETRIES - 1 or not _changed_just_now(path):
                raise UnreadableRunError(path, str(error)) from None
            time.sleep(_RETRY_PAUSE)
    raise AssertionError("the last attempt returns or raises")


def _changed_just_now(path: Path) -> bool:
    try:
        return abs(time.time() - path.stat().st_mtime) < _RECENT
    except OSError:
        return False
