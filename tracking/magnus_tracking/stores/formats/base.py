"""What a format is: one of the ways in which a run lies in the folder of a store.

A run is one entry of that folder, a file or a folder. Its format recognises the entry, tells whether the run has
changed, and reads it. What the files of a run are called, and how many there are, is known here and nowhere else.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from magnus_tracking.journal.journal_paths import journal_folder
from magnus_tracking.runlog.outline import RunOutline

_LAST_NS = (1 << 63) - 1


class RunHandle(msgspec.Struct, frozen=True):
    """A run as the file system sees it; two equal handles mean that nothing about the run has changed.

    Attributes:
        run_id: what the engines find the run by.
        path: its entry in the folder of the store, a file or a folder.
        format: how it lies there.
        size: bytes, of all its files together.
        mtime_ns: last modification, of its newest file.
        inode: of its file, or a sum over its files, so that a replaced file differs.
    """

    run_id: str
    path: str
    format: Format
    size: int
    mtime_ns: int
    inode: int


class Format(ABC):
    """One way in which a run lies in the folder of a store.

    Attributes:
        suffix: what follows the id of a run in the name of its entry.
        is_one_text: whether a run is one regular file that holds its log as JSON, and nothing else. Such a run is known
            by the name of its entry, changes with that file alone, and may be read in other ways than by this format.
    """

    suffix: ClassVar[str] = ""
    is_one_text: ClassVar[bool] = False

    @abstractmethod
    def handle(self, name: str, path: str, info: os.stat_result) -> RunHandle | None:
        """Recognise a run.

        Args:
            name: of the entry.
            path: of the entry.
            info: what the file system says of it.

        Returns:
            None where the entry does not hold a run of this format.
        """

    @abstractmethod
    def owns(self, parts: Sequence[str]) -> bool:
        """Tell by its name alone whether a file belongs to a run of this format.

        Args:
            parts: of the file's path below the folder of the store.
        """

    @abstractmethod
    def document(self, handle: RunHandle) -> dict[str, Any]:
        """Read the full run log, as the engine's own reader assembles it.

        Raises:
            UnreadableRunError: a file of the run can't be read or understood.
        """

    @abstractmethod
    def outline(self, handle: RunHandle, content: bytes | None = None) -> RunOutline:
        """Read the fields that a summary needs.

        Args:
            handle: the run.
            content: the text of a run that is one text, where it has just been read.

        Raises:
            UnreadableRunError: a file of the run can't be read or understood.
        """

    @abstractmethod
    def main_file(self, path: Path) -> Path:
        """Return where the run at `path` keeps its first words, whether or not there is such a file."""

    def largest(self, handle: RunHandle) -> int:
        """Return the bytes of the run's largest file.

        Raises:
            UnreadableRunError: the files can't be looked at.
        """
        return handle.size

    def journals(self, root: Path, run_id: str) -> Path:
        """Return the folder of the journals of a run, whether or not it is there."""
        return journal_folder(root, run_id, chunked=not self.is_one_text)


def changed_ns(info: os.stat_result) -> int:
    """Return when a file was last changed, in nanoseconds since 1970; the nearest that 64 bits hold."""
    return min(max(info.st_mtime_ns, -_LAST_NS), _LAST_NS)
