"""What the index answers is what reading the store without it answers."""

import math

import pytest

from magnus_tracking.query import SummaryRows, order, parse, parse_sort
from magnus_tracking.query.fields import Context
from magnus_tracking.runlog.metric_summary import COMPLETE
from magnus_tracking.stores import open_store
from support.stalled_rules import learnt_from
from support.stores import STORE_NAMES

QUERIES = [
    "",
    "status:fail",
    "metric.loss<0.3",
    "min(metric.loss)<0.1",
    "mean(metric.accuracy)>0.5 or has:param.x",
    "not has:metric.loss",
    "nan:metric.loss",
    "started>2020-01-01 duration>1s",
    "train",
    "tag=* step=train",
    "liveness=stalled or liveness=silent",
    "engine=runnable retries>0",
    "param.lr>=0.01",
    "code=clean or code=dirty",
]
SORTS = ["-started", "duration", "-metric.loss", "min(metric.loss)", "status,-id", "param.lr,tag", "-size"]


def same(left, right):
    """Whether two summaries are equal, a NaN being equal to itself."""
    return repr(left) == repr(right)


@pytest.fixture(params=[*STORE_NAMES, "sample_runs"])
def project(request, store_copy):
    return store_copy(request.param)


def test_every_summary_is_the_one_that_the_store_gives(project, refreshed):
    runs = open_store(project).runs()
    index = refreshed(project)
    listed = index.rows(index.positions())
    assert [run.run_id for run in listed] == [run.run_id for run in runs]
    assert all(same(*pair) for pair in zip(listed, runs, strict=True))


def test_a_second_start_gives_the_same_without_refreshing(project, opened, refreshed):
    refreshed(project).close()
    index = opened(project)
    runs = open_store(project).runs()
    assert index.count() == len(runs)
    assert all(same(*pair) for pair in zip(index.rows(index.positions()), runs, strict=True))


@pytest.mark.parametrize("text", QUERIES)
def test_queries_select_the_same_runs(project, refreshed, text):
    query, context = parse(text), Context()
    expected = [run.run_id for run in open_store(project).runs() if query.matches(run, context)]
    index = refreshed(project)
    assert [run.run_id for run in index.rows(index.positions(query, (), context))] == expected


@pytest.mark.parametrize("text", SORTS)
def test_sorting_gives_the_same_order(project, refreshed, text):
    keys, context = parse_sort(text), Context()
    runs = open_store(project).runs()
    expected = [runs[position].run_id for position in order(SummaryRows(runs, context), range(len(runs)), keys)]
    index = refreshed(project)
    assert [run.run_id for run in index.rows(index.positions(None, keys, context))] == expected


def test_counts_names_and_the_stalled_rule_are_those_of_all_runs(project, refreshed):
    runs = open_store(project).runs()
    index = refreshed(project)
    statuses = [("UNREADABLE" if run.error else run.status) for run in runs]
    assert index.counts() == {status: statuses.count(status) for status in sorted(set(statuses))}
    names = {f"param.{name}" for run in runs for name in run.parameters}
    names |= {f"metric.{name}" for run in runs for name in run.metrics}
    assert set(index.fields()) == names
    assert index.stalled_rule().longest == pytest.approx(learnt_from(runs).longest)


def test_each_run_is_found_by_its_id(project, refreshed):
    index = refreshed(project)
    for run in open_store(project).runs():
        assert same(index.summary(run.run_id), run)
    assert index.summary("no such run") is None
    assert index.row_of("no such run") is None


def test_long_metrics_are_summarised_completely_in_the_end(store_copy, refreshed):
    index = refreshed(store_copy("magnus-sweep"))
    metrics = [metric for run in index.rows(index.positions()) for metric in run.metrics.values()]
    assert all(metric.depth == COMPLETE for metric in metrics)
    assert any(metric.count == 300 and not math.isnan(metric.min) for metric in metrics if metric.min is not None)


def test_a_single_opened_run_is_indexed_alone(store_copy, opened):
    project = store_copy("magnus-sweep")
    run = next((project / ".run_log_store").glob("*.json"))
    index = opened(run)
    index.refresh()
    assert [found.run_id for found in index.rows(index.positions())] == [run.stem]
    assert index.notice is None
