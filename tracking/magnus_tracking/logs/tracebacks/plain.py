"""Plain Python's tracebacks, exception groups included (CPython's `traceback` module, 3.8 to 3.13)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from magnus_tracking.logs.tracebacks.model import Frame, Raised

HEADER = re.compile(r"^(?P<prefix>[ |+]{0,60})(?:Exception Group )?Traceback \(most recent call last\):\s*$")
EXCEPTION = re.compile(r"^(?P<type>[A-Za-z_][\w.<>]*)(?::(?: (?P<message>.*))?)?$", re.DOTALL)
_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d{1,9})(?:, in (?P<function>.+))?$')
BROKEN_START = ('  File "', "  Cell In")
"""How the error of a script, or a cell, that can't be parsed begins."""
_BROKEN = re.compile(r'^  (?:File "(?P<file>.+)"|Cell (?P<cell>In ?\[\d*\])), line (?P<line>\d{1,9})$')
_MOST_FRAMES = 5000
_SYNTAX_ERRORS = frozenset({"SyntaxError", "IndentationError", "TabError"})
_LINES_OF_A_SYNTAX_ERROR = 5


def read_plain(lines: Sequence[str], start: int) -> Raised | None:
    """The exception whose traceback begins at line `start`, or None where none does."""
    header = HEADER.match(lines[start])
    if header is None:
        return None
    width = len(header["prefix"])
    frames: list[Frame] = []
    for number in range(start + 1, min(start + _MOST_FRAMES, len(lines))):
        line = _without_prefix(lines[number], width)
        frame = _FRAME.match(line)
        if frame is not None:
            code = _without_prefix(lines[number + 1], width).strip() if number + 1 < len(lines) else ""
            code = "" if code.startswith('File "') else code
            frames.append(Frame(frame["file"], int(frame["line"]), frame["function"] or "", code))
        elif line and not line[0].isspace():
            return _raised(lines, start, number, width, frames)
        elif not line.strip():
            return None
    return None


def read_syntax_error(lines: Sequence[str], start: int) -> Raised | None:
    """The error that Python and IPython print, without a traceback, of a script or a cell that can't be parsed."""
    frame = _BROKEN.match(lines[start].rstrip())
    if frame is None:
        return None
    for number in range(start + 1, min(start + 1 + _LINES_OF_A_SYNTAX_ERROR, len(lines))):
        if lines[number][:1].isspace() and lines[number].strip():
            continue
        found = EXCEPTION.match(lines[number].rstrip())
        if found is None or found["type"] not in _SYNTAX_ERRORS:
            return None
        code = lines[start + 1].strip() if number > start + 1 else ""
        place = Frame(frame["file"] or frame["cell"], int(frame["line"]), "", code)
        return _raised(lines, start, number, 0, [place])
    return None


def _raised(lines: Sequence[str], start: int, number: int, width: int, frames: list[Frame]) -> Raised | None:
    found = EXCEPTION.match(_without_prefix(lines[number], width).rstrip())
    if found is None:
        return None
    message = [found["message"] or ""]
    end = number + 1
    while end < len(lines):
        line = _without_prefix(lines[end], width)
        if not line.startswith(" ") or not line.strip() or line.lstrip().startswith(("+", "|")):
            break
        message.append(line.rstrip())
        end += 1
    return Raised(found["type"], "\n".join(message).strip(), tuple(frames), start, end, width)


def _without_prefix(line: str, width: int) -> str:
    """The line behind the bars and crosses that exception groups are drawn with."""
    head = line[:width]
    return line[width:] if not head.strip(" |+") else line
