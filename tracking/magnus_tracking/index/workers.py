"""Reading many runs with the processes of `magnus_tracking.index.worker`, in order."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec

from magnus_tracking.index.run_reading import ReadBatch
from magnus_tracking.index.worker import GIVES_WAY, Task, read_frame, write_frame
from magnus_tracking.process.children import start_child
from magnus_tracking.runlog.metric_summary import Detail

MOST_WORKERS = 4
_AHEAD = 2
"""Tasks that a worker has before it: one that it works on, one that waits, which a pipe can hold."""

_TASK_BYTES = 30_000
"""Of a task's names, so that `_AHEAD` tasks fit into a pipe of 64 KB that nobody reads."""

_ANSWER_BYTES = 1 << 20
READ = msgspec.msgpack.Decoder(ReadBatch)


class WorkersLostError(Exception):
    """The worker processes can't be started, or have ended."""


def start_worker(*, gives_way: bool) -> subprocess.Popen[bytes]:
    """A process that answers tasks.

    Args:
        gives_way: whether it gives way to other processes, as it should where it works for long.

    Raises:
        WorkersLostError: it can't be started.
    """
    # Without -P, what lies in the working folder could be imported in place of the installed modules.
    command = [sys.executable, "-P", "-m", "magnus_tracking.index.worker", *([GIVES_WAY] if gives_way else [])]
    try:
        process = start_child(command, subprocess.PIPE, subprocess.PIPE)
    except OSError as error:
        raise WorkersLostError(str(error)) from None
    _widen(_pipe(process.stdout))
    return process


def _widen(pipe: IO[bytes]) -> None:
    """Let an answer fit into a pipe, so that a process need not wait with its next task until it is taken."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _ANSWER_BYTES)


def stop_worker(process: subprocess.Popen[bytes]) -> None:
    """End a process, whatever it is doing."""
    process.kill()
    with contextlib.suppress(OSError):
        if process.stdin:
            process.stdin.close()
    if process.stdout:
        process.stdout.close()
    process.wait()


class Workers:
    """A few processes that read runs; a context manager.

    Args:
        root: the folder of the runs.
        detail: how much of the metrics of runs is worked out.
        most: how many processes at most.
    """

    def __init__(self, root: Path, detail: Detail, most: int = MOST_WORKERS) -> None:
        self._most = most
        self._root = os.fsencode(root.absolute())
        self._detail = detail
        self._processes: list[subprocess.Popen[bytes]] = []
        self._waiting: deque[tuple[Sequence[str], subprocess.Popen[bytes]]] = deque()
        self._given = 0

    def __enter__(self) -> Workers:
        """As they are: the processes are started with the first reading."""
        return self

    def start(self) -> None:
        """Start the processes now, as they will soon be needed, unless they are there.

        Raises:
            WorkersLostError: they can't be started.
        """
        while len(self._processes) < min(os.cpu_count() or 1, self._most):
            self._processes.append(start_worker(gives_way=True))

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the processes."""
        for process in self._processes:
            stop_worker(process)

    def give(self, batches: Iterable[Sequence[str]], *, journals: bool = True) -> list[str]:
        """Have some of the batches read, as many as there is room for before anything is taken; their names.

        Args:
            batches: names of files and folders.
            journals: see `magnus_tracking.index.run_reading.read_run`.

        Raises:
            WorkersLostError: the processes can't be started, or one has ended.
        """
        self.start()
        given: list[str] = []
        for batch in itertools.islice(batches, _AHEAD * len(self._processes) - len(self._waiting)):
            process = self._processes[self._given % len(self._processes)]
            self._send(process, batch, journals=journals)
            self._waiting.append((batch, process))
            self._given += 1
            given += batch
        return given

    def read(
        self, batches: Iterable[Sequence[str]], *, journals: bool = True
    ) -> Iterator[tuple[Sequence[str], ReadBatch]]:
        """Begin to read; gives each batch of names with what was read, in order, after those that were given before.

        Args:
            batches: names of files and folders.
            journals: see `magnus_tracking.index.run_reading.read_run`.

        Raises:
            WorkersLostError: the processes can't be started, or one has ended before its work was done.
        """
        left = iter(batches)
        self.give(left, journals=journals)
        return self._answers(left, journals=journals)

    def _answers(self, left: Iterator[Sequence[str]], *, journals: bool) -> Iterator[tuple[Sequence[str], ReadBatch]]:
        while self._waiting:
            answer = self._receive(*self._waiting.popleft())
            self.give(left, journals=journals)
            yield answer

    def _send(self, process: subprocess.Popen[bytes], batch: Sequence[str], *, journals: bool) -> None:
        task = Task(self._root, [os.fsencode(name) for name in batch], self._detail, journals)
        try:
            write_frame(_pipe(process.stdin), msgspec.msgpack.encode(task))
        except (OSError, ValueError) as error:
            raise WorkersLostError(str(error)) from None

    def _receive(self, batch: Sequence[str], process: subprocess.Popen[bytes]) -> tuple[Sequence[str], ReadBatch]:
        try:
            content = read_frame(_pipe(process.stdout))
            if content is None:
                raise WorkersLostError("a process ended")
            return batch, READ.decode(content)
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise WorkersLostError(str(error)) from None


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


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
