"""Ending a program with everything that it started, also what has left its family since, as services do."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

_MARK = "MAGNUS_BENCHMARK_PROGRAM"
_PATIENCE = 5.0
_numbers = itertools.count(1)


class Marked:
    """Everything that descends from one program, told by a variable that it inherits.

    Attributes:
        environment: the variables to start the program with.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        mark = f"{os.getpid()}-{next(_numbers)}"
        self.environment = {**environment, _MARK: mark}
        self._entry = f"{_MARK}={mark}".encode()

    def end(self) -> None:
        """Kill what is left of it.

        Raises:
            TimeoutError: something is still there after some seconds.
        """
        end = time.monotonic() + _PATIENCE
        while left := list(self.alive()):
            if time.monotonic() > end:
                raise TimeoutError(f"these processes can't be ended: {left}")
            for process in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.01)

    def alive(self) -> Iterator[int]:
        """The processes that are still there; what has ended and was not waited for yet is none."""
        for folder in Path("/proc").glob("[0-9]*"):
            # What has ended meanwhile, and what belongs to somebody else, can't be read.
            with contextlib.suppress(OSError):
                if self._entry in (folder / "environ").read_bytes().split(b"\0"):
                    yield int(folder.name)
