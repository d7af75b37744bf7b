"""Stores that lie otherwise than in `.run_log_store`: synced from a bucket, and on the volume of a cluster."""

import json
import shutil

import pytest

from magnus_tracking.logs.locate import RunLogs
from magnus_tracking.runlog.tree import failure_of, find_step
from magnus_tracking.stores import open_store
from support.stores import DATA_STORES

BUCKET = DATA_STORES / "runnable-minio"


@pytest.fixture
def synced(tmp_path):
    """What `aws s3 sync s3://runnable` makes: run logs below `run-logs`, the catalog's folders beside it."""
    shutil.copytree(BUCKET / ".run_log_store", tmp_path / "run-logs")
    for folder in (BUCKET / ".catalog").iterdir():
        shutil.copytree(folder, tmp_path / folder.name)
    return tmp_path


@pytest.fixture
def volume(tmp_path):
    """The volume that Argo mounts: run logs below `run_logs`, beside `catalog`."""
    shutil.copytree(DATA_STORES / "runnable-examples" / ".run_log_store", tmp_path / "run_logs")
    shutil.copytree(DATA_STORES / "runnable-examples" / ".catalog", tmp_path / "catalog")
    return tmp_path


def logs_of(store, run_id):
    run = store.load(run_id)
    failure = failure_of(run)
    return RunLogs(run, store, run_id).of(find_step(run, failure.name)).logs


@pytest.mark.parametrize("kind", ["minio", "chunked-minio"])
def test_a_synced_bucket_is_opened_by_its_folder_and_shows_its_logs(synced, kind):
    store = open_store(synced)
    assert store.root == synced / "run-logs"
    (log,) = logs_of(store, f"fail-{kind}")
    assert log.path.parent == synced / f"fail-{kind}"
    assert "the step failed on purpose" in log.path.read_text()


def test_the_volume_of_a_cluster_is_opened_by_its_folder_and_shows_its_logs(volume):
    store = open_store(volume)
    assert store.root == volume / "run_logs"
    failed = [run.run_id for run in store.runs() if run.status == "FAIL"]
    assert any(log.path.is_relative_to(volume / "catalog") for run_id in failed for log in logs_of(store, run_id))


@pytest.mark.parametrize("name", ["run_logs", "run-logs"])
def test_a_folder_that_is_only_called_like_a_store_is_passed_over(store_copy, name):
    project = store_copy("magnus-sweep")
    runs = project / ".run_log_store"
    (runs / name).mkdir()
    (runs / name / "notes.txt").write_text("nothing of the kind")
    assert open_store(runs).root == runs


def test_a_single_run_of_a_bucket_is_opened_by_its_folder_and_by_its_file(synced):
    for path in ("ok-minio", "ok-minio/ok-minio.json", "ok-chunked-minio", "ok-chunked-minio/RunLog"):
        assert open_store(synced / "run-logs" / path).only == path.split("/")[0]


def test_a_log_of_the_minio_store_that_is_damaged_or_no_text_in_text_is_one_row_or_is_read(synced):
    root = synced / "run-logs"
    known = json.loads((root / "ok-minio" / "ok-minio.json").read_text())
    (root / "ok-minio" / "ok-minio.json").write_text(known)
    (root / "fail-minio" / "fail-minio.json").write_text(json.dumps(known)[:-40])
    (root / "map-minio" / "map-minio.json").write_text("17")
    found = {run.run_id: run for run in open_store(root).runs()}
    assert found["ok-minio"].status == "SUCCESS"
    assert found["fail-minio"].error
    assert found["map-minio"].error
    assert found["ok-chunked-minio"].status == "SUCCESS"
