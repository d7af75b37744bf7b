"""What a terminal shows after something else has used it: every cell, as before."""

import signal
import stat
import sys

import pytest

from support.pseudo_terminal import PseudoTerminal, children_of
from support.stores import DATA_STORES
from support.tmux import EXPLORER
from support.waiting import until

pytestmark = pytest.mark.outside

SWEEP = DATA_STORES / "magnus-sweep"
PROMPT = "ready> "


def shown(terminal):
    """The cells of the screen once it is complete."""
    terminal.wait_for_screen("15 runs", "✘ fixed-11", "ValueError")
    terminal.type("j")
    terminal.wait_for_screen("✔ fixed-9", "checkpoint", "⠉⠓⠒")
    return terminal.cells()


@pytest.mark.parametrize("stop", ["\x1a", signal.SIGTSTP, signal.SIGSTOP], ids=["ctrl+z", "SIGTSTP", "SIGSTOP"])
def test_after_fg_every_cell_is_as_it_was(stop):
    with PseudoTerminal(["bash", "--norc", "-i"], width=160, height=45, environment={"PS1": PROMPT}) as terminal:
        terminal.wait_for(PROMPT)
        terminal.type(f"{EXPLORER} {SWEEP}\n")
        before = shown(terminal)
        if isinstance(stop, str):
            terminal.type(stop)
        else:
            (child,) = children_of(terminal.process.pid)
            terminal.signal(child, stop)
        terminal.wait_for_screen("Stopped")
        terminal.type("seq 1000 1100; printf '\\033[44;31mred on blue'; echo s''een\n")
        terminal.wait_for_screen("seen")
        terminal.type("fg\n")
        until(lambda: terminal.cells() == before, terminal.screen)
        terminal.type("j")
        terminal.wait_for_screen("✔ fixed-8")


def test_after_the_editor_every_cell_is_as_it_was(tmp_path):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nseq 1000 1100\necho edited\nread line\n")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    with PseudoTerminal([EXPLORER, SWEEP], width=160, height=45, environment={"EDITOR": str(editor)}) as terminal:
        before = shown(terminal)
        terminal.type("e")
        terminal.wait_for_screen("edited")
        terminal.type("\n")
        until(lambda: terminal.cells() == before, terminal.screen)


def test_ctrl_l_paints_over_what_something_else_wrote():
    with PseudoTerminal([EXPLORER, SWEEP], width=160, height=45) as terminal:
        before = shown(terminal)
        terminal.scribble("\x1b[2J\x1b[7;1Ha message of the system")
        terminal.wait_for_screen("a message of the system")
        terminal.type("\x0c")
        until(lambda: terminal.cells() == before, terminal.screen)


def test_whole_frames_show_the_same_cells():
    found = []
    for way in ("plain", ""):
        with PseudoTerminal(
            [sys.executable, "-m", "magnus_tui", SWEEP], width=160, height=45, environment={"MAGNUS_TUI_WIRE": way}
        ) as terminal:
            found.append((shown(terminal), len(terminal.written)))
    (plain, most), (sparing, least) = found
    assert sparing == plain
    assert least < most / 3
