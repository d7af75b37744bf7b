"""Which step of which run a tracking call belongs to."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magnus_tracking.errors import MagnusTrackingError, NoActiveRunError, RecordingWarning
from magnus_tracking.recorder.environment import (
    ENGINE_RUN_VARIABLES,
    JOURNAL_VARIABLE,
    RUN_ID_VARIABLE,
    TAG_VARIABLE,
)
from magnus_tracking.recorder.failures import Failures, OnError
from magnus_tracking.recorder.recording_context import Recorded

if TYPE_CHECKING:
    from magnus_tracking.recorder.sink import Sink

_NO_RUN = (
    "there is no active run: start one with `with magnus_tracking.start_run() as run, run.step('name'):`, "
    "or from the shell with `magnus-track step NAME -- COMMAND`"
)


class ActiveRun(Recorded):
    """A run of this process, as tracking calls see it.

    Attributes:
        run_id: its id.
        tag: what groups it with other runs, or empty.
        finished: whether it has ended, as far as this process knows.
    """

    run_id: str
    tag: str
    finished: bool

    @abstractmethod
    def implicit_sink(self) -> Sink:
        """Where metrics go that are tracked outside any step."""

    @abstractmethod
    def experiment_tracker_context(self) -> AbstractContextManager[Any]:
        """See `get_experiment_tracker_context`."""

    @abstractmethod
    def after_fork(self) -> None:
        """Become the copy of a run in a forked child."""


_ENGINES = ("magnus.context", "runnable.context")

current_sink: ContextVar[Sink | None] = ContextVar("magnus_tracking_sink", default=None)
"""The sink of the step that this thread or task began last."""

current_run: ContextVar[ActiveRun | None] = ContextVar("magnus_tracking_run", default=None)
"""The run that this thread or task started last."""

_sinks: list[Sink] = []
_implicit: list[Sink] = []
_runs: list[ActiveRun] = []
_attached: dict[str, Sink] = {}
_inherited: list[str | None] = []
_inherited_run: dict[str, str | None] = {}


class _Recording(threading.local):
    """How deep this thread is in the recorder, and what was tracked meanwhile."""

    depth = 0

    def __init__(self) -> None:
        self.waiting: list[tuple[int, dict[str, Any]]] = []


_recording = _Recording()


@contextmanager
def recording() -> Iterator[None]:
    """A part of the recorder that holds locks, or has left one step and not begun the next.

    What a signal handler or a finalizer tracks outside a step while it interrupts that part waits for its end.
    """
    _recording.depth += 1
    try:
        yield
    finally:
        _recording.depth -= 1
        for step, metrics in () if _recording.depth else take_postponed():
            try:
                (_current() or find_sink()).track(step, metrics)
            except MagnusTrackingError as error:
                message = f"{', '.join(metrics)} at step {step}, tracked in a signal handler: {error}"
                warnings.warn(message, RecordingWarning, stacklevel=2)


def _current() -> Sink | None:
    sink = current_sink.get()
    return None if sink is None or sink.closed else sink


def interrupts_recorder() -> bool:
    """Whether this thread is in the recorder already, so that this call comes from a handler or a finalizer.

    Raises:
        NoActiveRunError: it is, and no run is left that could take what is tracked.
    """
    if not _recording.depth:
        return False
    if all(run.finished for run in _runs):
        raise NoActiveRunError(_NO_RUN)
    return True


def postpone(step: int, metrics: dict[str, Any]) -> None:
    """Track once the recorder is done with what it does in this thread."""
    _recording.waiting.append((step, metrics))


def take_postponed() -> Iterator[tuple[int, dict[str, Any]]]:
    """What was put off, steps with values by name, until nothing more is."""
    while _recording.waiting:
        yield _recording.waiting.pop(0)


def find_sink() -> Sink:
    """The sink that a tracking call belongs to, in a thread or task that began no step itself.

    It is the only step that runs in this process; else the implicit step of its only run; else the step of another
    process that started this one; else that of an engine that runs in this process or above it.

    Raises:
        NoActiveRunError: there is none, or there are several.
    """
    running = [sink for sink in _sinks if not sink.closed]
    if len(running) == 1:
        return running[0]
    if running:
        raise NoActiveRunError(
            "several steps run in this process and this thread began none of them: track with `step.track(…)`"
        )
    run = current_run.get()
    if run is None or run.finished:
        active = [run for run in _runs if not run.finished]
        run = active[0] if len(active) == 1 else None
    if run is not None:
        return run.implicit_sink()
    return _attach()


def _attach() -> Sink:
    path = os.environ.get(JOURNAL_VARIABLE)
    if not path:
        engines = _engine_sink() if _may_be_in_an_engine() else None
        if engines is None:
            raise NoActiveRunError(_NO_RUN)
        current_sink.set(engines)
        return engines
    sink = _attached.get(path)
    if sink is None or sink.closed:
        from magnus_tracking.recorder.sink import Sink

        sink = _attached[path] = Sink.attach(Path(path), Failures(OnError.WARN))
    current_sink.set(sink)
    return sink


def _may_be_in_an_engine() -> bool:
    return any(name in os.environ for name in ENGINE_RUN_VARIABLES) or any(name in sys.modules for name in _ENGINES)


def _engine_sink() -> Sink | None:
    from magnus_tracking.recorder.engine_sinks import engine_sink

    return engine_sink()


def open_sink(sink: Sink, *, implicit: bool) -> None:
    """A step begins in this thread or task: calls and child processes belong to it.

    The implicit step of a run only takes what belongs to no other step.
    """
    if not _sinks and not _implicit:
        _inherited[:] = [os.environ.get(JOURNAL_VARIABLE)]
    if implicit:
        _implicit.append(sink)
    else:
        _sinks.append(sink)
        current_sink.set(sink)
    _export()


def close_sink(sink: Sink, before: Sink | None) -> None:
    """A step ends; `before` is what `current_sink` was when it began."""
    for sinks in (_sinks, _implicit):
        if sink in sinks:
            sinks.remove(sink)
    if current_sink.get() is sink:
        current_sink.set(before)
    _export()


def _export() -> None:
    """Tell child processes their journal; where several steps run at once there is none that is surely theirs."""
    candidates = _sinks or _implicit
    journal = str(candidates[0].path) if len(candidates) == 1 else None
    if not candidates and _inherited:
        journal = _inherited[0]
    if journal is None:
        os.environ.pop(JOURNAL_VARIABLE, None)
    else:
        os.environ[JOURNAL_VARIABLE] = journal


def open_run(run: ActiveRun) -> None:
    """A run starts in this thread or task."""
    if not _runs:
        _inherited_run.update({name: os.environ.get(name) for name in (RUN_ID_VARIABLE, TAG_VARIABLE)})
    _runs.append(run)
    current_run.set(run)
    _export_run()


def close_run(run: ActiveRun) -> None:
    """A run ends."""
    if run not in _runs:
        return
    _runs.remove(run)
    if current_run.get() is run:
        current_run.set(None)
    _export_run()


def _export_run() -> None:
    """Tell child processes the id and tag of the run that started last."""
    told = {RUN_ID_VARIABLE: _runs[-1].run_id, TAG_VARIABLE: _runs[-1].tag} if _runs else _inherited_run
    for name, value in told.items():
        if value:
            os.environ[name] = value
        else:
            os.environ.pop(name, None)


def unfinished_runs() -> list[ActiveRun]:
    """The runs of this process that have not ended."""
    return list(_runs)
