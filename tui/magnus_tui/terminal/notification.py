"""Calling somebody back to a terminal that they don't look at: the bell, and a notification where it knows them."""

from __future__ import annotations

import re

from magnus_tui.format.text import clean

_LONGEST = 200
"""Characters of a notification, as desktops cut longer ones."""


def notification(text: str) -> str:
    """What rings the bell of a terminal and has it show a text as a notification (OSC 9, as iTerm2 began it).

    A terminal without notifications only rings.
    """
    said = clean(text)[:_LONGEST]
    # A number and a semicolon at the beginning would be another command in some terminals.
    return f"\a\x1b]9;{' ' if re.match('[0-9]+;', said) else ''}{said}\a"
