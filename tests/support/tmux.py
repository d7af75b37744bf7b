"""The explorer in a real terminal: tmux."""

import os
import shlex
import subprocess
import sys
import uuid
from pathlib import Path

from support.waiting import until

EXPLORER = Path(sys.executable).with_name("magnus-tui")


class Terminal:
    """A tmux session of its own server, in which one command runs.

    Attributes:
        width: columns.
        height: rows.
    """

    def __init__(self, folder, command, width, height, environment=None):
        self.width = width
        self.height = height
        self._socket = f"magnus-tui-{uuid.uuid4().hex}"
        self._folder = folder
        variables = {
            **os.environ,
            **(environment or {}),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }
        variables.pop("TMUX", None)
        line = shlex.join(["env", "TERM=tmux-256color", "COLORTERM=truecolor", *map(str, command)])
        size = ["-x", str(width), "-y", str(height)]
        # The pane stays when the command ends, so that what it left on the screen can be read.
        self._tmux("-f", os.devnull, "new-session", "-d", *size, f"{line}; exec cat", environment=variables)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._tmux("kill-server")

    def press(self, *keys):
        """Press keys, by tmux's names of them (``Enter``, ``Escape``, ``C-p``), else as they are."""
        for key in keys:
            literal = ["-l"] if len(key) == 1 else []
            self._tmux("send-keys", "-t", ":0", *literal, "--", key)

    def type(self, text):
        """Type a text."""
        self._tmux("send-keys", "-t", ":0", "-l", "--", text)

    def lines(self):
        """The rows of the screen, without colours."""
        return self._tmux("capture-pane", "-p", "-t", ":0").split("\n")[: self.height]

    def text(self):
        """The screen as one text."""
        return "\n".join(self.lines())

    def wait_for(self, *texts, absent=()):
        """Wait until all texts are on the screen, and none of those in `absent`; the screen."""

        def look():
            screen = self.text()
            return screen if all(text in screen for text in texts) and not any(t in screen for t in absent) else None

        return until(look, lambda: f"{texts} (and none of {absent}) on the screen:\n{self.text()}")

    def wait_until(self, accept, what):
        """Wait until `accept` of the screen's text is true; the screen."""

        def look():
            screen = self.text()
            return screen if accept(screen) else None

        return until(look, lambda: f"{what} on the screen:\n{self.text()}")

    def buffer(self):
        """What was copied last."""
        return self._tmux("show-buffer")

    def _tmux(self, *arguments, environment=None):
        command = ["tmux", "-L", self._socket, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=self._folder, env=environment)
        return done.stdout


def explorer(folder, *arguments, width=160, height=45, environment=None):
    """The explorer of this project in a terminal, started in `folder`."""
    return Terminal(folder, [EXPLORER, *arguments], width, height, environment)
