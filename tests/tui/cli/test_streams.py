"""The commands without a terminal, and with an output that is closed, full, or read by nobody any more."""

import os
import subprocess
import sys

import pytest

import expected_runs as expected

SWEEP = expected.STORES / "magnus-sweep"
TUI, TRACK = ([sys.executable, "-m", module] for module in ("magnus_tui", "magnus_tracking.cli"))
WRITING = {
    "runs": [*TUI, "runs", "-s", SWEEP],
    "runs json": [*TUI, "runs", "-s", SWEEP, "--format", "json"],
    "show": [*TUI, "show", "fixed-9", "-s", SWEEP],
    "metrics": [*TUI, "metrics", "fixed-9", "-s", SWEEP, "--format", "csv"],
    "compare": [*TUI, "compare", "fixed-9", "fixed-3", "-s", SWEEP],
    "failures": [*TUI, "failures", "-s", SWEEP],
    "log": [*TUI, "log", "fixed-11", "-s", SWEEP],
    "check": [*TUI, "check", SWEEP],
    "schema": [*TUI, "schema"],
    "help": [*TUI, "--help"],
    "help of a command": [*TUI, "runs", "--help"],
    "version": [*TUI, "--version"],
    "track help": [*TRACK, "--help"],
    "track version": [*TRACK, "--version"],
    "track recover": [*TRACK, "recover", "-s", SWEEP],
}


def shell(command, redirection, **options):
    line = f'set -o pipefail; "$@" {redirection}'
    arguments = ["bash", "-c", line, "bash", *map(str, command)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, **options)


@pytest.mark.parametrize("name", WRITING)
def test_an_output_that_takes_nothing_is_one_line(name):
    for redirection, reason in ((">/dev/full", "no space left on device"), (">&-", "it is closed")):
        ran = shell(WRITING[name], redirection)
        assert ran.returncode == 1
        (line,) = ran.stderr.splitlines()
        assert line.endswith(f"can't write to standard output: {reason}")


@pytest.mark.parametrize("name", WRITING)
def test_a_reader_that_has_gone_is_no_error(name):
    ran = shell(WRITING[name], "| (exec <&-)")
    assert (ran.returncode in (0, 1), ran.stderr) == (True, "")


@pytest.mark.parametrize("redirection", [">/dev/full 2>/dev/full", ">&- 2>&-", "<&- >&- 2>&-"])
def test_where_nothing_can_be_said_the_status_says_it(redirection):
    assert shell(WRITING["runs"], redirection).returncode == 1
    assert shell([*TUI, "runs", "-s", "/nowhere"], redirection).returncode == 1
    assert shell([*TUI, SWEEP], redirection).returncode == 2


@pytest.mark.parametrize("redirection", ["", "</dev/null", "<&-", ">&-", "2>&-", "<&- >&-", ">/dev/full", "| cat"])
def test_without_a_terminal_the_explorer_is_one_line_and_status_2(redirection):
    ran = shell([*TUI, SWEEP], redirection, stdin=subprocess.PIPE)
    assert (ran.returncode, ran.stdout) == (2, "")
    if "2>" not in redirection:
        (line,) = ran.stderr.splitlines()
        assert line.startswith("magnus-tui: the explorer needs a terminal")


def test_closed_streams_do_not_lead_into_other_files(tmp_path):
    environment = {**os.environ, "MAGNUS_TUI_CACHE": str(tmp_path)}
    assert shell([*TUI, "runs", "-s", SWEEP], "<&- >&- 2>&-", env=environment).returncode == 1
    ran = shell([*TUI, "runs", "-s", SWEEP, "--format", "csv"], "", env=environment)
    assert len(ran.stdout.splitlines()) == 16


def test_an_output_that_is_not_waited_for_gets_everything():
    script = (
        "import os, subprocess, sys\n"
        "reads, writes = os.pipe()\n"
        "os.set_blocking(writes, False)\n"
        "child = subprocess.Popen(sys.argv[1:], stdout=writes)\n"
        "os.close(writes)\n"
        "print(len(open(reads, 'rb').read()), child.wait())\n"
    )
    command = [*TUI, "metrics", "fixed-9", "-s", SWEEP, "--format", "json"]
    whole = subprocess.run(list(map(str, command)), capture_output=True, check=True).stdout
    assert len(whole) > 1 << 16
    ran = subprocess.run([sys.executable, "-c", script, *map(str, command)], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(len(whole)), "0"]


def test_a_recorded_command_goes_on_when_the_disk_of_its_output_is_full(tmp_path):
    step = [*TRACK, "step", "count", "-s", tmp_path / ".run_log_store", "--", "seq", "10"]
    ran = shell(step, ">/dev/full")
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == ["magnus-track: can't write to standard output: no space left on device"]
    listed = shell([*TUI, "runs", "-s", tmp_path, "--format", "csv"], "| cut -d, -f2")
    assert listed.stdout.split() == ["status", "SUCCESS"]


def test_a_recorded_command_learns_that_its_reader_has_gone(tmp_path):
    ran = shell([*TRACK, "step", "ever", "-s", tmp_path / ".run_log_store", "--", "yes"], "| head -n 1")
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "y\n", "")
