"""What is in no run log, only in a journal, is told wherever a run is read."""

import json

import pytest

from magnus_tracking.journal.format import Header, encode_header
from magnus_tracking.runlog.metrics import last_of_series
from magnus_tracking.runlog.tracked_beside import UNWRITTEN
from magnus_tracking.runlog.tree import leaf_steps
from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.stores import open_store
from magnus_tracking.stores.live_runs import LiveRuns


def attempt(number, status, **metrics):
    return {"attempt_number": number, "status": status, "user_defined_metrics": metrics}


def step(*attempts):
    log = {"name": "train", "internal_name": "train", "status": attempts[-1]["status"], "step_type": "task"}
    return {**log, "attempts": list(attempts), "user_defined_metrics": attempts[-1]["user_defined_metrics"]}


@pytest.mark.parametrize("status", ["PROCESSING", "SUCCESS", "FAIL"])
@pytest.mark.parametrize(
    ("steps", "attempts", "message"),
    [
        ({}, [2], UNWRITTEN),
        ({"train": step(attempt(1, "FAIL", loss=9.0))}, [1, 2], UNWRITTEN),
        ({"train": step(attempt(1, "FAIL", loss=9.0), attempt(2, "PROCESSING"))}, [1, 2], ""),
    ],
    ids=["no step", "no attempt", "no values"],
)
def test_what_could_not_be_written_into_a_log_is_shown_from_its_journal(tmp_path, status, steps, attempts, message):
    root = tmp_path / ".run_log_store"
    journal = root / "run.journal" / "1.jsonl"
    journal.parent.mkdir(parents=True)
    log = {"run_id": "run", "status": status, "steps": steps, "parameters": {}}
    (root / "run.json").write_text(json.dumps(log))
    values = b'{"metric":"loss","step":0,"value":0.5}\n{"metric":"loss","step":1,"value":0.25}\n'
    journal.write_bytes(encode_header(Header("attempt", "run", "train", 2, time="2026-01-01 10:00:00")) + values)
    store = open_store(root)
    run = store.load("run")
    (train,) = leaf_steps(run)
    assert [one.attempt_number for one in train.attempts] == attempts
    assert train.attempts[-1].message == message
    series = SeriesCache(store, tmp_path / "series").load("run")
    assert list(last_of_series([train], series)["loss"].values) == [0.5, 0.25]
    (row,) = store.runs()
    assert (row.metrics["loss"].last, row.metrics["loss"].count) == (0.25, 2)
    assert row == LiveRuns(store).summarize(store.handle("run"))


@pytest.mark.parametrize("status", ["SUCCESS", "FAIL"])
def test_a_journal_whose_attempt_has_ended_is_passed_over(tmp_path, status):
    root = tmp_path / ".run_log_store"
    journal = root / "run.journal" / "1.jsonl"
    journal.parent.mkdir(parents=True)
    log = {"run_id": "run", "status": status, "steps": {"train": step(attempt(1, status, loss=0.5))}, "parameters": {}}
    (root / "run.json").write_text(json.dumps(log))
    values = b'{"metric":"loss","step":0,"value":9.0}\n'
    journal.write_bytes(encode_header(Header("attempt", "run", "train", 1)) + values)
    store = open_store(root)
    assert store.document("run") == log
    assert store.runs()[0].metrics["loss"].last == 0.5
