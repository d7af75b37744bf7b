import json
import multiprocessing

import pytest

from magnus_tracking import get_experiment_tracker_context, start_run, track_this
from magnus_tracking.errors import ConfigurationError

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
