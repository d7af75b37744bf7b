"""Looking again and again, where the system does not tell of changes.

Only what can change is looked at: the runs that are unfinished, and the folder itself for runs that come and go. A
finished run that is written again is found by the next verification of the whole store.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from magnus_tracking.journal.journal_paths import find_journals
from magnus_tracking.journal.stamp import journal_stamp
from magnus_tracking.stores.formats import FORMATS, entry_names, run_id_of
from magnus_tracking.stores.run_listing import find_handle

_LATELY = 600.0
"""Seconds within which a run that is being written was changed: longer than it takes to read a large store."""


def lately_changed(root: Path, run_ids: Collection[str]) -> list[str]:
    """Those of some runs whose files or journals were changed in the last ten minutes, without reading them."""
    since = time.time() - _LATELY

    def is_late(path: str | Path) -> bool:
        try:
            return Path(path).stat().st_mtime >= since
        except (OSError, ValueError):
            return False

    def places(run_id: str) -> Iterator[str | Path]:
        for name in entry_names(run_id):
            handle = find_handle(root, name)
            if handle is not None:
                yield handle.path
        yield from find_journals(root, run_id)

    return [run_id for run_id in run_ids if any(map(is_late, places(run_id)))]


class Poll:
    """What a store looked like at the last look.

    Args:
        root: the folder of the store.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stamps: dict[str, int] = {}
        self._folder_time: int | None = None
        self._names: frozenset[str] = frozenset()
        self._look_at_folder()

    def look(self, unfinished: Collection[str]) -> frozenset[str]:
        """The ids of the runs that have changed since the last look, as far as that was looked at.

        Args:
            unfinished: the ids of the runs that may still change.
        """
        changed = set(self._look_at_folder())
        stamps = {run_id: self._stamp(run_id) for run_id in unfinished}
        changed.update(run_id for run_id, stamp in stamps.items() if self._stamps.get(run_id, stamp) != stamp)
        self._stamps = stamps
        return frozenset(changed)

    def _look_at_folder(self) -> frozenset[str]:
        """The ids of the runs that have come or gone."""
        try:
            folder_time = self._root.stat().st_mtime_ns
            if folder_time == self._folder_time:
                return frozenset()
            names = frozenset(run_id_of(name) for name in os.listdir(self._root) if name[0] != ".")  # noqa: PTH208 - names are all that is needed, of perhaps 100,000 runs
        except OSError:
            # Gone, or out of reach for a moment: what was there is taken to be there still.
            return frozenset()
        before, self._names = self._names, names
        first, self._folder_time = self._folder_time is None, folder_time
        return frozenset() if first else before ^ names

    def _stamp(self, run_id: str) -> int:
        handles = [find_handle(self._root, name) for name in entry_names(run_id)]
        journals = [journal_stamp(format.journals(self._root, run_id)) for format in FORMATS]
        seen = [(handle.mtime_ns, handle.size, handle.inode) for handle in handles if handle is not None]
        return hash((*seen, *journals))
