"""Looking again and again, where the system does not tell of changes.

Only what can change is looked at: the runs that are unfinished, and the folder itself for runs that come and go. A
finished run that is written again is found by the next verification of the whole store.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from magnus_tracking.journal.stamp import journal_stamp
from magnus_tracking.stores.formats import FORMATS, entry_names, run_id_of
from magnus_tracking.stores.handles import find_handle


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
