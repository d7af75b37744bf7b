"""Where the metrics of an engine's step go, inside which this process runs: a journal beside the engine's run.

Nothing is ever folded there, and nothing that goes wrong ends the user's task: it costs one warning.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import warnings
from pathlib import Path
from types import FrameType
from typing import Self

from magnus_tracking.engines import frames
from magnus_tracking.engines.place import UNKNOWN_STEP, EngineStep, Unreachable
from magnus_tracking.errors import RecordingWarning, os_reason
from magnus_tracking.filesystem.regular_files import open_regular
from magnus_tracking.journal.format import ATTEMPT, encode_header
from magnus_tracking.journal.headers import read_headed
from magnus_tracking.journal.journal_paths import JOURNAL_SUFFIX
from magnus_tracking.recorder.documents import now
from magnus_tracking.recorder.failures import Failures, OnError
from magnus_tracking.recorder.sink import Sink

_MODE = 0o666
_NS_A_MS = 1_000_000
_SURE_SECONDS = 0.0002
"""For how long a step that was seen running surely runs on: the engines write a log between two steps."""

_clock = time.perf_counter

_MOST_COROUTINES = 64
"""Journals of coroutines that are kept open: whether one has ended is not known in every thread."""


class EngineSink(Sink):
    """The journal of one attempt of an engine's step, for as long as that runs.

    Attributes:
        step: what it belongs to; None where nothing can be kept.
        closed: whether the calling thread has left the step.
    """

    step: EngineStep | None = None
    _frame: FrameType | None = None
    _thread: int = 0
    _has_ended: bool = False
    _seen_until: float = 0.0

    @classmethod
    def open(cls, step: EngineStep, below: str = "") -> Self:
        """Open the journal of an attempt, the same for all children of one shell.

        Raises:
            OSError: it can't be written.
        """
        folder = step.place.journals
        header = step.header(now(), time.time_ns() // _NS_A_MS, below)
        if step.shell:
            for path, other in read_headed(step.place.root, step.place.run_id):
                if (other.shell, other.step, other.below) == (header.shell, header.step, header.below):
                    return cls._made(path, open_regular(path, os.O_RDWR | os.O_APPEND)[0], step, other.clock)
        folder.mkdir(exist_ok=True)
        name = f"{ATTEMPT}-{time.time_ns()}-{os.getpid()}{JOURNAL_SUFFIX}"
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(folder / name, flags, _MODE)
        os.write(descriptor, encode_header(header))
        return cls._made(folder / name, descriptor, step, header.clock)

    @classmethod
    def nowhere(cls) -> Self:
        """A sink for what can be kept nowhere."""
        return cls._made(Path(os.devnull), os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), None, 0)

    @classmethod
    def _made(cls, path: Path, descriptor: int, step: EngineStep | None, clock: int) -> Self:
        sink = cls(path, descriptor, Failures(OnError.WARN), clock=clock, attached=False)
        sink.step = step
        return sink

    def belong_to(self, frame: FrameType, thread: int) -> None:
        """Be the sink of a step that this process runs, for as long as it does."""
        self._frame, self._thread = frame, thread

    @property
    def closed(self) -> bool:
        """Whether the calling thread has left the step: asked at each call, as engines run all steps in one thread."""
        moment = _clock()
        if moment < self._seen_until:
            return False
        if self._is_left():
            return True
        self._seen_until = moment + _SURE_SECONDS
        return False

    @closed.setter
    def closed(self, closed: bool) -> None:
        self._has_ended = closed
        self._seen_until = 0.0

    def _is_left(self) -> bool:
        step_frame = self._frame
        if step_frame is None or self._has_ended:
            return self._has_ended
        above: FrameType | None = sys._getframe(2)
        while above is not None:
            if above is step_frame:
                return False
            if above.f_code.co_name in frames.STEP_FUNCTIONS:
                return frames.step_frame_above(above) is not step_frame
            above = above.f_back
        # A task that was made inside the step inherited it; a thread may do the work of any step.
        return not (frames.is_async(step_frame) or frames.is_running(step_frame, self._thread))

    def is_over(self) -> bool:
        """Whether the step has surely ended."""
        frame = self._frame
        return frame is not None and not frames.is_async(frame) and not frames.is_running(frame, self._thread)


_lock = threading.RLock()
_by_frame: dict[int, tuple[FrameType, EngineSink]] = {}
_of_parent: list[EngineSink] = []
_told: set[str] = set()


def engine_sink() -> EngineSink | None:
    """The sink of the engine's step that this thread, task or process belongs to.

    Returns:
        None where it belongs to no engine's run.
    """
    if frames.is_engine_loaded():
        here = frames.step_frame_above(sys._getframe(1))
        found = (here, threading.get_ident()) if here is not None else frames.only_step_frame()
        if found is not None:
            return _of_frame(*found)
    with _lock:
        if not _of_parent:
            sink = _find_parents()
            if sink is None:
                return None
            _of_parent.append(sink)
        return _of_parent[0]


def sink_below(name: str, run_id: str | None) -> EngineSink | None:
    """The sink of a command that is run as a step inside the step of an engine.

    It is the engine's step itself where that has the name, else something below it.

    Args:
        name: of the step that the command is.
        run_id: the run that was asked for; another one than the engine's is a run of its own.

    Returns:
        None where this process is in no step of an engine.
    """
    inside = engine_sink()
    if inside is None or inside.step is None or run_id not in (None, inside.step.place.run_id):
        return None
    if name in (inside.step.step, inside.step.step.rpartition(".")[2]):
        return inside
    try:
        return EngineSink.open(inside.step, below=name)
    except OSError as error:
        return _lost(error)


def _of_frame(frame: FrameType, thread: int) -> EngineSink:
    with _lock:
        known = _by_frame.get(id(frame))
        if known is not None and known[0] is frame:
            return known[1]
        _let_go()
        from magnus_tracking.engines.in_process import step_of

        try:
            sink = _opened(step_of(frame))
        except Exception as error:  # whatever an engine of another version is like: the user's task goes on
            sink = _lost(error)
        sink.belong_to(frame, thread)
        _by_frame[id(frame)] = frame, sink
        return sink


def _let_go() -> None:
    """Close the journals of steps that have ended; there may be thousands."""
    over = [key for key, (_, sink) in _by_frame.items() if sink.is_over()]
    over += [key for key in _by_frame if key not in over][: max(len(_by_frame) - len(over) - _MOST_COROUTINES, 0)]
    for key in over:
        _by_frame.pop(key)[1].close(remove=False)


def _find_parents() -> EngineSink | None:
    from magnus_tracking.engines.in_child import step_of_parent

    try:
        step = step_of_parent()
        return None if step is None else _opened(step)
    except Exception as error:  # see `_of_frame`
        return _lost(error)


def _opened(step: EngineStep) -> EngineSink:
    if step.step == UNKNOWN_STEP:
        run = step.place.run_id
        _tell(f"which step of run {run!r} tracks can't be told ({step.reason}): its values are kept under the run")
    try:
        return EngineSink.open(step)
    except OSError as error:
        raise Unreachable(f"can't write a journal in {step.place.journals}: {os_reason(error)}") from error


def _lost(error: Exception) -> EngineSink:
    reason = str(error) if isinstance(error, Unreachable) else f"{type(error).__name__}: {error}"
    _tell(f"what is tracked in this step is not kept: {reason}")
    return EngineSink.nowhere()


def _tell(message: str) -> None:
    if message in _told:
        return
    _told.add(message)
    try:
        warnings.warn(message, RecordingWarning, stacklevel=2)
    except RecordingWarning:
        # Warnings are errors here, and an error would end the engine's step.
        print(f"magnus-tracking: {message}", file=sys.stderr)


def _after_fork() -> None:
    """A forked child runs in the frames of its parent, and in their journals; its lock may be held by a lost thread."""
    global _lock
    _lock = threading.RLock()


os.register_at_fork(after_in_child=_after_fork)
