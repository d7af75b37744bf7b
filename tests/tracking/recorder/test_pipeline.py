import os
import signal
import subprocess
import sys

import pytest

from magnus_tracking.errors import ConfigurationError
from magnus_tracking.pipeline import load_pipeline
from magnus_tracking.recorder.configuration import load_configuration

pytestmark = pytest.mark.usefixtures("project")

TRACK = [sys.executable, "-m", "magnus_tracking.cli"]
ENDS = "    success: {type: success}\n    fail: {type: fail}\n"


def magnus_track(*arguments, **environment):
    return subprocess.run(
        [*TRACK, *arguments], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def pipeline(project, steps, start_at="a"):
    path = project / "pipeline.yaml"
    path.write_text(f"dag:\n  description: free text\n  start_at: {start_at}\n  steps:\n{steps}{ENDS}")
    return str(path)


def shell(name, *lines, following="success", extra=""):
    command = "".join(f"        {line}\n" for line in lines)
    return (
        f"    {name}:\n      type: task\n      command_type: shell\n      next: {following}\n{extra}"
        f"      command: |\n{command}"
    )


def test_the_environment_examples_of_the_documentation(stored, project, store_type):
    steps = shell(
        "shell",
        'export MAGNUS_TRACK_spam="hello"',
        """export MAGNUS_TRACK_eggs='{"ham": "world"}'""",
        'export MAGNUS_TRACK_answer="42.0"',
        'export MAGNUS_TRACK_spam_STEP_1="hey"',
        """export MAGNUS_TRACK_eggs_STEP_1='{"ham": "universe"}'""",
    )
    path = pipeline(project, steps, start_at="shell")
    done = magnus_track("execute", "-f", path, "--run-id", "r", "--tag", "t", "-s", store_type)
    assert (done.returncode, done.stderr) == (0, "")
    document = stored("r")
    assert document["steps"]["shell"]["user_defined_metrics"] == {
        "spam": {"0": "hello", "1": "hey"},
        "eggs": {"0": {"ham": "world"}, "1": {"ham": "universe"}},
        "answer": 42.0,
    }
    assert (document["status"], document["tag"]) == ("SUCCESS", "t")
    assert document["dag_hash"] == document["run_config"]["dag_hash"] != ""


def test_a_failed_command_keeps_its_metrics_and_its_error_output(stored, project):
    steps = shell("a", "export MAGNUS_TRACK_x=1", "echo out", "echo went wrong >&2", "exit 3")
    done = magnus_track("execute", "-f", pipeline(project, steps), "--run-id", "r")
    assert done.returncode == 1
    assert (done.stdout, done.stderr) == ("out\n", "went wrong\n")
    document = stored("r")
    step = document["steps"]["a"]
    assert (document["status"], step["status"]) == ("FAIL", "FAIL")
    assert step["attempts"][0]["message"] == "Command failed with exit status 3"
    assert step["attempts"][0]["user_defined_metrics"] == step["user_defined_metrics"] == {"x": 1}
    log = (project / ".catalog" / "r" / "a.execution.log").read_text()
    assert sorted(log.splitlines()) == ["out", "went wrong"]
    assert list(document["steps"]) == ["a", "fail"]


def test_on_failure_recovers_and_max_attempts_tries_again(stored, project):
    steps = (
        shell("a", "echo x >> tries", "test $(wc -l < tries) -ge 2", following="b", extra="      max_attempts: 3\n")
        + shell("b", "false", extra="      on_failure: mend\n")
        + shell("mend", "true")
    )
    assert magnus_track("execute", "-f", pipeline(project, steps), "--run-id", "r").returncode == 0
    document = stored("r")
    assert [attempt["status"] for attempt in document["steps"]["a"]["attempts"]] == ["FAIL", "SUCCESS"]
    assert document["steps"]["b"]["status"] == "FAIL"
    assert document["status"] == "SUCCESS"
    assert list(document["steps"]) == ["a", "b", "mend", "success"]


def test_parameters_go_in_and_out_of_shell_and_python_tasks(stored, project):
    (project / "tasks_of_test.py").write_text(
        "from pydantic import BaseModel\n"
        "from magnus_tracking import track_this\n"
        "class Out(BaseModel):\n    doubled: int\n    text: str = 'é'\n"
        "class Nested(BaseModel):\n    a: int\n"
        "def double(number: int, nested: Nested, missing='default'):\n"
        "    track_this(number=number, nested=nested, missing=missing)\n"
        "    return Out(doubled=number * 2)\n"
    )
    (project / "parameters.yaml").write_text("nested: {a: 1}\n")
    steps = (
        shell("a", "export MAGNUS_PRM_number=21", following="b")
        + "    b: {type: task, command: tasks_of_test.double, next: c}\n"
        + shell("c", 'export MAGNUS_TRACK_seen="$MAGNUS_PRM_doubled $MAGNUS_PRM_text"')
    )
    done = magnus_track("execute", "-f", pipeline(project, steps), "--run-id", "r", "-p", "parameters.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    document = stored("r")
    assert document["parameters"] == {"nested": {"a": 1}, "number": 21, "doubled": 42, "text": "é"}
    assert document["steps"]["b"]["user_defined_metrics"] == {"number": 21, "nested": {"a": 1}, "missing": "default"}
    assert document["steps"]["c"]["user_defined_metrics"] == {"seen": '42 "\\u00e9"'}


def test_a_python_task_that_raises_leaves_its_traceback(stored, project):
    (project / "tasks_that_raise.py").write_text("def f():\n    raise KeyError('gone')\n")
    path = pipeline(project, "    a: {type: task, command: tasks_that_raise.f, next: success}\n")
    assert magnus_track("execute", "-f", path, "--run-id", "r").returncode == 1
    assert stored("r")["steps"]["a"]["attempts"][0]["message"] == "'gone'"
    assert "KeyError: 'gone'" in (project / ".catalog" / "r" / "a.execution.log").read_text()


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("    a: {type: map, next: success}\n", r"node 'a': type 'map'.*magnus"),
        ("    a: {type: parallel, next: success}\n", r"node 'a': type 'parallel'.*magnus"),
        ("    a: {type: dag, next: success}\n", r"node 'a': type 'dag'.*magnus"),
        ("    a: {type: task, command_type: notebook, command: a.ipynb, next: success}\n", r"'a'.*notebook.*magnus"),
        ("    a: {type: task, command_type: container, command: x, next: success}\n", r"'a'.*container.*magnus"),
        ("    a: {type: task, command: a.b, next: success, catalog: {put: [x]}}\n", r"'a'.*catalog.*magnus"),
        ("    a: {type: task, command: a.b, next: success, nxet: x}\n", r"'nxet'.*known are.*on_failure"),
        ("    a: {type: other, next: success}\n", r"'other'.*known are task"),
        ("    a: {type: task, command: a.b, next: nowhere}\n", r"next 'nowhere'.*a, fail, success"),
        ("    a: {type: task, command: a.b, next: a}\n", r"a → a form a cycle"),
        ("    a: {type: task, command: a.b, next: success, max_attempts: 0}\n", "max_attempts"),
        ("    b: {type: task, command: a.b, next: success}\n", "start_at 'a'"),
        ("    a: {type: task, next: success}\n", "'command' is missing"),
        ("    a: {type: task, command: a.b, next: success}\n    s2: {type: success}\n", "2 nodes of type 'success'"),
    ],
)
def test_what_is_not_run_here_is_refused_at_once_by_node(project, steps, said):
    with pytest.raises(ConfigurationError, match=said):
        load_pipeline(pipeline(project, steps))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("run_log_store: {type: database}", "'database'.*file-system, chunked-fs, buffered"),
        ("run_log_store: {type: file-system, config: {folder: x}}", "'folder'.*log_folder"),
        ("run_log_stroe: {}", "'run_log_stroe'.*run_log_store, catalog"),
        ("experiment_tracker: {type: wandb}", "'wandb'.*do-nothing, mlflow"),
        ("catalog: {type: file-system, settings: {}}", "'settings'.*type, config"),
        ("on_error: ignore", "'ignore'.*raise, warn"),
        ("[1]", "not a mapping"),
        ("a: [", "config.yaml, line 1: "),
    ],
)
def test_an_unknown_type_or_key_is_refused_with_the_known_ones(project, text, said):
    (project / "config.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        load_configuration("config.yaml")


def test_a_wrong_configuration_is_wrong_usage(project):
    (project / "config.yaml").write_text("nonsense: 1")
    done = magnus_track("step", "a", "-c", "config.yaml", "--", "true")
    assert done.returncode == 2
    assert done.stderr.startswith("magnus-track: config.yaml: unknown key 'nonsense'")
    assert len(done.stderr.splitlines()) == 1


def test_a_configuration_places_store_and_catalog(stored, project):
    (project / "config.yaml").write_text(
        "run_log_store: {type: chunked-fs, config: {log_folder: .run_log_store}}\n"
        "catalog: {type: file-system, config: {catalog_location: kept}}\n"
    )
    assert magnus_track("step", "a", "-c", "config.yaml", "--run-id", "r", "--finish", "--", "true").returncode == 0
    (entry,) = stored("r")["steps"]["a"]["data_catalog"]
    assert entry["catalog_handler_location"] == "kept"
    assert (project / "kept" / entry["catalog_relative_path"]).is_file()


def test_a_store_that_is_asked_for_comes_before_the_configuration_of_the_environment(stored, project):
    (project / "config.yaml").write_text("run_log_store: {type: buffered}\n")
    arguments = ("step", "a", "--run-id", "r", "--finish")
    for extra in ((), ("-s", "file-system")):
        assert magnus_track(*arguments, *extra, "--", "true", MAGNUS_CONFIG_FILE="config.yaml").returncode == 0
        assert (project / ".run_log_store").exists() == bool(extra)


def test_the_steps_of_a_script_share_a_run(stored, project, store_type):
    def step(name, *command, finish=()):
        done = magnus_track("step", name, "-s", store_type, *finish, "--", *command, MAGNUS_RUN_ID="r")
        return done.returncode

    assert step("prepare", "sh", "-c", "export MAGNUS_TRACK_rows=10; echo prepared") == 0
    assert stored("r")["status"] == "PROCESSING"
    track = f"from magnus_tracking import track_this; [track_this(step=i, loss=i) for i in range({3})]"
    assert step("train", sys.executable, "-c", track, finish=["--finish"]) == 0
    document = stored("r")
    assert document["status"] == "SUCCESS"
    assert list(document["steps"]) == ["prepare", "train", "success"]
    assert document["steps"]["prepare"]["user_defined_metrics"] == {"rows": 10}
    assert document["steps"]["train"]["user_defined_metrics"] == {"loss": {"0": 0, "1": 1, "2": 2}}
    assert step("late", "true") == 1


def test_a_command_that_fails_gives_status_1_and_fails_the_run(stored, project):
    assert magnus_track("step", "a", "--run-id", "r", "--", "sh", "-c", "exit 7").returncode == 1
    assert stored("r")["status"] == "FAIL"
    assert magnus_track("step", "a", "--run-id", "r", "--finish", "--", "true").returncode == 0
    document = stored("r")
    assert [attempt["status"] for attempt in document["steps"]["a"]["attempts"]] == ["FAIL", "SUCCESS"]
    assert document["status"] == "SUCCESS"


def test_a_command_that_is_not_there_is_a_failed_step(stored, project):
    done = magnus_track("step", "a", "--run-id", "r", "--finish", "--", "no-such-program")
    assert done.returncode == 1
    assert "no-such-program" in stored("r")["steps"]["a"]["attempts"][0]["message"]


def test_a_terminated_step_ends_its_command_and_is_recorded(stored, project):
    command = [*TRACK, "step", "a", "--run-id", "r", "--finish", "--", "sh", "-c", "echo ready; exec sleep 60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode == 1
    document = stored("r")
    assert document["status"] == "FAIL"
    assert "SIGTERM" in document["steps"]["a"]["attempts"][0]["message"]


def test_recover_names_what_it_did(stored, project):
    code = "import os\nfrom magnus_tracking import *\nstart_run(run_id='r')\ntrack_this(a=1)\nos.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code], check=False)
    done = magnus_track("recover", "r")
    assert (done.returncode, done.stdout) == (0, "r: recovered: interactive (attempt 1)\n")
    assert stored("r")["steps"]["interactive"]["user_defined_metrics"] == {"a": 1}
    assert magnus_track("recover").stdout == "nothing to recover\n"
    missing = magnus_track("recover", "other")
    assert missing.returncode == 1
    assert "'other'" in missing.stderr


def test_recover_goes_on_after_a_run_and_a_link_that_can_not_be_read(stored, project):
    for name in ("a", "b"):
        tracked = f"start_run(run_id='{name}')\ntrack_this(a=1)"
        code = f"import os\nfrom magnus_tracking import *\n{tracked}\nos.kill(os.getpid(), 9)"
        subprocess.run([sys.executable, "-c", code], check=False)
    store = project / ".run_log_store"
    (store / "a.json").write_text("{")
    (store / "loop.json").symlink_to(store / "loop.json")
    done = magnus_track("recover")
    assert done.returncode == 1
    assert "a: can't be recovered" in done.stdout
    assert "b: recovered: interactive (attempt 1)" in done.stdout
    assert stored("b")["status"] == "FAIL"


def test_a_stub_is_a_step_that_does_nothing_as_the_engine_has_it(stored, project):
    steps = "    a: {type: stub, next: b, owner: someone}\n" + shell("b", "true")
    done = magnus_track("execute", "-f", pipeline(project, steps), "--run-id", "r")
    assert (done.returncode, done.stderr) == (0, "")
    document = stored("r")
    assert (document["steps"]["a"]["step_type"], document["steps"]["a"]["status"]) == ("stub", "SUCCESS")
    assert len(document["steps"]["a"]["attempts"]) == 1
    node = {"type": "stub", "name": "a", "next": "b", "on_failure": "fail", "overrides": {}, "catalog": None}
    assert document["run_config"]["dag"]["steps"]["a"] == {**node, "max_attempts": 1}


MAGNUS = """
executor: {type: local, config: {enable_parallel: false}}
run_log_store: {type: file-system, config: {log_folder: logs}}
catalog: {type: file-system, config: {catalog_location: kept}}
secrets: {type: do-nothing}
experiment_tracker: {type: do-nothing}
"""
RUNNABLE = """
pipeline-executor: {type: local}
run-log-store: {type: file-system, config: {log_folder: logs}}
catalog: {type: file-system, config: {catalog_location: kept}}
secrets: {type: env-secrets}
pickler: {type: pickle}
"""


@pytest.mark.parametrize("text", [MAGNUS, RUNNABLE], ids=["magnus", "runnable"])
def test_the_configuration_of_an_engine_is_taken_as_it_is(project, text):
    (project / "config.yaml").write_text(text)
    done = magnus_track("execute", "-f", pipeline(project, shell("a", "true")), "-c", "config.yaml", "--run-id", "r")
    assert (done.returncode, done.stderr) == (0, "")
    assert (project / "logs" / "r.json").exists()
    assert (project / "kept" / "r" / "a.execution.log").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("executor: {type: argo}", "executor: type 'argo' is not run here .*: use magnus or runnable"),
        ("pipeline-executor: {type: emulator}", "pipeline_executor: type 'emulator' .*: use runnable"),
        ("secrets: {type: dotenv}", "secrets: type 'dotenv' .*: use magnus or runnable"),
        ("run-log-store: {type: minio}", "run_log_store: unknown type 'minio'.*; runnable runs with it"),
    ],
)
def test_a_configuration_that_only_an_engine_runs_with_names_the_engine(project, text, said):
    (project / "config.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        load_configuration("config.yaml")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("    a: {type: loop, next: success}\n", "type 'loop' .* with runnable,"),
        ("    a: {type: parallel, next: success}\n", "type 'parallel' .* with magnus or runnable,"),
        ("    a: {type: task, command_type: notebook, command: a.ipynb, next: success}\n", "with magnus or runnable,"),
        ("    a: {type: task, command: a.b, returns: [], next: success}\n", "'returns' .* with runnable,"),
    ],
)
def test_a_node_that_only_an_engine_runs_names_the_engine(project, steps, said):
    with pytest.raises(ConfigurationError, match=said):
        load_pipeline(pipeline(project, steps))
