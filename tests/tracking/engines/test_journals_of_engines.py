"""Journals beside the run of an engine, which no engine sees: laid over its log for good, and never folded."""

import json
import os
from datetime import datetime, timedelta

import pytest

from magnus_tracking.index import RunIndex
from magnus_tracking.journal.format import Header, Writer, encode_header
from magnus_tracking.journal.journal_paths import journal_folder
from magnus_tracking.journal.writer_liveness import this_writer
from magnus_tracking.recorder.recovery import recover_store
from magnus_tracking.recorder.run_start import default_configuration, join_run
from magnus_tracking.runlog.tracked_beside import NO_STEP
from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.stores import Store
from magnus_tracking.stores.live_runs import LiveRuns

START = datetime(2026, 1, 2, 3, 0, 0)
DEAD = Writer(
    host=this_writer().host, boot=this_writer().boot, namespace=this_writer().namespace, pid=2**22, started="1"
)


def at(seconds):
    return str(START + timedelta(seconds=seconds))


def attempt(start, end, number=1, status="SUCCESS", **more):
    times = {"start_time": at(start), "end_time": at(end)}
    return {"attempt_number": number, **times, "status": status, "message": "", **more}


def step(name, *attempts, status="SUCCESS", **more):
    return {"name": name, "internal_name": name, "status": status, "step_type": "task", "attempts": [*attempts], **more}


def run_log(*steps, status="SUCCESS", **more):
    config = {"pipeline_executor": {"service_name": "local"}}
    named = {one["internal_name"]: one for one in steps}
    return {"run_id": "r", "status": status, "steps": named, "parameters": {}, "run_config": config, **more}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


@pytest.fixture
def write(tmp_path):
    """Writes a run of an engine, and journals as header fields and lines."""

    def written(document, *journals):
        (tmp_path / "r.json").write_text(json.dumps(document))
        folder = journal_folder(tmp_path, "r", chunked=False)
        folder.mkdir(exist_ok=True)
        for number, (fields, metrics) in enumerate(journals):
            header = Header(
                **{"kind": "attempt", "run_id": "r", "step": "train", "attempt": 1, "engine": "magnus", **fields}
            )
            lines = [{"metric": name, "step": index, "value": value} for name, index, value in metrics]
            text = "".join(json.dumps(line) + "\n" for line in lines)
            (folder / f"attempt-{number}.jsonl").write_bytes(encode_header(header) + text.encode())

    return written


LOSSES = [("loss", 0, 1.0), ("loss", 1, 0.5)]


def series_of(store):
    found = SeriesCache(store).load("r")
    return {(one.step, one.attempt, one.name): (list(one.indexes), list(one.values)) for one in found}


def everywhere(store):
    """The last values as each reader of a run has them, which must be one answer."""
    index = RunIndex.open(store)
    index.refresh()
    row = index.summary("r")
    index.close()
    rows = [store.summarize(store.handle("r")), LiveRuns(store).summarize(store.handle("r")), row]
    assert len({json.dumps({name: metric.last for name, metric in one.metrics.items()}) for one in rows}) == 1
    return {name: metric.last for name, metric in rows[0].metrics.items()}


def test_a_finished_run_of_an_engine_shows_what_was_tracked_in_its_steps(store, write):
    write(run_log(step("train", attempt(0, 10))), ({"time": at(1), "writer": DEAD}, LOSSES))
    document = store.document("r")
    assert document["steps"]["train"]["attempts"][0]["user_defined_metrics"] == {"loss": {"0": 1.0, "1": 0.5}}
    assert document["steps"]["train"]["attempts"][0]["not_in_engine_record"] == ["loss"]
    assert series_of(store) == {("train", 1, "loss"): ([0, 1], [1.0, 0.5])}
    assert everywhere(store) == {"loss": 0.5}


def test_the_engines_own_metrics_stay_beside_those_that_were_tracked(store, write):
    own = {"score": {"kind": "metric", "value": 7}, "loss": {"kind": "metric", "value": 9}}
    log = run_log(step("train", attempt(0, 10, user_defined_metrics=own)))
    write(log, ({"time": at(1), "writer": DEAD}, LOSSES))
    part = store.document("r")["steps"]["train"]["attempts"][0]
    assert part["user_defined_metrics"] == {"score": own["score"], "loss": {"0": 1.0, "1": 0.5}}
    assert part["not_in_engine_record"] == ["loss"]
    assert part["engine_record"] == {"loss": own["loss"]}
    assert everywhere(store) == {"loss": 0.5, "score": 7}
    assert series_of(store)["train", 1, "score"] == ([0], [7])


def test_an_attempt_that_was_killed_and_whose_number_was_given_again_is_an_attempt_of_its_own(store, write):
    write(
        run_log(step("train", attempt(100, 110))),
        ({"time": at(1), "writer": DEAD}, [("loss", 0, 3.0)]),
        ({"time": at(101), "writer": this_writer()}, LOSSES),
    )
    killed, recorded = store.document("r")["steps"]["train"]["attempts"]
    assert (killed["attempt_number"], killed["not_in_engine_record"]) == (0, True)
    assert "did not record" in killed["message"]
    assert recorded["user_defined_metrics"] == {"loss": {"0": 1.0, "1": 0.5}}
    assert series_of(store) == {("train", 0, "loss"): ([0], [3.0]), ("train", 1, "loss"): ([0, 1], [1.0, 0.5])}
    assert everywhere(store) == {"loss": 0.5}
    assert store.summarize(store.handle("r")).attempts == 2


def test_reading_again_and_again_adds_an_unrecorded_attempt_once(store, write):
    write(run_log(step("train", attempt(100, 110))), ({"time": at(1), "writer": DEAD}, LOSSES))
    cache = SeriesCache(store)
    first = cache.load("r")
    assert cache.load("r") == first == cache.load("r")
    assert len(first) == 1


def test_a_running_step_that_the_engine_has_not_recorded_shows_its_values(store, write):
    log = run_log(step("train", status="PROCESSING"), status="PROCESSING")
    write(log, ({"time": at(1), "writer": this_writer()}, LOSSES))
    assert store.document("r")["steps"]["train"]["user_defined_metrics"] == {"loss": {"0": 1.0, "1": 0.5}}
    assert everywhere(store) == {"loss": 0.5}
    assert store.writer_gone("r") is False


def test_values_of_no_certain_step_are_kept_under_the_run_and_counted_as_no_step(store, write):
    write(run_log(step("train", attempt(0, 10))), ({"step": "", "time": at(1), "writer": DEAD}, [("lost", 0, 1)]))
    document = store.document("r")
    assert document["steps"][NO_STEP]["user_defined_metrics"] == {"lost": 1}
    assert "could not be told" in document["steps"][NO_STEP]["message"]
    assert store.summarize(store.handle("r")).steps.total == 1
    assert everywhere(store) == {"lost": 1}


def test_several_processes_of_one_step_are_one_series(store, write):
    write(
        run_log(step("train", attempt(0, 10))),
        ({"time": at(1), "writer": DEAD}, [("loss", 0, 1.0), ("mine", 0, 1)]),
        ({"time": at(2), "writer": DEAD}, [("loss", 1, 0.5), ("loss", 0, 2.0)]),
    )
    assert series_of(store)["train", 1, "loss"] == ([0, 1], [2.0, 0.5])
    assert store.document("r")["steps"]["train"]["attempts"][0]["user_defined_metrics"]["loss"] == {"0": 2.0, "1": 0.5}
    assert everywhere(store) == {"loss": 0.5, "mine": 1}


def test_what_runs_below_a_step_has_its_name_before_its_metrics(store, write):
    write(run_log(step("train", attempt(0, 10))), ({"time": at(1), "below": "evaluate", "writer": DEAD}, LOSSES))
    assert everywhere(store) == {"evaluate.loss": 0.5}
    assert set(series_of(store)) == {("train", 1, "evaluate.loss")}


def test_a_job_shows_what_was_tracked_in_it(store, write):
    job = {"status": "SUCCESS", "message": "", "mock": False, "attempts": [attempt(0, 10)], "data_catalog": []}
    write({**run_log(), "job": job}, ({"step": "job", "time": at(1), "writer": DEAD}, LOSSES))
    assert set(series_of(store)) == {("job", 1, "loss")}
    assert everywhere(store) == {"loss": 0.5}


def test_a_map_value_with_a_dot_leads_to_its_step(store, write):
    inner = {**step("m.0.5.w", attempt(0, 10)), "name": "w"}
    branch = {"internal_name": "m.0.5", "status": "SUCCESS", "steps": {"m.0.5.w": inner}}
    outer = {**step("m"), "step_type": "map", "branches": {"m.0.5": branch}}
    write(run_log(outer), ({"step": "m.0.5.w", "time": at(1), "writer": DEAD}, LOSSES))
    assert set(series_of(store)) == {("m.0.5.w", 1, "loss")}
    assert everywhere(store) == {"loss": 0.5}


@pytest.mark.parametrize("fields", [{}, {"engine": ""}], ids=["marked", "without a mark"])
@pytest.mark.parametrize("force", [False, True])
def test_recovering_leaves_the_run_of_an_engine_alone(tmp_path, write, fields, force):
    log = run_log(step("train", status="PROCESSING"), status="PROCESSING")
    write(log, ({"time": at(1), "writer": DEAD, **fields}, LOSSES))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json*")}
    (recovery,) = recover_store(tmp_path, force=force)
    assert "left alone" in recovery.reason
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json*")} == before


def test_nobody_goes_on_with_the_run_of_an_engine(tmp_path, write):
    write(run_log(step("train", status="PROCESSING"), status="PROCESSING"))
    before = (tmp_path / "r.json").read_bytes()
    with pytest.raises(Exception, match="engine"):
        join_run("r", default_configuration(tmp_path))
    assert (tmp_path / "r.json").read_bytes() == before


def test_a_dead_engine_is_told_and_one_that_went_on_without_tracking_is_not(tmp_path, store, write):
    log = run_log(step("train", status="PROCESSING"), status="PROCESSING")
    write(log, ({"time": at(1), "writer": DEAD}, LOSSES))
    assert store.writer_gone("r") is True
    # Another process of the engine goes on with the run.
    later = (tmp_path / "r.journal" / "attempt-0.jsonl").stat().st_mtime + 5
    os.utime(tmp_path / "r.json", (later, later))
    assert store.writer_gone("r") is None


def test_a_damaged_journal_costs_a_finished_run_nothing_but_its_values(tmp_path, store, write):
    write(run_log(step("train", attempt(0, 10))), ({"time": at(1), "writer": DEAD}, LOSSES))
    path = tmp_path / "r.journal" / "attempt-0.jsonl"
    path.write_text(path.read_text().replace('"attempt":1', '"attempt":"one"'))
    assert store.document("r")["status"] == "SUCCESS"
    assert everywhere(store) == {}
    assert series_of(store) == {}
    assert store.summarize(store.handle("r")).error is None
