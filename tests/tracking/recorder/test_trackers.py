import json
import multiprocessing
import sys

import pytest

from magnus_tracking import get_experiment_tracker_context, start_run, track_this
from magnus_tracking.errors import ConfigurationError, RecordingWarning

TRACKER = """
import contextlib, json
from pathlib import Path


class Diary:
    service_name = "diary"

    def __init__(self, file: str, verbose: bool = False):
        self.file = Path(file)

    def write(self, *entry):
        with self.file.open("a") as file:
            file.write(json.dumps(entry) + "\\n")

    def describe(self):
        return {"service_name": self.service_name, "service_type": "experiment_tracker", "file": str(self.file)}

    def start(self, run):
        self.write("start", run.run_id, run.tag, run.parameters)

    def publish(self, points):
        self.write("publish", points)

    def finish(self, status):
        self.write("finish", status)

    def client_context(self):
        return contextlib.nullcontext("the diary's own session")
"""


@pytest.fixture
def diary(project, monkeypatch):
    """A tracker that another package brings, announced by its entry point alone."""
    site = project / "site"
    metadata = site / "diary-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "diary_of_test.py").write_text(TRACKER)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: diary\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[magnus_tracking.trackers]\ndiary = diary_of_test:Diary\n")
    monkeypatch.syspath_prepend(str(site))
    (project / "config.yaml").write_text("experiment_tracker: {type: diary, config: {file: diary.txt}}\n")
    return lambda: [json.loads(line) for line in (project / "diary.txt").read_text().splitlines()]


def test_a_tracker_of_another_package_is_given_every_attempts_metrics(diary, stored):
    with start_run(config="config.yaml", tag="t", parameters={"lr": 0.1}, run_id="r") as run, run.step("s"):
        track_this(loss=2.0, name="x")
        track_this(step=1, loss=1.0)
        with get_experiment_tracker_context() as session:
            assert session == "the diary's own session"
    assert diary() == [
        ["start", "r", "t", {"lr": 0.1}],
        ["publish", {"loss": {"0": 2.0, "1": 1.0}, "name": {"0": "x"}}],
        ["finish", "SUCCESS"],
    ]
    assert stored("r")["run_config"]["experiment_tracker"]["service_name"] == "diary"


def work(branch):
    with branch, branch.step("s"):
        track_this(number=branch.value)
        with get_experiment_tracker_context() as session:
            assert session == "the diary's own session"


def test_worker_processes_publish_into_the_same_run(diary):
    with start_run(config="config.yaml", tag="t", run_id="r") as run, run.map("m", [7]) as branches:
        (branch,) = branches
        worker = multiprocessing.get_context("spawn").Process(target=work, args=(branch,))
        worker.start()
        worker.join()
        assert worker.exitcode == 0
    assert diary() == [
        ["start", "r", "t", {}],
        ["start", "r", "t", {}],
        ["publish", {"number": {"0": 7}}],
        ["finish", None],
        ["finish", "SUCCESS"],
    ]


def test_without_a_tracker_the_context_is_nothing(project):
    with start_run() as run, run.step("s"), get_experiment_tracker_context() as session:
        assert session is None
    with get_experiment_tracker_context() as session:
        assert session is None


@pytest.mark.parametrize(
    ("config", "said"),
    [("{file: x, colour: red}", "'colour': known are file, verbose"), ("{verbose: true}", "file is missing")],
)
def test_a_trackers_configuration_is_checked_before_the_run_starts(diary, project, config, said):
    (project / "config.yaml").write_text(f"experiment_tracker: {{type: diary, config: {config}}}\n")
    with pytest.raises(ConfigurationError, match=said):
        start_run(config="config.yaml")
    assert not (project / ".run_log_store").exists()


MLFLOW = "experiment_tracker: {type: mlflow, config: {server_url: URL, autolog: AUTOLOG, timeout: TIMEOUT}}\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"AUTOLOG": "yes"}, 'autolog must be true or false, not the text "yes": write true'),
        ({"AUTOLOG": "Off"}, 'autolog must be true or false, not the text "Off": write false'),
        ({"AUTOLOG": "'true'"}, 'autolog must be true or false, not the text "true": write true'),
        ({"AUTOLOG": "1"}, "autolog must be true or false, not 1: write true"),
        ({"AUTOLOG": "maybe"}, 'autolog must be true or false, not the text "maybe"'),
        ({"AUTOLOG": ""}, "autolog must be true or false, not empty"),
        ({"AUTOLOG": "[true]"}, "autolog must be true or false, not [true]"),
        ({"URL": "8080"}, "server_url must be a text, not 8080: put it in quotes"),
        ({"URL": "true"}, "server_url must be a text, not true: put it in quotes"),
        ({"URL": ""}, "server_url must be a text, not empty"),
        ({"URL": "{host: a}"}, 'server_url must be a text, not {"host": "a"}'),
        ({"TIMEOUT": "'5'"}, 'timeout must be a number, not the text "5": write 5'),
        ({"TIMEOUT": "true"}, "timeout must be a number, not true"),
        ({"TIMEOUT": "soon"}, 'timeout must be a number, not the text "soon"'),
    ],
)
def test_a_key_of_mlflow_of_another_type_is_one_line_with_the_right_form(project, given, said):
    values = {"URL": "'http://127.0.0.1:8080'", "AUTOLOG": "false", "TIMEOUT": "5"} | given
    text = MLFLOW
    for name, value in values.items():
        text = text.replace(name, value)
    (project / "config.yaml").write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        start_run(config="config.yaml")
    assert str(raised.value) == f"config.yaml: experiment_tracker 'mlflow': {said}"
    assert not (project / ".run_log_store").exists()


def test_the_keys_of_a_tracker_of_another_package_have_the_types_that_it_says(diary, project):
    (project / "config.yaml").write_text("experiment_tracker: {type: diary, config: {file: d, verbose: yes}}\n")
    with pytest.raises(ConfigurationError, match=r"'diary': verbose must be true or false, .*: write true"):
        start_run(config="config.yaml")
    (project / "config.yaml").write_text("experiment_tracker: {type: diary, config: {file: d, verbose: true}}\n")
    with start_run(config="config.yaml", run_id="r"):
        pass


def test_an_mlflow_that_fails_to_import_ends_no_run(project, monkeypatch, stored):
    broken = project / "site" / "mlflow"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise AttributeError('`np.float_` was removed in NumPy 2.0')\n")
    monkeypatch.syspath_prepend(str(broken.parent))
    monkeypatch.delitem(sys.modules, "mlflow", raising=False)
    values = {"URL": "'http://127.0.0.1:8080'", "AUTOLOG": "false", "TIMEOUT": "5"}
    text = MLFLOW
    for name, value in values.items():
        text = text.replace(name, value)
    (project / "config.yaml").write_text(text)
    with (
        pytest.warns(RecordingWarning, match=r"gets no more of this run: .*removed in NumPy 2"),
        start_run(config="config.yaml", run_id="r") as run,
        run.step("s"),
        get_experiment_tracker_context() as session,
    ):
        track_this(loss=1.0)
        assert session is None
    assert stored("r")["status"] == "SUCCESS"
