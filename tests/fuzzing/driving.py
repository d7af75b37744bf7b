"""Driving an input through what reads it. What escapes is a finding; what is raised on purpose is an answer."""

import contextlib
import io
import json
import os
import subprocess
import sys

from fuzzing import projects
from fuzzing.following import following, stored_series
from fuzzing.projects import SOUND, change_index, make_input
from fuzzing.reading import QUERIES, SORTS, WrongAnswerError, log_text, queries, reading, refused
from fuzzing.terminals import on_a_terminal
from magnus_tracking.index import RunIndex
from magnus_tracking.pipeline.definition import load_pipeline
from magnus_tracking.query import parse, parse_sort
from magnus_tracking.recorder.configuration import load_configuration
from magnus_tracking.recorder.run_start import read_parameters_given
from magnus_tracking.stores import open_store
from magnus_tui.__main__ import main
from magnus_tui.settings import Settings, load_settings, remember

FORMATS = ("table", "json", "csv", "markdown")


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


def commands(project, chance, watch):
    """A few commands, in this process."""
    run = _some_run(project, chance)
    for arguments in chance.sample(list(_arguments(project, run, chance)), 3):
        with watch(" ".join(arguments[:3])), _captured() as (out, err):
            status = main(arguments)
            out.flush()
            _look_at(arguments, status, out.buffer.getvalue(), err.getvalue())


def terminal(project, chance, watch):
    """A few commands on a terminal of some width, over hostile texts."""
    os.environ["COLUMNS"] = str(chance.choice((20, 60, 100, 200)))
    on_a_terminal(chance.sample(list(_arguments(project, _some_run(project, chance), chance)), 3), watch)


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
        run.run_id: (run.status, run.error, run.started, run.duration, repr(run.parameters)) for run in index.selected()
    }


def projects_cache():
    """The cache folder of this input."""
    from magnus_tracking.filesystem.cache_folder import cache_folder

    return cache_folder()


def with_settings(project, chance, watch):
    """A settings file that was changed: read, used, written."""
    folder = project / "settings"
    folder.mkdir()
    file = folder / "settings.toml"
    projects.put_oddly(file, projects.settings(chance), chance)
    with watch("settings"):
        read = refused(load_settings, file)
        if read is not None:
            read.now()
            refused(remember, file, theme="magnus-dark", ignore=("a",), queries={"a": "status:fail"})
            if refused(load_settings, file) is None:
                raise WrongAnswerError("what was remembered can't be read")
    os.environ["MAGNUS_TUI_CONFIG"] = str(folder)
    try:
        for arguments in chance.sample((["runs"], ["compare", *SOUND], ["show", SOUND[0]]), 1):
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
        refused(load_configuration, project / "config.yaml")
        refused(load_pipeline, project / "pipeline.yaml")
        refused(read_parameters_given, project / "p.yaml")
    if chance.random() < 0.003:
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


def explorer(project, chance, watch):
    """The explorer, through its screens."""
    from fuzzing.screens import walk

    walk(project, chance, watch)


def keys(project, chance, watch):
    """The explorer, and keys at random."""
    from fuzzing.screens import press_anything

    press_anything(project, chance, watch)


TARGETS = {
    "run-log": reading,
    "chunks": reading,
    "journal": reading,
    "execution-log": reading,
    "names": reading,
    "buckets": reading,
    "log-text": log_text,
    "following": following,
    "series": stored_series,
    "terminal": terminal,
    "commands": commands,
    "index": damaged_index,
    "settings": with_settings,
    "yaml": yaml,
    "query": queries,
    "process": processes,
    "explorer": explorer,
    "keys": keys,
}

WEIGHTS = {"run-log": 34, "chunks": 14, "journal": 9, "execution-log": 6, "names": 4, "log-text": 8, "commands": 4}
WEIGHTS |= {
    "buckets": 3,
    "following": 3,
    "series": 0.4,
    "terminal": 4,
    "index": 6,
    "settings": 5,
    "yaml": 7,
    "query": 3,
    "process": 0.15,
    "explorer": 0.1,
    "keys": 0.2,
}
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
    if target == "log-text":
        chance = projects.chance_of(target, number)
        projects.with_log(project, chance)
        return chance
    return make_input(target, number, project)


def drive(target, project, chance, watch):
    """Drive an input through its target."""
    TARGETS[target](project, chance, watch)
