"""Many edited runs, which a process reads that starts while the folder is still being examined."""

import json
import os
import sys

import pytest

from magnus_tracking.query import SummaryRows, order, parse, parse_sort
from magnus_tracking.query.fields import Context
from magnus_tracking.stores import open_store


@pytest.fixture
def project(store_copy):
    """A store of more than 800 runs, clones of real ones."""
    project = store_copy("runnable-examples")
    root = project / ".run_log_store"
    for source in sorted(root.glob("*.json"))[:10]:
        document = json.loads(source.read_text())
        for number in range(80):
            path = root / f"{source.stem}-{number}.json"
            path.write_text(json.dumps({**document, "run_id": path.stem}))
            os.utime(path, (1_600_000_000, 1_600_000_000))
    return project


def edit(project, count):
    """Give the first clones another tag; their names."""
    paths = sorted((project / ".run_log_store").glob("*-*-*-*.json"))[:count]
    for path in paths:
        path.write_text(json.dumps({**json.loads(path.read_text()), "tag": "edited"}))
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return [path.name for path in paths]


def test_after_many_edits_the_answers_are_those_of_the_store(project, refreshed):
    index = refreshed(project)
    edited = edit(project, 190)
    told = []
    index.refresh(told.append)
    assert told[-1].done == told[-1].total == len(edited)
    assert frozenset().union(*(change.changed_ids for change in told)) == {name[:-5] for name in edited}
    expected = open_store(project).runs()
    assert [repr(run) for run in index.rows(index.positions())] == [repr(run) for run in expected]
    assert index.counts() == {status: [run.status for run in expected].count(status) for status in index.counts()}


def test_filters_and_sorts_after_many_edits_are_those_of_the_store_at_a_later_start(project, opened, refreshed):
    refreshed(project).close()
    edited = edit(project, 300)
    refreshed(project).close()
    index = opened(project)
    runs, context = open_store(project).runs(), Context()
    assert len(index.positions(parse("tag=edited"))) == len(edited)
    for text in ("tag=edited", "not has:tag", "status:fail", "started>2020-01-01", "code=dirty", "step=train"):
        expected = [run.run_id for run in runs if parse(text).matches(run, context)]
        assert [run.run_id for run in index.rows(index.positions(parse(text)))] == expected
    for text in ("tag,id", "-size,id", "duration,id"):
        places = order(SummaryRows(runs, context), range(len(runs)), parse_sort(text))
        found = index.rows(index.positions(None, parse_sort(text)))
        assert [run.run_id for run in found] == [runs[place].run_id for place in places]


@pytest.mark.parametrize("added", [0, 1], ids=["the same runs", "a run more"])
def test_runs_that_are_read_while_the_folder_is_listed_are_told_once(tmp_path, refreshed, added):
    root = tmp_path / ".run_log_store"
    root.mkdir()
    for number in range(4500):
        write_run(root, number, "old")
    index = refreshed(tmp_path)
    for number in range(4500 - 700, 4500 + added):
        write_run(root, number, "edited")
    told = []
    index.refresh(told.append)
    assert told[-1].done == told[-1].total == 700 + added
    assert sum(len(change.changed_ids) for change in told) == 700 + added
    assert {run.run_id for run in index.selected(parse("tag=edited"))} == {
        f"run-{number}" for number in range(4500 - 700, 4500 + added)
    }


def write_run(root, number, tag):
    """A small run, which changed as long ago as its tag says."""
    path = root / f"run-{number}.json"
    path.write_text(json.dumps({"run_id": path.stem, "tag": tag, "status": "SUCCESS", "steps": {}}))
    moment = 1_600_000_000 + 1_000_000 * len(tag)
    os.utime(path, (moment, moment))


def test_without_the_process_this_one_reads_what_was_edited(project, refreshed, monkeypatch):
    index = refreshed(project)
    edited = edit(project, 190)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    index.refresh()
    assert {run.run_id for run in index.selected(parse("tag=edited"))} == {name[:-5] for name in edited}


def test_a_run_that_goes_away_while_others_are_read_is_told_as_removed(project, refreshed):
    index = refreshed(project)
    edited = edit(project, 120)
    last = project / ".run_log_store" / edited[-1]
    os.utime(last, (1_650_000_000, 1_650_000_000))
    told = []

    def tell(change):
        told.append(change)
        last.unlink(missing_ok=True)

    index.refresh(tell)
    assert told[-1].removed_ids == {last.stem}
    assert index.summary(last.stem) is None
