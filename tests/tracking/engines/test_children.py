"""Children of an engine's tasks find their step: started as the engines start them, from a log as they write it."""

import json
import os
import subprocess
import sys

import pytest

from magnus_tracking.journal.headers import read_headers

TRACK = "from magnus_tracking import track_this; track_this(x=1)"
PYTHON_CHILD = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {TRACK!r}]))"
SHELL_CHILD = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1], shell=True))"


def command(name=""):
    return f"{sys.executable} -c '{TRACK}' {name}".strip()


def node(text, **more):
    return {"type": "task", "command_type": "shell", "command": text, **more}


def step(name, status="PROCESSING", *ends):
    attempts = [{"attempt_number": 1, "status": "SUCCESS", "end_time": end} for end in ends]
    return {"internal_name": name, "status": status, "step_type": "task", "attempts": attempts}


@pytest.fixture
def engine(tmp_path):
    """Writes a log, and runs something as a process below an engine; gives the steps of the journals there are then."""

    def run(steps, nodes, script=SHELL_CHILD, *arguments, status="PROCESSING", **environment):
        store = tmp_path / ".run_log_store"
        store.mkdir(exist_ok=True)
        config = {"executor": {"service_name": "local"}, "dag": {"steps": nodes}}
        log = {"run_id": "r", "status": status, "steps": steps, "run_config": config}
        (store / "r.json").write_text(json.dumps(log))
        known = {name: value for name, value in os.environ.items() if not name.startswith(("MAGNUS_", "RUNNABLE_"))}
        # The engine itself, which sets the variable for what it starts.
        engine = f"import os; os.environ.update({ {'MAGNUS_RUN_ID': 'r', **environment}!r})\n{script}"
        process = [sys.executable, "-c", engine, *arguments]
        done = subprocess.run(process, capture_output=True, text=True, check=False, cwd=tmp_path, env=known)
        return [header.step for header in read_headers(store, "r")], done

    return run


def text(name=""):
    return f"{command(name)} && env | grep MAGNUS"


def test_the_only_task_that_runs_is_the_step(engine):
    found, done = engine({"a": step("a", "SUCCESS"), "b": step("b")}, {"b": node(command())}, SHELL_CHILD, text())
    assert (found, done.returncode, done.stderr) == (["b"], 0, "")


def test_of_several_tasks_the_command_tells(engine):
    nodes = {"a": node(command("one")), "b": node(command("two"))}
    found, done = engine({"a": step("a"), "b": step("b")}, nodes, SHELL_CHILD, text("two"))
    assert (found, done.stderr) == (["b"], "")


def test_of_several_iterations_the_values_of_the_map_tell(engine):
    branches = {f"m.{value}": {"steps": {f"m.{value}.w": step(f"m.{value}.w")}} for value in (1, 2)}
    steps = {"m": {"internal_name": "m", "status": "PROCESSING", "step_type": "map", "branches": branches}}
    nodes = {"m": {"type": "map", "iterate_as": "chunk", "branch": {"steps": {"w": node(command())}}}}
    found, done = engine(steps, nodes, SHELL_CHILD, text(), MAGNUS_MAP_VARIABLE='{"chunk": 2}')
    assert (found, done.stderr) == (["m.2.w"], "")


def test_where_nothing_tells_the_values_are_kept_under_the_run_with_one_warning(engine):
    nodes = {"a": node(command()), "b": node(command())}
    found, done = engine({"a": step("a"), "b": step("b")}, nodes, SHELL_CHILD, text())
    assert (found, done.returncode) == ([""], 0)
    assert done.stderr.count("RecordingWarning") == 1
    assert "2 steps run at once" in done.stderr


def test_the_children_of_one_shell_share_a_journal(engine):
    both = f"{command()} && {command()}"
    found, _ = engine({"a": step("a")}, {"a": node(both)}, SHELL_CHILD, f"{both} && env | grep MAGNUS")
    assert found == ["a"]


def test_a_process_of_a_python_task_belongs_to_it(engine):
    found, done = engine({"a": step("a")}, {"a": {"type": "task", "command_type": "python"}}, PYTHON_CHILD)
    assert (found, done.stderr) == (["a"], "")


def test_a_process_that_was_there_before_the_last_step_ended_is_of_no_step(engine):
    steps = {"a": step("a", "SUCCESS", "9999-01-01 00:00:00"), "b": step("b")}
    found, done = engine(steps, {}, PYTHON_CHILD)
    assert found == [""]
    assert "started before the step that runs now" in done.stderr


def test_a_run_that_has_ended_is_no_run(engine):
    found, done = engine({"a": step("a")}, {}, PYTHON_CHILD, status="SUCCESS")
    assert found == []
    assert "NoActiveRunError" in done.stderr


def test_warnings_that_are_errors_do_not_end_the_task(engine):
    found, done = engine({"a": step("a"), "b": step("b")}, {}, PYTHON_CHILD, PYTHONWARNINGS="error")
    assert (found, done.returncode) == ([""], 0)
    assert "kept under the run" in done.stderr
