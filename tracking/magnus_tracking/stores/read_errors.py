"""The boundary of one run: whatever reading it raises costs that run, and nothing beside it."""

from __future__ import annotations

import logging
from pathlib import Path
from types import TracebackType
from typing import Literal

from magnus_tracking.errors import MagnusTrackingError, UnreadableRunError, os_reason

_log = logging.getLogger(__name__)

_LONGEST = 120
"""Characters of a reason, which stands in one row of a list."""


class ReadingRun:
    """What is raised inside, on purpose or not, leaves as one of the core's own errors: a row or a line with a reason.

    A class of its own, as it is entered for every run of a store, and a generator costs three times as much.

    Args:
        path: the file or folder of the run.

    Raises:
        UnreadableRunError: on leaving, in place of any other exception.
    """

    __slots__ = ("_path",)

    def __init__(self, path: str | Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Literal[False]:
        if isinstance(error, Exception) and not isinstance(error, MagnusTrackingError):
            _log.debug("%s can't be read", self._path, exc_info=error)
            raise UnreadableRunError(Path(self._path), reason_of(error)) from error
        return False


def reason_of(error: Exception) -> str:
    """What an exception says, in a few words for the user, on one line."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    if isinstance(error, OSError) and error.strerror:
        return os_reason(error)
    try:
        said = " ".join(str(error).split())
    except (ValueError, RecursionError):
        # Some exceptions write out what they were given, which may be what can't be written.
        said = ""
    said = "".join(character if character.isprintable() else "�" for character in said)
    reason = f"can't be understood: {type(error).__name__}" + (f": {said}" if said else "")
    return reason if len(reason) <= _LONGEST else reason[: _LONGEST - 1] + "…"
