"""Where the metrics of one attempt go: its journal, one write a call.

This is the code that a training loop runs for every value, so it does nothing that can wait until the attempt ends.
"""

from __future__ import annotations

import errno
import math
import os
import stat
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from magnus_tracking.errors import NoActiveRunError, os_reason
from magnus_tracking.filesystem.regular_files import open_regular
from magnus_tracking.journal.fold import Fold
from magnus_tracking.journal.format import (
    RECORD_VALUE,
    Header,
    decode_header,
    decode_records,
    encode_header,
    record_end,
    record_start,
)
from magnus_tracking.recorder.failures import Failures
from magnus_tracking.recorder.value_encoding import encode_value, step_index

_OPEN_MODE = 0o666
_WRITABLE = 0o200
_ALL_WRITABLE = 0o222
_KEPT_BYTES = 8 * 1024 * 1024
_READ_BYTES = 8 * 1024 * 1024
_LONGEST_HEADER = 64 * 1024
_KNOWN_NAMES = 10_000
_MS = 1000
_MOST_INT = 1 << 1024
_LEAST_INT = -_MOST_INT
"""Integers between them need no second look; others may have too many digits."""

_now = time.time
_write = os.write

_NO_SPACE = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Sink:
    """An open journal of an attempt.

    A value is in the journal when `track` returns, unless writing failed: then the failure is reported, and what
    could not be written is kept in memory and tried again with the next value.

    Attributes:
        path: the journal.
        closed: whether the attempt has ended.
        lost: how many values were given up.
        waiting: how many of those that were tracked were only in memory when the attempt ended.
    """

    closed = False

    def __init__(self, path: Path, descriptor: int, failures: Failures, *, clock: int, attached: bool) -> None:
        """Take over an open journal.

        Args:
            path: the journal.
            descriptor: of it.
            failures: reports what goes wrong.
            clock: of its header: what the times of values count from.
            attached: whether another process began the attempt.
        """
        self.path = path
        self._clock = clock
        # The millisecond in which a value was tracked last, and what its line ended with.
        self._tick = (-math.inf, -math.inf if clock else math.inf, "}\n")
        self._descriptor = descriptor
        self._failures = failures
        self._attached = attached
        self._careful = attached
        self._names: dict[str, str] = {}
        self.lost = 0
        self.waiting = 0
        self._is_on_disk = True
        self._backlog: deque[bytes] = deque()
        self._backlog_size = 0
        self._is_writing = False
        # A signal handler or a finalizer may track while this thread does.
        self._lock = threading.RLock()
        _SINKS.add(self)

    @classmethod
    def create(cls, path: Path, header: Header, failures: Failures) -> Sink:
        """Open the journal of an attempt that begins in this process.

        Raises:
            OSError: it can't be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OPEN_MODE)
        os.write(descriptor, encode_header(header))
        return cls(path, descriptor, failures, clock=header.clock, attached=False)

    @classmethod
    def in_memory(cls, path: Path, header: Header, failures: Failures) -> Sink:
        """A sink for an attempt whose journal can't be written: what it takes is lost if the process is killed.

        Args:
            path: where the journal would have been.
            header: what it would have been about.
            failures: reports what goes wrong.
        """
        descriptor = _memory()
        os.write(descriptor, encode_header(header))
        sink = cls(path, descriptor, failures, clock=header.clock, attached=False)
        sink._is_on_disk = False
        return sink

    @classmethod
    def attach(cls, path: Path, failures: Failures) -> Sink:
        """Open the journal of an attempt that another process began.

        Raises:
            NoActiveRunError: the attempt has ended.
        """
        try:
            descriptor, _ = open_regular(path, os.O_RDWR | os.O_APPEND)
        except OSError as error:
            reason = os_reason(error)
            raise NoActiveRunError(f"the step that this process belongs to has ended: {path}: {reason}") from None
        return cls(path, descriptor, failures, clock=_read_clock(descriptor), attached=True)

    def track(self, step: Any, metrics: Mapping[str, Any]) -> None:
        """Append values to the journal: one write, all values or none.

        Args:
            step: the step index of all of them.
            metrics: values by name.

        Raises:
            TypeError: a value can't be tracked, or `step` is not an integer.
            NoActiveRunError: the attempt has ended.
            RecordingError: the journal can't be written and failures are raised.
        """
        if type(step) is not int or not _LEAST_INT < step < _MOST_INT:
            step = step_index(step)
        lines = ""
        names = self._names
        moment = _now()
        begins, ends, stamp = self._tick
        if not begins <= moment < ends:
            stamp = self._next_stamp(moment)
        for key, value in metrics.items():
            kind = type(value)
            name = names[key] if key in names else self._name(key)
            # NaN and infinities are the floats whose difference to themselves is not 0; JSON spells them its own way.
            if (kind is float and value - value == 0.0) or (kind is int and _LEAST_INT < value < _MOST_INT):
                lines += f"{name}{step}{RECORD_VALUE}{value!r}{stamp}"
            else:
                lines += f"{name}{step}{RECORD_VALUE}{encode_value(key, value)}{stamp}"
        data = lines.encode()
        with self._lock:
            if self._careful:
                self._append_with_care(data)
                return
            try:
                written = _write(self._descriptor, data)
            except OSError as error:
                self._keep(data, error)
                return
            if written != len(data):
                self._keep(_rest(data, written), _NO_SPACE)

    def _next_stamp(self, moment: float) -> str:
        """The end of lines that are tracked in the same millisecond as `moment`, which is kept until that is over."""
        ms = int(moment * _MS)
        stamp = record_end(ms - self._clock)
        self._tick = (ms / _MS, (ms + 1) / _MS, stamp)
        return stamp

    def _name(self, key: str) -> str:
        if len(self._names) >= _KNOWN_NAMES:
            self._names.clear()
        start = self._names[key] = record_start(key)
        return start

    def _append_with_care(self, data: bytes) -> None:
        """Append where something was kept back, the attempt has ended, or it is another process's."""
        if self.closed:
            raise NoActiveRunError("the step has ended: track inside a step, or start another one")
        self._put_back(data)
        self._write_backlog()
        if self._attached:
            self._check_open()

    def _write_backlog(self) -> None:
        """Write what was kept back, in its order.

        Where this interrupts the same in a signal handler, the interrupted call goes on with what came in.
        """
        if self._is_writing:
            return
        while self._backlog:
            self._is_writing = True
            try:
                error = self._write_all()
            finally:
                self._is_writing = False
            if error is not None:
                self._tell(error)
                return
        self._careful = self._attached

    def _write_all(self) -> OSError | None:
        backlog = self._backlog
        while backlog:
            data = backlog[0]
            try:
                written = os.write(self._descriptor, data)
            except OSError as error:
                return error
            if written != len(data):
                backlog[0] = _rest(data, written)
                return _NO_SPACE
            backlog.popleft()
            self._backlog_size -= len(data)
        return None

    def _keep(self, data: bytes, error: OSError) -> None:
        self._careful = True
        self._put_back(data if data.startswith(b"\n") else b"\n" + data)
        self._tell(error)

    def _put_back(self, data: bytes) -> None:
        if self._backlog_size + len(data) > _KEPT_BYTES:
            self.lost += _count(data)
        else:
            self._backlog.append(data)
            self._backlog_size += len(data)

    def _tell(self, error: OSError) -> None:
        reason = os_reason(error)
        fate = (
            "more are dropped, because too many are waiting" if self.lost else "they are kept in memory and tried again"
        )
        self._failures.report(f"can't write metrics to {self.path}: {reason}; {fate}", error)

    def _check_open(self) -> None:
        if not os.fstat(self._descriptor).st_mode & _WRITABLE:
            self.closed = self._careful = True
            raise NoActiveRunError("the step that this process belongs to has ended: its metrics are no longer taken")

    def seal(self) -> Fold:
        """Take no more values, and give all that were tracked, from every process.

        A process that appends learns from the file's mode, which it looks at after it wrote, that it came too late;
        all who found it open have written before it is read here.
        """
        fold = Fold()
        with self._lock:
            self.closed = self._careful = True
            try:
                mode = os.fstat(self._descriptor).st_mode
                os.fchmod(self._descriptor, stat.S_IMODE(mode) & ~_ALL_WRITABLE)
                for lines in self._lines():
                    fold.add(decode_records(lines)[0])
                    self.waiting += 0 if self._is_on_disk else len(lines)
            except OSError as error:
                self._failures.report(f"can't read the journal {self.path}: {error}", error)
            for data in self._backlog:
                fold.add(decode_records([line for line in data.split(b"\n") if line])[0])
            self.waiting += sum(map(_count, self._backlog))
        return fold

    def _lines(self) -> Iterator[list[bytes]]:
        """The complete lines behind the header, in bounded parts."""
        offset = 0
        rest = b""
        is_header = True
        while chunk := os.pread(self._descriptor, _READ_BYTES, offset):
            offset += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            if is_header and lines:
                del lines[0]
                is_header = False
            yield [line for line in lines if line]

    def close(self, *, remove: bool) -> None:
        """Let go of the journal, and with `remove` delete it: what it holds is in the run log."""
        with self._lock:
            self.closed = self._careful = True
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1
        if remove:
            self.path.unlink(missing_ok=True)

    def after_fork(self) -> None:
        """Become a sink of another process's attempt, in a forked child: its locks may be held by lost threads."""
        self._lock = threading.RLock()
        self._attached = self._careful = True
        self._backlog.clear()
        self._backlog_size = self.lost = 0
        self._is_writing = False


def _rest(data: bytes, written: int) -> bytes:
    """What is to be written again: what was cut short stands on a line of its own, which readers pass over."""
    return b"\n" + data[data.rfind(b"\n", 0, written) + 1 :]


def _count(data: bytes) -> int:
    """How many values there are in lines; a line break can't stand inside of one."""
    return data.count(b"}\n")


def _read_clock(descriptor: int) -> int:
    """The clock in the header of a journal that another process began, perhaps of an older version; 0 without one."""
    try:
        header = decode_header(os.pread(descriptor, _LONGEST_HEADER, 0).partition(b"\n")[0])
    except (OSError, ValueError):
        return 0
    return header.clock if header is not None else 0


def _memory() -> int:
    """A file that is in no folder, and where the system can do that on no disk."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("magnus-tracking")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


_SINKS: weakref.WeakSet[Sink] = weakref.WeakSet()


def _after_fork() -> None:
    for sink in list(_SINKS):
        sink.after_fork()


os.register_at_fork(after_in_child=_after_fork)
