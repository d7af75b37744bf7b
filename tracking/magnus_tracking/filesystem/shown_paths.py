"""Paths as the user knows them: the copy of what lies elsewhere is called by where it was copied from."""

from __future__ import annotations

import os
from pathlib import Path

_places: list[tuple[str, str]] = []
"""Folders of copies, each with the name that is shown instead; the innermost first."""


def expanded(path: str | Path) -> Path:
    """A path with the home folder that its ``~`` stands for, or as it is where nobody is called so."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def show_as(folder: Path, place: str) -> None:
    """Show `place` instead of a folder, and at the start of every path below it."""
    named = f"{os.fspath(folder)}/"
    others = [(known, said) for known, said in _places if known != named]
    _places[:] = sorted([*others, (named, place)], key=lambda known: -len(known[0]))


def shown_path(path: str | Path) -> str:
    """A path as the user knows it."""
    text = os.fspath(path)
    for folder, place in _places:
        if text.startswith(folder):
            return place + text[len(folder) :]
    return text
