"""The processes that this one starts to read for it, so that none is left behind when it ends in a hurry."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import weakref
from collections.abc import Sequence
from typing import IO

_lock = threading.Lock()
_children: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()
_ending = False


def start_child(command: Sequence[str], stdin: int, stdout: int | IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a process that `end_children` ends if it still runs then; what it says of errors goes nowhere.

    Args:
        command: the program and its arguments.
        stdin: see `subprocess.Popen`.
        stdout: likewise.

    Raises:
        OSError: it can't be started, or this process is about to end.
    """
    with _lock:
        if _ending:
            raise OSError("this process is about to end")
        # In a session of its own it is not stopped or interrupted with whoever is at the terminal.
        process = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL, start_new_session=True
        )
        _children.add(process)
        return process


def end_children() -> None:
    """End the processes that still run, and start none any more: this process is about to end and waits for nobody."""
    global _ending
    with _lock:
        _ending = True
        for process in list(_children):
            # Not `poll`: a thread that waits for the process may hold the lock that it takes.
            if process.returncode is None:
                with contextlib.suppress(OSError):
                    process.kill()
