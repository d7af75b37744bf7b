"""A run as its steps and branches see it: its log, its journals, its code, its tracker."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from magnus_tracking.errors import RecordingError, os_reason
from magnus_tracking.journal.fold import Fold
from magnus_tracking.recorder import active_runs
from magnus_tracking.recorder.active_runs import ActiveRun
from magnus_tracking.recorder.code_identity import code_identity
from magnus_tracking.recorder.configuration import DO_NOTHING, Configuration
from magnus_tracking.recorder.documents import PROCESSING, Document, graph_node
from magnus_tracking.recorder.failures import Failures
from magnus_tracking.recorder.names import TERMINAL_NAMES
from magnus_tracking.recorder.recording_context import Recorded
from magnus_tracking.recorder.run_writer import Log, RunWriter
from magnus_tracking.trackers import Tracker

_IDENTITY_AGE = 2.0


@dataclass(eq=False, repr=False)
class RecordedRun(ActiveRun):
    """What steps and branches need of their run, beside what tracking calls do.

    Attributes:
        configuration: how it is recorded.
        attached: whether another process started it.
        failures: what happens when recording fails.
        side: the folder of its journals.
        tracker: where its metrics go besides.
        running_steps: the attempts that this process began and has not ended.
    """

    configuration: Configuration
    _writer: RunWriter
    tracker: Tracker
    tag: str
    attached: bool = field(kw_only=True)

    def __post_init__(self) -> None:
        """Begin with nothing running."""
        self.run_id = self._writer.run_id
        self.finished = False
        self.failures = Failures(self.configuration.on_error)
        self.side = self._writer.side
        self.running_steps: list[Recorded] = []
        self._left_journals: dict[Path, tuple[int, bytes]] = {}
        self._identity: tuple[float, Document] | None = None

    def change(self, change: Callable[[Log], None]) -> bool:
        """Change the run log; a failure is reported, and the change is kept for the next time.

        Returns:
            Whether it was written.

        Raises:
            RecordingError: it could not be written, and failures are raised.
        """
        with active_runs.recording():
            try:
                self._writer.apply(change)
            except RecordingError as error:
                self.failures.report(str(error), error)
                return False
        left, self._left_journals = self._left_journals, {}
        for journal, (_, times) in left.items():
            self.keep_times(times)
            journal.unlink(missing_ok=True)
        return True

    def keep_times(self, lines: bytes) -> None:
        """Keep when the values of an attempt were tracked, which are in the run log now; a failure is reported.

        Args:
            lines: as `encode_times` gives them.
        """
        try:
            self._writer.keep_times(lines)
        except OSError as error:
            self.failures.report(f"can't keep the times of values in {self._writer.times}: {os_reason(error)}", error)

    def leave_journal(self, journal: Path, waiting: int, times: bytes) -> None:
        """Keep the journal of an attempt whose end could not be written, until a later change was.

        Args:
            journal: the file.
            waiting: how many values the attempt tracked that are not in it.
            times: when the values were tracked; see `keep_times`.
        """
        self._left_journals[journal] = waiting, times

    def read(self, look: Callable[[Log], Any]) -> Any:
        """What `look` finds in the run log.

        Raises:
            RecordingError: the log can't be read.
        """
        return self._writer.look(look)

    def code_identity(self) -> Document:
        """Which code runs now; looked up again when the last answer is older than two seconds."""
        moment = time.monotonic()
        if self._identity is None or moment - self._identity[0] > _IDENTITY_AGE:
            self._identity = moment, code_identity()
        return dict(self._identity[1])

    def log_folder(self, internal_name: str) -> Path | None:
        """Where the execution logs of a step are: the run's folder of the catalog, and in it one a branch."""
        if self.configuration.catalog is None:
            return None
        return self.configuration.catalog / self.run_id / internal_name.rpartition(".")[0]

    def plan(self, log: Log, internal_name: str, step_type: str) -> None:
        """Add a step at the top of the run to the graph in `run_config`, where it is not there yet.

        Args:
            log: the run log.
            internal_name: of the step.
            step_type: ``task``, ``parallel`` or ``map``.
        """
        run = log.run()
        steps = run["run_config"]["dag"]["steps"]
        if "." in internal_name or (internal_name in steps and run["status"] == PROCESSING):
            return
        run["status"] = PROCESSING
        if internal_name not in steps:
            ends = {name: steps.pop(name) for name in TERMINAL_NAMES if name in steps}
            steps[internal_name] = graph_node(internal_name, step_type)
            steps.update(ends)
            run["run_config"]["dag"]["start_at"] = run["run_config"]["dag"]["start_at"] or internal_name
        log.put_run(run)

    def watch(self, journal: Path) -> None:
        """Tell the tracker where the values of an attempt that begins are, if it wants to know."""
        watch = getattr(self.tracker, "watch", None)
        if watch is not None:
            watch(journal)

    def publish(self, fold: Fold) -> None:
        """Give the metrics of an attempt that ended to the tracker."""
        if self.configuration.tracker.type == DO_NOTHING:
            return
        self.tracker.publish(fold.points())
        if self.attached:
            self.tracker.finish(None)
