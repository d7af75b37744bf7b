"""Text out of a run log, cut to the cells that it may take; paths as their user would write them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from magnus_tracking.filesystem.shown_paths import shown_path
from magnus_tracking.printable import clean, clean_lines

__all__ = [
    "LONGEST_NUMBER",
    "MOST_COPIED",
    "clean",
    "clean_lines",
    "home_relative",
    "short_step",
    "shortened",
    "truncate",
    "truncate_entries",
    "truncate_path",
    "truncate_value",
]

MOST_COPIED = 8 << 20
"""Characters that are put on a clipboard at most: they go through the terminal, which takes its time."""
_MOST_OF_A_MESSAGE = 2000
"""Characters that are shown beside other things: a log may have megabytes of a message, which its run tells in full."""
_LOOKED_AT = 8
"""Characters looked at for each cell of a text that is cut: some take none, and messages may have megabytes."""
_NUMBER = re.compile(r"(?<![\w.,…-])[-+−~]?\.?\d[\d.,]*(?:[eE][-+]?\d+)?|^[-+−]?(?i:inf|infinity|nan)$")
"""A number in a text; digits in the middle of a name, or behind the ellipsis of an excerpt, are none."""
LONGEST_NUMBER = 24
"""Characters of a number up to which a part of it may be taken for another: no float has more."""


_BETWEEN_ENTRIES = ("  ", " · ", "; ", ", ", " ")
"""What stands between the entries of a line: what parts them most is tried first."""


def shortened(message: str) -> str:
    """Return as much of a message as can stand beside other things; what is cut ends in an ellipsis."""
    if len(message) <= _MOST_OF_A_MESSAGE:
        return message
    return message[: _MOST_OF_A_MESSAGE - 1].rstrip() + "…"


def truncate(text: str, cells: int) -> str:
    """Return `text` in at most `cells` cells of the terminal; what is cut ends in an ellipsis."""
    if cells <= 0:
        return ""
    looked_at = text[: cells * _LOOKED_AT]
    if len(looked_at) == len(text) and cell_len(text) <= cells:
        return text
    return set_cell_size(looked_at, cells - 1).rstrip() + "…"


def truncate_entries(text: str, cells: int) -> str:
    """Return `text` in at most `cells` cells, cut between its entries, or else between the words of the first.

    Args:
        text: entries, such as keys and what they do.
        cells: for it.
    """
    if cell_len(text) <= cells:
        return text
    for separator in _BETWEEN_ENTRIES:
        kept = ""
        for entry in text.split(separator):
            longer = kept + separator + entry if kept else entry
            if cell_len(longer) + len(" …") > cells:
                break
            kept = longer
        if kept:
            return f"{kept} …"
    return truncate(text, cells)


def truncate_path(path: str, cells: int, separator: str = "/") -> str:
    """Return a path in at most `cells` cells; what is cut is its beginning, at a folder where that leaves enough.

    Args:
        path: of a file; with another separator, any name that is nested.
        cells: for it.
        separator: between the parts.
    """
    kept = path[-cells * _LOOKED_AT :] if cells > 0 else ""
    if len(kept) == len(path) and cell_len(path) <= cells:
        return path
    while kept and cell_len(kept) >= cells:
        kept = kept[1:]
    _, found, rest = kept.partition(separator)
    return "…" + (found + rest if rest else kept) if cells > 0 else ""


def truncate_value(text: str, cells: int) -> str:
    """Return `text` in at most `cells` cells, as `truncate` does, but never a part of a number, which reads as another.

    What is left of one of very many digits, as of an integer beyond any float, reads as what it is.

    Args:
        text: a value, or several.
        cells: for it.
    """
    shown = truncate(text, cells)
    if shown == text or not shown:
        return shown
    kept = len(shown) - 1
    for match in _NUMBER.finditer(text):
        if match.end() >= kept:
            if match.end() - match.start() > LONGEST_NUMBER:
                return shown
            return text[: match.start()].rstrip() + "…" if match.start() < kept else shown
    return shown


def home_relative(path: str | Path) -> str:
    """A path as its user would write it, by its text alone: nothing is looked up. An address stays as it is."""
    shown = shown_path(path)
    if shown != os.fspath(path) or "://" in shown:
        return shown
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` looks up links
    try:
        return f"~/{absolute.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(absolute)


def short_step(internal_name: str) -> str:
    """The end of an internal name that still tells the branch: ``1.execute_python`` of ``map.1.execute_python``."""
    parts = internal_name.split(".")
    return ".".join(parts[-2:]) if len(parts) > 2 else internal_name
