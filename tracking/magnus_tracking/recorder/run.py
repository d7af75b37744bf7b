"""A run that is being recorded."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from magnus_tracking.errors import RecordingError, RecordingWarning
from magnus_tracking.journal.format import RUN, Header, encode_header
from magnus_tracking.journal.journal_paths import JOURNAL_SUFFIX
from magnus_tracking.journal.writer_liveness import this_writer
from magnus_tracking.recorder import active_runs
from magnus_tracking.recorder.atomic_files import remove_side
from magnus_tracking.recorder.branches import Scope
from magnus_tracking.recorder.documents import FAIL, Document, now
from magnus_tracking.recorder.endings import ended_status, put_terminal_step
from magnus_tracking.recorder.recovery import end_dead_attempts
from magnus_tracking.recorder.run_state import RecordedRun
from magnus_tracking.recorder.run_writer import Log
from magnus_tracking.recorder.sink import Sink
from magnus_tracking.recorder.step import Step
from magnus_tracking.recorder.value_encoding import plain_parameters
from magnus_tracking.trackers import RunInfo

INTERACTIVE_STEP = "interactive"
"""The step that takes what is tracked in a run outside any other step."""


class Run(RecordedRun, Scope):
    """A run, as a context manager or until `finish`; made by `start_run`.

    Attributes:
        run_id: its id.
        tag: what groups it with other runs, or empty.
        finished: whether it has ended, as far as this process knows.
        final_status: SUCCESS or FAIL once it has ended, else None.
        terminal_names: what the step that marks the end is called, by status, if not after its type.
    """

    def __post_init__(self) -> None:
        """Begin with no journal: see `begin`."""
        super().__post_init__()
        self.final_status: str | None = None
        self.terminal_names: dict[str, str] = {}
        self._owner = os.getpid()
        self._journal: Path | None = None
        self._implicit: Step | None = None
        self._implicit_lock = threading.RLock()
        self._is_finishing = False

    def _of_run(self) -> RecordedRun:
        return self

    def begin(self, parameters: Mapping[str, Any], document: Document | None) -> None:
        """Take up the run in this process: journal, environment, tracker.

        Args:
            parameters: of the run, for the tracker.
            document: the run's first log, where this process started it.

        Raises:
            OSError: the journal can't be written.
        """
        name = f"{RUN}-{time.time_ns()}-{os.getpid()}{JOURNAL_SUFFIX}"
        header = Header(RUN, self.run_id, time=now(), writer=this_writer(), run=document)
        self.side.mkdir(parents=True, exist_ok=True)
        self._journal = self.side / name
        self._journal.write_bytes(encode_header(header))
        active_runs.open_run(self)
        self.tracker.start(RunInfo(self.run_id, self.tag, parameters))

    @property
    def parameters(self) -> dict[str, Any]:
        """The run's parameters as they are now.

        Raises:
            RecordingError: the log can't be read.
        """
        found: dict[str, Any] = self.read(lambda log: log.parameters())
        return found

    def set_parameters(self, **parameters: Any) -> None:
        """Add or replace parameters of the run; they are those of every step that starts from now on.

        Raises:
            TypeError: a value is not a JSON value.
            RecordingError: the log can't be written and failures are raised.
        """
        plain = plain_parameters(parameters)
        self.change(lambda log: log.set_parameters(plain))

    def implicit_sink(self) -> Sink:
        """Where metrics go that are tracked outside any step: the step ``interactive``, begun when it is needed."""
        with active_runs.recording(), self._implicit_lock:
            if self._implicit is None or not self._implicit.running:
                self._implicit = Step(self, INTERACTIVE_STEP, INTERACTIVE_STEP, capture=False, implicit=True).start()
            return self._implicit.sink

    def experiment_tracker_context(self) -> AbstractContextManager[Any]:
        """See `get_experiment_tracker_context`."""
        return self.tracker.client_context()

    def finish(self, error: BaseException | None = None, *, status: str | None = None) -> None:
        """End the run.

        Args:
            error: an exception that ended it.
            status: SUCCESS or FAIL; by default FAIL after an exception or with a step that failed.

        Raises:
            RecordingError: the log can't be written and failures are raised.
        """
        if self.finished or self._is_finishing or self._owner != os.getpid():
            return
        self._is_finishing = True
        with active_runs.recording(), self.failures.held():
            try:
                self._end_steps(error)
                self._end(error, status)
            finally:
                self.finished = True
                self._leave(self.final_status)

    def _end_steps(self, error: BaseException | None) -> None:
        for step in reversed(self.running_steps):
            step.finish(error)
        # From here on nothing more is taken; what a signal handler tracked until now is.
        self.finished = True
        for index, metrics in active_runs.take_postponed():
            self.implicit_sink().track(index, metrics)
        for step in reversed(self.running_steps):
            step.finish(error)
        end_dead_attempts(self._writer, self.failures)

    def _end(self, error: BaseException | None, status: str | None) -> None:
        identity = self.code_identity()

        def end(log: Log) -> None:
            ended = FAIL if error is not None else ended_status(log.steps_in(""))
            put_terminal_step(log, "", status or ended, identity, self.terminal_names.get(status or ended, ""))
            run = log.run()
            run["status"] = status or ended
            log.put_run(run)
            self.final_status = run["status"]

        self.change(end)

    def detach(self) -> None:
        """Leave the run to other processes without ending it."""
        self.finished = True
        self._leave(None)

    def _leave(self, status: str | None) -> None:
        active_runs.close_run(self)
        if self._writer.complete:
            self._remove_journal()
        else:
            # The journal tells that the log is not complete; it is written at the end of the program, or recovered.
            _unwritten.append(self)
        self.tracker.finish(status)

    def write_late(self) -> None:
        """Write what could not be written when the run ended, or say how much of it is lost."""
        with self.failures.held():
            if self.change(lambda log: None):
                self._remove_journal()
                return
            lost = sum(waiting for waiting, _ in self._left_journals.values())
            if lost:
                self.failures.report(f"run {self.run_id!r}: {lost:,} values are lost that were only kept in memory")

    def after_fork(self) -> None:
        """Become the copy of a run in a forked child."""
        self._implicit_lock = threading.RLock()

    def _remove_journal(self) -> None:
        if self._journal is not None:
            try:
                self._journal.unlink(missing_ok=True)
            except OSError as error:
                self.failures.report(f"can't remove {self._journal}: {error}", error)
        remove_side(self.side)


_unwritten: list[Run] = []


def _finish_at_exit() -> None:
    for run in reversed(active_runs.unfinished_runs()):
        uncaught = None if hasattr(sys, "ps1") else getattr(sys, "last_value", None)
        _said(partial(run.finish, uncaught))
    for run in _unwritten:
        _said(run.write_late)


def _said(end: Callable[[], None]) -> None:
    """Do what is left to be done; nobody is there any more who could handle a failure."""
    try:
        end()
    except RecordingError as error:
        warnings.warn(str(error), RecordingWarning, stacklevel=2)


def _after_fork() -> None:
    """In a forked child the locks may be held by threads that are not there."""
    for run in active_runs.unfinished_runs():
        run.after_fork()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_finish_at_exit)
