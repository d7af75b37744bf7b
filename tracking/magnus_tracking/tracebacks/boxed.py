"""rich's boxed tracebacks, wherever on the line they stand (rich 10 to 15).

The engines print them through a logger too, which puts a column before the box; paths and messages are wrapped at the
width of the console.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from magnus_tracking.tracebacks.model import Frame, Raised
from magnus_tracking.tracebacks.plain import EXCEPTION

_TITLE = "Traceback (most recent call last)"
_TOPS, _BOTTOMS, _SIDES = "╭┌", "╰└", "│"
_CODE = re.compile(r"^\s*(?P<here>❱|>)?\s*(?P<number>\d{1,7}) (?:│|[|])?(?P<code>.*)$")
_PLACE = re.compile(r"^(?P<file>\S.*):(?P<line>\d{1,9})(?: in (?P<function>.+))?$")
_GUIDES = re.compile(r"^(?:│   |│ {0,3}| )*")
_MOST_LINES = 20_000


def is_top(line: str) -> bool:
    """Whether a box begins on this line."""
    return _TITLE in line and any(corner in line for corner in _TOPS)


def read_boxed(lines: Sequence[str], start: int) -> Raised | None:
    """The exception whose box begins at line `start`, or None where none does."""
    top = lines[start]
    if not is_top(top):
        return None
    left = min(top.index(corner) for corner in _TOPS if corner in top)
    right = max((top.rfind(corner) for corner in "╮┐"), default=-1)
    right = right if right > left else len(top) + 1
    inside: list[str] = []
    number = start + 1
    while number < len(lines) and number - start < _MOST_LINES:
        line = lines[number]
        corner = line[left : left + 1]
        if corner in tuple(_BOTTOMS):
            return _behind(lines, start, number + 1, left, right + 1, _frames(inside))
        if corner != _SIDES:
            return None
        inside.append(line[left + 1 : right])
        number += 1
    return None


def _frames(inside: Sequence[str]) -> list[Frame]:
    """The frames in the content of a box: a place, perhaps wrapped, and the code around it."""
    frames: list[Frame] = []
    place: list[str] = []
    for line in inside:
        code = _CODE.match(line)
        if code is not None and not place:
            if code["here"] and frames:
                last = frames[-1]
                frames[-1] = Frame(last.file, last.line, last.function, _GUIDES.sub("", code["code"].strip()).strip())
        elif not line.strip():
            place.clear()
        elif line.strip()[0] in "╭╰│":
            continue
        else:
            place.append(line.strip())
            frame = _place(place)
            if frame is not None:
                frames.append(frame)
                place.clear()
    return frames


def _place(parts: Sequence[str]) -> Frame | None:
    """The frame that wrapped parts name; only the last part may hold the line's number."""
    found = _PLACE.match("".join(parts)) or (_PLACE.match(" ".join(parts)) if len(parts) > 1 else None)
    return Frame(found["file"], int(found["line"]), found["function"] or "") if found else None


def _behind(lines: Sequence[str], start: int, number: int, left: int, width: int, frames: list[Frame]) -> Raised | None:
    """The exception from the line behind the box, its message joined where the console's width broke it."""
    if number >= len(lines):
        return None
    found = EXCEPTION.match(lines[number][left:].strip())
    if found is None or lines[number][:left].strip():
        return None
    pieces = [found["message"] or ""]
    previous = lines[number]
    end = number + 1
    while end < len(lines):
        line = lines[end]
        if not line.strip() or line[:left].strip() or line[left : left + 1].isspace() or line.lstrip().startswith("["):
            break
        wrapped = len(previous.rstrip()) + 1 + len(line[left:].split(maxsplit=1)[0]) > width
        pieces.append((" " if wrapped else "\n") + line[left:].strip())
        previous = line
        end += 1
    return Raised(found["type"], "".join(pieces).strip(), tuple(frames), start, end)
