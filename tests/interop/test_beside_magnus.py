"""The core in one environment with the engine whose runs it writes."""

import json
import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.outside

PIPELINE = """
dag:
  start_at: train
  steps:
    train:
      type: task
      command_type: python
      command: tasks.train
      next: success
    success: {type: success}
    fail: {type: fail}
"""
TASKS = """
import importlib.metadata
from pathlib import Path

import magnus_tracking

def train():
    assert importlib.metadata.version("magnus") == "0.5.1"
    Path("imported.txt").write_text(" ".join(magnus_tracking.__all__))
"""


def test_a_python_task_of_a_real_magnus_pipeline_imports_the_core(project, magnus_and_core_python):
    (project / "pipeline.yaml").write_text(PIPELINE)
    (project / "tasks.py").write_text(TASKS)
    (project / "config.yaml").write_text("run_log_store: {type: file-system}\n")
    magnus = Path(magnus_and_core_python).with_name("magnus")
    command = [str(magnus), "execute", "-f", "pipeline.yaml", "-c", "config.yaml", "--run-id", "beside"]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((project / ".run_log_store" / "beside.json").read_text())["status"] == "SUCCESS"
    assert "track_this" in (project / "imported.txt").read_text()


def test_the_core_records_with_the_rich_that_magnus_pins(project, magnus_and_core_python):
    command = Path(magnus_and_core_python).with_name("magnus-track")
    done = subprocess.run([command, "step", "hello", "--", "true"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (log,) = (project / ".run_log_store").glob("*.json")
    assert json.loads(log.read_text())["steps"]["hello"]["status"] == "SUCCESS"
