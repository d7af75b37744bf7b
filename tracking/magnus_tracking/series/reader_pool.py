"""Huge run logs read by processes of their own, which leave this one free to answer keys.

Reading a log of 50 MB keeps a core, and with it every thread of a Python process, for a third of a second. Little is
imported here, so that a process can be started while this one is still painting its first screen.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from io import BufferedRandom
from typing import TYPE_CHECKING, NamedTuple

from magnus_tracking.process.children import start_child
from magnus_tracking.series import stored
from magnus_tracking.stores.run_listing import is_huge_text

if TYPE_CHECKING:
    from magnus_tracking.series.stored import Loaded
    from magnus_tracking.stores import RunHandle


class _Reading(NamedTuple):
    """A process, and the file that it writes to."""

    process: subprocess.Popen[bytes]
    file: BufferedRandom


class ReaderProcesses:
    """Reads huge runs with processes of their own; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: dict[RunHandle, _Reading] = {}
        self._begun: set[RunHandle] = set()

    def start(self, handle: RunHandle) -> None:
        """Begin to read a run that `read` will be asked for, unless that has been done before."""
        with self._lock:
            if handle in self._begun:
                return
            reading = self._begin(handle)
            if reading is not None:
                self._started[handle] = reading

    def read(self, handle: RunHandle) -> Loaded | None:
        """What is known of a run, as `magnus_tracking.series.read.read_series` gives it, with blocks.

        Returns:
            None where nothing is gained by another process, and where it did not succeed: reading it here tells why.
        """
        with self._lock:
            reading = self._started.pop(handle, None) or self._begin(handle)
        return _finish(reading) if reading is not None else None

    def close(self) -> None:
        """End what was begun and not asked for."""
        with self._lock:
            for process, file in self._started.values():
                process.kill()
                process.wait()
                file.close()
            self._started.clear()

    def _begin(self, handle: RunHandle) -> _Reading | None:
        self._begun.add(handle)
        if not is_read_by_process(handle):
            return None
        with contextlib.suppress(OSError):
            return _start(handle.path)
        return None


def is_read_by_process(handle: RunHandle) -> bool:
    """Whether a run is better read by another process."""
    return is_huge_text(handle) and (os.cpu_count() or 1) > 1


def _start(path: str) -> _Reading:
    # Without -P, what lies in the working folder could be imported in place of the installed modules.
    command = [sys.executable, "-P", "-m", "magnus_tracking.series.reader_worker", path]
    # A pipe would be read in many small parts, each of which waits for the other threads of this process.
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever takes the reading closes it
    try:
        process = start_child(command, subprocess.DEVNULL, file)
    except BaseException:
        file.close()
        raise
    return _Reading(process, file)


def _finish(reading: _Reading) -> Loaded | None:
    with reading.file as file:
        if reading.process.wait() != 0:
            return None
        try:
            file.seek(0)
            return stored.read(file, os.fstat(file.fileno()).st_size, stored.NO_STATE)
        except Exception:
            # Reading the run here tells what is wrong.
            return None
