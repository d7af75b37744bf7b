"""Whether the folder of a store is there, and still the same: folders are deleted, moved, replaced and unmounted."""

from __future__ import annotations

import itertools
import os
import stat
from pathlib import Path
from typing import NamedTuple

from magnus_tracking.errors import os_reason

_SAMPLE = 16
"""Entries by which a folder that was made anew is told from one in which something came or went."""


class _Seen(NamedTuple):
    """What a folder looked like.

    Attributes:
        identity: the file system and the number of the folder in it.
        changed: when entries last came or went, in nanoseconds since 1970.
        sample: some entries by name: their numbers, and when they were last changed.
    """

    identity: tuple[int, int]
    changed: int
    sample: dict[str, tuple[int, int]]


class Presence:
    """The folder at a path, as it was when it was last taken for the store.

    Args:
        root: the path of the store.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: _Seen | None = None
        self.take()

    def missing(self) -> str | None:
        """Why there is no store that can be listed, or None where there is one."""
        try:
            if not stat.S_ISDIR(self._root.stat().st_mode):
                return "it is not a folder"
            with os.scandir(self._root) as entries:
                next(entries, None)
        except OSError as error:
            return os_reason(error)
        return None

    def take(self) -> None:
        """Take what is there now for the store."""
        try:
            info = self._root.stat()
            with os.scandir(self._root) as entries:
                names = [entry.name for entry in itertools.islice(entries, _SAMPLE)]
        except OSError:
            self._seen = None
            return
        self._seen = _Seen((info.st_dev, info.st_ino), info.st_mtime_ns, self._look_at(names))

    @property
    def is_same(self) -> bool:
        """Whether the folder is there and is the one that was taken, as far as a quick look tells."""
        seen = self._seen
        try:
            info = self._root.stat()
        except OSError:
            return False
        if seen is None or (info.st_dev, info.st_ino) != seen.identity or not os.access(self._root, os.R_OK | os.X_OK):
            return False
        if info.st_mtime_ns == seen.changed:
            return True
        # A folder made anew may well get the number of the one that was deleted, but none of its entries is left then.
        now = self._look_at(seen.sample)
        if seen.sample and not any(now.get(name) == before for name, before in seen.sample.items()):
            return False
        self.take()
        return True

    @property
    def is_another(self) -> bool:
        """Whether another folder is in the place of the one that was taken."""
        try:
            info = self._root.stat()
        except OSError:
            return False
        return self._seen is not None and (info.st_dev, info.st_ino) != self._seen.identity

    def _look_at(self, names: list[str] | dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        found = {}
        for name in names:
            try:
                info = os.lstat(self._root / name)
            except OSError:
                continue
            found[name] = (info.st_ino, info.st_ctime_ns)
        return found
