"""Tracking a training under Keras, XGBoost, LightGBM, Lightning or the Hugging Face Trainer, by one line.

    model.fit(x, y, epochs=10, callbacks=[keras_callback()])
    xgboost.train(parameters, data, evals=[(data, "train")], callbacks=[xgboost_callback()])
    lightgbm.train(parameters, data, valid_sets=[data], callbacks=[lightgbm_callback()])
    lightning.Trainer(logger=lightning_logger())
    transformers.Trainer(…, callbacks=[huggingface_callback()])

Each belongs to the step in which the training begins, one of ours or an engine's. A framework is imported when
its function is called. Of several processes that train together, the first tracks.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any

from magnus_tracking.recorder import active_runs
from magnus_tracking.recorder.run import Run
from magnus_tracking.recorder.sink import Sink
from magnus_tracking.recorder.tracking_calls import current_sink

__all__ = ["huggingface_callback", "keras_callback", "lightgbm_callback", "lightning_logger", "xgboost_callback"]

_LIGHTGBM_ORDER = 20
"""After evaluation is recorded (10), before a training is stopped early (30)."""


class _Tracking:
    """Tracks into the step that the training began in, from whichever thread a framework calls."""

    def __init__(self) -> None:
        self._sink: Sink | None = None

    def begin(self) -> None:
        """A training begins, perhaps another one than before."""
        self._sink = current_sink() if _is_first_process() else None

    def track(self, index: int, values: Mapping[str, Any]) -> None:
        """Track what is a number; frameworks report other things besides."""
        if self._sink is None:
            self.begin()
        numbers = {str(name): number for name, value in values.items() if (number := _number(value)) is not None}
        if self._sink is not None and numbers:
            self._sink.track(index, numbers)


def keras_callback(batches: int = 0) -> Any:
    """A callback for ``model.fit`` and ``model.evaluate`` of Keras 3.

    Each epoch is a step: ``loss``, ``val_loss``, the metrics of the model and ``learning_rate``.

    Args:
        batches: every how many batches ``batch.loss`` and the like are tracked, at the number of the batch since the
            training began; 0 for never.

    Raises:
        ImportError: Keras is not installed.
    """
    import keras

    class TrackingCallback(keras.callbacks.Callback):  # type: ignore[misc]  # Keras is not there for mypy
        def __init__(self) -> None:
            super().__init__()
            self._tracking = _Tracking()
            self._batch = 0

        def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
            self._tracking.begin()
            self._batch = 0

        def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
            if batches and self._batch % batches == 0:
                self._tracking.track(self._batch, {f"batch.{name}": value for name, value in (logs or {}).items()})
            self._batch += 1

        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            rate = getattr(getattr(self.model, "optimizer", None), "learning_rate", None)
            self._tracking.track(epoch, {**(logs or {}), **({} if rate is None else {"learning_rate": rate})})

    return TrackingCallback()


def xgboost_callback() -> Any:
    """A callback for ``xgboost.train``, ``xgboost.cv`` and the estimators of XGBoost.

    Each round is a step: ``<data>.<metric>`` for each data set in ``evals``, in ``cv`` with ``….std`` beside it.

    Raises:
        ImportError: XGBoost is not installed.
    """
    import xgboost

    class TrackingCallback(xgboost.callback.TrainingCallback):  # type: ignore[misc]  # XGBoost is not there for mypy
        def __init__(self) -> None:
            super().__init__()
            self._tracking = _Tracking()

        def before_training(self, model: Any) -> Any:
            self._tracking.begin()
            return model

        def after_iteration(self, model: Any, epoch: int, evals_log: Mapping[str, Mapping[str, Any]]) -> bool:
            if xgboost.collective.get_rank() == 0:
                values: dict[str, Any] = {}
                for data, metrics in evals_log.items():
                    for metric, history in metrics.items():
                        values.update(_with_deviation(f"{data}.{metric}", history[-1]))
                self._tracking.track(epoch, values)
            return False

    return TrackingCallback()


def lightgbm_callback() -> Callable[[Any], None]:
    """A callback for ``lightgbm.train``, ``lightgbm.cv`` and the estimators of LightGBM.

    Each round is a step: ``<data>.<metric>`` for each data set in ``valid_sets``, in ``cv`` with ``….std`` beside it.
    """
    tracking = _Tracking()

    def track(environment: Any) -> None:
        if environment.iteration == environment.begin_iteration:
            tracking.begin()
        values: dict[str, Any] = {}
        for data, metric, value, _, *deviation in environment.evaluation_result_list or ():
            name = metric.replace(" ", ".", 1) if data == "cv_agg" else f"{data}.{metric}"
            values.update(_with_deviation(name, (value, *deviation)))
        tracking.track(environment.iteration, values)

    track.order = _LIGHTGBM_ORDER  # type: ignore[attr-defined]  # where LightGBM looks for it
    track.before_iteration = False  # type: ignore[attr-defined]
    return track


def lightning_logger() -> Any:
    """A logger for the ``Trainer`` of Lightning (``lightning`` or ``pytorch_lightning``).

    What is logged keeps its name, at the trainer's global step; hyperparameters become parameters of a run of ours.

    Raises:
        ImportError: Lightning is not installed.
    """
    try:
        from lightning.pytorch.loggers import Logger
        from lightning.pytorch.utilities import rank_zero_only
    except ImportError:
        from pytorch_lightning.loggers import Logger
        from pytorch_lightning.utilities import rank_zero_only

    class TrackingLogger(Logger):  # type: ignore[misc]  # Lightning is not there for mypy
        def __init__(self) -> None:
            super().__init__()
            self._tracking = _Tracking()

        @property
        def name(self) -> str:
            return "magnus-tracking"

        @property
        def version(self) -> str:
            run = active_runs.current_run.get()
            return "" if run is None else run.run_id

        @rank_zero_only  # type: ignore[untyped-decorator]
        def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
            self._tracking.track(step or 0, metrics)

        @rank_zero_only  # type: ignore[untyped-decorator]
        def log_hyperparams(self, params: Mapping[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
            given = vars(params) if isinstance(params, Namespace) else dict(params)
            run = active_runs.current_run.get()
            if isinstance(run, Run) and not run.finished:
                run.set_parameters(**{str(name): _plain(value) for name, value in given.items()})

    return TrackingLogger()


def huggingface_callback() -> Any:
    """A callback for the ``Trainer`` of Hugging Face's transformers.

    What the trainer logs keeps its name (``loss``, ``eval_loss``, ``learning_rate``, ``epoch``), at its global step.

    Raises:
        ImportError: transformers is not installed.
    """
    from transformers import TrainerCallback

    class TrackingCallback(TrainerCallback):  # type: ignore[misc]  # transformers is not there for mypy
        def __init__(self) -> None:
            self._tracking = _Tracking()

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.is_world_process_zero:
                self._tracking.begin()

        def on_log(
            self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **kwargs: Any
        ) -> None:
            if state.is_world_process_zero:
                self._tracking.track(state.global_step, logs or {})

    return TrackingCallback()


def _with_deviation(name: str, value: Any) -> dict[str, Any]:
    """A value, and its deviation where several folds gave it."""
    if not isinstance(value, tuple):
        return {name: value}
    return {name: value[0], **({f"{name}.std": value[1]} if len(value) > 1 else {})}


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool | str):
        return None
    if isinstance(value, int | float):
        return value
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        return None


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _is_first_process() -> bool:
    """Whether this is the first of the processes that train together, as far as their libraries tell."""
    torch = sys.modules.get("torch.distributed")
    if torch is not None and torch.is_available() and torch.is_initialized():
        return bool(torch.get_rank() == 0)
    jax = sys.modules.get("jax")
    return bool(jax is None or not hasattr(jax, "process_index") or jax.process_index() == 0)
