"""A run of very many branches, in one file and in chunks, opened in the explorer with real keys."""

import time
from pathlib import Path

import pytest
from benchmarks.shapes import REASON, Shape, write_chunks, write_run

from support.pseudo_terminal import PseudoTerminal, children_of
from support.tmux import EXPLORER, explorer
from support.waiting import until

pytestmark = pytest.mark.outside

BRANCHES = 10_000
CHUNKED_BRANCHES = 3_334
"""Each is a chunk, and two more for its steps: 10,000 files."""
FAILING = BRANCHES * 2 // 3
SOON = 10.0
"""Seconds for an end that takes less than one where nothing else uses the machine."""


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wide")
    write_run(folder / ".run_log_store", Shape(branches=BRANCHES), "wide")
    return folder


@pytest.mark.parametrize(("width", "height"), [(160, 45), (80, 24)])
def test_a_run_of_ten_thousand_branches_opens_on_its_failing_step_with_the_reason(wide, width, height):
    with explorer(wide, width=width, height=height) as terminal:
        terminal.wait_for("wide", "quit")
        terminal.press("Enter")
        terminal.wait_for(REASON, *(["attempt 1", f"✔ {FAILING + 1}"] if width > 110 else ["fit"]))
        terminal.press("6")
        terminal.wait_for("fit.execution.log", "part-1.csv", "missing")


def test_a_run_of_ten_thousand_chunks_opens_on_its_failing_step_with_the_reason(tmp_path):
    run = write_chunks(tmp_path / ".run_log_store", Shape(branches=CHUNKED_BRANCHES), "chunked")
    assert sum(1 for _ in run.iterdir()) > 10_000
    with explorer(tmp_path) as terminal:
        terminal.wait_for("chunked", "quit")
        terminal.press("Enter")
        terminal.wait_for("attempt 1", REASON)


@pytest.mark.parametrize("after", [0.0, 0.3, 0.6, 1.0, 2.0])
def test_q_leaves_whatever_of_it_is_being_read(wide, after):
    with PseudoTerminal([EXPLORER, wide]) as terminal:
        terminal.wait_for("quit")
        terminal.type("\r")
        due = time.monotonic() + after
        until(lambda: time.monotonic() >= due, "a moment in which it reads")
        children = children_of(terminal.process.pid)
        terminal.type("q")
        assert terminal.ended(SOON) == 0
        assert terminal.differences() == {}
        until(lambda: not any(Path(f"/proc/{child}/exe").exists() for child in children), "the end of its processes")
