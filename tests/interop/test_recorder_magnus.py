"""What the tracking core writes, read by the real engine."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from magnus_tracking import start_run, track_this
from magnus_tracking.stores import Store

pytestmark = pytest.mark.outside

HARNESS = Path(__file__).parents[2] / "benchmarks" / "kill_harness.py"
STORES = ["file-system", "chunked-fs"]


def as_magnus_shows_it(document):
    """A run log without what magnus leaves out: metrics on attempts, and branches in chunks without a step."""
    if isinstance(document, dict):
        is_attempt = "attempt_number" in document
        return {
            key: as_magnus_shows_it(value)
            for key, value in document.items()
            if not (is_attempt and key == "user_defined_metrics") and not is_empty_branch(value)
        }
    if isinstance(document, list):
        return [as_magnus_shows_it(item) for item in document]
    return document


def is_empty_branch(value):
    return isinstance(value, dict) and set(value) == {"internal_name", "status", "steps"} and not value["steps"]


def on_disk(run_id, kind):
    root = Path(".run_log_store")
    handle = Store(root).handle(run_id)
    return handle.format.document(handle)


def same(left, right):
    """Equal, NaN to NaN too; the order of branches in chunks is not significant."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


@pytest.mark.parametrize("kind", STORES)
def test_magnus_reads_nested_retried_and_failed_runs_at_every_moment(read_with_magnus, kind):
    def check():
        document = read_with_magnus(run.run_id, kind)
        assert same(as_magnus_shows_it(document), as_magnus_shows_it(on_disk(run.run_id, kind)))
        return document

    with pytest.raises(ValueError, match="at last"), start_run(store=kind, tag="t", parameters={"lr": 0.1}) as run:
        with run.step("step 1"):
            track_this(step=2, loss=math.nan)
            assert check()["steps"]["step 1"]["status"] == "PROCESSING"
        with run.step("step 10"):
            track_this(a=1)
        with pytest.raises(ValueError), run.step("retried"):
            track_this(tried=1)
            raise ValueError("first")
        assert check()["steps"]["retried"]["user_defined_metrics"] == {"tried": 1}
        with run.step("retried"):
            track_this(tried=2)
        with run.map("m", [1, 2]) as branches:
            for branch in branches:
                with branch, branch.parallel("p") as parallel:
                    check()
                    with parallel.branch("x") as inner:
                        check()
                        with inner.step("deep"):
                            track_this(value=branch.value)
                            check()
        with run.step("failing"):
            track_this(kept=True)
            raise ValueError("at last")
    document = check()
    assert document["status"] == "FAIL"
    assert math.isnan(document["steps"]["step 1"]["user_defined_metrics"]["loss"]["2"])
    assert document["steps"]["retried"]["user_defined_metrics"] == {"tried": 2}
    assert document["steps"]["failing"]["user_defined_metrics"] == {"kept": True}
    deep = document["steps"]["m"]["branches"]["m.2"]["steps"]["m.2.p"]["branches"]["m.2.p.x"]["steps"]["m.2.p.x.deep"]
    assert deep["user_defined_metrics"] == {"value": 2}


CALLS = """
track_this(spam="hello", eggs=Eggs(ham="world"))
track_this(answer=42.0)
track_this(is_it_true=False)
track_this(step=0, loss=0.5); track_this(step=1, loss=0.25); track_this(step=10, loss=float("nan"))
track_this(nested={"a": {"b": [1, None, "x"]}})
track_this(step=0, again=1); track_this(step=0, again=2)
"""

TASK = """
from pydantic import BaseModel
from {module} import track_this

class Eggs(BaseModel):
    ham: str

def work():
{calls}
"""

SHELL = """\
      command: |
        export MAGNUS_TRACK_spam="hello"
        export MAGNUS_TRACK_eggs='{"ham": "world"}'
        export MAGNUS_TRACK_answer="42.0"
        export MAGNUS_TRACK_count="7"
        export MAGNUS_TRACK_spam_STEP_1="hey"
        export MAGNUS_TRACK_eggs_STEP_1='{"ham": "universe"}'
        export MAGNUS_TRACK_quoted='"text"'
        export MAGNUS_TRACK_list='[1, 2]'
"""

PIPELINE = """\
dag:
  start_at: api
  steps:
    api: {{type: task, command: {module}.work, next: shell}}
    shell:
      type: task
      command_type: shell
      next: success
{shell}
    success: {{type: success}}
    fail: {{type: fail}}
"""


def pipeline(project, module):
    calls = "".join(f"    {line}\n" for line in CALLS.strip().splitlines())
    (project / f"task_of_{module}.py").write_text(TASK.format(module=module, calls=calls))
    path = project / f"{module}.yaml"
    path.write_text(PIPELINE.format(module=f"task_of_{module}", shell=SHELL))
    return str(path)


def test_the_same_calls_under_magnus_and_under_ours_store_the_same(project, magnus_python, read_with_magnus):
    (project / "config.yaml").write_text("run_log_store: {type: file-system}\n")
    theirs = str(Path(magnus_python).parent / "magnus")
    ours = [sys.executable, "-m", "magnus_tracking.cli"]
    for command, module, run_id in (([theirs], "magnus", "theirs"), (ours, "magnus_tracking", "ours")):
        arguments = ["execute", "-f", pipeline(project, module), "-c", "config.yaml", "--run-id", run_id]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    theirs_read, ours_read = read_with_magnus("theirs"), read_with_magnus("ours")
    for step in ("api", "shell"):
        metrics = [log["steps"][step]["user_defined_metrics"] for log in (theirs_read, ours_read)]
        assert same(*metrics), step
        fields = [list(log["steps"][step]) for log in (theirs_read, ours_read)]
        assert fields[0] == fields[1]
    assert list(theirs_read["steps"]) == list(ours_read["steps"])
    assert set(theirs_read["run_config"]) <= set(ours_read["run_config"])


def test_both_engines_give_one_pipeline_one_hash(project, magnus_python, read_with_magnus):
    path = project / "p.yaml"
    path.write_text(
        "dag:\n  start_at: a\n  steps:\n    a: {type: task, command_type: shell, command: 'true', next: success}\n"
        "    success: {type: success}\n    fail: {type: fail}\n"
    )
    (project / "config.yaml").write_text("run_log_store: {type: file-system}\n")
    tail = ["execute", "-f", "p.yaml", "-c", "config.yaml", "--run-id"]
    subprocess.run([str(Path(magnus_python).parent / "magnus"), *tail, "theirs"], check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "magnus_tracking.cli", *tail, "ours"], check=True, capture_output=True)
    assert read_with_magnus("theirs")["dag_hash"] == read_with_magnus("ours")["dag_hash"]


def test_killed_processes_leave_what_magnus_can_read(magnus_python):
    command = [sys.executable, HARNESS, "--kills", "30", "--magnus", magnus_python]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert "none was lost" in done.stdout
