"""The lines of a log without the boxes and margins that rich puts around tracebacks."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOP = re.compile(r"^\s*╭─+ (.*?) ─+╮\s*$")
_BOTTOM = re.compile(r"^\s*╰─+╯\s*$")
_INSIDE = re.compile(r"^\s*│ ?(.*?)\s*│\s*$")
_FARTHEST_MARGIN = 60


def without_boxes(lines: Sequence[str]) -> list[str]:
    """Lines of a log, escapes taken out, without boxes, margins and blank lines at the ends."""
    plain = [line.expandtabs(4).rstrip() for line in lines if not _BOTTOM.match(line)]
    outside = [line for line in plain if line and not _TOP.match(line) and not _INSIDE.match(line)]
    margin = min((len(line) - len(line.lstrip()) for line in outside), default=0)
    shown = [_unboxed(line, min(margin, _FARTHEST_MARGIN)).rstrip() for line in plain]
    while shown and not shown[0]:
        del shown[0]
    while shown and not shown[-1]:
        del shown[-1]
    return shown


def _unboxed(line: str, margin: int) -> str:
    boxed = _TOP.match(line) or _INSIDE.match(line)
    return boxed.group(1) if boxed else line[margin:]
