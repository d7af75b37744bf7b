"""What can be put side by side: runs of the store, or the branches or attempts of one step.

Loading reads files, so it happens in worker threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from magnus_tracking.analysis.compare import Comparison, Row, compare_subjects
from magnus_tracking.analysis.compare.branches_and_attempts import attempt_subjects, branch_subjects, comparable_step
from magnus_tracking.analysis.compare.runs import run_subject
from magnus_tracking.analysis.compare.subject import Subject
from magnus_tracking.analysis.failures import reason_of
from magnus_tracking.analysis.liveness import run_state, state_of, took
from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.runlog.metrics import Series
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tui import format
from magnus_tui.compare.layout import ColumnHeading
from magnus_tui.compare.log_comparison import LogComparison, compare_logs
from magnus_tui.feed.feed import Feed
from magnus_tui.format import side_by_side

if TYPE_CHECKING:
    from magnus_tracking.logs.locate import RunLogs
    from magnus_tracking.runlog.models import RunLog, StepLog
    from magnus_tracking.series.times import TrackedTimes

K = TypeVar("K")


@dataclass(frozen=True)
class Loaded:
    """What a screen of comparison shows.

    Attributes:
        comparison: the whole table, measured from the first column.
        headings: what stands above each column.
        run_ids: the run behind each column.
        problems: what could not be loaded, a line each.
        subjects: the columns, for their series.
        title: the path of the screen, where it is not the one that the source has.
        began: when the run behind each column began, where that is known.
        of_attempts: whether the columns are attempts of a step, which have a log each.
    """

    comparison: Comparison
    headings: tuple[ColumnHeading, ...]
    run_ids: tuple[str, ...]
    problems: tuple[str, ...] = ()
    subjects: Sequence[Subject] = field(default=(), repr=False)
    title: tuple[str, ...] = ()
    began: tuple[datetime | None, ...] = ()
    of_attempts: bool = False

    def headings_from(self, baseline: int) -> list[ColumnHeading]:
        """What stands above each column, the baseline named as such."""
        return [
            replace(heading, note=f"{heading.note} · baseline") if column == baseline else heading
            for column, heading in enumerate(self.headings)
        ]

    def series(self, row: Row) -> list[Series | None]:
        """The series behind a row of metrics, by column."""
        if row.metric is None:
            return [None] * len(self.subjects)
        if row.step is None:
            return [subject.metrics.get(row.metric) for subject in self.subjects]
        return [subject.by_step.get((row.step, row.metric)) for subject in self.subjects]


class Source(Protocol):
    """Something to compare."""

    @property
    def title(self) -> tuple[str, ...]:
        """The path of the screen, from the store inwards."""

    @property
    def run_ids(self) -> tuple[str, ...]:
        """The runs whose changes change the comparison."""

    def load(self, feed: Feed, now: datetime) -> Loaded:
        """Read what is compared.

        Raises:
            MagnusTrackingError: nothing of it can be read.
        """


@dataclass(frozen=True)
class RunsSource:
    """Several runs."""

    run_ids: tuple[str, ...]

    @property
    def title(self) -> tuple[str, ...]:
        """``compare 3 runs``."""
        return (f"compare {format.count(len(self.run_ids), 'run')}",)

    def load(self, feed: Feed, now: datetime) -> Loaded:
        """Read the runs; one that can't be read is left out and told.

        Raises:
            MagnusTrackingError: none of them can be read.
        """
        runs, problems = [], []
        for run_id in self.run_ids:
            try:
                with feed.opener.reading(run_id):
                    runs.append(feed.opener.open_run(run_id))
            except MagnusTrackingError as error:
                problems.append(str(error))
        if not runs:
            raise MagnusTrackingError("; ".join(problems) or "there is nothing to compare")
        subjects, states, times = [], [], []
        for run in runs:
            liveness = feed.liveness(run.summary, now)
            lasted = took(run.summary, now, liveness)
            subjects.append(run_subject(run.run, lasted, run.series, run.summary.run_id))
            states.append(run_state(run.summary, liveness))
            times.append(lasted)
        headings = map(_heading, subjects, states, side_by_side.took(times))
        comparison = compare_subjects(subjects)
        began = tuple(run.summary.started for run in runs)
        return Loaded(comparison, tuple(headings), comparison.runs, tuple(problems), subjects, began=began)


@dataclass(frozen=True)
class StepSource:
    """The branches of a step, or its attempts where it has no branches; of a step around it where it has but one."""

    run_id: str
    step: str

    @property
    def title(self) -> tuple[str, ...]:
        """The run, then the step."""
        return self._title(self.step)

    def _title(self, step: str) -> tuple[str, ...]:
        return (self.run_id, f"compare inside {step}")

    @property
    def run_ids(self) -> tuple[str, ...]:
        """The run that the step is in."""
        return (self.run_id,)

    def load(self, feed: Feed, now: datetime) -> Loaded:
        """Read the run.

        Raises:
            MagnusTrackingError: it can't be read, or its step has nothing to compare.
        """
        # Long metrics are compared by their values, for which `open_run` may have a short text.
        with feed.opener.reading(self.run_id):
            return self._load(feed, now)

    def _load(self, feed: Feed, now: datetime) -> Loaded:
        """The branches or attempts of the step as columns, with the times of their values."""
        run = feed.opener.load(self.run_id)
        goes_on = run.status not in FINAL_STATUSES
        liveness = feed.liveness(feed.opener.open_run(self.run_id).summary, now) if goes_on else None
        step = self._compared(run)
        times = feed.opener.times_of(self.run_id)
        inside = branch_subjects(step) if step.branches else _attempts(run, step, feed.opener.logs_of(run, self.run_id))
        subjects = [
            replace(subject, metrics=_timed(subject.metrics, times), by_step=_timed(subject.by_step, times))
            for subject in inside
        ]
        comparison = compare_subjects(subjects)
        ids = (self.run_id,) * len(comparison.runs)
        states = [state_of(subject.facts["status"], run.status, liveness) for subject in subjects]
        durations = side_by_side.listed_durations([subject.facts.get("duration") for subject in subjects])
        headings = tuple(map(_heading, subjects, states, durations))
        title = self._title(step.internal_name)
        return Loaded(comparison, headings, ids, (), subjects, title, of_attempts=not step.branches)

    def _compared(self, run: RunLog) -> StepLog:
        """The step that is looked into.

        Raises:
            MagnusTrackingError: there is none with anything to compare.
        """
        step = comparable_step(run, self.step)
        if step is None:
            raise MagnusTrackingError(f"neither {self.step!r} nor a step around it has two branches or two attempts")
        return step

    def compare_logs(self, feed: Feed, columns: tuple[int, int]) -> LogComparison:
        """The execution logs of the attempts in two columns.

        Raises:
            MagnusTrackingError: the run or a log can't be read, or the columns are not attempts.
        """
        with feed.opener.reading(self.run_id):
            run = feed.opener.open_run(self.run_id).run
            step = self._compared(run)
            if step.branches:
                raise MagnusTrackingError("only attempts of one step have logs that can be compared")
            numbers = [step.attempts[column].attempt_number for column in columns]
            return compare_logs(step, numbers, feed.opener.logs_of(run, self.run_id))


def _attempts(run: RunLog, step: StepLog, logs: RunLogs) -> list[Subject]:
    """The attempts of a step with why they failed, as their logs say it."""
    subjects = []
    for subject, attempt in zip(attempt_subjects(step), step.attempts, strict=True):
        said = subject.facts["message"]
        reason = str(reason_of(run, step, attempt, logs)) if attempt.status == "FAIL" else ""
        facts = {name: fact for name, fact in subject.facts.items() if name != "message"}
        subjects.append(replace(subject, facts={**facts, "reason": reason or said, "message": said}))
    return subjects


def _timed(metrics: Mapping[K, Series], times: TrackedTimes) -> dict[K, Series]:
    return dict(zip(metrics, times.attach(metrics.values()), strict=True))


def _heading(subject: Subject, state: str, lasted: str) -> ColumnHeading:
    """What stands above a column: its name, its state as lists show it, and how long it took where that is known."""
    known = f" {lasted}" if lasted != format.DASH else ""
    return ColumnHeading(subject.name, f"{format.glyph(state)}{known}")
