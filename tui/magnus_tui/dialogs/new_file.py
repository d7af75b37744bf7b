"""A new file of the user's: where it may lie, what it is called, and that nothing is overwritten."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path

from magnus_tracking.errors import os_reason
from magnus_tracking.filesystem.shown_paths import expanded
from magnus_tui.format.text import clean, home_relative

_OTHER = re.compile(r"[^A-Za-z0-9._-]+")
"""Characters that not every file system, or header of a download, can hold."""
_LONGEST = 100


class NotSavedError(Exception):
    """A file was not written.

    Attributes:
        offer: the name of one that could be written instead; None where there is none.
    """

    def __init__(self, said: str, offer: str | None = None) -> None:
        super().__init__(said)
        self.offer = offer


def file_name(title: str, suffix: str) -> str:
    """A name for a file with this content that can be typed and sent anywhere."""
    return (_OTHER.sub("-", clean(title))[:_LONGEST].strip("-.") or "seen") + suffix


def place_of(name: str, is_read: Callable[[Path], bool]) -> Path:
    """The new file that a name stands for.

    Args:
        name: as it was typed: a path, of the current folder unless it says otherwise.
        is_read: whether a path lies inside a store that is read.

    Raises:
        NotSavedError: nothing can, or may, be written there.
    """
    if not name.strip():
        raise NotSavedError("type the name of a file")
    typed = Path(name.strip())
    try:
        given = expanded(typed)
        path = given.parent.resolve(strict=True) / given.name
        if path.is_dir():
            raise NotSavedError(f"{clean(str(typed))} is a folder: type the name of a file in it")
        if is_read(path):
            offer = f"~{os.sep}{path.name}"
            raise NotSavedError("not saved: nothing is ever written into a store", offer)
        if os.path.lexists(path):
            raise _there(typed)
    except (OSError, RuntimeError, ValueError) as error:
        raise NotSavedError(f"not saved: {clean(os_reason(error).lower())}") from None
    return path


def write_new(path: Path, parts: Iterable[str]) -> None:
    """Write a new file; if it can't be written to its end, nothing of it is left.

    Args:
        path: the file.
        parts: its text; what they raise ends it.

    Raises:
        NotSavedError: it is there, or can't be written.
    """
    try:
        with path.open("x", encoding="utf-8", errors="backslashreplace", newline="") as file:
            try:
                file.writelines(parts)
                file.flush()
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise _there(path) from None
    except OSError as error:
        raise NotSavedError(f"not saved: {clean(os_reason(error))}: {clean(home_relative(path))}") from None


def _there(path: Path) -> NotSavedError:
    """The error for a file that exists, with the next free name."""
    others = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    offer = next(other for other in others if not os.path.lexists(expanded(other)))
    return NotSavedError(f"{clean(path.name)} already exists; enter saves under the new name above", str(offer))
