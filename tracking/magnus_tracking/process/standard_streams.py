"""Standard input, output and error as a command finds them: closed, full, or read by nobody any more."""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from typing import TextIO

from magnus_tracking.errors import os_reason

_STDIN, _STDOUT, _STDERR = 0, 1, 2


class OutputError(OSError):
    """Standard output could not be written.

    It carries no `errno`, so that nobody takes it for an error of the file that they work on.

    Attributes:
        reader_gone: whether whoever read it has gone, which is not a fault.
        reason: why, in the system's words.
    """

    def __init__(self, error: OSError) -> None:
        self.reader_gone = error.errno in (errno.EPIPE, errno.ECONNRESET)
        self.reason = "it is closed" if error.errno == errno.EBADF else os_reason(error)
        super().__init__(f"can't write to standard output: {self.reason}")


class _Output(io.FileIO):
    """Standard output, whose errors are told from those of other files."""

    def write(self, data: object) -> int:
        try:
            while (written := super().write(data)) is None:  # type: ignore[arg-type]
                # Whoever shares this file made it non-blocking; what is written waits for room all the same.
                select.select([], [self], [])
        except OSError as error:
            raise OutputError(error) from None
        return written


class _Messages(io.FileIO):
    """Standard error, where what can't be said can't be complained about either."""

    def write(self, data: object) -> int:
        try:
            return super().write(data) or 0  # type: ignore[arg-type]
        except OSError:
            return memoryview(data).nbytes  # type: ignore[arg-type]


def take_standard_streams() -> None:
    """Make the standard streams of this process usable, whatever it was started with.

    What is closed is opened, so that no file of ours comes to stand in its place: input has ended, output can't be
    written, messages go nowhere. Errors of output are `OutputError` from then on.
    """
    for descriptor in (_STDIN, _STDOUT, _STDERR):
        try:
            os.fstat(descriptor)
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY if descriptor == _STDERR else os.O_RDONLY)
            if nowhere != descriptor:
                os.dup2(nowhere, descriptor)
                os.close(nowhere)
    if sys.stdin is None:
        sys.stdin = open(_STDIN, closefd=False)  # noqa: SIM115 - it stays open as long as the process lives
    sys.stdout = _taken(sys.stdout, _Output(_STDOUT, "w", closefd=False))
    sys.stderr = _taken(sys.stderr, _Messages(_STDERR, "w", closefd=False), "backslashreplace")


def _taken(before: TextIO | None, raw: io.FileIO, errors: str = "strict") -> TextIO:
    """The stream over `raw`, as it was before apart from that."""
    if before is not None:
        before.flush()
        errors = before.errors or errors
    encoding = before.encoding if before is not None else "utf-8"
    is_messages = raw.fileno() == _STDERR
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=encoding, errors=errors, line_buffering=is_messages or raw.isatty()
    )


def drop_output() -> None:
    """Let nothing more be written to standard output, also not what is still held when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDOUT)
    os.close(nowhere)
