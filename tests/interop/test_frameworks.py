"""Trainings under the real frameworks, tracked by one line each."""

import json
import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.outside

DATA = """
import numpy
from magnus_tracking import start_run
from magnus_tracking.frameworks import keras_callback, lightgbm_callback, xgboost_callback

x = numpy.random.default_rng(0).normal(size=(200, 4)).astype("float32")
y = (x[:, 0] > 0).astype("float32")
run = start_run(run_id="r")
step = run.step("train").start()
"""
XGBOOST = """
import xgboost
data, valid = xgboost.DMatrix(x[:150], y[:150]), xgboost.DMatrix(x[150:], y[150:])
parameters = {"objective": "binary:logistic", "eval_metric": ["logloss", "error"]}
sets = [(data, "train"), (valid, "valid")]
xgboost.train(parameters, data, 7, evals=sets, callbacks=[xgboost_callback()], verbose_eval=False)
with run.step("cv"):
    xgboost.cv(parameters, data, 5, nfold=3, callbacks=[xgboost_callback()])
"""
LIGHTGBM = """
import lightgbm
data = lightgbm.Dataset(x[:150], y[:150])
valid = lightgbm.Dataset(x[150:], y[150:], reference=data)
parameters = {"objective": "binary", "metric": "auc", "verbose": -1}
options = {"valid_sets": [data, valid], "valid_names": ["train", "valid"]}
lightgbm.train(parameters, data, 7, callbacks=[lightgbm_callback()], **options)
with run.step("cv"):
    lightgbm.cv(parameters, lightgbm.Dataset(x, y), 5, nfold=3, stratified=False, callbacks=[lightgbm_callback()])
"""
KERAS = """
import keras
layers = [keras.layers.Input((4,)), keras.layers.Dense(1, activation="sigmoid")]
model = keras.Sequential(layers)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
options = {"epochs": 4, "batch_size": 50, "validation_split": 0.25, "verbose": 0}
model.fit(x, y, callbacks=[keras_callback(batches=2)], **options)
"""


def lengths(project, python, script):
    """How many values each metric has, by step, after a training."""
    (project / "train.py").write_text(DATA + script + "\nstep.finish()\nrun.finish()\n")
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": "", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([python, "train.py"], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(Path(project / ".run_log_store" / "r.json").read_text())
    return {
        name: {metric: len(values) for metric, values in step["user_defined_metrics"].items()}
        for name, step in document["steps"].items()
        if step["step_type"] == "task"
    }


def test_xgboost_tracks_each_round_by_data_set_and_folds_with_their_deviation(project, frameworks_python):
    assert lengths(project, frameworks_python, XGBOOST) == {
        "train": dict.fromkeys(["train.logloss", "train.error", "valid.logloss", "valid.error"], 7),
        "cv": dict.fromkeys(
            [
                f"{data}.{metric}{std}"
                for metric in ("logloss", "error")
                for data in ("train", "test")
                for std in ("", ".std")
            ],
            5,
        ),
    }


def test_lightgbm_tracks_each_round_by_data_set_and_folds_with_their_deviation(project, frameworks_python):
    assert lengths(project, frameworks_python, LIGHTGBM) == {
        "train": {"train.auc": 7, "valid.auc": 7},
        "cv": {"valid.auc": 5, "valid.auc.std": 5},
    }


def test_keras_tells_batches_epochs_and_validation_apart(project, frameworks_python):
    epochs = dict.fromkeys(["loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"], 4)
    assert lengths(project, frameworks_python, KERAS) == {"train": {**epochs, "batch.loss": 6, "batch.accuracy": 6}}
