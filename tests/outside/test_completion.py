"""Completion in real shells, on a pseudo-terminal: what stands on the line after a tab."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from support.pseudo_terminal import PseudoTerminal
from support.stores import TESTS
from support.waiting import until

pytestmark = pytest.mark.outside

SAMPLES = TESTS.parent / "sample_runs"
INSTALL = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(magnus-tui completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -Uz compinit && compinit -u; eval "$(magnus-tui completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "magnus-tui completion fish | source"),
}
"""By shell: how it is started, and the line that installs the completion."""

COMPLETED = [
    ("magnus-tui sche", "magnus-tui schema"),
    ("magnus-tui show -s sample_runs tracked-di", "magnus-tui show -s sample_runs tracked-diverged"),
    ("magnus-tui show -s sample_runs late", "magnus-tui show -s sample_runs latest"),
    ("magnus-tui log -s sample_runs tracked-diverged tra", "magnus-tui log -s sample_runs tracked-diverged train"),
    (
        "magnus-tui metrics -s sample_runs tracked-diverged --metric lo",
        "magnus-tui metrics -s sample_runs tracked-diverged --metric loss",
    ),
    ("magnus-tui runs -s sample_runs --for", "magnus-tui runs -s sample_runs --format"),
    ("magnus-tui runs -s sample_runs --format mark", "magnus-tui runs -s sample_runs --format markdown"),
    (
        "magnus-tui runs -s sample_runs --where status:SUC",
        "magnus-tui runs -s sample_runs --where status:SUCCESS",
    ),
    (
        "magnus-tui runs -s sample_runs --where 'status:fail tag:retry",
        "magnus-tui runs -s sample_runs --where status:fail tag:retry-demo",
    ),
    ("magnus-tui runs -s sample_runs --sort origin", "magnus-tui runs -s sample_runs --sort original"),
    ("magnus-tui check sample_runs/REA", "magnus-tui check sample_runs/README.md"),
    ("magnus-track rec", "magnus-track recover"),
]


@pytest.mark.parametrize("shell", INSTALL)
def test_a_tab_completes_what_the_store_has(shell, tmp_path):
    command, install = INSTALL[shell]
    program = shutil.which(command[0])
    assert program, f"{shell} is not installed"
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path),
        "TERM": "xterm-256color",
    }
    with PseudoTerminal([program, *command[1:]], environment=environment, folder=SAMPLES.parent) as terminal:
        terminal.type(f"{install}; echo in''stalled\r")
        terminal.wait_for("installed")
        for typed, completed in COMPLETED:
            at = len(terminal.written)
            # The line, once it is completed, is shown by a command put in front of it.
            terminal.type(f"{typed}\t\x01echo @\x05 @\r")
            until(
                lambda at=at, shown=f"\n@{completed} @": shown in terminal.text(at).replace("\r", "\n"),
                lambda at=at, typed=typed: f"{typed!r} completed: {terminal.text(at)!r}",
            )
