"""Terminal escapes out of captured output, so that a log is text and nothing else."""

from __future__ import annotations

import re

_SEQUENCES = re.compile(
    r"""
    (?:\x1b\]|\x9d) [^\x07\x1b\x9c\n]* (?:\x07|\x1b\\|\x9c)?      # operating system commands: titles, links, clipboard
  | (?:\x1b[PX^_]|[\x90\x98\x9e\x9f]) [^\x1b\x9c\n]* (?:\x1b\\|\x9c)?   # device control, privacy, application strings
  | (?:\x1b\[|\x9b) [0-?]* [ -/]* [@-~]?                           # colours, cursor movements
  | \x1b [ -/]* [0-~]?                                             # everything else that an escape starts
    """,
    re.VERBOSE,
)
_OVERSTRIKE = re.compile(r"[^\n\x08]\x08")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_TURNS = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def strip_escapes(text: str) -> str:
    """`text` without terminal escapes and control characters, as it would have been left on a terminal.

    A carriage return within a line starts the line anew (progress bars leave their last state). Line breaks and tabs
    stay. Changes of the writing direction, which could make a line read as something else, are taken out.
    """
    if "\x1b" in text or _CONTROLS.search(text):
        text = _SEQUENCES.sub("", text)
        text = _OVERSTRIKE.sub("", text)
        text = _CONTROLS.sub("", text)
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(_last_state(line) for line in text.split("\n"))
    return _TURNS.sub("", text)


def _last_state(line: str) -> str:
    parts = [part for part in line.split("\r") if part]
    return parts[-1] if parts else ""
