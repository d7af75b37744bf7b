"""The loggers for frameworks that install only with a GPU stack, against the hooks that these document."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from magnus_tracking import NoActiveRunError, start_run
from magnus_tracking.frameworks import huggingface_callback, lightgbm_callback, lightning_logger
from support.imports import loaded_by


@pytest.fixture
def stored(tmp_path):
    """Runs something in a step of a run, and gives the run's log."""

    def run_in_step(work):
        from magnus_tracking.stores import Store

        with start_run(store=tmp_path / "logs", run_id="r") as run, run.step("train"):
            work()
        return Store(tmp_path / "logs").document("r")

    return run_in_step


@pytest.fixture
def module(monkeypatch):
    """Makes a module of a framework with some names, as documented."""

    def make(name, **names):
        made = ModuleType(name)
        vars(made).update(names)
        monkeypatch.setitem(sys.modules, name, made)

    return make


def test_no_framework_is_imported_before_it_is_used():
    loaded = loaded_by("import magnus_tracking.frameworks")
    assert not {"keras", "xgboost", "lightgbm", "lightning", "transformers", "torch", "jax"} & set(loaded)


def test_lightning_logs_metrics_at_its_step_and_hyperparameters_as_parameters(stored, module):
    module("lightning", pytorch=None)
    module("lightning.pytorch")
    module("lightning.pytorch.loggers", Logger=type("Logger", (), {"__init__": lambda self: None}))
    module("lightning.pytorch.utilities", rank_zero_only=lambda function: function)

    def train():
        logger = lightning_logger()
        assert (logger.name, logger.version) == ("magnus-tracking", "r")
        logger.log_hyperparams({"lr": 0.1, "layers": [1, 2]})
        logger.log_metrics({"train_loss_step": 0.5, "epoch": 0}, step=9)
        logger.log_metrics({"val_loss": 0.4, "step": 3}, 19)

    document = stored(train)
    assert document["parameters"] == {"lr": 0.1, "layers": "[1, 2]"}
    assert document["steps"]["train"]["user_defined_metrics"] == {
        "train_loss_step": {"9": 0.5},
        "epoch": {"9": 0},
        "val_loss": {"19": 0.4},
        "step": {"19": 3},
    }


@pytest.mark.parametrize("first", [True, False])
def test_the_trainer_of_hugging_face_logs_at_its_global_step_in_one_process(stored, module, first):
    module("transformers", TrainerCallback=object)

    def train():
        callback = huggingface_callback()
        state = SimpleNamespace(is_world_process_zero=first, global_step=0)
        callback.on_train_begin(None, state, None)
        for state.global_step in (10, 20):
            callback.on_log(
                None, state, None, logs={"loss": 1 / state.global_step, "epoch": 0.5, "note": "text"}, model=None
            )
        callback.on_log(None, state, None, logs={"eval_loss": 0.3})

    tracked = stored(train)["steps"]["train"]["user_defined_metrics"]
    expected = {"loss": {"10": 0.1, "20": 0.05}, "epoch": {"10": 0.5, "20": 0.5}, "eval_loss": {"20": 0.3}}
    assert tracked == (expected if first else {})


def test_a_training_outside_a_run_is_told_so():
    callback = lightgbm_callback()
    environment = SimpleNamespace(iteration=0, begin_iteration=0, evaluation_result_list=[("v", "l2", 0.1, False)])
    with pytest.raises(NoActiveRunError):
        callback(environment)
