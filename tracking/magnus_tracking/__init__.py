"""The tracking core: reads, writes and understands the run logs of magnus and runnable.

    from magnus_tracking import start_run, track_this

    with start_run(tag="mnist", parameters={"lr": 0.1}) as run, run.step("train"):
        for epoch in range(10):
            track_this(step=epoch, loss=1 / (epoch + 1))

What is exported here is imported when it is first used, so that ``import magnus_tracking`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from magnus_tracking.errors import MagnusTrackingError, NoActiveRunError, RecordingError, RecordingWarning
    from magnus_tracking.recorder.run import Run
    from magnus_tracking.recorder.starting import start_run
    from magnus_tracking.recorder.step import Step
    from magnus_tracking.recorder.tracking import get_experiment_tracker_context, track_this

__all__ = [
    "MagnusTrackingError",
    "NoActiveRunError",
    "RecordingError",
    "RecordingWarning",
    "Run",
    "Step",
    "get_experiment_tracker_context",
    "start_run",
    "track_this",
]

_HOMES = {
    "MagnusTrackingError": "errors",
    "NoActiveRunError": "errors",
    "RecordingError": "errors",
    "RecordingWarning": "errors",
    "Run": "recorder.run",
    "Step": "recorder.step",
    "get_experiment_tracker_context": "recorder.tracking",
    "start_run": "recorder.starting",
    "track_this": "recorder.tracking",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
