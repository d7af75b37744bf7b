"""Whether the process that writes a journal still lives."""

from __future__ import annotations

import functools
import os
import socket
import subprocess
from enum import StrEnum
from pathlib import Path

from magnus_tracking.filesystem.regular_files import read_text
from magnus_tracking.journal.format import Header, Writer

_PROC = Path("/proc")
_BOOT_ID = _PROC / "sys/kernel/random/boot_id"
_STATE_FIELD = 0
_START_FIELD = 19
_DEAD_STATES = frozenset("ZX")


class WriterState(StrEnum):
    """What this host knows of a journal's process."""

    ALIVE = "alive"
    GONE = "gone"
    UNKNOWN = "unknown"


def this_writer() -> Writer:
    """The process that calls."""
    return writer_of(os.getpid())


def writer_of(pid: int) -> Writer:
    """A process of this host."""
    return Writer(_host(), _boot(), _namespace(), pid, _process_start(pid) or "")


def writer_state(header: Header) -> WriterState:
    """Whether the process that opened a journal lives.

    A process on another host or in another container is unknown. A process of this host that ended, that is only
    waited for by its parent, that had its id reused, or that ran before the host started anew, is gone.
    """
    writer = header.writer
    if not writer.pid or writer.host != _host():
        return WriterState.UNKNOWN
    if writer.boot and _boot() and writer.boot != _boot():
        return WriterState.GONE
    if writer.namespace != _namespace():
        return WriterState.UNKNOWN
    started = _process_start(writer.pid)
    if started is None or (writer.started and started != writer.started):
        return WriterState.GONE
    return WriterState.ALIVE


@functools.cache
def _host() -> str:
    return socket.gethostname()


@functools.cache
def _boot() -> str:
    try:
        return read_text(_BOOT_ID).strip()
    except OSError:
        return ""


def _namespace() -> str:
    try:
        return str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return ""


def _process_start(pid: int) -> str | None:
    """When a process started, as the system counts it; None where there is no such process."""
    if not (_PROC / "self").exists():
        return _process_start_from_ps(pid)
    try:
        stat = read_text(_PROC / str(pid) / "stat", "replace")
    except OSError:
        return None
    # The name of the program stands in brackets and may hold spaces and brackets itself.
    fields = stat.rpartition(")")[2].split()
    return None if fields[_STATE_FIELD] in _DEAD_STATES else fields[_START_FIELD]


def _process_start_from_ps(pid: int) -> str | None:
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() or None
