"""The MLflow tracker against a real server, and against none."""

import json
import socket
import subprocess
import threading
import urllib.error
import urllib.request

import pytest

pytestmark = pytest.mark.outside

RECORD = """
import sys, warnings
from magnus_tracking import get_experiment_tracker_context, start_run, track_this
with start_run(tag=sys.argv[1], config="config.yaml", parameters={"lr": 0.1}, run_id=sys.argv[2]) as run:
    with run.step("train"):
        for step in range(4):
            track_this(step=step, answer=step * 20.0)
        track_this(is_it_true=False, spam="hello", eggs={"ham": "world", "size": 3})
        with get_experiment_tracker_context() as session:
            if session is not None:
                import mlflow
                mlflow.log_text("content", "note.txt")
    with run.step("evaluate"):
        track_this(f1=0.5)
"""

READ = """
import json, sys
from mlflow.tracking import MlflowClient
client = MlflowClient(sys.argv[1])
experiment = client.get_experiment_by_name(sys.argv[2])
print(json.dumps([
    {
        "name": run.info.run_name,
        "status": run.info.status,
        "answer": [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, "answer")],
        "metrics": run.data.metrics,
        "params": run.data.params,
        "artifacts": [a.path for a in client.list_artifacts(run.info.run_id)],
    }
    for run in client.search_runs([experiment.experiment_id])
]))
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configure(project, url, timeout=5):
    (project / "config.yaml").write_text(
        f"experiment_tracker: {{type: mlflow, config: {{server_url: '{url}', timeout: {timeout}, autolog: false}}}}\n"
    )


def answers(url):
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture
def server(project, mlflow_python):
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [mlflow_python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "1", "--backend-store-uri", f"sqlite:///{project}/mlflow.db"]
    command += ["--default-artifact-root", f"{project}/artifacts"]
    with (project / "server.log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        pause = threading.Event()
        for _ in range(240):
            if answers(url):
                break
            assert process.poll() is None, (project / "server.log").read_text()
            pause.wait(0.5)
        yield url
        process.terminate()


def record(python, *arguments):
    return subprocess.run([python, "-c", RECORD, *arguments], capture_output=True, text=True, check=False)


def test_a_run_is_read_back_through_mlflows_own_client(project, mlflow_python, server):
    configure(project, server, timeout=120)
    for run_id in ("first-run", "second-run"):
        done = record(mlflow_python, "demo-magnus", run_id)
        assert done.returncode == 0, done.stderr
        assert "RecordingWarning" not in done.stderr
    read = subprocess.run(
        [mlflow_python, "-c", READ, server, "demo-magnus"], capture_output=True, text=True, check=True
    )
    runs = {run["name"]: run for run in json.loads(read.stdout)}
    assert set(runs) == {"first-run", "second-run"}
    run = runs["first-run"]
    assert run["status"] == "FINISHED"
    assert run["answer"] == [[0, 0.0], [1, 20.0], [2, 40.0], [3, 60.0]]
    assert run["metrics"] == {"answer": 60.0, "eggs.size": 3.0, "f1": 0.5}
    assert run["params"] == {"lr": "0.1", "is_it_true_0": "False", "spam_0": "hello", "eggs.ham_0": "world"}
    assert run["artifacts"] == ["note.txt"]


LIVE = """
import json, time
from mlflow.tracking import MlflowClient
from magnus_tracking import start_run, track_this

def history():
    experiment = client.get_experiment_by_name("live")
    runs = client.search_runs([experiment.experiment_id]) if experiment else []
    return [point.value for run in runs for point in client.get_metric_history(run.info.run_id, "loss")]

client = MlflowClient("sqlite:///mlflow.db")
with start_run(tag="live", config="config.yaml", run_id="r") as run, run.step("train"):
    for step in range(3000):
        track_this(step=step, loss=1 / (step + 1))
    while len(during := history()) < 3000:
        time.sleep(0.1)
    track_this(step=3000, loss=7.0)
print(json.dumps([len(during), len(history()), history()[-1]]))
"""


def test_values_come_in_batches_while_the_step_runs_and_each_once(project, mlflow_python):
    configure(project, "sqlite:///mlflow.db", timeout=120)
    done = subprocess.run([mlflow_python, "-c", LIVE], capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [3000, 3001, 7.0]


@pytest.mark.parametrize("listens", [False, True], ids=["down", "silent"])
def test_a_server_that_is_down_or_silent_costs_one_warning_and_no_metric(project, mlflow_python, listens):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listens:
            silent.listen()
        configure(project, f"http://user:hunter2@127.0.0.1:{silent.getsockname()[1]}")
        done = record(mlflow_python, "t", "r")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("RecordingWarning:") == 1
    assert "hunter2" not in done.stderr
    text = (project / ".run_log_store" / "r.json").read_text()
    assert "hunter2" not in text
    document = json.loads(text)
    assert document["status"] == "SUCCESS"
    assert document["steps"]["train"]["user_defined_metrics"]["answer"] == {"0": 0.0, "1": 20.0, "2": 40.0, "3": 60.0}
