"""Following a store: what changes in it is told and taken in, by events and by polling."""

import contextlib
import json
import os
import queue
import threading

import pytest

from magnus_tracking.follow import Follower, keep_up
from magnus_tracking.follow.mounts import tells_of_changes
from magnus_tracking.index import RunIndex
from magnus_tracking.stores import open_store
from magnus_tracking.stores.formats import CHUNKED

PATIENCE = 30
AGAIN = 0.3


@contextlib.contextmanager
def in_thread(target, *arguments):
    """Runs `target(stop, *arguments)` in a thread until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=target, args=(stop, *arguments))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def told_of(told, run_id, change):
    """Whether `run_id` is told of; the change is made again until then, as the first may come before the watch."""
    for attempt in range(int(PATIENCE / AGAIN)):
        change(attempt)
        with contextlib.suppress(queue.Empty):
            while run_id not in told.get(timeout=AGAIN):
                pass
            return True
    return False


@pytest.fixture
def project(store_copy):
    return store_copy("magnus-sweep")


@pytest.fixture(params=["never", "always"])
def told(request, project):
    """What a follower of the store tells, by events or by polling."""
    store = open_store(project)
    unfinished = [run.run_id for run in store.runs() if not run.is_finished]
    follower = Follower(store, lambda: unfinished, polling=request.param)
    found = queue.Queue()

    def follow(stop):
        for run_ids in follower.changes(stop):
            found.put(run_ids)

    with in_thread(follow):
        yield found


def unfinished_run(project, *, chunked):
    handles = {handle.run_id: handle for handle in open_store(project).handles()}
    return next(
        run.run_id
        for run in open_store(project).runs()
        if not run.is_finished and run.error is None and (handles[run.run_id].format is CHUNKED) is chunked
    )


def test_a_rewritten_chunk_is_told(project, told):
    run_id = unfinished_run(project, chunked=True)
    path = project / ".run_log_store" / run_id / "RunLog.json"
    content = path.read_bytes()
    assert told_of(told, run_id, lambda attempt: path.write_bytes(content + b"\n" * attempt))


def test_new_and_removed_runs_are_told(project, told):
    path = project / ".run_log_store" / "new.json"

    def come_or_go(attempt):
        path.unlink() if path.exists() else path.write_text("{}")

    assert told_of(told, "new", come_or_go)
    assert told_of(told, "new", come_or_go)


def test_what_is_tracked_in_a_journal_is_told(project, told):
    run_id = unfinished_run(project, chunked=True)
    folder = project / ".run_log_store" / run_id / "journal"
    folder.mkdir()

    def track(attempt):
        with (folder / "1.jsonl").open("a") as file:
            file.write(json.dumps({"metric": "loss", "step": attempt, "value": 0.5}) + "\n")

    assert told_of(told, run_id, track)


def test_an_index_keeps_up_with_new_runs_and_new_values(project, tmp_path):
    index = RunIndex.open(open_store(project), tmp_path / "cache")
    index.refresh()
    source = next((project / ".run_log_store").glob("fixed-1.json"))
    target = source.with_name("copy.json")
    document = json.loads(source.read_text())
    found = queue.Queue()

    def follow(stop):
        keep_up(index, stop, lambda change: found.put(change.changed_ids))

    with in_thread(follow):
        assert told_of(
            found, "copy", lambda attempt: target.write_text(json.dumps({**document, "tag": f"t{attempt % 2}"}))
        )
        assert index.summary("copy").tag.startswith("t")
        assert told_of(found, "copy", lambda attempt: target.write_text(json.dumps({**document, "tag": "last"})))
        while index.summary("copy").tag != "last":
            found.get(timeout=PATIENCE)
    index.close()


def test_what_comes_and_goes_while_the_store_is_read_is_not_missed(project, tmp_path):
    index = RunIndex.open(open_store(project), tmp_path / "cache")
    store = project / ".run_log_store"
    gone = next(run.run_id for run in open_store(project).runs() if run.is_finished)

    def change_once(_changed):
        with contextlib.suppress(FileNotFoundError):
            (store / f"{gone}.json").rename(store / "another.json")

    index.refresh(change_once)
    told = queue.Queue()
    with in_thread(lambda stop: keep_up(index, stop, told.put)):
        seen = set()
        while not seen >= {gone, "another"}:
            change = told.get(timeout=PATIENCE)
            seen |= change.changed_ids | change.removed_ids
    assert index.row_of(gone) is None
    index.close()


def test_what_is_rewritten_in_place_while_many_runs_are_read_is_not_missed(tmp_path):
    store = tmp_path / "many" / ".run_log_store"
    store.mkdir(parents=True)
    for number in range(600):
        path = store / f"run-{number:03}.json"
        path.write_text(json.dumps({"run_id": path.stem, "status": "SUCCESS"}))
        os.utime(path, (1.7e9, 1.7e9))
    index = RunIndex.open(open_store(store.parent), tmp_path / "cache")
    rewritten = []

    def rewrite_the_first(changed):
        if not rewritten:
            rewritten.append(min(changed.changed_ids))
            (store / f"{rewritten[0]}.json").write_text(json.dumps({"run_id": rewritten[0], "status": "FAIL"}))

    index.refresh(rewrite_the_first)
    told = queue.Queue()
    with in_thread(lambda stop: keep_up(index, stop, told.put, "never")):
        while index.summary(rewritten[0]).status != "FAIL":
            told.get(timeout=PATIENCE)
    index.close()


@pytest.mark.parametrize(
    ("kind", "tells"), [("ext4", True), ("nfs4", False), ("cifs", False), ("fuse.sshfs", False), ("tmpfs", True)]
)
def test_network_folders_are_told_from_local_ones(tmp_path, kind, tells):
    mounts = f"/dev/root / ext4 rw 0 0\nserver:/x {str(tmp_path).replace(' ', chr(92) + '040')} {kind} rw 0 0\n"
    assert tells_of_changes(tmp_path / "deep" / "inside", mounts) is tells
    assert tells_of_changes(tmp_path.parent, mounts)
