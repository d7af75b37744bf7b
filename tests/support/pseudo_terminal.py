"""A command on a pseudo-terminal of its own, and what it asks of that terminal, byte by byte."""

import codecs
import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import threading

from support.replay import Replay
from support.waiting import until

_SEQUENCES = re.compile(r"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|[\[P][0-?]*[ -/]*[@-~]|[@-Z\\-_])")
_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_NORMAL = {1049: "l", 25: "h", 7: "h", 1000: "l", 1003: "l", 1006: "l", 1015: "l", 1016: "l", 1004: "l", 2004: "l"}
"""How the modes that an application changes are set on a terminal where none runs."""


class PseudoTerminal:
    """A command that has a pseudo-terminal for its input, output and errors.

    Attributes:
        process: the command.
    """

    def __init__(self, command, width=120, height=30, environment=None, folder=None, **streams):
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self._theirs = theirs
        self.settings_before = termios.tcgetattr(theirs)
        self._written = bytearray()
        variables = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(environment or {})}
        given = {"stdin": theirs, "stdout": theirs, "stderr": theirs, **streams}
        self.process = subprocess.Popen(
            list(map(str, command)),
            env=variables,
            cwd=folder,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),
            pass_fds=(theirs,),
            **given,
        )
        self._replay, self._replayed = Replay(width, height), 0
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._closing.set()
        self._reader.join()
        self.hang_up()
        os.close(self._theirs)

    def _read(self):
        while not self._closing.is_set():
            ready, _, _ = select.select([self._ours], [], [], 0.05)
            if ready:
                try:
                    self._written += os.read(self._ours, 1 << 16)
                except OSError:
                    return

    def hang_up(self):
        """Take the terminal away, as closing its window does."""
        self._closing.set()
        self._reader.join()
        if self._ours is not None:
            os.close(self._ours)
            self._ours = None

    @property
    def written(self):
        """Everything that was written to the terminal."""
        return bytes(self._written)

    def text(self, since=0):
        """What was written, without the sequences."""
        return _SEQUENCES.sub("", self.written[since:].decode("utf-8", "replace"))

    def type(self, text):
        """Type a text, control characters included; half a surrogate pair is the byte that it stands for."""
        os.write(self._ours, text.encode("utf-8", "surrogateescape"))

    def signal(self, pid, number):
        """Send a signal to one of the processes on the terminal."""
        os.kill(pid, number)

    def wait_for(self, text, since=0):
        """Wait until a text has been written in one piece; the length of what has been written by then."""
        until(lambda: text in self.text(since), lambda: f"{text!r} in {self.text(since)[-3000:]!r}")
        return len(self._written)

    def cells(self):
        """What the terminal shows by now, cell by cell; where it has no second screen, as here, also after the end."""
        part, self._replayed = self._written[self._replayed :], len(self._written)
        self._replay.feed(self._decode(bytes(part)))
        return self._replay.cells()

    def screen(self):
        """The text that it shows by now."""
        return "\n".join("".join(cell[0] for cell in row) for row in self.cells())

    def wait_for_screen(self, *texts):
        """Wait until all texts are shown; unlike `wait_for`, also where only some of their characters were written."""
        until(lambda: all(text in self.screen() for text in texts), lambda: f"{texts} on\n{self.screen()}")

    def scribble(self, text):
        """Let something else write to the terminal."""
        os.write(self._theirs, text.encode())

    def ended(self, seconds=30):
        """Wait until the command has ended and what it wrote has arrived; its exit status."""
        status = self.process.wait(seconds)
        until(lambda: not select.select([self._ours], [], [], 0)[0], "the rest of the output")
        return status

    def modes(self):
        """How the modes of the terminal were set last, by number, as far as they were set at all."""
        found = {}
        for numbers, way in _MODE.findall(self.written):
            for number in numbers.split(b";"):
                found[int(number)] = way.decode()
        return found

    def differences(self):
        """What is not as it was before the command: modes, and settings such as the echo."""
        wrong = {number: way for number, way in self.modes().items() if _NORMAL.get(number, way) != way}
        settings = termios.tcgetattr(self._theirs)
        if settings != self.settings_before:
            wrong["settings"] = settings
        return wrong


def children_of(pid):
    """The processes that a process started and that run still."""
    listed = subprocess.run(["ps", "-o", "pid=,stat=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if not line.split()[1].startswith("Z")]
