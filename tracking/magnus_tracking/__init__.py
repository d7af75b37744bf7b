"""The tracking core: reads, writes and understands the run logs of magnus and runnable.

    from magnus_tracking import start_run, track_this

    with start_run(tag="mnist", parameters={"lr": 0.1}) as run, run.step("train"):
        for epoch in range(10):
            track_this(step=epoch, loss=1 / (epoch + 1))

What is in `__all__`, and in that of `query`, is public and described in docs/python.md; all else may change any day. A
name is imported when it is first used, so that ``import magnus_tracking`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from magnus_tracking.lazy_imports import importer

if TYPE_CHECKING:
    from magnus_tracking import query
    from magnus_tracking.api.comparing import RunComparison
    from magnus_tracking.api.run import StoredRun
    from magnus_tracking.api.store import Failures, Runs, RunStore, open_store
    from magnus_tracking.errors import (
        AmbiguousNameError,
        CatalogError,
        CommandFailedError,
        ConfigurationError,
        MagnusTrackingError,
        NoActiveRunError,
        QueryError,
        RecordingError,
        RecordingWarning,
        RunNotFoundError,
        StepNotFoundError,
        StoreNotFoundError,
        StoreUnreadableError,
        UnreadableRunError,
    )
    from magnus_tracking.recorder.run import Run
    from magnus_tracking.recorder.run_start import start_run
    from magnus_tracking.recorder.step import Step
    from magnus_tracking.recorder.tracking_calls import (
        CurrentStep,
        current_step,
        get_experiment_tracker_context,
        track_this,
    )
    from magnus_tracking.runlog.models import RunLog
    from magnus_tracking.runlog.summary import RunSummary
    from magnus_tracking.trackers.base import RunInfo, Tracker

__all__ = [
    "AmbiguousNameError",
    "CatalogError",
    "CommandFailedError",
    "ConfigurationError",
    "CurrentStep",
    "Failures",
    "MagnusTrackingError",
    "NoActiveRunError",
    "QueryError",
    "RecordingError",
    "RecordingWarning",
    "Run",
    "RunComparison",
    "RunInfo",
    "RunLog",
    "RunNotFoundError",
    "RunStore",
    "RunSummary",
    "Runs",
    "Step",
    "StepNotFoundError",
    "StoreNotFoundError",
    "StoreUnreadableError",
    "StoredRun",
    "Tracker",
    "UnreadableRunError",
    "current_step",
    "get_experiment_tracker_context",
    "open_store",
    "query",
    "start_run",
    "track_this",
]

_HOMES = {
    "AmbiguousNameError": "errors",
    "CatalogError": "errors",
    "CommandFailedError": "errors",
    "ConfigurationError": "errors",
    "CurrentStep": "recorder.tracking_calls",
    "Failures": "api.store",
    "MagnusTrackingError": "errors",
    "NoActiveRunError": "errors",
    "QueryError": "errors",
    "RecordingError": "errors",
    "RecordingWarning": "errors",
    "Run": "recorder.run",
    "RunComparison": "api.comparing",
    "RunInfo": "trackers.base",
    "RunLog": "runlog.models",
    "RunNotFoundError": "errors",
    "RunStore": "api.store",
    "RunSummary": "runlog.summary",
    "Runs": "api.store",
    "Step": "recorder.step",
    "StepNotFoundError": "errors",
    "StoreNotFoundError": "errors",
    "StoreUnreadableError": "errors",
    "StoredRun": "api.run",
    "Tracker": "trackers.base",
    "UnreadableRunError": "errors",
    "current_step": "recorder.tracking_calls",
    "get_experiment_tracker_context": "recorder.tracking_calls",
    "open_store": "api.store",
    "query": "query",
    "start_run": "recorder.run_start",
    "track_this": "recorder.tracking_calls",
}
"""The module of each name; a module is its own."""


__getattr__ = importer(__name__, globals(), {name: f"{__name__}.{home}" for name, home in _HOMES.items()})


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
