"""What ``--debug`` and its environment variable leave in the debug log."""

import os
import stat
import subprocess
import sys

import pytest

from magnus_tracking.filesystem.cache_folder import cache_folder


def magnus_tui(*arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "magnus_tui", *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("way", ["option", "variable"])
def test_the_log_says_what_was_read_and_why_a_run_was_not(store_copy, way):
    project = store_copy("magnus-sweep")
    (project / ".run_log_store" / "broken.json").write_text("{")
    if way == "option":
        magnus_tui("--debug", "runs", "-s", project)
    else:
        magnus_tui("runs", "-s", project, MAGNUS_TUI_DEBUG="1")
    log = cache_folder() / "debug.log"
    text = log.read_text()
    assert "fixed-1.json" in text
    assert "broken" in text
    assert " ms" in text
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_without_it_there_is_no_log(store_copy):
    magnus_tui("runs", "-s", store_copy("magnus-sweep"))
    assert not (cache_folder() / "debug.log").exists()


def test_a_log_that_cannot_be_written_costs_nothing(store_copy, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    assert "fixed-1" in magnus_tui("--debug", "runs", "-s", store_copy("magnus-sweep"), MAGNUS_TUI_CACHE=str(file))


def test_a_pipe_in_the_place_of_the_log_is_not_waited_for(store_copy, tmp_path):
    os.mkfifo(tmp_path / "debug.log")
    shown = magnus_tui("--debug", "runs", "-s", store_copy("magnus-sweep"), MAGNUS_TUI_CACHE=str(tmp_path))
    assert "fixed-1" in shown
