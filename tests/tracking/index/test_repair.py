"""A damaged, foreign or unwritable index costs time, never an answer."""

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from magnus_tracking.index import RunIndex
from magnus_tracking.query import Field
from magnus_tracking.stores import open_store
from support.waiting import LONG


@pytest.fixture
def project(store_copy):
    return store_copy("magnus-examples")


@pytest.fixture
def index_file(project, refreshed, tmp_path):
    """The file of an index that was filled and closed."""
    refreshed(project).close()
    return next((tmp_path / "cache").glob("*.sqlite"))


def ids(index):
    return [run.run_id for run in index.rows(index.positions())]


def expected(project):
    return [run.run_id for run in open_store(project).runs()]


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_index_is_made_anew(project, index_file, refreshed, content):
    index_file.write_bytes(content)
    index = refreshed(project)
    assert ids(index) == expected(project)
    assert index.notice is None


def test_an_index_of_another_version_is_made_anew(project, index_file, refreshed):
    with sqlite3.connect(index_file) as connection:
        connection.execute("PRAGMA user_version = 1")
        connection.execute("DROP TABLE runs")
    connection.close()
    assert ids(refreshed(project)) == expected(project)


def test_damaged_summaries_are_read_again(project, index_file, opened):
    with sqlite3.connect(index_file) as connection:
        connection.execute("UPDATE runs SET summary = x'c1c1c1'")
    connection.close()
    index = opened(project)
    index.rows(index.positions())
    index.refresh()
    assert ids(index) == expected(project)


def test_pages_overwritten_while_it_is_open_are_repaired(project, index_file, opened):
    index = opened(project)
    size = index_file.stat().st_size
    with index_file.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    index.positions()
    index.refresh()
    assert ids(index) == expected(project)


def test_an_index_deleted_while_it_is_open_still_answers(project, index_file, refreshed):
    index = refreshed(project)
    for path in index_file.parent.iterdir():
        path.unlink()
    index.refresh()
    assert ids(index) == expected(project)
    assert ids(refreshed(project)) == expected(project)


def test_a_folder_that_can_not_be_made_costs_one_notice(project, tmp_path):
    (tmp_path / "file").write_text("in the way")
    index = RunIndex.open(open_store(project), tmp_path / "file" / "cache")
    index.refresh()
    assert ids(index) == expected(project)
    assert str(tmp_path / "file") in index.notice
    index.close()


def test_the_cache_folder_is_the_users_own(project, user_folders):
    index = RunIndex.open(open_store(project))
    index.refresh()
    assert [path.suffix for path in user_folders.rglob("*.sqlite")] == [".sqlite"]
    index.close()


def test_nothing_is_written_into_the_store(project, refreshed):
    store = project / ".run_log_store"
    before = sorted((str(path), path.stat().st_mtime_ns) for path in store.rglob("*"))
    refreshed(project)
    assert sorted((str(path), path.stat().st_mtime_ns) for path in store.rglob("*")) == before


def test_closing_the_index_does_not_disturb_a_thread_that_is_asking(project, refreshed):
    index = refreshed(project)
    asking, closed = threading.Event(), threading.Event()

    def question(source):
        asking.set()
        assert closed.wait(LONG)
        return source.column(Field("tag"))

    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(index.ask, question, None)
        assert asking.wait(LONG)
        index.close()
        closed.set()
        assert answer.result() is not None
    assert ids(index) == expected(project)


def test_making_the_index_anew_does_not_disturb_a_thread_that_is_asking(project, index_file, opened):
    index = opened(project)
    asking, damaged = threading.Event(), threading.Event()

    def question(source):
        asking.set()
        assert damaged.wait(LONG)
        return source.column(Field("tag"))

    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(index.ask, question, None)
        assert asking.wait(LONG)
        with sqlite3.connect(index_file) as connection:
            connection.execute("DROP TABLE statuses")
        connection.close()
        index.counts()
        damaged.set()
        assert answer.result() is not None
    index.refresh()
    assert ids(index) == expected(project)
