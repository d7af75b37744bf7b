"""Keeping an index up to date for as long as somebody looks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from magnus_tracking.follow.follower import Follower, Polling
from magnus_tracking.index import IndexChanged, RunIndex

_REST = 3.0
"""How long to rest after taking in a change, in times of what it took: a burst may take a quarter of one core."""

_LONGEST_REST = 2.0


def keep_up(
    index: RunIndex, stop: threading.Event, tell: Callable[[IndexChanged], None], polling: Polling = "auto"
) -> None:
    """Take in what changes in the store of `index`, until `stop`; for a thread of its own.

    What changes again while it is being taken in is taken in once more afterwards, however often it changed.

    Args:
        index: the index, verified before.
        stop: ends it.
        tell: called in this thread after each change that was taken in.
        polling: see `Follower`.
    """
    follower = Follower(index.store, index.unfinished, index.unsettled, polling)
    for run_ids in follower.changes(stop):
        began = time.thread_time()
        changed = index.refresh_runs(run_ids)
        if changed.changed_ids or changed.removed_ids:
            tell(changed)
        stop.wait(min((time.thread_time() - began) * _REST, _LONGEST_REST))
