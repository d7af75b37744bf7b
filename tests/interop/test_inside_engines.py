"""Tracking inside the steps of the real engines, by one import: while they run, when they are killed, and after."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from magnus_tracking.recorder.recovery import recover_store
from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.stores import Store
from magnus_tracking.stores.live_runs import LiveRuns
from support.waiting import until

pytestmark = pytest.mark.outside

LOOP = """
import os, sys, time
if "untracked" not in os.environ.get("MODE", "") + "".join(sys.argv[1:]):
    from magnus_tracking import track_this
else:
    def track_this(**_):
        pass

def loop(pause=0.0):
    for index in range(1000):
        track_this(step=index, loss=1 / (index + 1))
        time.sleep(pause)

def train():
    loop(float(os.environ.get("PAUSE", "0")))

def each(chunk: int):
    for index in range(1000):
        track_this(step=index, part=int(chunk) + index)

if __name__ == "__main__":
    loop()
"""
PIPELINE = """
dag:
  start_at: train
  steps:
    train: {{type: task, command_type: python, command: loop.train, next: shell}}
    shell: {{type: task, command_type: shell, command: '{python} loop.py {mode}', next: each}}
    each:
      type: map
      iterate_on: chunks
      iterate_as: chunk
      next: success
      branch:
        start_at: work
        steps:
          work: {{type: task, command_type: python, command: loop.each, next: shell}}
          shell: {{type: task, command_type: shell, command: '{python} loop.py {mode}', next: success}}
          success: {{type: success}}
          fail: {{type: fail}}
    success: {{type: success}}
    fail: {{type: fail}}
"""
PARALLEL = """
dag:
  start_at: both
  steps:
    both:
      type: parallel
      next: success
      branches:
        a: BRANCH
        b: BRANCH
    success: {{type: success}}
    fail: {{type: fail}}
""".replace(
    "BRANCH",
    """
          start_at: work
          steps:
            work: {{type: task, command_type: python, command: loop.train, next: shell}}
            shell: {{type: task, command_type: shell, command: '{python} loop.py', next: success}}
            success: {{type: success}}
            fail: {{type: fail}}""",
)
ONLY_A_SHELL = """
dag:
  start_at: only
  steps:
    only: {{type: task, command_type: shell, command: 'COMMAND', next: success}}
    success: {{type: success}}
    fail: {{type: fail}}
"""
FUNCTIONS = """
import asyncio, multiprocessing, os, subprocess, sys, tempfile, threading
from concurrent.futures import ThreadPoolExecutor
from magnus_tracking import current_step, track_this

pool = ThreadPoolExecutor(1)
CHILD = "import sys; sys.stdin.read(); from magnus_tracking import track_this; track_this(**{sys.argv[1]: 1})"

def child(name):
    return subprocess.Popen([sys.executable, "-c", CHILD, name], stdin=subprocess.PIPE)

def one():
    global late
    late = child("late")
    track_this(own=1)
    pool.submit(track_this, pooled=1).result()
    thread = threading.Thread(target=track_this, kwargs={"thread": 1})
    thread.start()
    thread.join()
    forked = multiprocessing.get_context("fork").Process(target=track_this, kwargs={"forked": 1})
    forked.start()
    forked.join()
    child("child").communicate()
    line = '{\\"metric\\": \\"language\\", \\"value\\": 1}'
    environment = {**os.environ, **current_step().environment()}
    subprocess.run(["sh", "-c", f"echo '{line}' >> $MAGNUS_JOURNAL"], env=environment, check=True)

def two():
    pool.submit(track_this, pooled=2).result()
    before = os.getcwd()
    os.chdir(tempfile.mkdtemp())
    track_this(elsewhere=2)
    os.chdir(before)
    late.communicate()

async def three():
    async def inner(index):
        await asyncio.sleep(0.01 * index)
        track_this(step=index, inner=index)

    await asyncio.gather(*(inner(index) for index in range(3)))
    await asyncio.to_thread(track_this, threaded=1)
    track_this(own=3)
"""
STEPS = """
from runnable import Pipeline, PythonTask
from fns import one, two

def main():
    last = PythonTask(function=two, name="two", terminate_with_success=True)
    pipeline = Pipeline(steps=[PythonTask(function=one, name="one"), last])
    pipeline.execute(configuration_file="c.yaml")
    return pipeline

if __name__ == "__main__":
    main()
"""
COROUTINES = """
import asyncio
from runnable import AsyncPipeline, AsyncPythonTask
from fns import three

async def main():
    task = AsyncPythonTask(function=three, name="three", terminate_with_success=True)
    async for _ in AsyncPipeline(name="x", steps=[task]).execute_streaming(configuration_file="c.yaml"):
        pass

asyncio.run(main())
"""
RETRIED = """
from runnable import Pipeline, PythonTask
from loop import train

def main():
    pipeline = Pipeline(steps=[PythonTask(function=train, name="train", terminate_with_success=True)])
    pipeline.execute(configuration_file="again.yaml")
    return pipeline

if __name__ == "__main__":
    main()
"""
EXPECTED = {
    ("train", "loss"),
    ("shell", "loss"),
    *((f"each.{chunk}.{name}", metric) for chunk in (1, 2) for name, metric in (("work", "part"), ("shell", "loss"))),
}


class Engine:
    """One of the engines in the project of a test."""

    def __init__(self, name, python):
        self.name = name
        self.python = python
        Path("loop.py").write_text(LOOP)
        Path("parameters.yaml").write_text("chunks: [1, 2]\n")

    def start(self, pipeline, run_id, kind="file-system", *, mode="", parallel=False, **environment):
        folder = f"logs-{run_id}"
        executor = "executor" if self.name == "magnus" else "pipeline-executor"
        store = "run_log_store" if self.name == "magnus" else "run-log-store"
        lines = [f"{store}: {{type: {kind}, config: {{log_folder: {folder}}}}}", "catalog: {type: file-system}"]
        if parallel:
            lines.append(f"{executor}: {{type: local, config: {{enable_parallel: true}}}}")
        Path(f"{run_id}.yaml").write_text("\n".join(lines))
        Path(f"pipeline-{run_id}.yaml").write_text(pipeline.format(python=self.python, mode=mode))
        command = [Path(self.python).with_name(self.name), "execute"]
        if self.name == "magnus":
            command += ["-f", f"pipeline-{run_id}.yaml", "--run-id", run_id]
        else:
            command += [f"pipeline-{run_id}.yaml", run_id]
        command += ["-c", f"{run_id}.yaml", "-p", "parameters.yaml"]
        with Path(f"{run_id}.out").open("w") as out:
            return subprocess.Popen(command, stdout=out, stderr=out, env=self.environment(MODE=mode, **environment))

    def environment(self, **more):
        return {**os.environ, "PYTHONPATH": str(Path.cwd()), **more}

    def command(self, *arguments, **environment):
        command = [Path(self.python).with_name(self.name), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment(**environment))
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, pipeline, run_id, *arguments, **options):
        process = self.start(pipeline, run_id, *arguments, **options)
        status = process.wait(timeout=300)
        assert status == 0, Path(f"{run_id}.out").read_text()
        return Store(Path(f"logs-{run_id}"))


@pytest.fixture(params=["magnus", "runnable"])
def engine(request, project, magnus_and_core_python, runnable_and_core_python):
    return Engine(
        request.param, {"magnus": magnus_and_core_python, "runnable": runnable_and_core_python}[request.param]
    )


@pytest.fixture
def runnable(project, runnable_and_core_python):
    return Engine("runnable", runnable_and_core_python)


def series_of(store, run_id):
    found = SeriesCache(store).load(run_id)
    return {(one.step, one.name): one for one in found}


def without_times(document):
    """A log of an engine without its times, and without the word by which a pipeline does not track."""
    text = json.dumps(document).replace("untracked", "")
    text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?", "TIME", text)
    return re.sub(r'"(duration|dag_hash)": "[^"]*"', "", text)


@pytest.mark.parametrize("kind", ["file-system", "chunked-fs"])
def test_every_value_of_python_shell_and_map_tasks_is_there_and_the_engines_record_is_the_same(
    engine, kind, monkeypatch
):
    documents, files = [], []
    for folder, mode in (("plain", "untracked"), ("tracked", "")):
        Path(folder).mkdir()
        monkeypatch.chdir(folder)
        store = Engine(engine.name, engine.python).run(PIPELINE, "r", kind, mode=mode)
        handle = store.handle("r")
        documents.append(without_times(handle.format.document(handle)))
        # runnable puts three random characters into the names of its logs, and rewrites the time into them.
        files.append(
            sorted(re.sub(r"\w{3}\.execution", ".execution", path.name) for path in Path(".catalog/r").iterdir())
        )
        monkeypatch.chdir("..")
    assert documents[0] == documents[1]
    assert files[0] == files[1]
    store = Store(Path("tracked/logs-r"))
    series = series_of(store, "r")
    assert series.keys() == EXPECTED
    assert {(len(one.values), one.attempt) for one in series.values()} == {(1000, 1)}
    assert series["each.2.work", "part"].values[-1] == 1001
    assert store.summarize(store.handle("r")).metrics["part"].last == 1001
    before = {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()}
    recover_store(store.root, force=True)
    assert {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("kind", ["file-system", "chunked-fs"])
def test_values_are_seen_while_the_step_runs_and_after_the_engine_is_killed(engine, kind):
    process = engine.start(PIPELINE, "killed", kind, PAUSE="0.01")
    store = Store(Path("logs-killed"))

    def live():
        if not store.root.exists() or not store.handles():
            return 0
        metric = LiveRuns(store).summarize(store.handle("killed")).metrics.get("loss")
        return metric.count if metric else 0

    until(lambda: live() >= 100, lambda: f"values; {Path('killed.out').read_text()}")
    assert store.writer_gone("killed") is False
    process.send_signal(signal.SIGKILL)
    process.wait()
    seen = live()
    assert seen >= 100
    series = series_of(store, "killed")
    assert len(series["train", "loss"].values) == seen
    assert store.writer_gone("killed") is True
    assert store.load("killed").status == "PROCESSING"


def test_a_retry_of_runnable_and_its_timeline_work_beside_the_journals(runnable):
    Path("retried.py").write_text(RETRIED)
    Path("again.yaml").write_text("run-log-store: {type: file-system, config: {log_folder: logs-again}}")
    command = [runnable.python, "retried.py"]
    environment = runnable.environment(PAUSE="0.01", RUNNABLE_RUN_ID="again")
    with Path("again.out").open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
    journals = Path("logs-again", "again.journal")
    until(
        lambda: [path for path in journals.glob("*.jsonl") if path.stat().st_size > 2000],
        lambda: f"values: {Path('again.out').read_text()}",
    )
    process.kill()
    process.wait()
    runnable.command("retry", "again", "--config", "again.yaml", PAUSE="0")
    run = Store(Path("logs-again")).load("again")
    killed, passed = run.steps["train"].attempts
    assert (run.status, len(passed.user_defined_metrics["loss"])) == ("SUCCESS", 1000)
    assert 0 < len(killed.user_defined_metrics["loss"]) < 1000
    assert "did not record" in killed.message
    runnable.command("timeline", "logs-again/again.json", "--no-open")


def test_a_recorded_command_inside_a_step_joins_it_or_stands_below_it_and_leaves_the_run_alone(engine):
    track = Path(engine.python).with_name("magnus-track")
    line = '{{"metric": "rows", "step": 2, "value": 12}}'
    commands = [
        f"{track} step evaluate -- {engine.python} loop.py",
        f"{track} step only --finish -- {engine.python} loop.py",
        f'{track} step last --finish -- /bin/sh -c "export MAGNUS_TRACK_done=1"',
        f"J=$({track} journal); echo \\'{line}\\' >> $J",
    ]
    Path("script.sh").write_text(
        "set -e\n" + "\n".join(commands).replace("{{", "{").replace("}}", "}").replace("\\", "")
    )
    pipeline = ONLY_A_SHELL.replace("COMMAND", "/bin/sh script.sh")
    store = engine.run(pipeline, "below")
    found = {(step, name): one.values[-1] for (step, name), one in series_of(store, "below").items()}
    expected = {
        ("only", "evaluate.loss"): 0.001,
        ("only", "loss"): 0.001,
        ("only", "last.done"): 1,
        ("only", "rows"): 12,
    }
    assert found == expected
    run = store.load("below")
    assert (run.status, list(run.steps)) == ("SUCCESS", ["only", "success"])
    assert [path.name for path in store.root.glob("*.json")] == ["below.json"]
    assert not Path(".run_log_store").exists()


def test_threads_processes_and_coroutines_are_told_apart_and_a_late_child_is_of_no_step(runnable):
    Path("fns.py").write_text(FUNCTIONS)
    Path("c.yaml").write_text("run-log-store: {type: file-system, config: {log_folder: logs}}")
    for name, script in (("r", STEPS), ("a", COROUTINES)):
        Path("script.py").write_text(script)
        environment = runnable.environment(RUNNABLE_RUN_ID=name)
        done = subprocess.run(
            [runnable.python, "script.py"], capture_output=True, text=True, check=False, env=environment
        )
        assert done.returncode == 0, done.stdout + done.stderr
    store = Store(Path("logs"))
    found = {place: one.values[-1] for place, one in series_of(store, "r").items()}
    first = dict.fromkeys(["own", "pooled", "thread", "forked", "child", "language"], 1)
    assert found == {
        **{("one", name): value for name, value in first.items()},
        ("two", "pooled"): 2,
        ("two", "elsewhere"): 2,
        ("(step unknown)", "late"): 1,
    }
    assert (store.load("r").status, store.summarize(store.handle("r")).steps.total) == ("SUCCESS", 2)
    tracked = {place: list(one.values) for place, one in series_of(store, "a").items()}
    assert tracked == {("three", "inner"): [0, 1, 2], ("three", "threaded"): [1], ("three", "own"): [3]}


def test_branches_that_run_at_once_are_told_apart(runnable):
    store = runnable.run(PARALLEL, "par", "chunked-fs", parallel=True)
    found = series_of(store, "par")
    assert found.keys() == {(f"both.{branch}.{name}", "loss") for branch in "ab" for name in ("work", "shell")}
    assert {len(one.values) for one in found.values()} == {1000}
