"""A damaged, foreign or unwritable index costs time, never an answer."""

import json
import logging
import os
import random
import sqlite3
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from magnus_tracking.index import RunIndex
from magnus_tracking.index.aggregates import EMPTY
from magnus_tracking.query import Field, parse, parse_sort
from magnus_tracking.stores import open_store
from support.stalled_rules import learnt_from
from support.waiting import LONG


@pytest.fixture
def project(store_copy):
    return store_copy("magnus-examples")


@pytest.fixture
def index_file(project, refreshed, tmp_path):
    """The file of an index that was filled and closed."""
    refreshed(project).close()
    return next((tmp_path / "cache").glob("*.sqlite"))


@pytest.fixture
def many_runs(tmp_path):
    """A project of so many runs that they are taken in bit by bit."""
    store = tmp_path / "many" / ".run_log_store"
    store.mkdir(parents=True)
    for number in range(3000):
        run_id = f"run-{number:04}"
        (store / f"{run_id}.json").write_text(
            json.dumps({"run_id": run_id, "status": "SUCCESS", "tag": str(number % 7)})
        )
    return store.parent


def ids(index):
    return [run.run_id for run in index.selected()]


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
    index = opened(project, in_background=True)
    asking, damaged = threading.Event(), threading.Event()

    def question(source):
        asking.set()
        assert damaged.wait(LONG)
        return source.column(Field("tag"))

    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(index.ask, question, None)
        assert asking.wait(LONG)
        with sqlite3.connect(index_file) as connection:
            connection.execute("DELETE FROM state WHERE key = 'tally'")
        connection.close()
        index.counts()
        damaged.set()
        assert answer.result() is not None
    index.refresh()
    assert ids(index) == expected(project)


def test_a_folder_that_can_not_be_made_costs_no_answer_while_runs_are_read(many_runs, tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    index = RunIndex.open(open_store(many_runs), tmp_path / "file" / "cache", in_background=True)
    read = threading.Event()

    def ask_until_all_are_read():
        while not read.is_set():
            index.positions(parse("status:success"), partial=True)
            index.rows(index.positions()[:50])

    with caplog.at_level(logging.DEBUG, "magnus_tracking.index"), ThreadPoolExecutor(2) as threads:
        asking = [threads.submit(ask_until_all_are_read) for _ in range(2)]
        try:
            index.refresh()
        finally:
            read.set()
        for one in asking:
            one.result()
    assert index.count() == len(index.positions()) == len(expected(many_runs))
    assert "made anew" not in caplog.text
    index.close()


@pytest.mark.parametrize("in_background", [True, False])
def test_an_index_made_anew_while_runs_are_read_lacks_none(many_runs, tmp_path, opened, in_background):
    index = opened(many_runs, in_background=in_background)
    taken = []

    def delete_the_index_once(changed):
        taken.append(changed)
        if len(taken) == 2:
            for path in (tmp_path / "cache").iterdir():
                path.unlink()
            with ThreadPoolExecutor(1) as threads:
                threads.submit(index._database.begin_anew, sqlite3.DatabaseError("damaged")).result()

    index.refresh(delete_the_index_once)
    assert len(taken) > 2
    assert sorted(ids(index)) == sorted(expected(many_runs))
    later = opened(many_runs)
    assert later.count() == index.count()
    later.refresh()
    assert sorted(ids(later)) == sorted(expected(many_runs))


def _schema_byte(file):
    content = bytearray(file.read_bytes())
    content[content.find(b"CREATE TABLE") + 3] = 0x92
    file.write_bytes(content)


def _other_names(file):
    file.write_bytes(file.read_bytes().replace(b"summary BLOB", b"summery BLOB"))


def _sql(*statements):
    def change(file):
        with sqlite3.connect(file) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return change


def _another_program(file):
    file.unlink()
    _sql("CREATE TABLE runs (a, b)", "INSERT INTO runs VALUES (1, 2)")(file)


def _in_its_place(make):
    def change(file):
        file.unlink()
        make(file)

    return change


DAMAGES = {
    "a byte of the schema": _schema_byte,
    "a column's name": _other_names,
    "another program's database": _another_program,
    "a table gone": _sql("DROP TABLE state"),
    "an index of the tables gone": _sql("DROP INDEX runs_unsettled"),
    "a trigger": _sql("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END"),
    "nothing in the state": _sql("DELETE FROM state"),
    "a generation that is text": _sql("UPDATE state SET value = 'x' WHERE key = 'generation'"),
    "a generation that is null": _sql("UPDATE state SET value = NULL WHERE key = 'generation'"),
    "a generation that is infinite": _sql("UPDATE state SET value = 9e999 WHERE key = 'generation'"),
    "an order of half a row": _sql("UPDATE state SET value = x'0102' WHERE key = 'order'"),
    "an order that is a number": _sql("UPDATE state SET value = 1.5 WHERE key = 'order'"),
    "a listing that is text": _sql("UPDATE state SET value = 'x' WHERE key LIKE 'listing%'"),
    "a listing without names": _sql("DELETE FROM state WHERE key = 'listing names'"),
    "summaries that are null": _sql(
        "CREATE TABLE r AS SELECT * FROM runs", "DROP TABLE runs", "ALTER TABLE r RENAME TO runs"
    ),
    "summaries of nothing": _sql("UPDATE runs SET summary = x''"),
    "summaries of another run": _sql("UPDATE runs SET summary = substr(summary, 2)"),
    "rows gone": _sql("DELETE FROM runs WHERE id > 1"),
    "rows of other runs": _sql("UPDATE runs SET name = CAST(name || 'x' AS BLOB)"),
    "a row of another run that seems new": _sql(
        "UPDATE runs SET name = CAST(name || 'x' AS BLOB) WHERE id = 2",
        "DELETE FROM state WHERE key = 'listing'",
    ),
    "a row that is far away": _sql("UPDATE runs SET id = 1 << 60 WHERE id = 1"),
    "a row below all": _sql("UPDATE runs SET id = -7 WHERE id = (SELECT max(id) FROM runs)"),
    "a segment that is far away": _sql("UPDATE segments SET first = 1 << 50"),
    "segments that are text": _sql("UPDATE segments SET content = 'x'"),
    "segments that are numbers": _sql("UPDATE segments SET content = 9e999"),
    "a tally that is text": _sql("UPDATE state SET value = 'many' WHERE key = 'tally'"),
    "a tally with another bit": _sql(
        "UPDATE state SET value = CAST(substr(value, 1, 9) || x'07' || substr(value, 11) AS BLOB) WHERE key = 'tally'"
    ),
    "a tally gone": _sql("DELETE FROM state WHERE key = 'tally'"),
    "the tally of no runs": _sql(f"UPDATE state SET value = x'{EMPTY.hex()}' WHERE key = 'tally'"),
    "rows that are in no segment": _sql("UPDATE runs SET patched = 0"),
    "a folder": _in_its_place(lambda file: (file.mkdir(), (file / "thing").touch())),
    "a pipe": _in_its_place(os.mkfifo),
    "a link to a device that never ends": _in_its_place(lambda file: file.symlink_to("/dev/zero")),
    "a link to itself": _in_its_place(lambda file: file.symlink_to(file)),
    "a pipe for its log": lambda file: os.mkfifo(f"{file}-wal"),
    "half of it": lambda file: os.truncate(file, file.stat().st_size // 2),
    "its beginning only": lambda file: os.truncate(file, 4096),
}


WHILE_IT_IS_OPEN = [
    "rows gone",
    "a row that is far away",
    "a row below all",
    "rows of other runs",
    "summaries of another run",
    "a tally with another bit",
    "a tally gone",
    "the tally of no runs",
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_answers_as_the_store_does(project, index_file, opened, damage):
    DAMAGES[damage](index_file)
    answers_as_the_store(project, opened(project))


@pytest.mark.parametrize("damage", WHILE_IT_IS_OPEN)
def test_an_index_damaged_while_it_is_open_answers_as_the_store_does(project, index_file, refreshed, damage):
    index = refreshed(project)
    assert ids(index) == expected(project)
    DAMAGES[damage](index_file)
    assert [run.error for run in index.selected()] == [run.error for run in open_store(project).runs()]
    answers_as_the_store(project, index)


def answers_as_the_store(project, index):
    runs = open_store(project).runs()
    index.positions(parse("metric.loss>0 or status:fail"), parse_sort("-duration"))
    index.counts(), index.fields(), index.stalled_rule()
    index.refresh()
    assert ids(index) == expected(project)
    assert index.counts() == Counter(run.status for run in runs)
    wanted = {run.run_id for run in runs if run.status == "FAIL"}
    assert {run.run_id for run in index.selected(parse("status:fail"))} == wanted
    names = {f"param.{name}" for run in runs for name in run.parameters}
    assert set(index.fields()) == names | {f"metric.{name}" for run in runs for name in run.metrics}
    assert index.stalled_rule() == learnt_from(runs)


@pytest.mark.parametrize("seed", range(24))
def test_bytes_that_were_changed_anywhere_change_no_answer(project, index_file, opened, seed):
    chance = random.Random(seed)
    content = bytearray(index_file.read_bytes())
    for _ in range(chance.choice((1, 4, 40))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    index_file.write_bytes(content)
    index = opened(project)
    found = {run.run_id: run for run in index.rows(index.positions())}
    index.refresh()
    found = {run.run_id: run for run in index.rows(index.positions())}
    for run in open_store(project).runs():
        known = found[run.run_id]
        assert (known.status, known.started, known.duration) == (run.status, run.started, run.duration)
        assert {name: metric.last for name, metric in known.metrics.items()} == {
            name: metric.last for name, metric in run.metrics.items()
        }


def test_an_index_that_another_process_holds_is_done_without_and_left_alone(project, index_file, refreshed):
    with sqlite3.connect(index_file, isolation_level=None) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        index = refreshed(project)
        assert ids(index) == expected(project)
        assert "another process holds the index" in index.notice
        assert index_file.exists()
        holder.execute("ROLLBACK")
    holder.close()


def test_an_index_whose_writer_was_stopped_is_done_without(project, index_file, opened):
    (project / ".run_log_store" / "toFail.json").touch()
    index = opened(project)
    with sqlite3.connect(index_file, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        for path in (project / ".run_log_store").glob("*.json"):
            os.utime(path, (1, 1))
        index.refresh()
        assert ids(index) == expected(project)
        holder.execute("ROLLBACK")
    holder.close()


def test_an_index_cut_short_while_it_is_open_still_answers(project, index_file, refreshed):
    index = refreshed(project)
    os.truncate(index_file, 100)
    for _ in range(3):
        index.positions(parse("status:fail"))
        index.refresh()
    assert ids(index) == expected(project)
