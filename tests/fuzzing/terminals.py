"""Driving commands on a terminal over a store whose every text is hostile: nothing of it may reach the terminal raw."""

import io
import re
from contextlib import redirect_stderr, redirect_stdout

from fuzzing.reading import WrongAnswerError
from magnus_tracking.printable import has_unprintable
from magnus_tui.__main__ import main

_OUR_STYLES = re.compile(r"\x1b\[(?:0|[1-46-9]|[34]\d|9[0-7]|[34]8;[\d;]+|[\d;]+)?m")
_BLINK = "\x1b[5;7m"


class Terminal(io.TextIOWrapper):
    """What standard output is on a terminal."""

    def __init__(self):
        super().__init__(io.BytesIO(), "utf-8", "backslashreplace", newline="")

    def isatty(self):
        """It is one."""
        return True

    def written(self):
        """Everything that was written."""
        self.flush()
        return self.buffer.getvalue().decode("utf-8", "replace")


def on_a_terminal(commands, watch):
    """Run commands as on a terminal, and look for what no terminal should be sent."""
    for arguments in commands:
        out, err = Terminal(), Terminal()
        with watch(" ".join(arguments[:3])), redirect_stdout(out), redirect_stderr(err):
            status = main(arguments)
        for written in (out.written(), err.written()):
            if status not in (0, 1, 2) or "Traceback (most recent call last)" in written:
                raise WrongAnswerError(f"{arguments}: status {status}: {written[-3000:]}")
            plain = _OUR_STYLES.sub("", written)
            bad = next((line for line in plain.split("\n") if has_unprintable(line)), None)
            if bad is not None or _BLINK in written:
                raise WrongAnswerError(f"{arguments}: written raw: {(bad or written)[:2000]!r}")
