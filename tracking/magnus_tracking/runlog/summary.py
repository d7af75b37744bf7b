"""One run in one row: what lists, filters and indexes need.

The words are defined in the project's semantics: leaf steps, attempts, retries, failing step, started, ended, last
value of a metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from msgspec import UNSET, Struct, field

from magnus_tracking.runlog.elapsed import by_end, clock_note, step_took
from magnus_tracking.runlog.failing import find_failure, why_unknown
from magnus_tracking.runlog.metric_summary import DEFAULT_DETAIL, Detail, Live, summarize_metrics
from magnus_tracking.runlog.metric_summary import MetricSummary as MetricSummary
from magnus_tracking.runlog.metrics import unwrap_all
from magnus_tracking.runlog.nesting_depth import make_shallow
from magnus_tracking.runlog.outline import RunOutline, StepOutline
from magnus_tracking.runlog.retries import count_attempts
from magnus_tracking.runlog.run_config import is_of_our_executor, planned_steps, script_of
from magnus_tracking.runlog.step_kinds import is_leaf
from magnus_tracking.runlog.steps import code_of, walk_steps
from magnus_tracking.runlog.times import as_shown, local_time, parse_time, seconds_between
from magnus_tracking.runlog.tracked_beside import NO_STEP
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES, Engine, engine_that_wrote


class RunFile(Protocol):
    """What a summary takes from the file system; see `magnus_tracking.stores.RunHandle`."""

    @property
    def run_id(self) -> str: ...  # noqa: D102 - documented on RunHandle
    @property
    def path(self) -> str: ...  # noqa: D102 - documented on RunHandle
    @property
    def size(self) -> int: ...  # noqa: D102 - documented on RunHandle
    @property
    def mtime_ns(self) -> int: ...  # noqa: D102 - documented on RunHandle


class StepCounts(Struct, frozen=True, gc=False, array_like=True):
    """How many leaf steps the log has, and how they ended. Mocked ones are skipped, neither succeeded nor failed."""

    total: int = 0
    succeeded: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def passed(self) -> int:
        """How many need not run any more: of a run that succeeded, all."""
        return self.succeeded + self.skipped


class RunSummary(Struct, frozen=True, gc=False, array_like=True):
    """A run in one row.

    Attributes:
        run_id: the name of its file or folder.
        status: CREATED, PROCESSING, SUCCESS or FAIL as the file has it; empty for an unreadable run.
        script: the script that recorded a run without a dag hash, as far as it is known.
        started: naive local time of the machine that ran; inferred from file names or times if `started_inferred`.
        ended: the latest attempt end, once the status is final.
        duration: seconds from started to ended; None while unfinished, or where the clock went back meanwhile.
        clock_note: what the log shows of a clock that went back while it was written; None if nothing.
        failing_step: internal name of the leaf step that failed first, also where the run recovered; in a FAIL run
            without one, of the innermost step or branch that never ended, else that failed.
        message: of the failing attempt, else of the failing step; that it never ended, or failed without a step.
        parameters: by name, without runnable's wrappers.
        metrics: by dotted name.
        step_names: internal names of the leaf steps, in the order of the log.
        planned: the names of the top-level steps in `run_config.dag`, terminal ones left out, of an unfinished run and
            of one without a dag hash; nobody asks for those of others.
        step_durations: seconds that each leaf step that ended took, by internal name.
        current_step: the leaf step of an unfinished run that has not ended.
        last_sign: the newest time in the log, which only an unfinished run needs.
        commit: the git commit, or other code identifier, of the run's first step that has one.
        dirty: whether some step ran with uncommitted changes; None without a code identity.
        path: the file or folder; `size` in bytes and `mtime_ns` are its own.
        error: why the run can't be read; everything but its id and file is empty then.
    """

    run_id: str
    status: str = ""
    engine: Engine = "unknown"
    tag: str = ""
    dag_hash: str = ""
    script: str = ""
    original_run_id: str = ""
    started: datetime | None = None
    started_inferred: bool = False
    ended: datetime | None = None
    duration: float | None = None
    steps: StepCounts = StepCounts()
    attempts: int = 0
    retries: int = 0
    failing_step: str | None = None
    message: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, MetricSummary] = field(default_factory=dict)
    step_names: tuple[str, ...] = ()
    planned: tuple[str, ...] = ()
    step_durations: dict[str, float] = field(default_factory=dict)
    current_step: str | None = None
    last_sign: datetime | None = None
    commit: str | None = None
    dirty: bool | None = None
    path: str = ""
    size: int = 0
    mtime_ns: int = 0
    error: str | None = None
    clock_note: str | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the engine has written its last word on this run."""
        return self.status in FINAL_STATUSES

    @property
    def recovered(self) -> bool:
        """Whether the run succeeded although a step failed, by an `on_failure` path."""
        return self.status == "SUCCESS" and self.failing_step is not None

    @property
    def expected_steps(self) -> int:
        """How many leaf steps there are; of an unfinished run, as many as are planned at least."""
        return self.steps.total if self.is_finished else max(self.steps.total, len(self.planned))

    @property
    def pipeline(self) -> str:
        """What tells this run's pipeline from others: the dag hash, or without one the names of its planned steps.

        Of a script's steps only those are known that had begun, fewer where it failed or still runs: it is told by its
        file and the first of them.
        """
        return self.dag_hash or "\x1f".join((self.script, *self.planned[:1]) if self.script else self.planned)


def unreadable(file: RunFile, reason: str) -> RunSummary:
    """The row of a run that can't be read."""
    started = local_time(file.mtime_ns / 1e9) if file.mtime_ns else None
    return RunSummary(
        run_id=file.run_id,
        started=started,
        started_inferred=True,
        path=file.path,
        size=file.size,
        mtime_ns=file.mtime_ns,
        error=reason,
    )


def summarize(file: RunFile, run: RunOutline, detail: Detail = DEFAULT_DETAIL, live: Live | None = None) -> RunSummary:
    """The row of a run from its outline.

    Args:
        file: what the file system says.
        run: the outline.
        detail: how much of its metrics is worked out.
        live: what running attempts have tracked, in place of what the file holds.
    """
    ours = is_of_our_executor(run.run_config)
    steps = _Steps(run, one_at_a_time=not ours)
    leaves = steps.leaves
    finished = run.status in FINAL_STATUSES
    times = _Times(file, run, steps)
    failure = find_failure(run.status, run.top_steps, leaves)
    identities = code_of(leaves)
    attempts, retries = count_attempts(leaves)
    parameters = unwrap_all(run.parameters)
    metrics = summarize_metrics(by_end(leaves, steps.ends), detail, live)
    make_shallow(parameters, metrics)
    return RunSummary(
        run_id=file.run_id,
        status=run.status,
        engine=engine_that_wrote(ours, run.use_cached is not UNSET),
        tag=run.tag or "",
        dag_hash=run.dag_hash or "",
        script=script_of(run.run_config) if ours and not run.dag_hash else "",
        original_run_id=run.original_run_id or "",
        started=as_shown(times.started),
        started_inferred=times.inferred,
        ended=as_shown(steps.latest_end) if finished else None,
        duration=seconds_between(times.started, steps.latest_end) if finished and steps.clock_note is None else None,
        steps=_count(leaves),
        attempts=attempts,
        retries=retries,
        failing_step=failure.name if failure else None,
        message=failure.message if failure else why_unknown(run.status, failure, run.top_steps),
        parameters=parameters,
        metrics=metrics,
        step_names=tuple([step.internal_name for step in leaves]),
        planned=() if finished and run.dag_hash else planned_steps(run.run_config),
        step_durations=steps.durations,
        current_step=None if finished else _current(leaves),
        last_sign=None if finished else as_shown(times.last_sign),
        commit=identities[0].code_identifier if identities else None,
        dirty=any(code.code_identifier_dependable is False for code in identities) if identities else None,
        path=file.path,
        size=file.size,
        mtime_ns=file.mtime_ns,
        clock_note=steps.clock_note,
    )


class _Steps:
    """What the steps of a run say together, from one walk over them, as this is done for every run of a store.

    Attributes:
        leaves: the leaf steps, in the order of the log.
        durations: seconds that the leaf steps that ended took, by internal name.
        clock_note: what the times show of a clock that went back; None if nothing.
        ends: the latest end of each leaf step, `datetime.min` without one.
        starts: when attempts started, of leaf steps and others.
        latest_end: when the last attempt ended.
    """

    def __init__(self, run: RunOutline, *, one_at_a_time: bool) -> None:
        leaves: list[StepOutline] = []
        ends: list[datetime] = []
        durations: dict[str, float] = {}
        starts: list[datetime] = []
        never = latest_end = moment = datetime.min
        in_order = True
        for step in walk_steps(run.top_steps):
            latest = never
            for attempt in step.attempts:
                start, end = parse_time(attempt.start_time), parse_time(attempt.end_time)
                if start is not None:
                    starts.append(start)
                    in_order &= start >= moment
                    moment = start
                if end is not None:
                    if end >= latest:
                        latest = end
                    in_order &= end >= moment
                    moment = end
            if latest is not never and latest >= latest_end:
                latest_end = latest
            if is_leaf(step):
                leaves.append(step)
                ends.append(latest)
                if latest is never:
                    continue
                # Nearly every step has one attempt, whose times have just been parsed.
                seconds = seconds_between(start, end) if len(step.attempts) == 1 else step_took(step.attempts)
                if seconds is not None:
                    durations[step.internal_name] = seconds
        self.leaves, self.durations, self.starts, self.ends = leaves, durations, starts, ends
        self.latest_end = None if latest_end is never else latest_end
        # Times that only grow from step to step need no closer look; branches that ran side by side do.
        self.clock_note = None if in_order else clock_note(run.top_steps, one_at_a_time=one_at_a_time)


class _Times:
    """When a run started, and when one that is unfinished was last heard of."""

    def __init__(self, file: RunFile, run: RunOutline, steps: _Steps) -> None:
        starts = steps.starts
        self.inferred = not starts
        self.last_sign: datetime | None = None
        self.started: datetime | None
        if starts and run.status in FINAL_STATUSES:
            self.started = min(starts)
            return
        ends = [] if steps.latest_end is None else [steps.latest_end]
        chunks = [moment for ns in run.chunk_times_ns if (moment := local_time(ns / 1e9)) is not None]
        written = local_time(file.mtime_ns / 1e9)
        known = [time for time in (chunks[0] if chunks else written, *ends) if time is not None]
        self.started = min(starts) if starts else min(known, default=None)
        journal = [run.journal_time] if run.journal_time else []
        self.last_sign = max([*starts, *ends, *chunks, *journal], default=written)


def _count(leaves: Sequence[StepOutline]) -> StepCounts:
    leaves = [step for step in leaves if step.internal_name != NO_STEP]
    statuses = [step.status for step in leaves if not step.mock]
    return StepCounts(len(leaves), statuses.count("SUCCESS"), statuses.count("FAIL"), len(leaves) - len(statuses))


def _current(leaves: Sequence[StepOutline]) -> str | None:
    unfinished = [step.internal_name for step in leaves if step.status not in FINAL_STATUSES]
    return unfinished[-1] if unfinished else None
