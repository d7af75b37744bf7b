"""Running the command line as a user does, with folders of its own for settings and the index."""

import json
from dataclasses import dataclass

import pytest

from magnus_tui.__main__ import main


@dataclass
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("MAGNUS_TUI_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("MAGNUS_TUI_CONFIG", str(tmp_path_factory.mktemp("config")))


@pytest.fixture
def run(capsysbinary):
    def run_command(*arguments):
        status = main([str(argument) for argument in arguments])
        out, err = capsysbinary.readouterr()
        return Ran(status, out.decode("utf-8"), err.decode("utf-8"))

    return run_command


@pytest.fixture
def make_store(tmp_path):
    """A function that writes run logs into a new store and returns the folder that holds it."""

    def make(*runs):
        folder = tmp_path / ".run_log_store"
        folder.mkdir()
        for run in runs:
            name = run["run_id"].replace("/", "_").replace("\x00", "_")
            (folder / f"{name}.json").write_text(json.dumps(run, indent=4), "utf-8")
        return tmp_path

    return make


@pytest.fixture
def make_run():
    """A function that makes the run log of one step, as magnus writes it."""

    def make(run_id="one", *, metrics=None, message="", status="SUCCESS", name="train", **fields):
        attempt = {
            "attempt_number": 1,
            "start_time": "2026-11-20 10:00:00.000000",
            "end_time": "2026-11-20 10:00:12.500000",
            "duration": "0:00:12.500000",
            "status": status,
            "message": message,
            "parameters": {},
        }
        step = {
            "name": name,
            "internal_name": name,
            "status": status,
            "step_type": "task",
            "message": "",
            "mock": False,
            "code_identities": [],
            "attempts": [attempt],
            "user_defined_metrics": metrics or {},
            "branches": {},
            "data_catalog": [],
        }
        return {
            "run_id": run_id,
            "dag_hash": "",
            "use_cached": False,
            "tag": "",
            "original_run_id": "",
            "status": status,
            "steps": {name: step},
            "parameters": {},
            "run_config": {},
            **fields,
        }

    return make
