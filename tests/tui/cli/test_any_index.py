"""Each command answers the same with an index as without one, whatever has become of the index."""

from datetime import datetime

import pytest

from magnus_tracking.stores import open_store
from magnus_tui.settings import Settings
from support.index_states import DAMAGES, put_into
from support.stores import DATA_STORES, STORE_NAMES

NOW = datetime(2026, 11, 23, 20, 0, 0)
LIST = {
    "runs": ["runs"],
    "runs-filtered": ["runs", "--where", "status:fail or metric.loss<0.3"],
    "runs-sorted": ["runs", "--sort", "-metric.loss", "--sort", "id"],
    "runs-limited": ["runs", "--where", "has:param.x or steps>1", "--sort", "duration", "--limit", "3"],
    "failures": ["failures"],
    "failures-filtered": ["failures", "--where", "retries>0 or status:fail"],
    "failures-flaky": ["failures", "--flaky"],
    "check": ["check"],
}
OF_RUNS = {"show": 1, "metrics": 1, "log": 1, "compare": 2}
"""Commands that are given runs, and how many."""


@pytest.fixture(autouse=True)
def clock_that_stands(monkeypatch):
    """What is said of unfinished runs depends on when it is asked."""
    monkeypatch.setattr(Settings, "now", lambda settings: NOW)


def runs_of(store):
    """The runs that commands are tried on: the latest, the first, and one that failed where there is one."""
    runs = [run for run in open_store(DATA_STORES / store).runs() if run.error is None]
    failed = next((run for run in runs if run.status == "FAIL"), runs[len(runs) // 2])
    return [failed.run_id, "latest", runs[-1].run_id]


def arguments_of(store, command):
    """The command lines of a command on a store."""
    place = DATA_STORES / store
    if command in LIST:
        name, *options = LIST[command]
        where = [place] if name == "check" else ["-s", place]
        return [[name, *where, *options, "--format", "json"]]
    runs, count = runs_of(store), OF_RUNS[command]
    shape = [] if command == "log" else ["--format", "json"]
    return [[command, "-s", place, *shape, *runs[first : first + count]] for first in range(len(runs) - count + 1)]


@pytest.mark.parametrize("command", [*LIST, *OF_RUNS])
@pytest.mark.parametrize("store", STORE_NAMES)
def test_a_command_answers_the_same_whatever_index_it_finds(run, store, command, tmp_path, monkeypatch):
    cache, no_folder = tmp_path / "cache", tmp_path / "a-file"
    no_folder.write_text("")
    for arguments in arguments_of(store, command):
        monkeypatch.setenv("MAGNUS_TUI_CACHE", str(no_folder))
        without = run(*arguments)
        monkeypatch.setenv("MAGNUS_TUI_CACHE", str(cache))
        run("runs", "-s", DATA_STORES / store, "--limit", "0")
        for state in DAMAGES:
            put_into(state, cache)
            found = run(*arguments)
            assert (found.status, found.out) == (without.status, without.out), state
            run("runs", "-s", DATA_STORES / store, "--limit", "0")
