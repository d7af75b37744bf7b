"""Putting together again what rich wrapped at the width of a console."""

from __future__ import annotations


def joint(before: str, after: str, width: int) -> str:
    """What stood between two lines before they were wrapped: nothing, a space, or a line break.

    A word that is longer than a line is broken where the line is full; otherwise a line ends where the next word
    would not have fitted.

    Args:
        before: the line, without trailing spaces.
        after: the line below it.
        width: the cells of a line, counted as in `before`.
    """
    last, first = before.rsplit(maxsplit=1)[-1:], after.split(maxsplit=1)[:1]
    if not last or not first:
        return "\n"
    if len(before) >= width and len(last[0]) + len(first[0]) > width - (len(before) - len(before.lstrip())):
        return ""
    return " " if len(before) + 1 + len(first[0]) > width else "\n"
