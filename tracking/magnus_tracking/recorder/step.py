"""One attempt of a step: from its start to what it leaves in the run log."""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from magnus_tracking.errors import CommandFailedError, RecordingError
from magnus_tracking.journal.format import ATTEMPT, Header
from magnus_tracking.journal.journal_paths import JOURNAL_SUFFIX
from magnus_tracking.journal.times import encode_times
from magnus_tracking.journal.writer_liveness import this_writer
from magnus_tracking.recorder import active_runs
from magnus_tracking.recorder.documents import (
    Document,
    begin_attempt,
    data_catalog,
    end_attempt,
    error_message,
    new_attempt,
    new_step,
    now,
)
from magnus_tracking.recorder.environment import JOURNAL_VARIABLE, RUN_ID_VARIABLE, take_metrics
from magnus_tracking.recorder.output import Capture, ExecutionLog, digest_of
from magnus_tracking.recorder.recording_context import Recorded
from magnus_tracking.recorder.run_state import RecordedRun
from magnus_tracking.recorder.run_writer import Log
from magnus_tracking.recorder.sink import Sink
from magnus_tracking.runlog.default_names import LOG_SUFFIX

TASK = "task"
_NS_A_MS = 1_000_000
_THIS_PROJECT = Path(__file__).parents[1]


class Step(Recorded):
    """One attempt of a step, as a context manager or between `start` and `finish`.

    A step of a name that is in the run already is its next attempt.

    Attributes:
        name: the step's own name.
        internal_name: its dotted path.
        attempt_number: which attempt this is, once it started.
    """

    def __init__(
        self,
        run: RecordedRun,
        name: str,
        internal_name: str,
        *,
        map_values: tuple[str, ...] = (),
        capture: bool = True,
        implicit: bool = False,
        step_type: str = TASK,
    ) -> None:
        self.name = name
        self.internal_name = internal_name
        self.attempt_number = 0
        self._run = run
        self._log_name = name.replace(" ", "_") + LOG_SUFFIX + "".join(f"_{value}" for value in map_values)
        self._captures = capture
        self._implicit = implicit
        self._type = step_type
        self._owner = 0
        self._sink: Sink | None = None
        self._header: Header | None = None
        self._before: Sink | None = None
        self._log: ExecutionLog | None = None
        self._capture: Capture | None = None
        self._is_ending = False

    @property
    def sink(self) -> Sink:
        """Where the attempt's metrics go.

        Raises:
            RecordingError: it has not started, or has ended.
        """
        if self._sink is None:
            raise RecordingError(f"step {self.internal_name!r} is not running: start it first")
        return self._sink

    @property
    def running(self) -> bool:
        """Whether the attempt has started and not ended."""
        return self._sink is not None

    def start(self) -> Self:
        """Begin the attempt.

        Raises:
            RecordingError: it has begun already, or the log can't be written and failures are raised.
        """
        if self._owner:
            raise RecordingError(f"step {self.internal_name!r} has started already: make another for a new attempt")
        self._owner = os.getpid()
        with active_runs.recording():
            try:
                with self._run.failures.held():
                    self._begin()
            except RecordingError as error:
                with contextlib.suppress(RecordingError):
                    self.finish(error)
                raise
        return self

    def _begin(self) -> None:
        """Write the attempt into the run log, then open its journal and its execution log."""
        run = self._run
        started, clock = now(), time.time_ns() // _NS_A_MS
        identity = run.code_identity()

        def begin(log: Log) -> None:
            step = log.step(self.internal_name) or new_step(self.name, self.internal_name, self._type, identity)
            self.attempt_number = len(step["attempts"]) + 1
            self._set_log_aside(step)
            begin_attempt(step, new_attempt(self.attempt_number, started, log.parameters()))
            run.plan(log, self.internal_name, self._type)
            log.put_step(step)

        run.change(begin)
        self._sink = self._create_sink(started, clock)
        self._before = active_runs.current_sink.get()
        active_runs.open_sink(self._sink, implicit=self._implicit)
        active_runs.current_run.set(run)
        run.running_steps.append(self)
        run.watch(self._sink.path)
        self._open_log()

    def _create_sink(self, started: str, clock: int) -> Sink:
        run = self._run
        number = max(self.attempt_number, 1)
        header = Header(ATTEMPT, run.run_id, self.internal_name, number, started, this_writer(), clock)
        self._header = header
        name = f"{ATTEMPT}-{time.time_ns()}-{os.getpid()}{JOURNAL_SUFFIX}"
        try:
            return Sink.create(run.side / name, header, run.failures)
        except OSError as error:
            # Metrics are kept in memory then; what is lost is what a killed process would have left.
            run.failures.report(f"can't write a journal in {run.side}: {error}", error)
            return Sink.in_memory(run.side / name, header, run.failures)

    def _open_log(self) -> None:
        folder = self._run.log_folder(self.internal_name)
        if folder is None:
            return
        self._log = ExecutionLog(folder / self._log_name, self._run.failures)
        if self._captures:
            self._capture = Capture(self._log)
            self._capture.start()

    def _set_log_aside(self, step: Document) -> None:
        """Keep the execution log of the attempt before: its file and entry get the attempt's number."""
        folder = self._run.log_folder(self.internal_name)
        if folder is None or not step["attempts"]:
            return
        entry = next((item for item in step["data_catalog"] if item["name"] == self._log_name), None)
        if entry is None:
            # A process that was killed has listed nothing.
            try:
                entry = self._catalog_entry(folder / self._log_name, digest_of(folder / self._log_name))
            except OSError:
                return
            step["data_catalog"].append(entry)
        stem, suffix, rest = self._log_name.rpartition(LOG_SUFFIX)
        aside = f"{stem}.attempt-{self.attempt_number - 1}{suffix}{rest}"
        try:
            (folder / self._log_name).rename(folder / aside)
        except OSError:
            # The file is gone, so that there is nothing to keep; its entry goes on to say that there was one.
            return
        entry["name"] = aside
        entry["catalog_relative_path"] = str(Path(entry["catalog_relative_path"]).with_name(aside))

    def track(self, step: int = 0, **metrics: Any) -> None:
        """Track metrics of this attempt, from whichever thread; see `track_this`."""
        self.sink.track(step, metrics)

    def log(self, text: str) -> None:
        """Write text into the execution log alone."""
        if self._log is not None:
            self._log.write(text)

    def log_bytes(self, data: bytes) -> None:
        """Write bytes, as a child process printed them, into the execution log alone."""
        if self._log is not None:
            self._log.write_bytes(data)

    def environment(self) -> dict[str, str]:
        """The variables by which a child process of this attempt finds it, where several attempts run at once."""
        return {JOURNAL_VARIABLE: str(self.sink.path), RUN_ID_VARIABLE: self._run.run_id}

    def finish(self, error: BaseException | str | None = None) -> None:
        """End the attempt: fold its metrics into the run log.

        Args:
            error: what made it fail: an exception, whose traceback goes into the execution log, or a message.

        Raises:
            RecordingError: the log can't be written and failures are raised; the metrics stay in the journal.
        """
        sink = self._sink
        if sink is None or self._is_ending or self._owner != os.getpid():
            return
        self._is_ending = True
        try:
            if self._capture is not None:
                # Whatever happens from here on, the streams are the user's again.
                self._capture.stop()
            with active_runs.recording(), self._run.failures.held():
                self._end(sink, error)
        finally:
            self._is_ending = False

    def _end(self, sink: Sink, error: BaseException | str | None) -> None:
        """Close the execution log and the journal, and write the attempt's end and metrics into the run log."""
        run = self._run
        for metric in take_metrics(os.environ):
            sink.track(metric.step, {metric.name: metric.value})
        ended = now()
        message = error_message(error) if isinstance(error, BaseException) else error
        if isinstance(error, BaseException) and not isinstance(error, CommandFailedError):
            # What a command had to say of its failure it printed itself; where it was called from says nothing.
            self.log("".join(traceback.format_exception(type(error), error, _user_frames(error.__traceback__))))
        entry = self._close_log()
        fold = sink.seal()
        self._sink = None
        active_runs.close_sink(sink, self._before)
        run.running_steps.remove(self)
        metrics = fold.metrics()
        times = encode_times(self._header, fold) if self._header is not None else b""
        if sink.lost:
            run.failures.report(
                f"step {self.internal_name!r}: {sink.lost:,} values are lost: writing failed, and too many waited"
            )

        def end(log: Log) -> None:
            step = log.step(self.internal_name)
            if step is None:
                raise ValueError(f"step {self.internal_name!r} is gone from the log")
            end_attempt(step, self.attempt_number, ended, message, metrics)
            if entry is not None and entry not in step["data_catalog"]:
                step["data_catalog"].append(entry)
            log.put_step(step)

        written = False
        try:
            written = run.change(end)
        finally:
            if written:
                # Where it is killed here the journal still has them, and `recover` finds it.
                run.keep_times(times)
            else:
                run.leave_journal(sink.path, sink.waiting, times)
            sink.close(remove=written)
        run.publish(fold)

    def _close_log(self) -> Document | None:
        if self._log is None:
            return None
        digest = self._log.close()
        if digest is None:
            return None
        return self._catalog_entry(self._log.path, digest)

    def _catalog_entry(self, path: Path, digest: str) -> Document:
        configuration = self._run.configuration
        relative = path.relative_to(configuration.catalog) if configuration.catalog else path
        return data_catalog(self._log_name, digest, str(relative), configuration.catalog_location)

    def __enter__(self) -> Self:
        return self.start()


def _user_frames(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without the frames of this project that it begins with; all of it where there are no others."""
    frames = trace
    while frames is not None and Path(frames.tb_frame.f_code.co_filename).is_relative_to(_THIS_PROJECT):
        frames = frames.tb_next
    return frames or trace
