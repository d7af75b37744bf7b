"""The calls that user code makes from inside a run."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from magnus_tracking.recorder import active_runs
from magnus_tracking.recorder.environment import JOURNAL_VARIABLE
from magnus_tracking.recorder.value_encoding import plain_parameters, step_index

if TYPE_CHECKING:
    from magnus_tracking.recorder.sink import Sink


def track_this(step: int = 0, **metrics: Any) -> None:
    """Track metrics of the step that runs.

    The same name and step again replaces the value. Names keep their case. It may be called from signal handlers and
    finalizers: one that interrupts the beginning or the end of a step adds its value once that is done.

    Args:
        step: the step index of all of them, such as an epoch.
        **metrics: values by name: any JSON value, NaN and infinities, pydantic models (as an object, by alias), numpy
            and torch scalars, and arrays of one element.

    Raises:
        NoActiveRunError: no run is active in this process, nor in one that started it.
        TypeError: a value can't be tracked, and which.
        RecordingError: it can't be written and failures are raised.

    Example:
        >>> track_this(step=3, loss=0.25, accuracy=0.91)
    """
    sink = active_runs.current_sink.get()
    if sink is None or sink.closed:
        if active_runs.interrupts_recorder():
            active_runs.postpone(step_index(step), plain_parameters(metrics))
            return
        sink = active_runs.find_sink()
    sink.track(step, metrics)


class CurrentStep:
    """The step that a call of `current_step` belonged to, for threads and processes that must not look for it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def track(self, step: int = 0, **metrics: Any) -> None:
        """Track metrics of this step, from whichever thread; see `track_this`."""
        self._sink.track(step, metrics)

    def environment(self) -> dict[str, str]:
        """The variables through which a child process in any language finds the step."""
        return {JOURNAL_VARIABLE: str(self._sink.path)}


def current_step() -> CurrentStep:
    """The step that `track_this` would track into, that of an engine included.

    Raises:
        NoActiveRunError: no run is active in this process, nor in one that started it.

    Example:
        >>> step = current_step()
        >>> step.track(step=3, loss=0.25)
        >>> subprocess.run(["julia", "train.jl"], env={**os.environ, **step.environment()})
    """
    return CurrentStep(current_sink())


def current_sink() -> Sink:
    """The sink that `track_this` would track into.

    Raises:
        NoActiveRunError: see `current_step`.
    """
    sink = active_runs.current_sink.get()
    return active_runs.find_sink() if sink is None or sink.closed else sink


def get_experiment_tracker_context() -> AbstractContextManager[Any]:
    """The experiment tracker's own session in the active run, as a context manager.

    With MLflow it is the active MLflow run, so that ``mlflow.log_figure`` lands in it; without a tracker, and outside
    a run of this process, it is a context that does nothing.
    """
    run = active_runs.current_run.get()
    if run is None or run.finished:
        unfinished = active_runs.unfinished_runs()
        run = unfinished[0] if len(unfinished) == 1 else None
    return nullcontext() if run is None else run.experiment_tracker_context()
