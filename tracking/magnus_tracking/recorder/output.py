"""What a step prints, into its execution log as well as to where it goes anyway."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TextIO

from magnus_tracking.errors import os_reason
from magnus_tracking.filesystem.regular_files import open_binary, open_regular
from magnus_tracking.recorder.failures import Failures

_BLOCK = 1024 * 1024


class ExecutionLog:
    """The execution log of one attempt: written as it comes, so that a killed step leaves what it had printed.

    Attributes:
        path: the file.
    """

    def __init__(self, path: Path, failures: Failures) -> None:
        self.path = path
        self._failures = failures
        self._descriptor = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            self._descriptor, _ = open_regular(path, flags)
        except OSError as error:
            self._report(error)

    def write(self, text: str) -> None:
        """Append text."""
        self.write_bytes(text.encode("utf-8", "backslashreplace"))

    def write_bytes(self, data: bytes) -> None:
        """Append bytes."""
        if self._descriptor < 0:
            return
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            self._report(error)

    def close(self) -> str | None:
        """Let go of the file, and give the SHA-256 of its content in hexadecimal; None where it can't be read."""
        if self._descriptor < 0:
            return None
        is_regular = stat.S_ISREG(os.fstat(self._descriptor).st_mode)
        os.close(self._descriptor)
        self._descriptor = -1
        if not is_regular:
            # A device in its place may go on for ever.
            return None
        try:
            return digest_of(self.path)
        except OSError as error:
            self._report(error)
            return None

    def _report(self, error: OSError) -> None:
        self._failures.report(f"can't write the execution log {self.path}: {os_reason(error)}", error)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's content in hexadecimal.

    Raises:
        OSError: it can't be read.
    """
    digest = hashlib.sha256()
    with open_binary(path) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


class _Router:
    """Stands in for ``sys.stdout`` or ``sys.stderr``: what is written also goes into the log of the step that runs."""

    def __init__(self, original: TextIO) -> None:
        self.original = original

    def write(self, text: str) -> int:
        if _is_passing_on.get():
            # Whoever replaced the stream while a step ran passes on to this one what the log holds already.
            return self.original.write(text)
        log = _of_this_context.get() or (_open_logs[0] if len(_open_logs) == 1 else None)
        passing_on = _is_passing_on.set(True)
        try:
            return self.original.write(text)
        finally:
            _is_passing_on.reset(passing_on)
            if log is not None:
                log.write(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)


_of_this_context: ContextVar[ExecutionLog | None] = ContextVar("magnus_tracking_log", default=None)
_is_passing_on: ContextVar[bool] = ContextVar("magnus_tracking_passing_on", default=False)
_open_logs: list[ExecutionLog] = []


class Capture:
    """Sends what this context prints into an execution log, from `start` to `stop`."""

    def __init__(self, log: ExecutionLog) -> None:
        self._log = log
        self._before: ExecutionLog | None = None

    def start(self) -> None:
        """Begin to capture."""
        self._before = _of_this_context.get()
        _of_this_context.set(self._log)
        _open_logs.append(self._log)
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name, None)
            if stream is not None and not isinstance(stream, _Router):
                setattr(sys, name, _Router(stream))

    def stop(self) -> None:
        """Capture no more; the last to stop puts back the streams. Asked for again, nothing happens."""
        if self._log not in _open_logs:
            return
        _open_logs.remove(self._log)
        if _of_this_context.get() is self._log:
            _of_this_context.set(self._before)
        if _open_logs:
            return
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name, None)
            if isinstance(stream, _Router):
                setattr(sys, name, stream.original)
