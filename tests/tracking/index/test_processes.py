"""Several processes at one index, and processes that are killed."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from magnus_tracking.index import RunIndex, segments
from magnus_tracking.index.worker_pool import Workers, WorkersLostError, batches_of
from magnus_tracking.runlog.metric_summary import DEFAULT_DETAIL
from magnus_tracking.stores import open_store
from magnus_tracking.stores.run_listing import HUGE
from support.waiting import until

REFRESH = """
import os, signal, sys
from pathlib import Path
from magnus_tracking.index import RunIndex
from magnus_tracking.stores import open_store
from magnus_tracking.stores.run_listing import HUGE

def tell(change):
    if change.done >= int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

index = RunIndex.open(open_store(sys.argv[1]), Path(sys.argv[2]))
index.refresh(tell)
print(index.count())
"""


@pytest.fixture
def project(store_copy):
    """A store of 400 runs, clones of real ones."""
    project = store_copy("runnable-examples")
    root = project / ".run_log_store"
    sources = sorted(root.glob("*.json"))[:10]
    for source in sources:
        for number in range(40):
            name = f"{source.stem}-{number}"
            (root / f"{name}.json").write_text(json.dumps({**json.loads(source.read_text()), "run_id": name}))
    as_if_settled(root)
    return project


def as_if_settled(root):
    """Make the files seem old enough that reading them once is enough."""
    for path in root.glob("*.json"):
        os.utime(path, (1_700_000_000, 1_700_000_000))


def start(project, cache, killed_after=1_000_000):
    return subprocess.Popen(
        [sys.executable, "-c", REFRESH, str(project), str(cache), str(killed_after)], stdout=subprocess.PIPE, text=True
    )


def test_two_processes_fill_one_index_at_the_same_time(project, tmp_path):
    processes = [start(project, tmp_path / "cache") for _ in range(3)]
    expected = len(open_store(project).handles())
    assert [process.communicate()[0].strip() for process in processes] == [str(expected)] * 3
    index = RunIndex.open(open_store(project), tmp_path / "cache")
    assert sorted(run.run_id for run in index.rows(index.positions())) == sorted(
        handle.run_id for handle in open_store(project).handles()
    )
    assert index.count() == expected
    index.close()


def test_columns_that_another_process_has_just_written_stay_as_they_are(project, tmp_path):
    index = RunIndex.open(open_store(project), tmp_path / "cache")
    index.refresh()
    path = next((tmp_path / "cache").rglob("*.sqlite"))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        before = connection.execute("SELECT * FROM segments ORDER BY field, first").fetchall()
        segments.write(connection, 1)
        assert before
        assert connection.execute("SELECT * FROM segments ORDER BY field, first").fetchall() == before
    index.close()


def test_what_another_process_takes_in_is_seen(project, tmp_path):
    index = RunIndex.open(open_store(project), tmp_path / "cache")
    index.refresh()
    before = len(index.positions())
    source = next((project / ".run_log_store").glob("*.json"))
    (source.parent / "added.json").write_bytes(source.read_bytes())
    start(project, tmp_path / "cache").communicate()
    assert len(index.positions()) == before + 1
    assert index.row_of("added") is not None
    index.close()


def test_a_process_killed_in_the_middle_leaves_what_it_had_read(project, tmp_path):
    killed = start(project, tmp_path / "cache", 1)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    index = RunIndex.open(open_store(project), tmp_path / "cache")
    there = index.count()
    total = len(open_store(project).handles())
    assert 100 <= there < total
    told = []
    index.refresh(told.append)
    assert told[0].total == total - there
    assert index.count() == total
    index.close()


def test_killed_while_worker_processes_read_it_goes_on_where_it_was(project, tmp_path):
    root = project / ".run_log_store"
    for number in range(2000):
        (root / f"small-{number}.json").write_text(json.dumps({"run_id": f"small-{number}", "status": "SUCCESS"}))
    as_if_settled(root)
    killed = start(project, tmp_path / "cache", 700)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    index = RunIndex.open(open_store(project), tmp_path / "cache")
    there, total = index.count(), len(open_store(project).handles())
    assert 700 <= there < total
    told = []
    index.refresh(told.append)
    assert [told[0].total, told[-1].done] == [total - there] * 2
    assert index.count() == total
    index.close()


def test_worker_processes_read_what_this_process_would(project):
    store = open_store(project)
    names = sorted(path.name for path in store.root.iterdir())
    with contextlib.closing(Workers(store.root)) as workers:
        assert workers.give(names[:150], DEFAULT_DETAIL)
        assert workers.give(names[150:], DEFAULT_DETAIL)
        answers = [workers.take(), workers.take()]
    read = {name: run for batch, answer in answers for name, run in zip(batch, answer.runs, strict=True)}
    assert sorted(read) == names
    assert all(run.content for run in read.values())


@pytest.fixture
def many(project):
    """A store of 2,000 runs, which worker processes read."""
    root = project / ".run_log_store"
    sources = sorted(root.glob("*.json"))
    for number in range(1600):
        source = json.loads(sources[number % len(sources)].read_text())
        (root / f"clone-{number}.json").write_text(json.dumps({**source, "run_id": f"clone-{number}"}))
    return project


def read_again(index):
    """The runs that a refresh reads."""
    told = []
    index.refresh(told.append)
    return frozenset().union(*(batch.changed_ids for batch in told))


def test_a_journal_that_appears_after_runs_were_read_is_noticed(many, tmp_path):
    store = open_store(many)
    index = RunIndex.open(store, tmp_path / "cache")
    until(lambda: not read_again(index), "every file to be older than the file system's clock can tell")
    (store.root / "clone-7.journal").mkdir()
    (store.root / "clone-7.journal" / "1.jsonl").write_text("")
    assert read_again(index) == {"clone-7"}
    index.close()


def test_odd_files_among_many_runs_are_told_as_among_few(many, tmp_path):
    root = many / ".run_log_store"
    whole = next(root.glob("clone-*.json")).read_text()
    odd = {"half": whole[: len(whole) // 2], "empty": "", "list": "[]"}
    for name, text in odd.items():
        (root / f"{name}.json").write_text(text)
    (root / "folder.json").mkdir()
    (root / "nowhere.json").symlink_to(root / "gone")
    os.mkfifo(root / "pipe.json")
    store = open_store(many)
    index = RunIndex.open(store, tmp_path / "cache")
    index.refresh()
    for name in (*odd, "folder", "nowhere", "pipe"):
        found = index.summary(name)
        assert found.error is not None
        assert repr(found) == repr(store.summarize(store.handle(name)))
    index.close()


def test_huge_runs_are_summarised_as_any_other(project, tmp_path):
    root = project / ".run_log_store"
    source = json.loads(next(root.glob("*.json")).read_text())
    for name in ("huge", "vast"):
        source.update(run_id=name, parameters={"long": "x" * HUGE, "nan": float("nan")})
        (root / f"{name}.json").write_text(json.dumps(source))
    (root / "broken.json").write_text(json.dumps(source)[:-10])
    store = open_store(project)
    index = RunIndex.open(store, tmp_path / "cache")
    index.refresh()
    for name in ("huge", "vast", "broken"):
        assert repr(index.summary(name)) == repr(store.summarize(store.handle(name)))
    index.close()


def test_a_segment_of_runs_that_the_engines_named_is_one_task():
    names = [f"rectilinear-mahavira-1124-{number:04d}.json" for number in range(1024)]
    assert [list(batch) for batch in batches_of(names, 512)] == [names[:512], names[512:]]


def test_a_lost_worker_process_is_told(project):
    store = open_store(project)
    names = sorted(path.name for path in store.root.iterdir())
    with contextlib.closing(Workers(store.root)) as workers:
        assert workers.give(names, DEFAULT_DETAIL)
        os.kill(last_worker(), signal.SIGKILL)
        with pytest.raises(WorkersLostError) as lost:
            workers.take()
        assert lost.value.batches == [names]
        assert not workers.give(names, DEFAULT_DETAIL)


def last_worker():
    """The id of the process that this one started last to read runs, once it runs its own program."""

    def look():
        children = [
            int(child) for listed in Path("/proc/self/task").glob("*/children") for child in listed.read_text().split()
        ]
        return max(
            (one for one in children if b"index.worker_process" in Path(f"/proc/{one}/cmdline").read_bytes()), default=0
        )

    return until(look, "a process that reads runs")


def test_the_index_gives_way_before_it_reads_a_huge_run(project, tmp_path):
    root = project / ".run_log_store"
    document = json.loads(next(root.glob("*.json")).read_text())
    (root / "huge.json").write_text(json.dumps({**document, "run_id": "huge", "parameters": {"long": "x" * HUGE}}))
    known = []
    index = RunIndex.open(open_store(project), tmp_path / "cache", lambda: known.append(index.summary("huge")))
    index.refresh()
    assert known == [None]
    assert index.summary("huge").parameters == {"long": "x" * HUGE}
    index.close()
