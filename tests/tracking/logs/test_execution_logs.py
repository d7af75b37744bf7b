"""Which files hold what a step printed, by the rules of both engines."""

import contextlib
import hashlib
import json
import shutil

import pytest

from magnus_tracking import start_run
from magnus_tracking.logs.locate import ALTERED, NOTHING_KEPT, OVERWRITTEN, RunLogs
from magnus_tracking.runlog.tree import find_step, leaf_steps
from magnus_tracking.stores import open_store
from support.stores import DATA_STORES

ATTEMPT = {
    "attempt_number": 1,
    "start_time": "2026-01-01 10:00:00",
    "end_time": "2026-01-01 10:00:01",
    "status": "SUCCESS",
}
RUNNABLE = ("runnable-0.20.0", "runnable-0.36.1", "runnable-examples")


def opened(name):
    return open_store(str(DATA_STORES / name))


def logs_in(name, run_id, step):
    store = opened(name)
    run = store.load(run_id)
    return RunLogs(run, store).of(find_step(run, step))


def names(found):
    return [log.path.name for log in found.logs]


@pytest.fixture
def copied(tmp_path):
    """A function that copies a run and its catalog into a store of its own, to be changed."""

    def copy(store, run_id):
        source = DATA_STORES / store
        target = tmp_path / "project"
        (target / ".run_log_store").mkdir(parents=True)
        log = source / ".run_log_store" / f"{run_id}.json"
        shutil.copy(log, target / ".run_log_store") if log.exists() else shutil.copytree(
            log.with_suffix(""), target / ".run_log_store" / run_id
        )
        shutil.copytree(source / ".catalog" / run_id, target / ".catalog" / run_id)
        return target

    return copy


def test_magnus_lists_the_log_in_the_catalog():
    found = logs_in("magnus-sweep", "fixed-11", "train model")
    assert names(found) == ["train_model.execution.log"]
    assert [(log.attempt, log.inferred) for log in found.logs] == [(1, False)]
    assert found.reason is None


def test_magnus_puts_the_value_of_a_map_behind_the_name():
    store = opened("magnus-examples")
    run = store.load("parallel-bartik-1640")
    logs = RunLogs(run, store)
    shown = {step.internal_name: names(logs.of(step)) for step in leaf_steps(run)}
    in_map = {name: files for name, files in shown.items() if name.count(".") == 2}
    assert len(in_map) > 1
    for name, files in in_map.items():
        assert files == [f"execute.execution.log_{name.split('.')[1]}"]


def test_a_catalog_that_was_absolute_on_another_machine_is_looked_for_beside_the_store():
    assert names(logs_in("magnus-reruns", "absolute-catalog", "train model")) == ["train_model.execution.log"]


def test_a_log_that_another_branch_overwrote_is_not_shown_as_this_steps(tmp_path):
    def branch(name, content):
        entry = {
            "name": "train.execution.log",
            "data_hash": hashlib.sha256(content).hexdigest(),
            "catalog_relative_path": "r/train.execution.log",
            "catalog_handler_location": ".catalog",
            "stage": "put",
        }
        step = {"name": "train", "internal_name": f"{name}.train", "attempts": [ATTEMPT], "data_catalog": [entry]}
        return {"internal_name": name, "steps": {f"{name}.train": step}}

    branches = {name: branch(name, content) for name, content in (("both.a", b"of a"), ("both.b", b"of b"))}
    both = {"name": "both", "internal_name": "both", "step_type": "parallel", "branches": branches}
    store, run = stored(tmp_path, {"both": both}, {"train.execution.log": "of b"})
    overwritten, mine = (RunLogs(run, store).of(find_step(run, f"both.{name}.train")) for name in "ab")
    assert names(mine) == ["train.execution.log"]
    assert (overwritten.logs, overwritten.reason) == ((), OVERWRITTEN)


def test_a_log_that_changed_and_is_nobody_elses_is_shown_with_a_warning(copied):
    project = copied("magnus-sweep", "fixed-11")
    with (project / ".catalog" / "fixed-11" / "train_model.execution.log").open("a") as log:
        log.write("more\n")
    store = open_store(str(project))
    run = store.load("fixed-11")
    found = RunLogs(run, store).of(find_step(run))
    assert names(found) == ["train_model.execution.log"]
    assert found.logs[0].inferred
    assert found.reason == ALTERED


def test_a_log_that_is_gone_is_told_apart_from_one_that_was_never_kept(copied):
    project = copied("magnus-sweep", "fixed-11")
    (project / ".catalog" / "fixed-11" / "train_model.execution.log").unlink()
    store = open_store(str(project))
    run = store.load("fixed-11")
    found = RunLogs(run, store).of(find_step(run))
    assert found.logs == ()
    assert "not there any more" in found.reason
    run.steps["train model"].data_catalog.clear()
    assert RunLogs(run, store).of(find_step(run)).reason == NOTHING_KEPT


@pytest.mark.parametrize("store_name", RUNNABLE)
def test_each_step_of_runnable_that_ran_has_as_many_logs_as_attempts(store_name):
    store = opened(store_name)
    without = []
    for summary in store.runs():
        run = store.load(summary.run_id)
        logs = RunLogs(run, store, summary.run_id)
        for step in leaf_steps(run):
            found = logs.of(step)
            if len(found.logs) != len(step.attempts):
                without.append(step.internal_name)
            assert {log.attempt for log in found.logs} <= {attempt.attempt_number for attempt in step.attempts}
    assert len(without) <= 2, without


@pytest.mark.parametrize("store_name", RUNNABLE)
def test_no_two_attempts_of_runnable_are_given_the_same_log(store_name):
    store = opened(store_name)
    for summary in store.runs():
        run = store.load(summary.run_id)
        logs = RunLogs(run, store, summary.run_id)
        given = [log.path for step in leaf_steps(run) for log in logs.of(step).logs]
        assert len(given) == len(set(given))


def test_attempts_that_share_a_name_are_told_apart_by_what_their_logs_say():
    store = opened("runnable-examples")
    run = store.load("swarm-raman-1645")
    for step in leaf_steps(run):
        if step.name != "execute_python":
            continue
        first, second = RunLogs(run, store).of(step).logs
        assert (first.attempt, second.attempt) == (1, 2)
        assert first.inferred
        assert second.inferred
        assert b"Traceback" in first.path.read_bytes()
        assert b"Traceback" not in second.path.read_bytes()


def test_a_step_in_a_branch_of_an_older_version_has_its_own_name_only():
    found = logs_in("runnable-0.20.0", "devout-carson-1803", "map state.2.execute_python")
    assert [name[: -len("XXX.execution.log")] for name in names(found)] == ["executepython2"]


def stored(folder, steps, files):
    """A store with one run of these steps, and these files in its catalog; the store and the run."""
    (folder / ".run_log_store").mkdir()
    run = {"run_id": "r", "status": "SUCCESS", "steps": steps}
    (folder / ".run_log_store" / "r.json").write_text(json.dumps(run))
    catalog = folder / ".catalog" / "r"
    catalog.mkdir(parents=True)
    for name, text in files.items():
        (catalog / name).write_text(text)
    store = open_store(str(folder))
    return store, store.load("r")


def top_steps(*names):
    return {
        name: {"name": name, "internal_name": name, "step_type": "task", "status": "SUCCESS", "attempts": [ATTEMPT]}
        for name in names
    }


def test_a_name_that_begins_another_does_not_take_its_log(tmp_path):
    files = dict.fromkeys(["step1ABC.execution.log", "step111AB.execution.log", "step11XY.execution.log"], "text")
    store, run = stored(tmp_path, top_steps("step1", "step11", "step 1"), files)
    assert names(RunLogs(run, store).of(run.steps["step11"])) == ["step111AB.execution.log"]
    shared = RunLogs(run, store).of(run.steps["step1"])
    assert set(names(shared)) <= {"step1ABC.execution.log", "step11XY.execution.log"}
    assert all(log.inferred for log in shared.logs)


def test_more_logs_than_attempts_are_paired_with_none(tmp_path):
    files = dict.fromkeys(["trainABC.execution.log", "trainXYZ.execution.log"], "text")
    store, run = stored(tmp_path, top_steps("train"), files)
    found = RunLogs(run, store).of(run.steps["train"])
    assert [log.attempt for log in found.logs] == [None, None]
    assert len(found.of_attempt(1)) == 2


def test_links_and_other_files_are_no_logs(tmp_path):
    files = dict.fromkeys(["train.execution.log", "trainABC.txt", "evaluateABC.execution.log"], "text")
    store, run = stored(tmp_path, top_steps("train"), files)
    (tmp_path / "secret").write_text("secret")
    (tmp_path / ".catalog" / "r" / "trainABC.execution.log").symlink_to(tmp_path / "secret")
    found = RunLogs(run, store).of(run.steps["train"])
    assert (found.logs, found.reason) == ((), NOTHING_KEPT)


def test_a_map_over_numbers_with_points_finds_its_logs(tmp_path):
    inner = "sweep.0.5.train"
    step = {"name": "train", "internal_name": inner, "step_type": "task", "attempts": [ATTEMPT]}
    branches = {"sweep.0.5": {"internal_name": "sweep.0.5", "steps": {inner: step}}}
    sweep = {"name": "sweep", "internal_name": "sweep", "step_type": "map", "branches": branches}
    name = "sweepmapvariableplaceholdertrainvalue05ABC.execution.log"
    store, run = stored(tmp_path, {"sweep": sweep}, {name: "text"})
    assert names(RunLogs(run, store).of(find_step(run))) == [name]


def test_the_log_of_a_step_that_runs_is_found_before_it_ends(tmp_path, capsys):
    with (
        start_run(store=tmp_path / ".run_log_store", run_id="live") as run,
        run.map("each", ["a b"]) as each,
        next(iter(each)) as branch,
        branch.step("train model"),
    ):
        print("epoch 1", flush=True)
        store = open_store(tmp_path)
        read = store.load("live")
        found = RunLogs(read, store).of(find_step(read, "each.a b.train model"))
        assert [log.path.read_text() for log in found.logs] == ["epoch 1\n"]
        assert [(log.attempt, log.inferred) for log in found.logs] == [(1, True)]


def test_the_log_of_a_running_attempt_comes_after_those_of_the_attempts_before(tmp_path, capsys):
    with start_run(store=tmp_path / ".run_log_store", run_id="live") as run:
        with contextlib.suppress(ValueError), run.step("train"):
            print("first", flush=True)
            raise ValueError("no")
        with run.step("train"):
            print("second", flush=True)
            store = open_store(tmp_path)
            read = store.load("live")
            found = RunLogs(read, store).of(find_step(read, "train"))
            assert [log.attempt for log in found.logs] == [1, 2]
            assert found.logs[-1].path.read_text() == "second\n"


def test_the_log_of_a_running_step_is_not_looked_for_outside_the_run(tmp_path, capsys):
    with start_run(store=tmp_path / ".run_log_store", run_id="live") as run, run.step("train"):
        print("epoch 1", flush=True)
        store = open_store(tmp_path)
        read = store.load("live")
    (tmp_path / ".catalog" / "train.execution.log").write_text("of nobody")
    step = find_step(read, "train")
    step.internal_name = "...train"
    assert RunLogs(read, store).of(step).logs == ()


def test_what_a_step_of_an_engine_prints_is_found_before_its_attempt_is_written(copied):
    project = copied("magnus-sweep", "sweep-1")
    run = open_store(project).load("sweep-1")
    step = find_step(run, "evaluate")
    assert step.attempts == []
    found = RunLogs(run, open_store(project)).of(step)
    assert names(found) == ["evaluate.execution.log"]
    assert [(log.attempt, log.inferred) for log in found.logs] == [(None, True)]
    assert found.reason is None
