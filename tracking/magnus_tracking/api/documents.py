"""The shapes in which runs, series and failures leave for other programs: of JSON, and flat ones for tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from magnus_tracking.analysis.failures import FailureGroup
    from magnus_tracking.analysis.liveness import Liveness
    from magnus_tracking.runlog.summary import RunSummary


def run_document(run: RunSummary, liveness: Liveness | None, duration: float | None) -> dict[str, Any]:
    """The JSON of one run; what does not apply to it is None.

    Args:
        run: the run.
        liveness: whether it still goes on.
        duration: seconds that it took, or has taken so far.
    """
    readable = run.error is None
    steps = run.steps
    return {
        "run_id": run.run_id,
        "status": run.status or None,
        "liveness": liveness,
        "engine": run.engine if readable else None,
        "tag": run.tag or None,
        "dag_hash": run.dag_hash or None,
        "original_run_id": run.original_run_id or None,
        "started": run.started,
        "ended": run.ended,
        "duration": duration,
        "steps": {
            "total": steps.total,
            "succeeded": steps.succeeded,
            "failed": steps.failed,
            "skipped": steps.skipped,
        }
        if readable
        else None,
        "attempts": run.attempts if readable else None,
        "retries": run.retries if readable else None,
        "failing_step": run.failing_step,
        "message": run.message,
        "parameters": run.parameters,
        "metrics": {name: metric.last for name, metric in run.metrics.items()},
        "error": run.error,
    }


def flat_run(document: Mapping[str, Any]) -> dict[str, Any]:
    """A run's JSON as one row: ``steps.total``, ``param.lr``, ``metric.loss``."""
    row: dict[str, Any] = {}
    for name, value in document.items():
        if name == "parameters":
            row |= {f"param.{key}": inner for key, inner in value.items()}
        elif name == "metrics":
            row |= {f"metric.{key}": inner for key, inner in value.items()}
        elif name == "steps":
            row |= {f"steps.{key}": (value or {}).get(key) for key in ("total", "succeeded", "failed", "skipped")}
        else:
            row[name] = value
    return row


def failure_document(group: FailureGroup) -> dict[str, Any]:
    """The JSON of a group of failures."""
    return {
        "signature": group.signature,
        "exception": group.exception,
        "message": group.message,
        "count": group.count,
        "first_seen": group.first_seen,
        "last_seen": group.last_seen,
        "steps": list(group.steps),
        "runs": list(group.runs),
        "still_failing": group.still_failing,
    }
