"""Driving an input through the core: summaries, full logs, series, index, queries, comparison, failures, texts of logs.

Each input is summarised, loaded and held against itself; of what costs more, a part is chosen by chance.
"""

import contextlib
import json
from datetime import datetime

from fuzzing.projects import CHANGED, SOUND, change_again
from magnus_tracking.analysis.compare import compare
from magnus_tracking.analysis.failures import failures_of_run, failures_of_store, group, latest_runs
from magnus_tracking.analysis.flaky import flaky_steps, outcomes_of_store
from magnus_tracking.analysis.timeline import timeline_of
from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.index import RunIndex
from magnus_tracking.logs.diff import diff_logs, with_context
from magnus_tracking.logs.pages import LogPages
from magnus_tracking.logs.read import lines_before, read_log, stream_lines
from magnus_tracking.logs.tracebacks import cause_in, find_chains
from magnus_tracking.query import parse, parse_sort
from magnus_tracking.runlog.metrics import series_of_run
from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.stores import open_store
from magnus_tui.charts.metric_entries import prepare
from magnus_tui.feed.feed import Feed
from magnus_tui.run.loaded_run import load_run

NOW = datetime(2026, 11, 29, 12, 0, 0)
QUERIES = (
    "status:fail",
    "metric.loss>0.1",
    "param.lr<1 or has:metric.loss",
    "not nan:metric.loss",
    "duration>1s started>2h",
    'step:"train" failing:*a*',
    "min(metric.loss)<1",
    "liveness:stalled",
    "code:abc tag:t",
)
SORTS = ("-started", "metric.loss", "-duration,param.lr", "status,-mean(metric.loss)")
_OFTEN, _SELDOM = 0.3, 0.08
"""How often something that takes about as long as summarising and loading is done, and what takes ten times as long."""


class WrongAnswerError(AssertionError):
    """An answer that contradicts another."""


def refused(function, *arguments, **named):
    """The result, or None where it was refused on purpose."""
    try:
        return function(*arguments, **named)
    except MagnusTrackingError:
        return None


def reading(project, chance, watch):
    """Summaries, the full log and its series; by chance the index, queries, comparison, timeline, failures, charts."""
    store = open_store(project)
    with watch("summaries"):
        runs = {run.run_id: run for run in store.runs()}
    for run_id in SOUND:
        if runs[run_id].error is not None:
            raise WrongAnswerError(f"the sound run {run_id}: {runs[run_id].error}")
    loaded = {run_id: _load(store, summary, watch) for run_id, summary in runs.items() if run_id not in SOUND}
    for run_id, run in loaded.items():
        if run is not None:
            _use(store, run_id, run, chance, watch)
    if chance.random() < _SELDOM:
        _open(store, loaded, watch)
    if chance.random() < _SELDOM:
        with watch("failures of the store"):
            summaries = list(runs.values())
            group(failures_of_store(store, summaries), latest_runs(summaries))
            flaky_steps(outcomes_of_store(store, lambda: summaries))
    if chance.random() < _SELDOM:
        _through_index(project, store, runs, chance, watch)


def _load(store, summary, watch):
    """The run log behind a row, which opens if and only if the row is fine."""
    with watch("load"):
        try:
            run, reason = store.load(summary.run_id), None
        except MagnusTrackingError as error:
            run, reason = None, str(error)
    if (reason is None) != (summary.error is None):
        raise WrongAnswerError(f"{summary.run_id!r} is {summary.error!r} in the list, and {reason!r} when it is opened")
    return run


def _use(store, run_id, run, chance, watch):
    with watch("document"):
        json.dumps(run.model_dump())
    with watch("series"):
        series = tuple(series_of_run(run))
    if chance.random() < _OFTEN:
        with watch("charts"):
            prepare(series)
    if chance.random() < _OFTEN:
        with watch("cached series"):
            refused(SeriesCache(store).load, run_id)
    if chance.random() < _OFTEN:
        with watch("timeline"):
            timeline_of(run, NOW)
    if chance.random() < _OFTEN:
        with watch("failures"):
            list(failures_of_run(run, store, run_id))
    if chance.random() < _SELDOM:
        with watch("compare"):
            compare([store.load(SOUND[0]), run], 0, NOW).changed().document()


def _open(store, loaded, watch):
    feed = Feed(store)
    with contextlib.closing(feed):
        for run_id in loaded:
            with watch("open"):
                refused(load_run, feed, run_id, NOW)


def _through_index(project, store, runs, chance, watch):
    index = RunIndex.open(store)
    with contextlib.closing(index):
        with watch("index"):
            index.refresh()
        indexed = {run.run_id: run.error for run in index.rows(index.positions())}
        if indexed != {run_id: run.error for run_id, run in runs.items()}:
            raise WrongAnswerError("the index and the store differ in what can be read")
        with watch("queries"):
            for text in chance.sample(QUERIES, 3):
                index.positions(parse(text), parse_sort([chance.choice(SORTS)]))
        change_again(project, chance)
        with watch("index again"):
            index.refresh()
            index.refresh_runs([CHANGED])
            index.rows(index.positions())


def queries(project, chance, watch):
    """Queries that were changed, over the sound runs."""
    from fuzzing.changes import change_bytes

    index = RunIndex.open(open_store(project))
    with contextlib.closing(index):
        index.refresh()
        for _ in range(20):
            text = change_bytes(chance.choice(QUERIES).encode(), chance, chance.choice(QUERIES).encode())
            text = text.decode("utf-8", chance.choice(("replace", "surrogateescape")))
            with watch("query"):
                query = refused(parse, text)
                sort = refused(parse_sort, [text]) or ()
                refused(index.positions, query, sort)


def log_text(project, chance, watch):
    """The text of an execution log: read whole, in parts and in pages, its tracebacks, its difference to another."""
    path, other = project / "changed.log", project / "other.log"
    with watch("read"):
        text = refused(read_log, path, chance.choice((None, 400, 1 << 20)))
        lines = [] if text is None else text.lines
        list(refused(lambda: list(stream_lines(path))) or ())
        refused(lines_before, path, chance.randrange(1 << 14))
    with watch("pages"):
        pages = refused(LogPages, path, chance.choice((16, 300, 1 << 18)))
        if pages is not None:
            for page in {0, pages.count - 1, chance.randrange(pages.count or 1)} & set(range(pages.count)):
                refused(pages.page, page)
            if pages.count < 200:
                refused(pages.search, 0, 0, chance.choice((1, -1)), lambda line: "zz" in line, lambda: False)
    with watch("tracebacks"):
        find_chains(lines)
        cause_in(lines)
    if chance.random() < _SELDOM:
        with watch("difference"):
            list(with_context(diff_logs(lines[-400:], read_log(other).lines[-400:])))
