"""What a first reading of many runs leaves out is read when a question looks at it, and not before."""

import random
import sys

import pytest

from magnus_tracking.query import Field, SummaryRows, order, parse, parse_sort
from magnus_tracking.query.fields import Context
from magnus_tracking.runlog.metric_summary import COMPLETE, LAST_ONLY
from magnus_tracking.stores import open_store
from support.many_runs import MANY, add_run, make_many


@pytest.fixture
def project(tmp_path):
    return make_many(tmp_path / "many")


def ids(index, row_ids):
    return [run.run_id for run in index.rows(row_ids)]


def depths(index):
    return {metric.depth for run in index.rows(index.positions()) for metric in run.metrics.values()}


def selected(project, text):
    query, context = parse(text), Context()
    return [run.run_id for run in open_store(project).runs() if query.matches(run, context)]


@pytest.mark.parametrize("text", ["min(metric.loss)<0.01", "min(metric.late)>0.9 or mean(metric.loss)>0.6"])
def test_a_query_selects_what_it_does_without_an_index(project, refreshed, text):
    index = refreshed(project)
    expected = selected(project, text)
    assert 0 < len(expected) < MANY
    assert ids(index, index.positions(parse(text))) == expected
    assert not index.needs_complete


@pytest.mark.parametrize("text", ["-max(metric.loss)", "mean(metric.phase),min(metric.accuracy)"])
def test_sorting_gives_the_order_that_it_does_without_an_index(project, refreshed, text):
    keys, context = parse_sort(text), Context()
    runs = open_store(project).runs()
    expected = [runs[position].run_id for position in order(SummaryRows(runs, context), range(len(runs)), keys)]
    index = refreshed(project)
    assert ids(index, index.positions(None, keys)) == expected
    assert ids(index, index.positions(None, keys)) == expected


def test_last_values_are_there_at_once_and_stay_the_only_ones_until_others_are_asked_for(project, refreshed):
    index = refreshed(project)
    without = {run.run_id: run for run in open_store(project).runs()}
    for text in ("metric.loss<0.2", "nan:metric.loss", "metric.late=1.0", "metric.phase=hot", "has:metric.accuracy"):
        assert ids(index, index.positions(parse(text))) == selected(project, text)
    assert depths(index) == {LAST_ONLY, COMPLETE}
    for run in index.rows(index.positions()):
        for name, metric in run.metrics.items():
            assert repr(metric.last) == repr(without[run.run_id].metrics[name].last)


def test_a_partial_answer_says_that_it_is_one_and_completing_tells_how_far_it_is(project, refreshed):
    index = refreshed(project)
    query = parse("min(metric.loss)<0.01")
    assert list(index.positions(query, partial=True)) == []
    assert index.needs_complete
    told = []
    index.complete(told.append)
    assert not index.needs_complete
    assert [told[-1].done, told[-1].total] == [MANY, MANY]
    assert ids(index, index.positions(query, partial=True)) == selected(project, "min(metric.loss)<0.01")
    assert not index.needs_complete
    assert depths(index) == {COMPLETE}
    told.clear()
    index.complete(told.append)
    assert told == []


def test_a_later_start_reads_nothing_again_and_has_everything(project, refreshed):
    first = refreshed(project)
    first.complete()
    first.close()
    told = []
    index = refreshed(project)
    index.refresh(told.append)
    assert [batch.total for batch in told] == [0]
    assert ids(index, index.positions(parse("min(metric.loss)<0.01"))) == selected(project, "min(metric.loss)<0.01")


def test_stopped_in_the_middle_it_goes_on_where_it_was(project, refreshed):
    index = refreshed(project)
    told = []
    index.complete(told.append, lambda: len(told) >= 2)
    assert told[-1].done < MANY
    assert depths(index) == {LAST_ONLY, COMPLETE}
    left = []
    index.complete(left.append)
    assert left[-1].total < MANY
    assert depths(index) == {COMPLETE}


def test_runs_that_came_changed_or_went_since_are_as_they_are_now(project, refreshed):
    index = refreshed(project)
    root, chance = project / ".run_log_store", random.Random(11)
    (root / "run-00300.json").unlink()
    add_run(root, "run-00301", 1_700_000_000, chance)
    add_run(root, "run-90000", 1_700_000_001, chance)
    assert ids(index, index.positions(parse("min(metric.loss)>0.2"))) == [
        run_id for run_id in selected(project, "min(metric.loss)>0.2") if run_id != "run-90000"
    ]
    index.refresh()
    assert ids(index, index.positions(parse("min(metric.loss)>0.2"))) == selected(project, "min(metric.loss)>0.2")


def test_columns_of_minima_are_complete_too(project, refreshed):
    index = refreshed(project)
    column = index.ask(lambda source: list(source.column(Field("metric", "loss", "min"))), [])
    row_ids = index.positions()
    runs = {run.run_id: run for run in open_store(project).runs()}
    assert [column[row_id - 1] for row_id in row_ids] == [
        runs[run_id].metrics["loss"].min for run_id in ids(index, row_ids)
    ]


def test_an_index_that_another_one_fills_meanwhile_has_each_run_once(tmp_path, opened):
    project = make_many(tmp_path / "many")
    index, other = opened(project), opened(project)
    (file,) = (tmp_path / "cache").glob("*.sqlite")
    told, before = [], file.stat().st_ino

    def tell(change):
        told.append(change)
        if len(told) == 1:
            other.refresh()

    index.refresh(tell)
    # It was not thrown away as damaged and filled once more.
    assert file.stat().st_ino == before
    expected = [run.run_id for run in open_store(project).runs()]
    assert ids(index, index.positions()) == ids(other, other.positions()) == expected
    assert index.counts() == {"SUCCESS": MANY}


def test_metrics_are_in_the_order_of_their_names_with_and_without_an_index(project, refreshed):
    index = refreshed(project)
    (run,) = index.rows(index.positions()[:1])
    assert list(run.metrics) == list(open_store(project).runs()[0].metrics) == ["accuracy", "late", "loss", "phase"]


def test_many_runs_are_read_without_processes_too(project, refreshed, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    index = refreshed(project)
    expected = [run.run_id for run in open_store(project).runs()]
    assert ids(index, index.positions()) == expected
    assert ids(index, index.positions(parse("min(metric.loss)<0.01"))) == selected(project, "min(metric.loss)<0.01")
