"""Keeping an index up to date for as long as somebody looks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from magnus_tracking.errors import StoreUnreadableError
from magnus_tracking.follow.store_follower import Follower, Polling
from magnus_tracking.follow.store_presence import Presence
from magnus_tracking.index import IndexChanged, RunIndex

_REST = 3.0
"""How long to rest after taking in a change, in times of what it took: a burst may take a quarter of one core."""

_LONGEST_REST = 2.0

_LOOK_SECONDS = 1.5
"""Between two looks at whether the store is still there: half of the time within which that is to be said."""

Tell = Callable[[IndexChanged], None]
TellStore = Callable[[str, bool], None]
"""Told in words what became of the store, and whether it is there."""


def keep_up(
    index: RunIndex,
    stop: threading.Event,
    tell: Tell,
    polling: Polling = "auto",
    tell_store: TellStore | None = None,
    presence: Presence | None = None,
) -> None:
    """Take in what changes in the store of `index`, until `stop`; for a thread of its own.

    What changes again while it is being taken in is taken in once more afterwards, however often it changed. A store
    that is deleted, moved, replaced or out of reach is followed again once there is one in its place.

    Args:
        index: the index, verified before, if there is a store.
        stop: ends it.
        tell: called after each change that was taken in, in this thread or another.
        polling: see `Follower`.
        tell_store: called in this thread when the store is gone, and when it is there again.
        presence: the folder of the store as it was when the index was verified.
    """
    if index.store.is_copy:
        from magnus_tracking.follow.copy_updates import keep_up_with_copy  # late: most stores are folders of this disk

        keep_up_with_copy(index, stop, tell, tell_store or _ignore)
        return
    presence = presence or Presence(index.store.root)
    is_new = False
    while not stop.is_set():
        follower = Follower(index.store, index.unfinished, index.unsettled, polling)
        if presence.is_same:
            _follow(index, follower, presence, stop, tell, is_new=is_new)
        if not stop.is_set():
            _wait_for_store(index, follower, presence, stop, tell, tell_store or _ignore)
            is_new = True


def _follow(
    index: RunIndex, follower: Follower, presence: Presence, stop: threading.Event, tell: Tell, *, is_new: bool
) -> None:
    """Take in changes until `stop`, or until the store is no longer what it was."""
    ended = threading.Event()

    def watch() -> None:
        is_first = True
        while not stop.wait(_LOOK_SECONDS) and not ended.is_set() and presence.is_same:
            if is_first and (is_new or index.may_be_behind):
                # What came, went or changed while it was read, and until it was followed.
                _verify(index, tell, ended)
            is_first = False
        ended.set()

    watching = threading.Thread(target=watch, name="presence of a store", daemon=True)
    watching.start()
    for run_ids in follower.changes(ended):
        began = time.thread_time()
        changed = index.refresh_runs(run_ids)
        if changed.changed_ids or changed.removed_ids:
            tell(changed)
        ended.wait(min((time.thread_time() - began) * _REST, _LONGEST_REST))
    if not follower.lost_root:
        # Without events, and where polling is not wanted either, the store is watched all the same.
        ended.wait()
    ended.set()


def _wait_for_store(
    index: RunIndex, follower: Follower, presence: Presence, stop: threading.Event, tell: Tell, tell_store: TellStore
) -> None:
    """Read the store anew, once there is one."""
    root = index.store.root
    reason = presence.missing()
    was_gone = reason is not None
    if was_gone:
        tell_store(f"the store {root} is gone: {reason}; it is followed again once it is back", False)
    while reason is not None:
        if stop.wait(_LOOK_SECONDS):
            return
        reason = presence.missing()
    is_another = presence.is_another or follower.lost_root
    presence.take()
    if _verify(index, tell, stop):
        if was_gone:
            tell_store(f"the store {root} is back", True)
        elif is_another:
            tell_store(f"there is another store at {root} now, which is followed", True)


def _verify(index: RunIndex, tell: Tell, stop: threading.Event) -> bool:
    """Bring the index up to date with the whole store; whether it could be listed."""
    try:
        index.refresh(tell, stop.is_set)
    except StoreUnreadableError:
        return False
    return True


def _ignore(_said: str, _is_there: bool) -> None:
    return None
