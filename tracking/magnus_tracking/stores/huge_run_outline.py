"""The outline of a huge run log, read in windows: it takes little more memory than what a summary needs of it.

A value that fits into a window is decoded as any run log is. One that is longer is gone into: the run, its steps, their
branches and attempts member by member, and a long metric of plain values part by part. The file is never mapped, as
the engines truncate it in place.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import msgspec
from msgspec import Raw

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.filesystem.regular_files import open_regular
from magnus_tracking.runlog.json import CUT_OFF
from magnus_tracking.runlog.long_metric_summary import FromEnd, InFull, NotPlainError
from magnus_tracking.runlog.metric_summary import Detail, MetricSummary
from magnus_tracking.runlog.nan_marks import mark_anywhere, mark_lines
from magnus_tracking.runlog.outline import (
    AttemptOutline,
    BranchOutline,
    CodeOutline,
    JobOutline,
    RunOutline,
    StepOutline,
    unmark_run,
)

WINDOW = 1 << 20
"""Bytes that are read at once: few enough to stay in the processor's cache, and more than what most steps take."""

_LINE_END_WITHIN = 4096
_LETTERS = (b"N", b"I")
"""One of these is in every bare number, and hardly in anything else."""

_SPACE = re.compile(rb"[ \t\n\r]*")
_KEY = re.compile(rb'("(?:[^"\\]|\\.)*")[ \t\n\r]*:[ \t\n\r]*', re.DOTALL)
_NEXT_INDEX = re.compile(rb',[ \t\n\r]*"-?[0-9]+"[ \t\n\r]*:')
_GUESSES = 16
_LONGEST_NUMBER = 64
_BARE_AT_END = re.compile(rb"[-+.0-9A-Za-z]*\Z")
_BEHIND = re.compile(r"trailing characters \(byte (\d+)\)")
_MOST_SHARED = 1000

_OWN: dict[type, dict[str, type]] = {
    RunOutline: {"steps": StepOutline, "job": JobOutline},
    JobOutline: {"attempts": AttemptOutline, "user_defined_metrics": MetricSummary},
    StepOutline: {"branches": BranchOutline, "attempts": AttemptOutline, "user_defined_metrics": MetricSummary},
    BranchOutline: {"steps": StepOutline},
    AttemptOutline: {"user_defined_metrics": MetricSummary},
}
"""What is gone into where it is long, by what has it and its name."""

_DECODERS: dict[type, msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(kind) for kind in _OWN}
_NO_LIST: list[Any] = []
_NO_DICT: dict[str, Any] = {}
"""What outlines share that have none of something; outlines are only read."""

T = TypeVar("T", RunOutline, JobOutline, StepOutline, BranchOutline, AttemptOutline)


class OtherwiseError(Exception):
    """The text is to be read in another way, which also tells what is wrong with it."""


def outline_in_windows(path: str, detail: Detail, window: int = WINDOW) -> RunOutline | None:
    """The outline of a run log in one file, in which metrics may be summarised already.

    Args:
        path: the file.
        detail: how much of the long metrics is worked out.
        window: bytes that are read at once; a longer value is gone into.

    Returns:
        None where the file must be read at once, as it can't be understood in windows, or is being rewritten.
    """
    ways = (FromEnd, InFull, None) if detail.from_end_above <= window else (InFull, None)
    for way in ways:
        try:
            return _read(path, window, way, detail)
        except NotPlainError:
            continue
        except (OtherwiseError, UnreadableRunError, OSError, ValueError, msgspec.MsgspecError, RecursionError):
            return None
    return None


def _read(path: str, window: int, way: type[FromEnd | InFull] | None, detail: Detail) -> RunOutline:
    with whole_text(path, window) as text:
        run = _Reader(text, way, detail).value(RunOutline)
    unmark_run(run)
    return run


@contextmanager
def whole_text(path: str, window: int) -> Iterator[WindowedText]:
    """The text of a file, all of which is taken inside.

    Args:
        path: the file.
        window: bytes that are read at once.

    Raises:
        OtherwiseError: something is left of it, or it was rewritten meanwhile.
        OSError: it can't be read.
    """
    descriptor, before = open_regular(path)
    try:
        text = WindowedText(descriptor, window)
        yield text
        text.end()
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise OtherwiseError


class WindowedText:
    """The text of a file, of which a window is held.

    Args:
        descriptor: of the file.
        size: bytes of a window.

    Attributes:
        window: what is held of it, bare numbers marked; see `magnus_tracking.runlog.nan_marks`.
        at: how much of that has been taken.
    """

    def __init__(self, descriptor: int, size: int) -> None:
        self.window = b""
        self.at = 0
        self._size = size
        self._descriptor = descriptor
        self._carried = b""
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._ended = False

    def more(self, size: int = 0) -> bool:
        """Hold another window of the file, or more of it; whether there was any."""
        if self._ended:
            return False
        part = os.read(self._descriptor, max(size, self._size))
        self._ended = not part
        if self._utf8.getstate()[0] or not part.isascii():
            self._utf8.decode(part, final=not part)
        # A bare number is marked where it ends a line, so that no line may be cut near its end, and no number at all.
        cut = len(part)
        if not self._ended:
            last_line = part.rfind(b"\n", max(cut - _LINE_END_WITHIN, 0)) + 1
            cut = last_line or cut - len(cast(re.Match[bytes], _BARE_AT_END.search(part[-_LONGEST_NUMBER:]))[0])
        held, view = memoryview(self.window)[self.at :], memoryview(part)
        added: list[bytes | memoryview] = [self._carried, view[:cut]]
        if any(letter in text for text in (part, self._carried) for letter in _LETTERS):
            added = [mark_lines(b"".join(added))]
        self.window, self.at, self._carried = b"".join((held, *added)), 0, bytes(view[cut:])
        return True

    def peek(self) -> bytes:
        """The next byte that is not white space; nothing at the end."""
        while True:
            self.at = cast(re.Match[bytes], _SPACE.match(self.window, self.at)).end()
            if self.at < len(self.window) or not self.more():
                return self.window[self.at : self.at + 1]

    def take(self, *expected: bytes) -> bytes:
        """Take the next byte, which is one of those expected."""
        found = self.peek()
        if found not in expected:
            raise OtherwiseError
        self.at += 1
        return found

    def members(self) -> Iterator[bytes]:
        """Take an object: the name of each of its members, as it is written, whose value the caller takes."""
        self.take(b"{")
        if self.peek() == b"}":
            self.at += 1
            return
        while True:
            self.peek()
            key = _KEY.match(self.window, self.at)
            if key is None or key.end() == len(self.window):
                if len(self.window) - self.at > WINDOW or not self.more():
                    raise OtherwiseError
                continue
            self.at = key.end()
            yield key[1]
            if self.take(b",", b"}") == b"}":
                return

    def items(self) -> Iterator[None]:
        """Take a list; the caller takes each of its values."""
        self.take(b"[")
        if self.peek() == b"]":
            self.at += 1
            return
        while True:
            yield
            if self.take(b",", b"]") == b"]":
                return

    def value(self, windows: int = 1) -> bytes | None:
        """Take a value, unless it is longer than so many windows."""
        is_object = self.peek() == b"{"
        # Every object ends with a brace, which is found sooner than the object is gone through.
        while is_object and windows == 1 and self.window.find(b"}", self.at) < 0:
            if not self._holds_more(windows):
                return None
        while True:
            try:
                msgspec.json.decode(memoryview(self.window)[self.at :], type=Raw)
            except msgspec.DecodeError as error:
                behind = _BEHIND.search(str(error))
                if behind is not None:
                    start, self.at = self.at, self.at + int(behind[1]) - 1
                    return self.window[start : self.at]
                if CUT_OFF not in str(error):
                    self._mark_the_rest()
                    continue
            if not self._holds_more(windows):
                return None

    def _holds_more(self, windows: int) -> bool:
        """Hold more of the file, unless so many windows are held; whether more is held.

        Raises:
            OtherwiseError: the file ends here.
        """
        held = len(self.window) - self.at
        if held >= windows * self._size:
            return False
        if not self.more(held):
            raise OtherwiseError
        return True

    def _mark_the_rest(self) -> None:
        """Mark the bare numbers in the middle of lines, which most files have none of.

        Raises:
            OtherwiseError: there is none.
        """
        marked = mark_anywhere(self.window[self.at :])
        if len(marked) == len(self.window) - self.at:
            raise OtherwiseError
        self.window, self.at = marked, 0

    def whole_value(self) -> bytes:
        """Take a value, however long it is."""
        windows = 1
        while (value := self.value(windows)) is None:
            windows *= 4
        return value

    def series(self) -> Iterator[bytes]:
        """Take an object of plain values in parts, each an object of its own.

        Raises:
            NotPlainError: its values are not plain ones by step.
        """
        self.take(b"{")
        last = False
        while not last:
            end = self.window.find(b"}", self.at)
            last = end >= 0
            if not last and len(self.window) - self.at < self._size and self.more():
                continue
            if not last:
                end = self._between_values()
            yield b"{%b}" % mark_anywhere(self.window[self.at : end])
            self.at = end + 1

    def _between_values(self) -> int:
        end = len(self.window)
        for _ in range(_GUESSES):
            end = self.window.rfind(b",", self.at, end)
            if end < 0:
                break
            if _NEXT_INDEX.match(self.window, end):
                return end
        raise NotPlainError

    def end(self) -> None:
        """Make sure that nothing is left."""
        if self.peek():
            raise OtherwiseError


class _Reader:
    """Makes outlines of a text, and lets those of many steps share what is the same in them.

    Args:
        text: of a run log.
        way: how long metrics are summarised; None where they are held whole.
        detail: how much of them is worked out.
    """

    def __init__(self, text: WindowedText, way: type[FromEnd | InFull] | None, detail: Detail) -> None:
        self._text = text
        self._way = way
        self._detail = detail
        self._texts: dict[str, str] = {}
        self._codes: dict[tuple[str | None, bool | None], CodeOutline] = {}
        self._code_lists: dict[tuple[int, ...], list[CodeOutline]] = {}

    def value(self, kind: type[T]) -> T:
        """Take the outline of something that is long."""
        text, own = self._text, _OWN[kind]
        short: list[bytes] = []
        long: dict[str, Any] = {}
        for key in text.members():
            name = msgspec.json.decode(key, type=str)
            value = text.value()
            if value is None and name in own and text.peek() in (b"{", b"["):
                long[name] = self._long_value(name, own[name])
                continue
            long.pop(name, None)
            short += [b",", key, b":", text.whole_value() if value is None else value]
        made = _DECODERS[kind].decode(b"{" + b"".join(short[1:]) + b"}")
        for name, value in long.items():
            setattr(made, name, value)
        if isinstance(made, StepOutline):
            self._share_step(made)
        elif isinstance(made, JobOutline):
            made.user_defined_metrics = _copied(made.user_defined_metrics)
        return cast(T, made)

    def _long_value(self, name: str, kind: type) -> Any:
        if kind is JobOutline:
            return self.value(JobOutline)
        if kind is MetricSummary:
            return self._long_metrics()
        if name == "attempts":
            return [self._piece(kind) for _ in self._text.items()]
        return {msgspec.json.decode(key, type=str): self._piece(kind) for key in self._text.members()}

    def _piece(self, kind: type) -> Any:
        value = self._text.value()
        if value is None:
            return self.value(kind)
        piece = _DECODERS[kind].decode(value)
        if isinstance(piece, StepOutline):
            self._share_step(piece)
        elif isinstance(piece, BranchOutline):
            self._share_branch(piece)
        elif isinstance(piece, AttemptOutline):
            self._share_attempt(piece)
        return piece

    def _long_metrics(self) -> dict[str, Raw | MetricSummary]:
        metrics: dict[str, Raw | MetricSummary] = {}
        for key in self._text.members():
            value = self._text.value()
            name = msgspec.json.decode(key, type=str)
            if value is not None:
                metrics[name] = Raw(value)
            elif self._way is None or self._text.peek() != b"{":
                metrics[name] = Raw(self._text.whole_value())
            else:
                series = self._way()
                for part in self._text.series():
                    series.take(Raw(part))
                metrics[name] = series.summary(self._detail)
        if _share_dotted_names(metrics):
            raise NotPlainError
        return metrics

    def _share_branch(self, branch: BranchOutline) -> None:
        branch.status = self._shared(branch.status)
        for step in branch.steps.values():
            self._share_step(step)

    def _share_step(self, step: StepOutline) -> None:
        step.status, step.step_type = self._shared(step.status), self._shared(step.step_type)
        step.message = self._shared(step.message)
        step.code_identities = self._shared_codes(step.code_identities)
        step.user_defined_metrics = _copied(step.user_defined_metrics)
        step.branches = step.branches or _NO_DICT
        for attempt in step.attempts:
            self._share_attempt(attempt)
        for branch in step.branches.values():
            self._share_branch(branch)

    def _share_attempt(self, attempt: AttemptOutline) -> None:
        attempt.status, attempt.message = self._shared(attempt.status), self._shared(attempt.message)
        attempt.code_identities = self._shared_codes(attempt.code_identities)
        attempt.user_defined_metrics = _copied(attempt.user_defined_metrics)

    def _shared(self, text: str) -> str:
        if len(self._texts) < _MOST_SHARED:
            return self._texts.setdefault(text, text)
        return self._texts.get(text, text)

    def _shared_codes(self, codes: list[CodeOutline]) -> list[CodeOutline]:
        if not codes:
            return _NO_LIST
        shared = [self._codes.setdefault((one.code_identifier, one.code_identifier_dependable), one) for one in codes]
        return self._code_lists.setdefault(tuple(map(id, shared)), shared)


def _share_dotted_names(metrics: Mapping[str, Raw | MetricSummary]) -> bool:
    """Whether what is nested in a metric may be one series with a metric that is summarised already."""
    summarised = [name for name, metric in metrics.items() if isinstance(metric, MetricSummary)]
    others = [name for name, metric in metrics.items() if isinstance(metric, Raw) and bytes(metric)[:1] == b"{"]
    return any(name.startswith(f"{other}.") for name in summarised for other in others)


def _copied(metrics: dict[str, Raw] | None) -> dict[str, Raw] | None:
    """Metrics without the text around them, which they would hold in memory."""
    if not metrics:
        return None if metrics is None else _NO_DICT
    return {name: value.copy() if isinstance(cast(object, value), Raw) else value for name, value in metrics.items()}
