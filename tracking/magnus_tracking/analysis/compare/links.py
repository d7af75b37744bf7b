"""Which runs belong together: re-runs, and the last success of a pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from magnus_tracking.runlog.summary import RunSummary


def reruns_of(summaries: Iterable[RunSummary], run_id: str) -> list[RunSummary]:
    """The runs that name `run_id` as their original, the earliest first."""
    return sorted((other for other in summaries if other.original_run_id == run_id), key=_start)


def last_success(summaries: Iterable[RunSummary], run: RunSummary) -> RunSummary | None:
    """The successful run of the same pipeline that `run` is best held against.

    It is the last one that started before `run`, because what changed since is what may have broken it; where there is
    none, the first one after it, which shows what mended it. None where the pipeline never succeeded, or is not known.
    A run without a dag hash that failed knows only the first of its steps, or none.
    """
    if not run.pipeline:
        return None
    others = [other for other in summaries if other.status == "SUCCESS" and other.run_id != run.run_id]
    successes = [other for other in others if other.pipeline == run.pipeline]
    if not successes and run.status != "SUCCESS":
        successes = [other for other in others if _began_alike(run, other)]
    before = [other for other in successes if _start(other) < _start(run)]
    return max(before, key=_start) if before else min(successes, key=_start, default=None)


def _began_alike(run: RunSummary, other: RunSummary) -> bool:
    """Whether the steps of `run` are the first of another run of its script with its tag, neither having a hash."""
    is_alike = (run.dag_hash, run.script, run.tag) == ("", other.script, other.tag) and not other.dag_hash
    return is_alike and other.planned[: len(run.planned)] == run.planned


def _start(run: RunSummary) -> tuple[str, str]:
    return (run.started.isoformat(timespec="microseconds") if run.started else "", run.run_id)
