"""Several stores shown as one: every run with its store, its catalog and its changes."""

import json
import shutil
import threading

import pytest

from magnus_tracking.errors import StoreUnreadableError
from magnus_tracking.follow import keep_up
from magnus_tracking.index import RunIndex
from magnus_tracking.journal.format import Header, encode_header
from magnus_tracking.logs.locate import RunLogs
from magnus_tracking.runlog.tree import failure_of, find_step
from magnus_tracking.stores import open_store, open_stores
from support.stores import stamps
from support.waiting import until


@pytest.fixture
def projects(store_copy):
    return [store_copy("magnus-sweep"), store_copy("runnable-minio")]


def together(projects):
    store = open_stores([str(project) for project in projects])
    store.refresh_copy()
    return store


def test_all_runs_are_listed_each_with_its_store_and_nothing_is_written_into_one(projects):
    before = [stamps(project) for project in projects]
    store = together(projects)
    for project in projects:
        for handle in open_store(project).handles():
            assert store.label_of(handle.run_id) == project.name
            assert repr(store.document(handle.run_id)) == repr(open_store(project).document(handle.run_id))
    assert len(store.handles()) == sum(len(open_store(project).handles()) for project in projects)
    index = RunIndex.open(store)
    index.refresh()
    assert index.count() == len(store.handles())
    index.close()
    assert [stamps(project) for project in projects] == before


@pytest.mark.parametrize("run_id", ["fixed-11", "fail-minio", "fail-chunked-minio"])
def test_a_run_finds_its_log_in_the_catalog_of_its_own_store(projects, run_id):
    store = together(projects)
    run = store.load(run_id)
    (log,) = RunLogs(run, store.home_of(run_id), run_id).of(find_step(run, failure_of(run).name)).logs
    assert any(log.path.is_relative_to(project / ".catalog") for project in projects)


def test_of_two_runs_with_one_id_the_first_stores_is_shown_and_the_other_is_told_of(projects):
    root = projects[1] / ".run_log_store"
    (root / "fixed-1.json").write_text(json.dumps({"run_id": "fixed-1", "status": "FAIL", "steps": {}}))
    store = together(projects)
    assert store.label_of("fixed-1") == projects[0].name
    assert store.document("fixed-1")["status"] == "SUCCESS"
    assert "1 files of runs with the id" in store.notice


def two_stores(tmp_path, one, other):
    """Two projects, each with the run ``one``: by file name below the store, what the file holds."""
    for project, files in (("first", one), ("second", other)):
        for name, content in files.items():
            path = tmp_path / project / ".run_log_store" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))
    return [tmp_path / "first", tmp_path / "second"]


def made(tag, status="SUCCESS", **steps):
    return {"run_id": "one", "tag": tag, "status": status, "steps": steps}


def test_what_lies_beside_a_run_is_of_the_store_that_the_run_is_of(tmp_path):
    step = {"name": "s", "internal_name": "s", "status": "PROCESSING", "user_defined_metrics": {"loss": 1}}
    journal = encode_header(Header("attempt", "one", "s", 1)).decode() + '{"metric": "loss", "value": 99}\n'
    unfinished = {"one.json": made("first", "PROCESSING", s=step)}
    projects = two_stores(tmp_path, unfinished, {**unfinished, "one.journal/1.jsonl": journal, "one.times": ""})
    assert together(projects).load("one").steps["s"].user_defined_metrics == {"loss": 1}
    assert together(projects[::-1]).load("one").steps["s"].user_defined_metrics == {"loss": 99}
    assert sorted(path.name for path in together(projects).root.iterdir()) == ["one.json"]


@pytest.mark.parametrize("first_name", ["one.json", "one/RunLog.json"])
@pytest.mark.parametrize("second_name", ["one.json", "one/RunLog.json"])
def test_a_run_with_the_id_of_another_is_shown_once_that_is_gone(tmp_path, first_name, second_name):
    projects = two_stores(tmp_path, {first_name: made("first")}, {second_name: made("second")})
    store = together(projects)
    shown = [(handle.run_id, store.document("one")["tag"]) for handle in store.handles()]
    assert (shown, store.label_of("one")) == ([("one", "first")], "first")
    shutil.rmtree(projects[0] / ".run_log_store")
    (projects[0] / ".run_log_store").mkdir()
    store.refresh_copy()
    assert (store.document("one")["tag"], store.label_of("one")) == ("second", "second")
    assert store.home_of("one").project == projects[1]
    assert store.notice is None


def test_what_comes_goes_and_changes_in_each_store_is_followed(projects):
    store = together(projects)
    index = RunIndex.open(store)
    index.refresh()
    stop, seen = threading.Event(), set()
    following = threading.Thread(target=keep_up, args=(index, stop, lambda batch: seen.update(batch.changed_ids)))
    following.start()
    try:
        roots = [project / ".run_log_store" for project in projects]
        shutil.copy(roots[0] / "fixed-1.json", roots[0] / "later.json")
        shutil.rmtree(roots[1] / "ok-minio")
        until(lambda: "later" in seen and index.summary("ok-minio") is None, "what came and went")
        text = (roots[0] / "later.json").read_text()
        (roots[0] / "later.json").write_text(text.replace('"SUCCESS"', '"FAIL"'))
        until(lambda: index.summary("later").status == "FAIL", "what changed")
    finally:
        stop.set()
        following.join()
        index.close()


def test_a_store_that_is_gone_does_not_keep_the_others_from_being_shown(projects):
    store = together(projects)
    shutil.rmtree(projects[0])
    with pytest.raises(StoreUnreadableError, match="magnus-sweep"):
        store.refresh_copy()
    assert {handle.run_id for handle in store.handles()} == {
        handle.run_id for handle in open_store(projects[1]).handles()
    }
