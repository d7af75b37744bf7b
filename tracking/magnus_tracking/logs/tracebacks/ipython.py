"""IPython's tracebacks, as notebooks print them (IPython 5 to 9), escapes taken out already."""

from __future__ import annotations

import re
from collections.abc import Sequence

from magnus_tracking.logs.tracebacks.model import Frame, Raised

HEADER = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)\s{1,200}Traceback \(most recent call last\)\s*$")
_PLACES = (
    re.compile(r"^(?:File )?(?P<file>\S.*?):(?P<line>\d{1,9}),? in (?P<function>.+)$"),
    re.compile(r"^(?P<file>(?:Cell |Input )?In ?\[[^\]]*\]), line (?P<line>\d{1,9})(?:, in (?P<function>.+))?$"),
    re.compile(r"^(?P<file>(?:Cell |Input )?In ?\[[^\]]*\]), in (?P<function><.+>|.+)$"),
    re.compile(r"^(?P<file><ipython-input-.+?>|\S.*\.py) in (?P<function>.+)$"),
)
_ARROW = re.compile(r"^-+> ?(?P<line>\d{1,9})(?P<code>.*)$")
_MOST_LINES = 20_000
_TITLE = "Traceback (most recent call last)"


def read_ipython(lines: Sequence[str], start: int) -> Raised | None:
    """The exception whose traceback begins at line `start`, or None where none does."""
    header = HEADER.match(lines[start].strip())
    if header is None:
        return None
    ending = re.compile(rf"^(?:[\w.]+\.)?{re.escape(header['type'].rpartition('.')[2])}(?::(?: (?P<message>.*))?)?$")
    frames: list[Frame] = []
    for number in range(start + 1, min(start + _MOST_LINES, len(lines))):
        line = lines[number].rstrip()
        last = ending.match(line)
        if last is not None:
            return _raised(lines, start, number, header["type"], last["message"] or "", frames)
        if _TITLE in line:
            return None
        _take(line, frames)
    return None


def _take(line: str, frames: list[Frame]) -> None:
    arrow = _ARROW.match(line)
    if arrow is not None:
        if frames:
            last = frames[-1]
            frames[-1] = Frame(last.file, int(arrow["line"]), last.function, arrow["code"].strip())
        return
    for pattern in _PLACES:
        place = pattern.match(line)
        if place is not None:
            groups = place.groupdict()
            number = int(groups["line"]) if groups.get("line") else None
            function = (groups.get("function") or "").split("(")[0]
            frames.append(Frame(groups["file"].removeprefix("Cell ").removeprefix("Input "), number, function))
            return


def _raised(lines: Sequence[str], start: int, number: int, exception: str, message: str, frames: list[Frame]) -> Raised:
    pieces = [message]
    end = number + 1
    while end < len(lines) and lines[end].strip() and not lines[end].startswith("---"):
        pieces.append(lines[end].rstrip())
        end += 1
    return Raised(exception, "\n".join(pieces).strip(), tuple(frames), start, end)
