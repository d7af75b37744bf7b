"""Following a store: by file events where the system gives them, else by polling what is unfinished."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Literal, Protocol

from magnus_tracking.follow.mounts import tells_of_changes
from magnus_tracking.follow.polling import Poll, lately_changed
from magnus_tracking.journal.journal_paths import run_beside
from magnus_tracking.stores import Store
from magnus_tracking.stores.formats import run_id_of

Polling = Literal["auto", "always", "never"]

_SETTLE_SECONDS = 0.5
"""After which runs that are unsettled are looked at again."""
_ANY_UNSETTLED_SECONDS = 10.0
"""Between two questions whether another thread has left unsettled ones."""

_SHORTEST_PAUSE = 0.2
_IDLE_PAUSE = 1.0
"""Seconds between two looks while there is no unfinished run: only new ones can be seen then."""
_LONGEST_PAUSE = 5.0
_BUSY_SHARE = 0.005
"""The share of one core that polling may take."""


class Events(Protocol):
    """File events of a folder; see `magnus_tracking.follow.inotify.Inotify`."""

    lost: bool

    def wait(self, seconds: float | None) -> frozenset[str]:
        """The names of the entries in which something has changed."""

    def wake(self) -> None:
        """Let `wait` return at once."""

    def close(self) -> None:
        """Let go of the events."""


class Follower:
    """Tells which runs of a store have changed.

    Args:
        store: the store.
        unfinished: gives the ids of the runs that may still change, which polling looks at.
        unsettled: gives the ids of the runs that should be looked at again soon, whatever happens to them.
        polling: ``always`` or ``never`` poll, or where the store lies on a network folder (``auto``).

    Attributes:
        lost_root: whether following ended because the folder of the store was deleted or moved.
    """

    def __init__(
        self,
        store: Store,
        unfinished: Callable[[], Collection[str]],
        unsettled: Callable[[], Collection[str]] = frozenset,
        polling: Polling = "auto",
    ) -> None:
        self._store = store
        self._root = store.root.resolve()
        self._unfinished = unfinished
        self._unsettled = unsettled
        self._polling = polling
        self.lost_root = False

    @property
    def polls(self) -> bool:
        """Whether the store is polled from the start."""
        return self._polling == "always" or (self._polling == "auto" and not tells_of_changes(self._root))

    def changes(self, stop: threading.Event) -> Iterator[frozenset[str]]:
        """The ids of runs that are new, have changed or are gone, as it happens, until `stop`.

        A set may name runs that are not there, or that have not changed after all. It blocks while nothing happens, so
        it is for a thread of its own.
        """
        if not self.polls:
            try:
                yield from self._by_events(stop)
            except (OSError, RuntimeError):
                # No more file events to be had (their number is limited), or no such folder: polling needs neither.
                if self._polling == "never":
                    return
        if not stop.is_set() and not self.lost_root:
            yield from self._by_polling(stop)

    def _by_events(self, stop: threading.Event) -> Iterator[frozenset[str]]:
        """As the system tells of changes; what is unsettled is looked at again in between."""
        events = _events(self._root)
        waking = threading.Thread(target=_wake_by, args=(stop, events), name="end of following", daemon=True)
        waking.start()
        try:
            # What changed between the last reading of these runs and now has given no event.
            missed = self._only(lately_changed(self._root, self._unfinished()))
            if missed and not stop.is_set():
                yield missed
            while not stop.is_set() and not events.lost:
                # Asked after what was told has been taken in, which may have left runs unsettled.
                unsettled = self._unsettled()
                names = events.wait(_SETTLE_SECONDS if unsettled else _ANY_UNSETTLED_SECONDS)
                changed = self._only({_run_of(name) for name in names if name[0] != "."} or unsettled)
                if changed and not stop.is_set():
                    yield changed
            self.lost_root = events.lost
        finally:
            events.close()

    def _by_polling(self, stop: threading.Event) -> Iterator[frozenset[str]]:
        poll = Poll(self._root)
        pause = _SHORTEST_PAUSE
        while not stop.wait(pause):
            began = time.thread_time()
            unfinished, unsettled = self._unfinished(), self._unsettled()
            changed = self._only({*poll.look(unfinished), *unsettled})
            shortest = _SHORTEST_PAUSE if unfinished or unsettled else _IDLE_PAUSE
            pause = min(max((time.thread_time() - began) / _BUSY_SHARE, shortest), _LONGEST_PAUSE)
            if changed:
                yield changed

    def _only(self, run_ids: Collection[str]) -> frozenset[str]:
        only = self._store.only
        return frozenset(run_ids) if only is None else frozenset(run_ids) & {only}


def _run_of(name: str) -> str:
    """The id of the run that a file or folder of a store belongs to."""
    return run_beside(name) or run_id_of(name)


def _events(root: Path) -> Events:
    if sys.platform == "linux":
        from magnus_tracking.follow.inotify import Inotify as Found
    else:
        from magnus_tracking.follow.watchfiles_events import Stepwise as Found
    return Found(root)


def _wake_by(stop: threading.Event, events: Events) -> None:
    stop.wait()
    events.wake()
