"""File events of a store by ``watchfiles``, which looks for them in steps, on systems other than Linux."""

from __future__ import annotations

import threading
from pathlib import Path

_TOGETHER_MS = 50
"""For which events are gathered at most after the first one."""
_STEP_MS = 20
"""How often the watch looks for events: each look wakes the processor, a later one is seen later."""


class Stepwise:
    """The events of a folder and of what lies in it; see `magnus_tracking.follow.inotify.Inotify`.

    Args:
        root: the folder, absolute.

    Attributes:
        lost: whether the folder itself was deleted.

    Raises:
        OSError: there is no such folder.
        RuntimeError: there are no events to be had.
    """

    def __init__(self, root: Path) -> None:
        # The interface that it documents for those who set the time of each wait themselves.
        from watchfiles import Change
        from watchfiles._rust_notify import RustNotify

        self.lost = False
        self._root = root
        self._gone = (Change.deleted, str(root))
        self._woken = threading.Event()
        self._notify = RustNotify([str(root)], False, False, 0, True, True)

    def wait(self, seconds: float | None) -> frozenset[str]:
        """The names of the entries of the folder in which something has changed; empty if nothing has until then.

        Args:
            seconds: to wait at most; None waits for ever.
        """
        # A time of 0 has no end.
        limit = 0 if seconds is None else max(round(seconds * 1000), 1)
        events = self._notify.watch(_TOGETHER_MS, _STEP_MS, limit, self._woken)
        if isinstance(events, str):
            return frozenset()
        self.lost = self._gone in events
        paths = [Path(path) for _, path in events]
        inside = [path.relative_to(self._root).parts for path in paths if path.is_relative_to(self._root)]
        return frozenset(parts[0] for parts in inside if parts)

    def wake(self) -> None:
        """Let `wait` return at once, from any thread and from now on."""
        self._woken.set()

    def close(self) -> None:
        """Let go of the events."""
        self._notify.close()
