"""Terminal escapes out of captured output, so that a log is text and nothing else."""

from __future__ import annotations

import re

from magnus_tracking.printable import DIRECTION_CHANGES, ESCAPE_SEQUENCES

_OVERSTRIKE = re.compile(r"[^\n\x08]\x08")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def strip_escapes(text: str) -> str:
    """`text` without terminal escapes and control characters, as it would have been left on a terminal.

    A carriage return within a line starts the line anew (progress bars leave their last state). Line breaks and tabs
    stay. Changes of the writing direction, which could make a line read as something else, are taken out.
    """
    if "\x1b" in text or _CONTROLS.search(text):
        text = ESCAPE_SEQUENCES.sub("", text)
        text = _OVERSTRIKE.sub("", text)
        text = _CONTROLS.sub("", text)
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(_last_state(line) for line in text.split("\n"))
    return DIRECTION_CHANGES.sub("", text)


def _last_state(line: str) -> str:
    parts = [part for part in line.split("\r") if part]
    return parts[-1] if parts else ""
