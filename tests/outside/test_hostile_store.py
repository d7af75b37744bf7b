"""On a real terminal, nothing of a hostile store reaches it that it would obey."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from support.hostile import make_hostile_store
from support.places import PLACES
from support.waiting import LONG

pytestmark = pytest.mark.outside

EXPLORER = Path(sys.executable).with_name("magnus-tui")
KEYS = {"escape": "\x1b", "enter": "\r", "tab": "\t", "space": " ", "slash": "/", "home": "\x1b[H", "down": "\x1b[B"}
OURS = re.compile(
    rb"\x1b\[[0-9;]*m|\x1b\[\d+;\d+H|\x1b\[\d*C|\x1b\[H|\x1b\[\?(?:1049|1000|1002|1003|1004|1006|1015|1016|2004|2026|2048|25|7)[hl]"
    rb"|\x1b\[\?(?:2026|2048)\$p|\x1b\[[>=<]\d*u|\x1b\[\?u|\x1b\[>\d+;?\d*[uq]|\x1b\[\d* q|\x1b\[c|\x1b\[16t|\x1b\[14t"
    rb"|\x1b\]22;\w+\x07|\x1b\[2J|\x1b\[3J|\x1b\[K|\x1b\[>4;\d+m|\x1b\]11;\?(?:\x07|\x1b\\)"
)
"""What Textual and our driver send themselves: colours, cursor addresses, modes, and questions about the terminal."""


class Raw:
    """A command on a pseudo-terminal of its own; what it wrote, byte for byte."""

    def __init__(self, folder, *arguments):
        self.controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 45, 160, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(
            [EXPLORER, *arguments], stdin=terminal, stdout=terminal, stderr=terminal, cwd=folder, env=environment
        )
        os.close(terminal)
        self.written = b""

    def read_until(self, accept):
        """Read until what was written since the last call is accepted, or the command ended."""
        start, end = len(self.written), time.monotonic() + LONG
        while not accept(self.written[start:]):
            assert time.monotonic() < end, self.written[start:][-2000:]
            if not select.select([self.controller], [], [], 0.2)[0]:
                continue
            try:
                self.written += os.read(self.controller, 1 << 16)
            except OSError:
                return

    def press(self, key):
        """Press a key, have everything painted again, as a key without effect sends nothing, and wait for that."""
        os.write(self.controller, KEYS.get(key, key).encode())
        os.write(self.controller, b"\x0c")
        self.read_until(lambda new: b"\x1b[?2026l" in new or b"H" in new)

    def end(self):
        """Read to the end, and end."""
        self.read_until(lambda _: False)
        status = self.process.wait()
        os.close(self.controller)
        return status


def left_over(written):
    """What is neither printable nor the explorer's own."""
    text = OURS.sub(b"", written).decode("utf-8", "replace")
    return sorted({character for character in text if not character.isprintable()} - set("\r\n\t\u200d\ufe0f"))


def test_the_explorer_sends_nothing_of_a_store_that_a_terminal_obeys(tmp_path):
    make_hostile_store(tmp_path, "magnus-sweep", "runnable-examples")
    with_keys = Raw(tmp_path, str(tmp_path))
    with_keys.read_until(lambda new: b"sweep" in new)
    for keys in PLACES.values():
        for key in keys:
            with_keys.press(key)
    for key in ["y", *"123456789"]:
        with_keys.press(key)
    os.write(with_keys.controller, b"\x11")
    assert with_keys.end() == 0
    assert b"TAKEN" not in with_keys.written.replace(b"\x1b]52;", b"")
    assert left_over(re.sub(rb"\x1b\]52;c;[A-Za-z0-9+/=]*\x07", b"", with_keys.written)) == []


@pytest.mark.parametrize("output_format", ["table", "csv", "markdown", "json"])
@pytest.mark.parametrize(
    "command",
    [["runs"], ["show", "latest"], ["metrics", "sweep-1"], ["compare", "sweep-1", "sweep-2"], ["failures"]],
    ids=lambda command: command[0],
)
def test_no_command_sends_what_a_terminal_obeys(tmp_path, command, output_format):
    make_hostile_store(tmp_path, "magnus-sweep")
    run = Raw(tmp_path, *command, "--format", output_format)
    run.end()
    assert len(run.written) > 100
    assert left_over(run.written) == []


@pytest.mark.parametrize(
    "command", [["log", "sweep-11"], ["log", "fixed-11", "train"], ["check"], ["show", "no\x1b]0;x"]]
)
def test_no_other_text_does_either(tmp_path, command):
    make_hostile_store(tmp_path, "magnus-sweep")
    run = Raw(tmp_path, *command)
    run.end()
    assert len(run.written) > 10
    assert left_over(run.written) == []
