"""rich's boxed tracebacks, wherever on the line they stand (rich 10 to 15).

The engines print them through a logger too, which puts a column before the box; paths and messages are wrapped at the
width of the console.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from magnus_tracking.logs.tracebacks.model import Frame, Raised
from magnus_tracking.logs.tracebacks.plain import EXCEPTION
from magnus_tracking.logs.tracebacks.wrapping import joint

_TOP = re.compile(r"[╭┌+][─-]+ Traceback \(most recent call last\) [─-]+(?P<corner>[╮┐+])?")
_BOTTOMS, _SIDES = ("╰", "└", "+"), ("│", "|")
_CODE = re.compile(r"^\s*(?P<here>❱|>)?\s*(?P<number>\d{1,7}) (?:│|[|])?(?P<code>.*)$")
_PLACE = re.compile(r"^(?P<file>\S.*):(?P<line>\d{1,9})(?: in (?P<function>.+))?$")
_NAMELESS = re.compile(r"^in (?P<function>.+):(?P<line>\d{1,9})$")
"""The place of code that has no file, such as what was typed or given with ``-c``."""
_GUIDES = re.compile(r"^[│| ]*")
_MOST_LINES = 20_000
_MOST_PARTS = 8
"""Lines that the place of one frame may be wrapped to."""
_MOST_OF_A_MESSAGE = 100


def is_top(line: str) -> bool:
    """Whether a box begins on this line."""
    return _TOP.search(line) is not None


def read_boxed(lines: Sequence[str], start: int) -> Raised | None:
    """The exception whose box begins at line `start`, or None where none does."""
    top = _TOP.search(lines[start])
    if top is None:
        return None
    left = top.start()
    right = top.end() - 1 if top["corner"] else len(lines[start]) + 1
    inside: list[str] = []
    number = start + 1
    while number < len(lines) and number - start < _MOST_LINES:
        line = lines[number]
        corner = line[left : left + 1]
        if corner in _BOTTOMS:
            return _behind(lines, start, number + 1, left, right + 1, _frames(inside))
        if corner not in _SIDES:
            return None
        inside.append(line[left + 1 : right])
        number += 1
    return None


def _frames(inside: Sequence[str]) -> list[Frame]:
    """The frames in the content of a box: a place, perhaps wrapped, and the code around it."""
    frames: list[Frame] = []
    place: list[str] = []
    in_code = here = False
    for line in inside:
        text = line.strip()
        code = None if place else _CODE.match(line)
        if not text:
            place.clear()
            in_code = here = False
        elif code is not None:
            in_code, here = True, bool(code["here"])
            if here and frames:
                frames[-1] = replace(frames[-1], code=_GUIDES.sub("", code["code"].strip()).strip())
        elif text[0] in "╭╰│+|":
            continue
        elif in_code:
            if here and frames:
                frames[-1] = replace(frames[-1], code=f"{frames[-1].code} {text}".strip())
        elif not place and (nameless := _NAMELESS.match(text)):
            frames.append(Frame("<string>", int(nameless["line"]), nameless["function"]))
        elif not place and frames and not frames[-1].function and text.startswith("in "):
            frames[-1] = replace(frames[-1], function=text.removeprefix("in "))
        else:
            place = [*place[1 - _MOST_PARTS :], text]
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
    while end < min(len(lines), number + _MOST_OF_A_MESSAGE):
        line = lines[end]
        if not line.strip() or line[:left].strip() or line[left : left + 1].isspace() or line.lstrip().startswith("["):
            break
        pieces.append(joint(previous[left:].rstrip(), line[left:].rstrip(), width - left) + line[left:].strip())
        previous = line
        end += 1
    return Raised(found["type"], "".join(pieces).strip(), tuple(frames), start, end)
