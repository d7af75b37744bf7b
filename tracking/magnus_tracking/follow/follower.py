"""Following a store: by file events where the system gives them, else by polling what is unfinished."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Literal

from magnus_tracking.follow.mounts import tells_of_changes
from magnus_tracking.follow.polling import Poll
from magnus_tracking.journal.places import SIDE_SUFFIX
from magnus_tracking.stores import Store
from magnus_tracking.stores.formats import run_id_of, text_format

Polling = Literal["auto", "always", "never"]

_DEBOUNCE_MS = 50
_STEP_MS = 20
"""How often the watch looks for events: each look wakes the processor, a later one is seen later."""

_SETTLE_MS = 500
_SHORTEST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_BUSY_SHARE = 0.005
"""The share of one core that polling may take."""


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
        import watchfiles

        watched = watchfiles.watch(
            self._root,
            watch_filter=None,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            stop_event=stop,
            rust_timeout=_SETTLE_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=False,
            ignore_permission_denied=True,
        )
        for events in watched:
            run_ids = {run_id for _, path in events if (run_id := self._run_at(path)) is not None}
            changed = self._only(run_ids if events else self._unsettled())
            if changed:
                yield changed
            if (watchfiles.Change.deleted, str(self._root)) in events:
                self.lost_root = True
                return

    def _by_polling(self, stop: threading.Event) -> Iterator[frozenset[str]]:
        poll = Poll(self._root)
        pause = _SHORTEST_PAUSE
        while not stop.wait(pause):
            began = time.thread_time()
            changed = self._only({*poll.look(self._unfinished()), *self._unsettled()})
            pause = min(max((time.thread_time() - began) / _BUSY_SHARE, _SHORTEST_PAUSE), _LONGEST_PAUSE)
            if changed:
                yield changed

    def _only(self, run_ids: Collection[str]) -> frozenset[str]:
        only = self._store.only
        return frozenset(run_ids) if only is None else frozenset(run_ids) & {only}

    def _run_at(self, path: str) -> str | None:
        """The id of the run that a changed path belongs to; None for what is no part of a run."""
        try:
            parts = Path(path).relative_to(self._root).parts
        except ValueError:
            return None
        if not parts or parts[0].startswith("."):
            return None
        name = parts[0]
        return run_id_of(name) if len(parts) == 1 and text_format(name) else name.removesuffix(SIDE_SUFFIX)
