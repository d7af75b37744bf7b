"""Whatever is wrong with one run costs its own row, which says so; the runs beside it are as they were."""

import json
import os
import shutil

import pytest

from magnus_tracking.analysis.failures import failures_of_store
from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.index import RunIndex
from magnus_tracking.runlog.nesting_depth import DEEPEST, TOO_DEEP
from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.stores import open_store
from magnus_tracking.stores.live_runs import LiveRuns
from support.stores import DATA_STORES

GOOD = ("fixed-3", "fixed-9")
HEADER = {"journal": 1, "kind": "attempt", "run_id": "live", "step": "train", "attempt": 1, "time": "", "writer": {}}


@pytest.fixture
def project(tmp_path):
    """Two good runs, and the run `live`, which is in flight."""
    root = tmp_path / ".run_log_store"
    root.mkdir()
    for run_id in GOOD:
        shutil.copy(DATA_STORES / "magnus-sweep" / ".run_log_store" / f"{run_id}.json", root)
    model = json.loads((root / "fixed-3.json").read_text())
    step = next(iter(model["steps"].values()))
    steps = {"train": step}
    step.update(name="train", internal_name="train", status="PROCESSING", user_defined_metrics={})
    step["attempts"][0].update(status="PROCESSING", end_time="", duration="")
    (root / "live.json").write_text(json.dumps({**model, "run_id": "live", "status": "PROCESSING", "steps": steps}))
    (root / "live.journal").mkdir()
    return tmp_path


def journal(project, text, name="attempt-1-1.jsonl"):
    path = project / ".run_log_store" / "live.journal" / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def header(**fields):
    return json.dumps({**HEADER, **fields}) + "\n"


def rows(project, cache):
    """The rows of the index, after it was made and after a change of each run was taken in."""
    store = open_store(project)
    index = RunIndex.open(store, cache)
    index.refresh()
    first = {run.run_id: run for run in index.rows(index.positions())}
    index.refresh_runs([handle.run_id for handle in store.handles()])
    then = {run.run_id: run for run in index.rows(index.positions())}
    index.close()
    assert {run_id: run.error for run_id, run in first.items()} == {run_id: run.error for run_id, run in then.items()}
    assert {run.run_id: run.error for run in store.runs()} == {run_id: run.error for run_id, run in first.items()}
    assert all(first[run_id].error is None for run_id in GOOD)
    return first


WRONG_HEADERS = {
    "an infinite attempt": header().replace('"attempt": 1', '"attempt": 1e999'),
    "an attempt that is not a number": header(attempt=float("nan")),
    "an attempt of many digits": header().replace('"attempt": 1', '"attempt": ' + "9" * 5000),
    "a negative attempt": header(attempt=-1),
    "an attempt that is a list": header(attempt=[1]),
    "an attempt that is text": header(attempt="one"),
    "an infinite process": header(writer={"pid": float("inf")}),
    "a process of many bits": header(writer={"pid": 2**70}),
    "a process that is an object": header(writer={"pid": {"a": 1}}),
}


@pytest.mark.parametrize("wrong", [name for name in WRONG_HEADERS if "digits" not in name])
def test_a_journal_whose_header_can_not_be_is_one_marked_row(project, tmp_path, wrong):
    journal(project, WRONG_HEADERS[wrong])
    found = rows(project, tmp_path / "cache")
    assert found["live"].error.startswith("attempt-1-1.jsonl: its header can't be understood: ")
    store = open_store(project)
    with pytest.raises(UnreadableRunError, match="header"):
        store.load("live")
    with pytest.raises(UnreadableRunError, match="header"):
        SeriesCache(store).load("live")
    with pytest.raises(UnreadableRunError, match="header"):
        SeriesCache(store).open("live")
    assert LiveRuns(store).summarize(store.handle("live")).error
    assert list(failures_of_store(store, store.runs())) == []


NO_JOURNALS = {
    "a pipe": os.mkfifo,
    "a folder": lambda path: path.mkdir(),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "nothing yet": lambda path: path.touch(),
    "half a header": lambda path: path.write_text('{"journal": 1, "ki'),
    "another file": lambda path: path.write_text("hello\nworld\n"),
    "bytes": lambda path: path.write_bytes(bytes(range(256)) * 9),
    "a header of many digits": lambda path: path.write_text(WRONG_HEADERS["an attempt of many digits"]),
    "a deep header": lambda path: path.write_text('{"journal": 1, "run": ' + "[" * 100_000 + "\n"),
}


@pytest.mark.parametrize("kind", NO_JOURNALS)
def test_what_lies_among_journals_and_is_none_is_passed_over(project, tmp_path, kind):
    journal(project, header() + '{"metric": "loss", "step": 0, "value": 0.5}\n')
    NO_JOURNALS[kind](project / ".run_log_store" / "live.journal" / "attempt-2-1.jsonl")
    found = rows(project, tmp_path / "cache")
    assert found["live"].error is None
    assert found["live"].metrics["loss"].last == 0.5
    store = open_store(project)
    assert [series.name for series in SeriesCache(store).load("live")] == ["loss"]
    assert store.load("live").steps


def test_a_journal_is_of_no_account_once_its_run_has_ended(project, tmp_path):
    folder = project / ".run_log_store" / "fixed-3.journal"
    folder.mkdir()
    (folder / "attempt-1-1.jsonl").write_text(WRONG_HEADERS["an infinite attempt"])
    assert rows(project, tmp_path / "cache")["fixed-3"].error is None
    store = open_store(project)
    assert store.load("fixed-3").status == "SUCCESS"
    assert SeriesCache(store).load("fixed-3")
    assert SeriesCache(store).open("fixed-3")[0].status == "SUCCESS"


@pytest.mark.parametrize("time", [0, 1 << 33, 1 << 40, -(1 << 33), -(1 << 40)])
def test_a_file_of_any_time_is_read(project, tmp_path, time):
    for run_id in ("live", "fixed-3"):
        path = project / ".run_log_store" / f"{run_id}.json"
        os.utime(path, (time, time))
    (project / ".run_log_store" / "torn.json").write_text("{")
    os.utime(project / ".run_log_store" / "torn.json", (time, time))
    found = rows(project, tmp_path / "cache")
    assert found["live"].error is None
    assert "not JSON" in found["torn"].error


@pytest.mark.parametrize("depth", [50, 120, 400, 900, 980, 1100, 100_000])
def test_values_nested_to_any_depth_cost_their_own_row_at_most(project, tmp_path, depth):
    path = project / ".run_log_store" / "live.json"
    document = json.loads(path.read_text())
    step = document["steps"]["train"]
    step.update(status="SUCCESS", user_defined_metrics={"deep": "@", "loss": 0.5})
    step["attempts"][0].update(status="SUCCESS", end_time="2024-01-09 05:44:42")
    text = json.dumps({**document, "status": "SUCCESS", "parameters": {"p": "@", "lr": 1}})
    path.write_text(text.replace('"@"', "[" * depth + "1" + "]" * depth))
    found = rows(project, tmp_path / "cache")["live"]
    if found.error is None:
        assert (found.parameters["lr"], found.metrics["loss"].last) == (1, 0.5)
        assert (found.parameters["p"] == TOO_DEEP) == (depth > DEEPEST)
        assert (found.metrics["deep"].last == TOO_DEEP) == (depth > DEEPEST)
    else:
        assert found.error == "nested too deeply"
        assert depth > 900
