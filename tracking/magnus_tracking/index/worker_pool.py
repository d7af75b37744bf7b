"""The processes of `magnus_tracking.index.worker_process`, as the process sees them that gives them runs to read."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec

from magnus_tracking.index.run_reading import ReadBatch
from magnus_tracking.index.worker_process import Task, read_frame, write_frame
from magnus_tracking.process.children import start_child
from magnus_tracking.runlog.metric_summary import Detail

MOST_WORKERS = 4
"""Processes at most: more of them would wait for the one that writes the index."""

_WAITING = 2
"""Tasks that a process has before it: one that it works on, one that waits, which a pipe can hold."""

_TASK_BYTES = 30_000
"""Of a task's names, so that `_WAITING` tasks fit into a pipe of 64 KB that nobody reads."""

_ANSWER_BYTES = 1 << 20
"""Of a pipe for answers, so that a process need not wait with its next task until one is taken."""

_ANSWERS = msgspec.msgpack.Decoder(ReadBatch)

Batch = tuple[Sequence[str], ReadBatch]


class WorkersLostError(Exception):
    """The processes have ended before their work was done.

    Attributes:
        batches: the names that they had been given and did not read.
    """

    def __init__(self, batches: list[Sequence[str]]) -> None:
        super().__init__("a process that reads runs has ended")
        self.batches = batches


class Workers:
    """A few processes that read runs, started when they are first needed.

    Args:
        root: the folder of the runs.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.fsencode(root.absolute())
        self._processes: list[subprocess.Popen[bytes]] = []
        self._waiting: deque[tuple[Sequence[str], subprocess.Popen[bytes]]] = deque()
        self._most = (os.cpu_count() or 1) if (os.cpu_count() or 1) > 1 else 0

    @property
    def are_started(self) -> bool:
        """Whether there is a process."""
        return bool(self._processes)

    @property
    def waiting(self) -> list[str]:
        """The names that were given and not taken yet."""
        return [name for names, _ in self._waiting for name in names]

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        for process in self._processes:
            process.kill()
            with contextlib.suppress(OSError):
                _pipe(process.stdin).close()
            _pipe(process.stdout).close()
            process.wait()
        self._processes.clear()
        self._waiting.clear()

    def start(self, number: int) -> None:
        """Have `number` processes, or as many as there may be."""
        try:
            while len(self._processes) < min(number, self._most):
                self._processes.append(_start())
        except (OSError, ValueError):
            self._most = 0

    def has_room(self, most: int) -> bool:
        """Whether `most` processes, or as many as there may be, have room for more runs."""
        return len(self._waiting) < min(most, self._most) * _WAITING

    def give(self, names: Sequence[str], detail: Detail, most: int = 1, *, journals: bool = True) -> bool:
        """Have runs read, if there is a process that has room for them.

        Args:
            names: of their files and folders.
            detail: how much of their metrics is worked out.
            most: how many processes there may be.
            journals: see `magnus_tracking.index.run_reading.read_run`.

        Returns:
            False where there is no room.
        """
        if not self.has_room(most):
            return False
        self.start(min(len(self._processes) + 1, most))
        if not self._most:
            return False
        try:
            counts = [sum(given is process for _, given in self._waiting) for process in self._processes]
            process = self._processes[counts.index(min(counts))]
            task = Task(self._root, [os.fsencode(name) for name in names], detail, journals)
            write_frame(_pipe(process.stdin), msgspec.msgpack.encode(task))
        except (OSError, ValueError):
            # It has ended, which `take` will tell of what it was given before.
            self._most = 0
            return False
        self._waiting.append((names, process))
        return True

    def has_answer(self, seconds: float = 0.0) -> bool:
        """Whether something can be taken, if need be after waiting for some time."""
        if not self._waiting:
            return False
        answers = select.poll()
        answers.register(_pipe(self._waiting[0][1].stdout), select.POLLIN)
        return bool(answers.poll(seconds * 1000))

    def take(self) -> Batch:
        """Wait for what was given first, and return it.

        Raises:
            WorkersLostError: a process has ended; all are stopped.
        """
        names, process = self._waiting[0]
        try:
            content = read_frame(_pipe(process.stdout))
            if content is None:
                raise EOFError
            answer = names, _ANSWERS.decode(content)
        except (OSError, ValueError, EOFError, msgspec.MsgspecError):
            lost = WorkersLostError([names for names, _ in self._waiting])
            self._most = 0
            self.close()
            raise lost from None
        self._waiting.popleft()
        return answer


def batches_of(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """`names` in batches of `size`, smaller where long names would not fit into a pipe that nobody reads."""
    start = 0
    while start < len(names):
        end, room = start, _TASK_BYTES
        while end < min(start + size, len(names)) and (room > 0 or end == start):
            room -= len(os.fsencode(names[end])) + 3
            end += 1
        yield names[start:end]
        start = end


def _start() -> subprocess.Popen[bytes]:
    # Without -P, what lies in the working folder could be imported in place of the installed modules.
    command = [sys.executable, "-P", "-m", "magnus_tracking.index.worker_process"]
    process = start_child(command, subprocess.PIPE, subprocess.PIPE)
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(_pipe(process.stdout), fcntl.F_SETPIPE_SZ, _ANSWER_BYTES)
    return process


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
