"""Everything that the core raises on purpose, as one small tree.

Each message names what is wrong, where, and what to do, on one line: it is shown to the user as it is.

    MagnusTrackingError
    ├── StoreNotFoundError       there is no store at that path
    ├── StoreUnreadableError     there is one, but it may not be listed
    ├── RunNotFoundError         no run of that name in the store
    ├── AmbiguousNameError       several runs or steps begin (or end) so
    ├── StepNotFoundError        no step of that name in the run
    ├── UnreadableRunError       the run's files can't be understood, and why
    ├── CatalogError             a catalog entry that may not, or can't, be read
    ├── QueryError               a query that can't be parsed, and where
    ├── ConfigurationError       a configuration, pipeline or settings file that says something unknown
    ├── NoActiveRunError         tracking outside a run
    ├── RecordingError           a run log that can't be written
    └── CommandFailedError       a recorded command that ended badly
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from magnus_tracking.filesystem.shown_paths import shown_path

_MOST_NAMED = 20


def named(names: Sequence[str]) -> str:
    """Names for a message: the first few, and how many more there are, which may be tens of thousands."""
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "") or "none"


def os_reason(error: Exception) -> str:
    """What an exception says is wrong, to end a message with: the operating system's own words, in lower case.

    Args:
        error: an `OSError`, or what else the same call raises; that one's text stays as it is.

    Returns:
        Such as "permission denied"; the name of the exception where it says nothing.
    """
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return said.lower() if isinstance(error, OSError) else said


class MagnusTrackingError(Exception):
    """The root of all errors that the core raises on purpose."""


class StoreNotFoundError(MagnusTrackingError):
    """There is no run log store at the path that was asked for: everything that is said of a missing store is here."""

    NOTHING_THERE = "there is no such file or folder"
    NO_RUN_LOGS = "the folder holds no .run_log_store and no run logs"
    NOT_A_FILE = "neither a folder nor a regular file"
    NOT_A_RUN_LOG = "the file is not a run log (its name does not end in {endings})"

    def __init__(self, path: Path, reason: str = NOTHING_THERE) -> None:
        super().__init__(f"no run log store at {path}: {reason}")
        self.path = path
        self.reason = reason


class StoreUnreadableError(MagnusTrackingError):
    """The store exists, but it can't be listed: the operating system, a server or the network refuses."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"can't read the run log store {path}: {reason}")
        self.path = Path(path)
        self.reason = reason


class RunNotFoundError(MagnusTrackingError):
    """No run of the store has this name."""

    def __init__(self, name: str, store: str, is_empty: bool = False) -> None:
        import shlex  # late: the explorer starts without it

        hint = "there are no runs" if is_empty else f"list them with `magnus-tui runs -s {shlex.quote(store)}`"
        super().__init__(f"no run {name!r} in {store}: {hint}")
        self.name = name


class StepNotFoundError(MagnusTrackingError):
    """No step of the run has this name."""

    def __init__(self, name: str, run_id: str, known: Sequence[str]) -> None:
        sought = f"no step {name!r} in run {run_id!r}: its steps are {named(known)}"
        super().__init__(sought if known else f"run {run_id!r} has no steps")
        self.name = name


class AmbiguousNameError(MagnusTrackingError):
    """Several runs begin with, or several steps end with, what was given."""

    def __init__(self, kind: str, name: str, candidates: Sequence[str]) -> None:
        super().__init__(f"{kind} {name!r} is ambiguous: {named(candidates)}")
        self.candidates = tuple(candidates)


class UnreadableRunError(MagnusTrackingError):
    """The files of a run can't be understood.

    Attributes:
        path: the file that is at fault.
        reason: what is wrong with it, in a few words.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{shown_path(path)}: {reason}")
        self.path = path
        self.reason = reason


class CatalogError(MagnusTrackingError):
    """A catalog entry that lies outside the catalog, is missing, or can't be read."""


class QueryError(MagnusTrackingError):
    """A query that can't be parsed.

    Attributes:
        position: 0-based offset of the character at fault in the query.
        expected: what could have stood there, in words.
        text: the query, in which `position` counts.
        unknown: the name that is not a field, where one is at fault.
    """

    def __init__(
        self, message: str, position: int, expected: Sequence[str] = (), text: str = "", unknown: str = ""
    ) -> None:
        super().__init__(message)
        self.unknown = unknown
        self.position = position
        self.expected = tuple(expected)
        self.text = text


class ConfigurationError(MagnusTrackingError):
    """A configuration, pipeline or settings file says something that is not known."""


class NoActiveRunError(MagnusTrackingError):
    """Something was tracked outside a run."""


class RecordingError(MagnusTrackingError):
    """A run log could not be written."""


class CommandFailedError(MagnusTrackingError):
    """A recorded command could not be started, or ended with another status than 0."""


class RecordingWarning(UserWarning):
    """Something of a run could not be recorded, and the work goes on."""
