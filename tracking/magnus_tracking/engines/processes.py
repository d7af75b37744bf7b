"""The processes above this one, as far as the system tells."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from magnus_tracking.filesystem.regular_files import read_bytes, read_text
from magnus_tracking.journal.format import Writer
from magnus_tracking.journal.writer_liveness import writer_of

_PROC = Path("/proc")
_MOST = 64
"""Processes above this one that are looked at: more are a circle, as ids are reused."""


class Process(NamedTuple):
    """A process above this one.

    Attributes:
        pid: its id.
        command: its arguments, or without ``/proc`` one text.
    """

    pid: int
    command: tuple[str, ...]

    @property
    def writer(self) -> Writer:
        """The process as journals name it."""
        return writer_of(self.pid)

    @property
    def key(self) -> str:
        """What tells the process from any other of this host."""
        return key_of(self.writer)

    def may_set(self, variable: str, value: str) -> bool:
        """Whether its children have a variable from it, and not from further above: it was started without."""
        try:
            environment = read_bytes(_PROC / str(self.pid) / "environ")
        except OSError:
            return False
        return os.fsencode(f"{variable}={value}") not in environment.split(b"\0")

    @property
    def text(self) -> str:
        """What it runs, if it is a shell that was given a text."""
        return self.command[-1].partition(" -c ")[2] if len(self.command) == 1 else self.command[-1]

    @property
    def began(self) -> float | None:
        """When it started, in seconds since the epoch; None where the system does not tell."""
        try:
            up = float(read_text(_PROC / "uptime").split()[0])
            ticks = int(self.writer.started)
        except (OSError, ValueError):
            return None
        return time.time() - up + ticks / os.sysconf("SC_CLK_TCK")

    @property
    def folder(self) -> str:
        """Its current folder, or empty where the system does not tell."""
        try:
            return os.readlink(_PROC / str(self.pid) / "cwd")  # noqa: PTH115 - a text is wanted
        except OSError:
            return ""


def key_of(writer: Writer) -> str:
    """What tells a process from any other of this host, as a text."""
    return f"{writer.pid}:{writer.started}"


def ancestry() -> list[Process]:
    """This process and those above it, the nearest first."""
    return list(_from_proc() if (_PROC / "self").exists() else _from_ps())


def _from_proc() -> Iterator[Process]:
    pid = os.getpid()
    for _ in range(_MOST):
        try:
            stat = read_text(_PROC / str(pid) / "stat", "replace")
            command = read_bytes(_PROC / str(pid) / "cmdline")
        except OSError:
            return
        yield Process(pid, tuple(os.fsdecode(part) for part in command.rstrip(b"\0").split(b"\0")))
        # The name of the program stands in brackets and may hold spaces and brackets itself.
        pid = int(stat.rpartition(")")[2].split()[1])
        if pid <= 0:
            return


def _from_ps() -> Iterator[Process]:
    try:
        done = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=False, timeout=5
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    known: dict[int, tuple[int, str]] = {}
    for line in done.stdout.splitlines():
        own, above, *command = line.split(None, 2)
        known[int(own)] = int(above), command[0] if command else ""
    pid = os.getpid()
    for _ in range(_MOST):
        if pid not in known:
            return
        parent, text = known[pid]
        yield Process(pid, (text,))
        pid = parent
