"""Driving an input through what reads it. What escapes is a finding; what is raised on purpose is an answer."""

import contextlib
import io
import json
import os
import subprocess
import sys
from datetime import datetime

from fuzzing import projects
from fuzzing.projects import CHANGED, SOUND, change_again, change_index, make_input
from magnus_tracking.analysis.compare import compare
from magnus_tracking.analysis.failures import failures_of_run, failures_of_store, group, latest_runs
from magnus_tracking.analysis.flaky import flaky_steps, outcomes_of_store
from magnus_tracking.analysis.timeline import timeline_of
from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.index import RunIndex
from magnus_tracking.pipeline.definition import load_pipeline
from magnus_tracking.query import parse, parse_sort
from magnus_tracking.recorder.configuration import load_configuration
from magnus_tracking.recorder.starting import read_parameters_given
from magnus_tracking.runlog.metrics import series_of_run
from magnus_tracking.series import SeriesCache
from magnus_tracking.stores import open_store
from magnus_tui.__main__ import main
from magnus_tui.charts.entries import prepare
from magnus_tui.feed.feed import Feed
from magnus_tui.run.loader import load_run
from magnus_tui.settings import Settings, load_settings, remember

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
FORMATS = ("table", "json", "csv", "markdown")


class WrongAnswerError(AssertionError):
    """An answer that contradicts another."""


def _commands(run, chance):
    """Every command in one format or another, as argument lists without the store."""
    one = chance.choice(FORMATS)
    yield ["runs", "--format", one]
    yield ["runs", "--where", chance.choice(QUERIES), "--sort", chance.choice(SORTS), "--format", one]
    yield ["show", run, "--format", one]
    yield ["metrics", run, "--format", one]
    yield ["compare", run, SOUND[0], "--format", one]
    yield ["compare", run, "--step", "train", "--format", one]
    yield ["failures", "--format", one]
    yield ["failures", "--flaky", "--format", one]
    yield ["log", run]
    yield ["log", run, "--diff"]


def _arguments(project, run, chance):
    for command in _commands(run, chance):
        yield [*command, "-s", str(project)]
    yield ["check", str(project), "--format", chance.choice(FORMATS)]


@contextlib.contextmanager
def _captured():
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield out, err


def _refused(function, *arguments, **named):
    """The result, or None where it was refused on purpose."""
    try:
        return function(*arguments, **named)
    except MagnusTrackingError:
        return None


def reading(project, chance, watch):
    """Summaries, the full log, series, index, queries, comparison, timeline, failures, charts."""
    store = open_store(project)
    with watch("summaries"):
        runs = {run.run_id: run for run in store.runs()}
    for run_id in SOUND:
        if runs[run_id].error is not None:
            raise WrongAnswerError(f"the sound run {run_id}: {runs[run_id].error}")
    index = RunIndex.open(store)
    with watch("index"):
        index.refresh()
    indexed = {run.run_id: run for run in index.rows(index.positions())}
    if {run_id: run.error for run_id, run in indexed.items()} != {run_id: run.error for run_id, run in runs.items()}:
        raise WrongAnswerError("the index and the store differ in what can be read")
    with watch("queries"):
        for text in chance.sample(QUERIES, 3):
            index.positions(parse(text), parse_sort([chance.choice(SORTS)]))
    feed = Feed(store)
    sound = store.load(SOUND[0])
    for run_id, summary in runs.items():
        if run_id in SOUND:
            continue
        with watch("load"):
            run = _refused(store.load, run_id)
        # How deep a reader can follow depends on where it is called from.
        if run is not None and summary.error not in (None, "nested too deeply"):
            raise WrongAnswerError(f"{run_id!r} is {summary.error!r} in the list, and is opened")
        if run is None:
            continue
        with watch("document"):
            json.dumps(run.model_dump())
        with watch("series"):
            series = tuple(series_of_run(run))
            prepare(series)
            _refused(SeriesCache(store).load, run_id)
        with watch("timeline"):
            timeline_of(run, NOW)
        with watch("compare"):
            compare([sound, run], 0, NOW).changed().document()
        with watch("failures"):
            list(failures_of_run(run, store, run_id))
        with watch("open"):
            _refused(load_run, feed, run_id, NOW)
    with watch("failures of the store"):
        summaries = list(runs.values())
        group(failures_of_store(store, summaries), latest_runs(summaries))
        flaky_steps(outcomes_of_store(store, lambda: summaries))
    change_again(project, chance)
    with watch("index again"):
        index.refresh()
        index.refresh_runs([CHANGED])
        index.rows(index.positions())
    index.close()
    feed.close()


def commands(project, chance, watch):
    """Every command, in this process."""
    run = _some_run(project, chance)
    for arguments in _arguments(project, run, chance):
        with watch(" ".join(arguments[:3])), _captured() as (out, err):
            status = main(arguments)
            out.flush()
            _look_at(arguments, status, out.buffer.getvalue(), err.getvalue())


def processes(project, chance, watch):
    """One command in a process of its own."""
    run = _some_run(project, chance)
    arguments = chance.choice(list(_arguments(project, run, chance)))
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "magnus_tui", *arguments],
        capture_output=True,
        timeout=60,
        check=False,
        cwd=project,
    )
    _look_at(arguments, ran.returncode, ran.stdout, ran.stderr.decode("utf-8", "replace"))


def _some_run(project, chance):
    names = [path.name for path in sorted((project / ".run_log_store").iterdir()) if path.stem not in SOUND]
    names = [name for name in names if not name.endswith(".journal")] or [SOUND[0]]
    name = chance.choice(names).removesuffix(".json")
    return chance.choice((name, name, name, "latest")) if not name.startswith("-") else "latest"


def _look_at(arguments, status, out, err):
    if status not in (0, 1, 2) or "Traceback (most recent call last)" in err:
        raise WrongAnswerError(f"{arguments}: status {status}: {err[-3000:]}")
    if status == 0 and "json" in arguments:
        json.loads(out)


def damaged_index(project, chance, watch):
    """An index that was damaged after it was filled, perhaps while it is open."""
    store = open_store(project)
    index = RunIndex.open(store)
    index.refresh()
    wanted = _rows(index)
    (file,) = (projects_cache() / "index").glob("*.sqlite")
    is_open = chance.random() < 0.3
    if not is_open:
        index.close()
    change_index(file, chance)
    with watch("damaged index"):
        if not is_open:
            index = RunIndex.open(store)
        for text in chance.sample(QUERIES, 2):
            index.positions(parse(text), parse_sort([chance.choice(SORTS)]))
        index.counts(), index.fields(), index.stalled_rule(), index.unfinished(), index.unsettled()
        index.refresh()
        found = _rows(index)
    if found != wanted:
        raise WrongAnswerError("the index answers otherwise than before it was damaged")
    index.close()


def _rows(index):
    return {
        run.run_id: (run.status, run.error, run.started, run.duration, repr(run.parameters))
        for run in index.rows(index.positions())
    }


def projects_cache():
    """The cache folder of this input."""
    from magnus_tracking.cache_folder import cache_folder

    return cache_folder()


def with_settings(project, chance, watch):
    """A settings file that was changed: read, used, written."""
    folder = project / "settings"
    folder.mkdir()
    file = folder / "settings.toml"
    projects.put_oddly(file, projects.settings(chance), chance)
    with watch("settings"):
        read = _refused(load_settings, file)
        if read is not None:
            read.now()
            _refused(remember, file, theme="magnus-dark", ignore=("a",), queries={"a": "status:fail"})
            if _refused(load_settings, file) is None:
                raise WrongAnswerError("what was remembered can't be read")
    os.environ["MAGNUS_TUI_CONFIG"] = str(folder)
    try:
        for arguments in (["runs"], ["compare", *SOUND], ["show", SOUND[0]]):
            with watch(arguments[0]), _captured() as (out, err):
                status = main([*arguments, "-s", str(project)])
                out.flush()
                _look_at(arguments, status, out.buffer.getvalue(), err.getvalue())
                if status != 0:
                    raise WrongAnswerError(f"settings cost the answer: {err.getvalue()}")
    finally:
        del os.environ["MAGNUS_TUI_CONFIG"]
    assert isinstance(read, Settings | None)


def yaml(project, chance, watch):
    """Configuration, pipeline and parameters of a recording."""
    with watch("yaml"):
        _refused(load_configuration, project / "config.yaml")
        _refused(load_pipeline, project / "pipeline.yaml")
        _refused(read_parameters_given, project / "p.yaml")
    if chance.random() < 0.02:
        command = ["execute", "-f", "pipeline.yaml", "-c", "config.yaml", "-p", "p.yaml"]
        ran = subprocess.run(
            [sys.executable, "-P", "-m", "magnus_tracking.cli", *command],
            capture_output=True,
            timeout=60,
            check=False,
            cwd=project,
        )
        if b"Traceback (most recent call last)" in ran.stderr:
            raise WrongAnswerError(ran.stderr.decode("utf-8", "replace")[-3000:])


def queries(project, chance, watch):
    """Queries that were changed, over the sound runs."""
    store = open_store(project)
    index = RunIndex.open(store)
    index.refresh()
    for _ in range(20):
        text = projects.change_bytes(chance.choice(QUERIES).encode(), chance, chance.choice(QUERIES).encode())
        text = text.decode("utf-8", chance.choice(("replace", "surrogateescape")))
        with watch("query"):
            query = _refused(parse, text)
            sort = _refused(parse_sort, [text]) or ()
            _refused(index.positions, query, sort)
    index.close()


def explorer(project, chance, watch):
    """The explorer, through its screens."""
    from fuzzing.screens import walk

    walk(project, chance, watch)


TARGETS = {
    "run-log": reading,
    "chunks": reading,
    "journal": reading,
    "execution-log": reading,
    "names": reading,
    "commands": commands,
    "index": damaged_index,
    "settings": with_settings,
    "yaml": yaml,
    "query": queries,
    "process": processes,
    "explorer": explorer,
}

WEIGHTS = {"run-log": 30, "chunks": 12, "journal": 10, "execution-log": 8, "names": 4, "commands": 14, "index": 8}
WEIGHTS |= {"settings": 6, "yaml": 6, "query": 3, "process": 0.6, "explorer": 0.4}
"""How often each target comes, where none was asked for."""


def make(target, number, project):
    """Make an input in a folder; the chance that goes on from there."""
    if target == "yaml":
        chance = projects.chance_of(target, number)
        projects.with_yaml(project, chance)
        return chance
    if target in ("settings", "query"):
        projects.sound_project(project)
        return projects.chance_of(target, number)
    return make_input(target, number, project)


def drive(target, project, chance, watch):
    """Drive an input through its target."""
    TARGETS[target](project, chance, watch)
