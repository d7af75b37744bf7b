"""Runs as columns of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from magnus_tracking.analysis.compare.comparison import Comparison, compare_subjects
from magnus_tracking.analysis.compare.spans import series_by_step, series_inside
from magnus_tracking.analysis.compare.subject import Subject
from magnus_tracking.analysis.liveness import Took
from magnus_tracking.runlog.elapsed import clock_note, span
from magnus_tracking.runlog.failing import why_unknown
from magnus_tracking.runlog.metrics import Series, last_of_series, unwrap_all
from magnus_tracking.runlog.steps import code_of
from magnus_tracking.runlog.times import seconds_between
from magnus_tracking.runlog.tree import engine_of, failure_of, is_ours, top_steps, walk
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import RunLog

_OF_THE_PIPELINE = ("dag", "dag_hash", "job")
_OF_THE_RUN = ("run_id", "tag", "original_run_id")
"""Keys of `run_config` that repeat what the run says itself."""


def compare(runs: Sequence[RunLog], baseline: int = 0, now: datetime | None = None) -> Comparison:
    """Compare runs, of either engine.

    Args:
        runs: the runs, a column each.
        baseline: position of the run that differences are measured from.
        now: naive local time, up to which an unfinished run has lasted; without it such a run has no duration.

    Raises:
        IndexError: there is no run at `baseline`.
    """
    return compare_subjects([run_subject(run, now) for run in runs], baseline)


def run_subject(
    run: RunLog,
    lasted: Took | datetime | None = None,
    series: Iterable[Series] | None = None,
    name: str = "",
) -> Subject:
    """A run as a column.

    Args:
        run: the run.
        lasted: how long it took, as its row has it; or naive local time, up to which an unfinished run has lasted.
        series: every series of the run, where they are known already.
        name: of the run's file or folder, if it differs from the id in the log: a copy has the id of its original.
    """
    steps = [node.step for node in walk(run)]
    leaves = [step for step in steps if step.is_leaf]
    found = series_inside(leaves) if series is None else list(series)
    config = run.run_config
    pipeline = {"dag_hash": run.dag_hash or None, **_mapping(config.get("dag"))}
    if config.get("job"):
        pipeline["job"] = config["job"]
    return Subject(
        name=name or run.run_id,
        facts=_facts(run, lasted),
        inferred=frozenset({"duration"} if isinstance(lasted, Took) and lasted.inferred else ()),
        parameters=unwrap_all(run.parameters),
        metrics=last_of_series(leaves, found),
        by_step=series_by_step(found),
        steps=steps,
        code=code_of(leaves),
        configuration={k: v for k, v in config.items() if k not in (*_OF_THE_PIPELINE, *_OF_THE_RUN)},
        pipeline=pipeline,
    )


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _facts(run: RunLog, lasted: Took | datetime | None) -> dict[str, Any]:
    """What the list of runs says of a run, by the same names."""
    started, ended = span(node.step for node in walk(run))
    note = clock_note(top_steps(run).values(), one_at_a_time=not is_ours(run))
    failure = failure_of(run)
    if isinstance(lasted, Took):
        duration = lasted.seconds
    else:
        until = ended if run.status in FINAL_STATUSES else lasted
        duration = None if note else seconds_between(started, until)
    return {
        "status": run.status,
        "engine": engine_of(run),
        "tag": run.tag or None,
        "original_run_id": run.original_run_id or None,
        "started": started,
        "duration": duration,
        **({"clock": note} if note else {}),
        "failing_step": failure.name if failure else None,
        "message": failure.message if failure else why_unknown(run.status, failure, top_steps(run).values()),
    }
