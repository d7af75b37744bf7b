"""The explorer in a real terminal, as its user meets it."""

import pytest

from support.explorer import SIZE_NAMES, SIZES
from support.tmux import EXPLORER, Terminal, explorer

pytestmark = pytest.mark.outside


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
def test_a_failed_run_opens_on_its_failing_attempt_and_its_curves_are_two_keys_away(store_copy, size):
    project = store_copy("magnus-sweep")
    with explorer(project, project, width=size[0], height=size[1]) as terminal:
        terminal.wait_for("fixed-11", "15 runs")
        terminal.press("Enter")
        terminal.wait_for("train model", "attempt 1", "ValueError: loss diverged: nan at step 201", "train.py")
        terminal.press("Escape")
        terminal.wait_for("15 runs")
        terminal.press("j")
        terminal.press("Enter")
        terminal.wait_for("fixed-9", "train model", absent=["15 runs"])
        terminal.press("2")
        terminal.wait_for("loss")


def test_without_a_store_the_terminal_says_what_was_looked_for(tmp_path):
    with explorer(tmp_path, width=100, height=30) as terminal:
        terminal.wait_for("no run log store", "magnus-track step")
        terminal.press("q")


def test_what_is_copied_in_tmux_is_in_its_buffer_and_said_so(store_copy):
    project = store_copy("magnus-sweep")
    with explorer(project, project, width=100, height=30) as terminal:
        terminal.wait_for("fixed-11", "15 runs")
        terminal.press("y")
        terminal.wait_for("copied into tmux's buffer: fixed-11")
        assert terminal.buffer() == "fixed-11"


def test_without_a_tmux_that_answers_the_text_is_sent_to_the_terminal_and_both_are_said(store_copy):
    project = store_copy("magnus-sweep")
    elsewhere = Terminal(project, ["env", "TMUX=/nowhere,1,0", EXPLORER, project], 120, 30)
    with elsewhere as terminal:
        terminal.wait_for("fixed-11", "15 runs")
        terminal.press("y")
        terminal.wait_for("tmux: ", "; sent to the terminal: fixed-11")
