"""Paths as the user knows them: the copy of what lies elsewhere is called by where it was copied from."""

from __future__ import annotations

import os
from pathlib import Path

_places: list[tuple[str, str]] = []
"""Folders of copies with what is said in their place, the innermost first."""


def show_as(folder: Path, place: str) -> None:
    """Say `place` in the place of a folder, and of the beginning of every path below it."""
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
