"""One run in one row: what lists, filters and indexes need.

The words are defined in the project's semantics: leaf steps, attempts, retries, failing step, started, ended, last
value of a metric.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec
from msgspec import UNSET, Raw, Struct, field

from magnus_tracking.metrics import flatten, is_nan, is_number, unwrap
from magnus_tracking.outline import AttemptOutline, RunOutline, StepOutline, decode_value
from magnus_tracking.times import parse_time, seconds_between
from magnus_tracking.vocabulary import COMPOSITE_STEP_TYPES, FINAL_STATUSES, JOB_STEP, TERMINAL_STEP_TYPES

Engine = Literal["magnus", "runnable", "magnus-tracking", "unknown"]
OUR_EXECUTOR = "magnus-tracking"
"""The executor's `service_name` in the `run_config` that the tracking core writes."""


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


class StepCounts(Struct, frozen=True):
    """How many leaf steps the log has, and how they ended. Mocked ones are skipped, neither succeeded nor failed."""

    total: int = 0
    succeeded: int = 0
    failed: int = 0
    skipped: int = 0


class MetricSummary(Struct, frozen=True):
    """A metric of a run in a few numbers.

    Attributes:
        last: the value at the highest index, of the latest attempt, of the leaf step that ended last; any JSON value.
        min, max, mean: over the numbers of that series without NaN, or None where it has none.
        count: how many values the series has.
        nans: how many of them are NaN.
    """

    last: Any = None
    min: int | float | None = None
    max: int | float | None = None
    mean: float | None = None
    count: int = 0
    nans: int = 0


class RunSummary(Struct, frozen=True):
    """A run in one row.

    Attributes:
        run_id: the name of its file or folder.
        status: CREATED, PROCESSING, SUCCESS or FAIL as the file has it; empty for an unreadable run.
        started: naive local time of the machine that ran; inferred from file names or times if `started_inferred`.
        ended: the latest attempt end, once the status is final.
        duration: seconds from started to ended; None while unfinished.
        failing_step: internal name of the leaf step that failed first, also where the run recovered.
        message: of the failing attempt, else of the failing step.
        parameters: by name, without runnable's wrappers.
        metrics: by dotted name.
        step_names: internal names of the leaf steps, in the order of the log.
        planned: the names of the top-level steps in `run_config.dag`, terminal ones left out.
        step_durations: seconds by internal name of each leaf step that ended, all its attempts together.
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

    @property
    def is_finished(self) -> bool:
        """Whether the engine has written its last word on this run."""
        return self.status in FINAL_STATUSES

    @property
    def recovered(self) -> bool:
        """Whether the run succeeded although a step failed, by an `on_failure` path."""
        return self.status == "SUCCESS" and self.failing_step is not None

    @property
    def pipeline(self) -> str:
        """What tells this run's pipeline from others: the dag hash, or without one the names of its planned steps."""
        return self.dag_hash or "\x1f".join(self.planned)


def unreadable(file: RunFile, reason: str) -> RunSummary:
    """The row of a run that can't be read."""
    started = datetime.fromtimestamp(file.mtime_ns / 1e9) if file.mtime_ns else None
    return RunSummary(
        run_id=file.run_id,
        started=started,
        started_inferred=True,
        path=file.path,
        size=file.size,
        mtime_ns=file.mtime_ns,
        error=reason,
    )


def summarize(file: RunFile, run: RunOutline) -> RunSummary:
    """The row of a run from its outline.

    Raises:
        UnreadableRunError: never; a metric that can't be decoded is left out.
    """
    leaves, attempts = _leaves_and_attempts(run)
    finished = run.status in FINAL_STATUSES
    times = _Times(file, run, attempts)
    failing = _failing(leaves)
    identities = [code for step in leaves for code in _identities(step) if code.code_identifier]
    return RunSummary(
        run_id=file.run_id,
        status=run.status,
        engine=_engine(run),
        tag=run.tag or "",
        dag_hash=run.dag_hash or "",
        original_run_id=run.original_run_id or "",
        started=times.started,
        started_inferred=times.inferred,
        ended=times.latest_end if finished else None,
        duration=seconds_between(times.started, times.latest_end) if finished and not times.inferred else None,
        steps=_count(leaves),
        attempts=sum(len(step.attempts) for step in leaves),
        retries=sum(max(len(step.attempts) - 1, 0) for step in leaves),
        failing_step=failing.internal_name if failing else None,
        message=_message(failing) if failing else None,
        parameters={name: unwrap(value) for name, value in run.parameters.items()},
        metrics={name: _summarize_metric(*points) for name, points in _last_points(leaves).items()},
        step_names=tuple(step.internal_name for step in leaves),
        planned=_planned(run),
        step_durations=_durations(leaves),
        current_step=None if finished else _current(leaves),
        last_sign=None if finished else times.last_sign,
        commit=identities[0].code_identifier if identities else None,
        dirty=any(code.code_identifier_dependable is False for code in identities) if identities else None,
        path=file.path,
        size=file.size,
        mtime_ns=file.mtime_ns,
    )


def _leaves_and_attempts(run: RunOutline) -> tuple[list[StepOutline], list[AttemptOutline]]:
    leaves: list[StepOutline] = []
    attempts: list[AttemptOutline] = []
    for step in _walk(run):
        attempts.extend(step.attempts)
        composite = step.step_type in COMPOSITE_STEP_TYPES or step.branches
        if not composite and step.step_type not in TERMINAL_STEP_TYPES:
            leaves.append(step)
    return leaves, attempts


def _walk(run: RunOutline) -> Iterator[StepOutline]:
    if isinstance(run.job, StepOutline) and not run.steps:
        run.job.name = run.job.internal_name = JOB_STEP
        yield run.job
        return
    stack = [iter(run.steps.values())]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
            continue
        yield step
        stack.extend(iter(branch.steps.values()) for branch in reversed(step.branches.values()))


class _Times:
    """When a run started, ended, and was last heard of."""

    def __init__(self, file: RunFile, run: RunOutline, attempts: Sequence[AttemptOutline]) -> None:
        starts = [time for time in (parse_time(attempt.start_time) for attempt in attempts) if time]
        ends = [time for time in (parse_time(attempt.end_time) for attempt in attempts) if time]
        chunks = [datetime.fromtimestamp(ns / 1e9) for ns in run.chunk_times_ns if ns < 1 << 62]
        written = datetime.fromtimestamp(file.mtime_ns / 1e9)
        self.inferred = not starts
        self.started = min(starts) if starts else (chunks[0] if chunks else written)
        self.latest_end = max(ends, default=None)
        journal = [run.journal_time] if run.journal_time else []
        self.last_sign = max([*starts, *ends, *chunks, *journal], default=written)


def _failing(leaves: Sequence[StepOutline]) -> StepOutline | None:
    failed = [step for step in leaves if step.status == "FAIL"]
    return min(failed, key=_failing_end, default=None)


def _failing_attempt(step: StepOutline) -> AttemptOutline | None:
    return next((attempt for attempt in reversed(step.attempts) if attempt.status == "FAIL"), None)


def _failing_end(step: StepOutline) -> tuple[bool, datetime]:
    attempt = _failing_attempt(step)
    end = parse_time(attempt.end_time) if attempt else None
    return (end is None, end or datetime.max)


def _message(step: StepOutline) -> str | None:
    attempt = _failing_attempt(step)
    message = (attempt.message if attempt else "").strip() or step.message.strip()
    return message or None


def _count(leaves: Sequence[StepOutline]) -> StepCounts:
    ran = [step for step in leaves if not step.mock]
    return StepCounts(
        total=len(leaves),
        succeeded=sum(step.status == "SUCCESS" for step in ran),
        failed=sum(step.status == "FAIL" for step in ran),
        skipped=len(leaves) - len(ran),
    )


def _identities(step: StepOutline) -> list[Any]:
    return [*step.code_identities, *(code for attempt in step.attempts for code in attempt.code_identities)]


def _durations(leaves: Sequence[StepOutline]) -> dict[str, float]:
    durations = {}
    for step in leaves:
        spans = [
            seconds_between(parse_time(attempt.start_time), parse_time(attempt.end_time)) for attempt in step.attempts
        ]
        known = [span for span in spans if span is not None]
        if known:
            durations[step.internal_name] = sum(known)
    return durations


def _current(leaves: Sequence[StepOutline]) -> str | None:
    unfinished = [step.internal_name for step in leaves if step.status not in FINAL_STATUSES]
    return unfinished[-1] if unfinished else None


def _engine(run: RunOutline) -> Engine:
    """Which engine wrote the log, told by the fields that are there."""
    executor = _config(run).get("executor")
    if isinstance(executor, dict) and executor.get("service_name") == OUR_EXECUTOR:
        return "magnus-tracking"
    if run.use_cached is not UNSET:
        return "magnus"
    return "runnable"


def _config(run: RunOutline) -> dict[str, Any]:
    config = _decode_object(run.run_config)
    return config if isinstance(config, dict) else {}


def _decode_object(raw: Raw) -> Any:
    try:
        return decode_value(raw)
    except (msgspec.DecodeError, RecursionError):
        return {}


def _planned(run: RunOutline) -> tuple[str, ...]:
    dag = _config(run).get("dag")
    steps = dag.get("steps") if isinstance(dag, dict) else None
    if not isinstance(steps, dict):
        return ()
    return tuple(
        name for name, step in steps.items() if not (isinstance(step, dict) and _step_type(step) in TERMINAL_STEP_TYPES)
    )


def _step_type(step: Mapping[str, Any]) -> str:
    kind = step.get("type", step.get("node_type", ""))
    return kind if isinstance(kind, str) else ""


def _last_points(leaves: Sequence[StepOutline]) -> dict[str, tuple[tuple[int, ...], tuple[Any, ...]]]:
    """By metric, the points of the latest attempt of the leaf step that ended last among those that tracked it."""
    chosen: dict[str, tuple[tuple[int, ...], tuple[Any, ...]]] = {}
    for step in sorted(leaves, key=_ended):
        for raw in (*(attempt.user_defined_metrics for attempt in step.attempts), step.user_defined_metrics):
            if len(bytes(raw)) > len(b"{}"):
                metrics = _decode_object(raw)
                if isinstance(metrics, dict):
                    chosen.update(flatten(metrics))
    return chosen


def _ended(step: StepOutline) -> datetime:
    ends = [end for end in (parse_time(attempt.end_time) for attempt in step.attempts) if end]
    return max(ends, default=datetime.min)


def _summarize_metric(indexes: Sequence[int], values: Sequence[Any]) -> MetricSummary:
    numbers = [value for value in values if is_number(value) and not is_nan(value)]
    return MetricSummary(
        last=values[-1],
        min=min(numbers, default=None),
        max=max(numbers, default=None),
        mean=_mean(numbers),
        count=len(indexes),
        nans=sum(map(is_nan, values)),
    )


def _mean(numbers: Sequence[float]) -> float | None:
    if not numbers:
        return None
    try:
        return math.fsum(numbers) / len(numbers)
    except (OverflowError, ValueError):
        return sum(numbers) / len(numbers) if all(map(math.isfinite, numbers)) else _mean_with_infinities(numbers)


def _mean_with_infinities(numbers: Sequence[float]) -> float:
    signs = {math.copysign(1, number) for number in numbers if not math.isfinite(number)}
    return math.nan if len(signs) > 1 else signs.pop() * math.inf
