"""The real engines, each in an environment of its own, made once and kept in the user's cache folder.

An environment that is there already is used where ``MAGNUS_ENGINE_PYTHON``, ``RUNNABLE_ENGINE_PYTHON``,
``MLFLOW_PYTHON``, ``NOTEBOOK_PYTHON``, ``MAGNUS_AND_CORE_PYTHON`` or ``RUNNABLE_AND_CORE_PYTHON`` names its python,
and ``FRAMEWORKS_PYTHON`` that with the training frameworks.
"""

import fcntl
import json
import os
import subprocess
import venv
from pathlib import Path

import platformdirs
import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = platformdirs.user_cache_path("magnus-tui-tests") / "environments"

READ_RUN = """
import json, sys
from magnus.extensions.run_log_store.chunked_file_system.implementation import ChunkedFileSystemRunLogStore
from magnus.extensions.run_log_store.file_system.implementation import FileSystemRunLogstore
kinds = {"file-system": FileSystemRunLogstore, "chunked-fs": ChunkedFileSystemRunLogStore}
kind, folder, run_id = sys.argv[1:]
log = kinds[kind](log_folder=folder).get_run_log_by_id(run_id, full=True)
print(json.dumps(log.model_dump()))
"""


def environment(name, variable, *requirements):
    """The python of an environment that holds the requirements; made where it is not there."""
    given = os.environ.get(variable)
    if given:
        return given
    folder = ENVIRONMENTS / name
    python = folder / "bin" / "python"
    done = folder / "complete"
    folder.mkdir(parents=True, exist_ok=True)
    with (ENVIRONMENTS / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            venv.create(folder, with_pip=True, clear=False)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)
            done.touch()
    return str(python)


@pytest.fixture(scope="session")
def magnus_python():
    """A python with magnus 0.5.1."""
    return environment("magnus-0.5.1", "MAGNUS_ENGINE_PYTHON", "magnus==0.5.1", "setuptools<81")


@pytest.fixture(scope="session")
def runnable_python():
    """A python with runnable 0.50.0."""
    return environment("runnable-0.50.0", "RUNNABLE_ENGINE_PYTHON", "runnable==0.50.0")


@pytest.fixture(scope="session")
def mlflow_python():
    """A python with an MLflow server and this project."""
    return environment("mlflow", "MLFLOW_PYTHON", "mlflow>=2.12,<4", "--editable", str(ROOT / "tracking"))


@pytest.fixture(scope="session")
def notebook_python():
    """A python with a notebook kernel, pandas, polars and our core."""
    parts = ("ipykernel>=6,<8", "nbclient>=0.10,<1", "pandas>=2", "polars>=1", "numpy")
    return environment("notebook", "NOTEBOOK_PYTHON", *parts, "--editable", str(ROOT / "tracking"))


@pytest.fixture(scope="session")
def magnus_and_core_python():
    """A python with magnus 0.5.1 and this project's core beside it."""
    core = str(ROOT / "tracking")
    return environment("beside-magnus", "MAGNUS_AND_CORE_PYTHON", core, "magnus==0.5.1", "setuptools<81")


@pytest.fixture(scope="session")
def runnable_and_core_python():
    """A python with runnable 0.50.0 and this project's core beside it."""
    core = ("--editable", str(ROOT / "tracking"))
    return environment("beside-runnable", "RUNNABLE_AND_CORE_PYTHON", *core, "runnable==0.50.0")


@pytest.fixture(scope="session")
def frameworks_python():
    """A python with the training frameworks that need no GPU, and this project's core beside them."""
    core = ("--editable", str(ROOT / "tracking"))
    return environment(
        "frameworks", "FRAMEWORKS_PYTHON", *core, "xgboost-cpu>=3", "lightgbm>=4", "keras>=3", "jax>=0.4"
    )


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("MAGNUS_", "RUNNABLE_")) and not name.endswith("_PYTHON"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def read_with_magnus(project, magnus_python):
    """Reads a run of the project with magnus's own reader."""

    def read(run_id, kind="file-system", folder=".run_log_store"):
        command = [magnus_python, "-c", READ_RUN, kind, folder, run_id]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return read
