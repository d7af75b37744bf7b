"""A program on a pseudo-terminal, timed from exec to what it paints."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from benchmarks.processes import Marked

from magnus_tui.terminal.wire import VARIABLE as WIRE

WIDTH, HEIGHT = 160, 45
PATIENCE = 120.0
ANYTHING = rb"[\s\S]"
"""What matches as soon as anything has been painted."""
_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-9;:?<=>$]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|[()][0-9A-B]|[=>78])"
)
_LONGEST_ESCAPE = 64
_PART = 1 << 16
_WATCH_EVERY = 0.005
_ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;0$y",
    b"\x1b[?2027$p": b"\x1b[?2027;0$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
    b"\x1b[16t": b"\x1b[6;16;8t",
    b"\x1b]10;?\x07": b"\x1b]10;rgb:e5e5/e5e5/e5e5\x07",
    b"\x1b]11;?\x07": b"\x1b]11;rgb:0000/0000/0000\x07",
}
"""What xterm with a dark background says when it is asked for modes, the size of a cell and its colours."""
_CLOCK_BITS, _SCHEDULER_CLOCK = 3, 2
"""How Linux numbers the clock of a process, as `clock_getcpuclockid` has it: to the nanosecond, where its statistics
count in hundredths of a second."""


class PaintedProgram:
    """A program that draws on a terminal of its own.

    Attributes:
        started: `time.perf_counter` just before exec.
        peak_memory: bytes of resident memory at most, once it has been ended.
        sent: bytes that it has sent to the terminal, as far as they have been read.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        width: int = WIDTH,
        height: int = HEIGHT,
        *,
        answers: bool = False,
        watched: bool = False,
        whole_frames: bool = False,
    ) -> None:
        """Start it.

        Args:
            command: what to exec, its whole path first.
            environment: its variables; the ones that tell of the terminal are added.
            width: of the terminal, in cells.
            height: likewise.
            answers: whether the terminal answers what it is asked, as xterm does, while it is read from.
            whole_frames: whether the explorer sends what did not change as well, so that texts come in one piece.
            watched: whether the memory of all its processes is noted while it is read from, which takes some time.
        """
        self._watched = watched
        self._peaks: dict[int, int] = {}
        self._answers = _ANSWERS if answers else {}
        self._asked = b""
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", WIRE: "plain" if whole_frames else ""}
        self._marked = Marked({**environment, **terminal})
        self.peak_memory = self.sent = 0
        self._ended = False
        self.started = time.perf_counter()
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
            try:
                os.execve(command[0], list(command), self._marked.environment)
            finally:
                os._exit(127)

    def __enter__(self) -> PaintedProgram:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)
        _, _, usage = os.wait4(self._process, 0)
        self._marked.end()
        self.peak_memory = usage.ru_maxrss * 1024
        os.close(self._terminal)

    def press(self, keys: bytes) -> float:
        """Send keys, as a terminal encodes them; `time.perf_counter` just before."""
        pressed = time.perf_counter()
        os.write(self._terminal, keys)
        return pressed

    def processor_seconds(self) -> float:
        """The processor time that the program has taken until now: all its threads, and all that it has started."""
        seconds = 0.0
        for process in _family(self._process):
            with contextlib.suppress(OSError):
                seconds += time.clock_gettime((~process << _CLOCK_BITS) | _SCHEDULER_CLOCK)
        return seconds

    def loop_seconds(self) -> float:
        """The processor time of the program's first thread, which is that of an event loop."""
        return int(Path(f"/proc/{self._process}/task/{self._process}/schedstat").read_text().split()[0]) / 1e9

    def wait_for(self, pattern: bytes, patience: float = PATIENCE) -> float:
        """Read until what was painted since the last wait matches; `time.perf_counter` when it did.

        Args:
            pattern: a regular expression over the painted text, without escape sequences.
            patience: seconds to wait at most.

        Raises:
            TimeoutError: it was not painted in time, or the program ended before.
        """
        wanted = re.compile(pattern)
        painted = b""
        end = time.perf_counter() + patience
        while time.perf_counter() < end and not self._ended:
            painted += self._read(0.05)
            if wanted.search(_ESCAPES.sub(b"", painted)):
                return time.perf_counter()
        text = _ESCAPES.sub(b"", painted)[-2000:].decode(errors="replace")
        raise TimeoutError(f"{pattern!r} was not painted; last:\n{text}")

    def wait_for_each(self, texts: Sequence[bytes], patience: float = PATIENCE) -> float:
        """Read until each of the texts was painted, in this order; `time.perf_counter` when the last one was.

        What has been looked through is let go, so that waiting takes little, however much is painted.

        Args:
            texts: what is to be painted, without escape sequences.
            patience: seconds to wait at most.

        Raises:
            TimeoutError: one was not painted in time, or the program ended before.
        """
        missing = list(texts)
        longest = max(map(len, texts))
        unread = text = b""
        end = time.perf_counter() + patience
        while time.perf_counter() < end and not self._ended:
            unread += self._read(0.05)
            cut = unread.rfind(b"\x1b", -_LONGEST_ESCAPE)
            cut = cut if cut >= 0 and not _ESCAPES.match(unread, cut) else len(unread)
            text += _ESCAPES.sub(b"", unread[:cut])
            unread = unread[cut:]
            while (place := text.find(missing[0])) >= 0:
                text = text[place + len(missing.pop(0)) :]
                if not missing:
                    return time.perf_counter()
            text = text[-longest:]
        raise TimeoutError(f"{missing[0]!r} was not painted")

    def last_painted(self, quiet: float) -> float:
        """Read until nothing has been painted for `quiet` seconds; `time.perf_counter` of what was painted last."""
        last = time.perf_counter()
        while self._read(quiet):
            last = time.perf_counter()
        return last

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size, by which everything is painted anew."""
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def peaks(self) -> list[int]:
        """Bytes of resident memory at most until now: of the program, and of each one that it started.

        Those that have ended are among them only where the program is watched.
        """
        for process in _family(self._process):
            self._peaks[process] = max(_peak(process), self._peaks.get(process, 0))
        return list(self._peaks.values())

    def settle(self, quiet: float = 0.3) -> None:
        """Read until nothing has been painted for `quiet` seconds."""
        while self._read(quiet):
            pass

    def settle_for(self, seconds: float) -> None:
        """Read for some time, whatever is painted."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)

    def memory(self) -> int:
        """Bytes of resident memory now."""
        pages = Path(f"/proc/{self._process}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def _read(self, patience: float) -> bytes:
        if self._watched:
            self.peaks()
            patience = min(patience, _WATCH_EVERY)
        ready, _, _ = select.select([self._terminal], [], [], patience)
        if not ready:
            return b""
        try:
            part = os.read(self._terminal, _PART)
        except OSError:
            # The program has closed its side.
            self._ended = True
            return b""
        self.sent += len(part)
        self._answer(part)
        return part

    def _answer(self, part: bytes) -> None:
        if not self._answers:
            return
        self._asked += part
        for question, answer in self._answers.items():
            while (place := self._asked.find(question)) >= 0:
                self._asked = self._asked[:place] + self._asked[place + len(question) :]
                os.write(self._terminal, answer)
        self._asked = self._asked[1 - max(map(len, self._answers)) :]


def _family(process: int) -> list[int]:
    """A process and all that descend from it."""
    family = [process]
    for parent in family:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                family += map(int, (task / "children").read_text().split())
    return family


def _peak(process: int) -> int:
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
        return int(found[1]) * 1024 if found else 0
    return 0
