r"""Plain tracebacks as runnable keeps them of shell steps: lines joined with commas, then wrapped at 80 columns.

Rule read off ``runnable.tasks.ShellTaskType.execute_command`` (0.50): ``",".join(stderr.split("\n"))``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from magnus_tracking.logs.tracebacks.model import Raised
from magnus_tracking.logs.tracebacks.plain import read_plain
from magnus_tracking.logs.tracebacks.wrapping import joint

_TITLE = "Traceback (most recent call last):"
_BREAK = re.compile(rf"(?<={re.escape(_TITLE)}),|,(?=  )|,,(?=[TD])|(?<=exception:),,|(?<=occurred:),,")
_EXCEPTION = re.compile(r",(?=(?:[a-z_]\w*\.)*[A-Z_]\w*(?:: |,|$))")
_CONSOLE = 80
_MOST_LINES = 2000


def read_joined(lines: Sequence[str], start: int) -> tuple[list[Raised], int]:
    """The exceptions of the joined tracebacks that begin at line `start`, as they were chained, and where they end.

    Without any, there are none up to that end either.
    """
    if f"{_TITLE}," not in lines[start]:
        return [], start
    end = start + 1
    while end < min(start + _MOST_LINES, len(lines)) and lines[end].strip():
        end += 1
    text = [lines[start]]
    for number in range(start + 1, end):
        before = lines[number - 1]
        text += ["" if before[-1:].isspace() else joint(before, lines[number], _CONSOLE), lines[number]]
    plain = list(_unjoined("".join(text)))
    found = (read_plain(plain, number) for number, line in enumerate(plain) if line == _TITLE)
    return [replace(raised, start=start, end=end) for raised in found if raised is not None], end


def _unjoined(text: str) -> list[str]:
    """The lines that were joined; a comma before what looks like an exception ends the code above it."""
    lines: list[str] = []
    for line in _BREAK.sub("\n", text).rstrip(", ").split("\n"):
        inside = lines and line.startswith("  ")
        parts = _EXCEPTION.split(line, maxsplit=1) if inside else [line]
        lines += [part.rstrip(",") for part in parts]
    title = next((number for number, line in enumerate(lines) if line.endswith(_TITLE)), 0)
    return [lines[title][-len(_TITLE) :], *lines[title + 1 :]]
