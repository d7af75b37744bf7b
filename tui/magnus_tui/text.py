"""Text that came out of a run log, made safe to show on one line."""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size

_ESCAPES = re.compile(r"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"[\r\n\t\u2028\u2029]+")


def clean(text: str) -> str:
    """`text` on one line, without terminal escapes, control characters and changes of direction."""
    if text.isprintable():
        return text
    line = _SPACES.sub(" ", _ESCAPES.sub("", text))
    return _CONTROLS.sub("�", line).encode("utf-8", "backslashreplace").decode("utf-8")


MOST_COPIED = 8 << 20
"""Characters that are put on a clipboard at most: they go through the terminal, which takes its time."""


def pasteable(text: str) -> str:
    """`text` for a clipboard: with its lines and tabs, without escapes and controls, so that pasting it is safe."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("\t".join(map(clean, line.split("\t"))) for line in lines)


def truncate(text: str, cells: int) -> str:
    """`text` in at most `cells` cells of the terminal; what is cut ends in an ellipsis."""
    if cells <= 0:
        return ""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, cells - 1).rstrip() + "…"
