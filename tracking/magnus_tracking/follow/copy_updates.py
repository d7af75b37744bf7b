"""Keeping the copy of a store up to date that lies in a bucket, on a server or in an archive."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from magnus_tracking.errors import StoreUnreadableError
from magnus_tracking.index import IndexChanged, RunIndex
from magnus_tracking.stores.copy_progress import Progress

_RESTS = 20.0
"""How long to rest, in times of what a refresh took: a listing costs its owner money, too."""

_TAKE_IN = 1.0
"""Seconds between two times that fetched runs are taken in, at least."""

_FEW = 256
"""Up to so many changed runs are looked at one by one; beyond that, the whole copy."""


class CopyState(NamedTuple):
    """How the copy is.

    Attributes:
        said: what is going on, in a few words; empty when the copy is up to date.
        problem: why it can't be brought up to date, in one line; None where nothing is amiss.
    """

    said: str = ""
    problem: str | None = None


def keep_copy(
    index: RunIndex,
    stop: threading.Event,
    tell: Callable[[IndexChanged], None],
    tell_state: Callable[[CopyState], None],
    goes_on: Callable[[], bool] = lambda: True,
) -> None:
    """Bring a copy up to date, and again and again until `stop`; for a thread of its own.

    Args:
        index: of the copy.
        stop: ends it.
        tell: called with each batch of runs that was taken in.
        tell_state: called when the state of the copy changes.
        goes_on: asked after each refresh, whether to go on.
    """
    while not stop.is_set():
        began = time.monotonic()
        taking = _TakingIn(index, stop, tell, tell_state)
        try:
            index.store.refresh_copy(taking.take, stop.is_set)
            state = CopyState(problem=index.store.notice)
        except StoreUnreadableError as error:
            state = CopyState(_age(index.store.copied), str(error))
        taking.take_in()
        if stop.is_set():
            return
        tell_state(state)
        if not goes_on():
            return
        stop.wait(max(index.store.seconds_between_listings, _RESTS * (time.monotonic() - began)))


def keep_up_with_copy(
    index: RunIndex,
    stop: threading.Event,
    tell: Callable[[IndexChanged], None],
    tell_store: Callable[[str, bool], None],
) -> None:
    """The same in the words of `magnus_tracking.follow.keep_up`: a problem is told once, and that it is over."""
    last: str | None = None

    def tell_state(state: CopyState) -> None:
        nonlocal last
        if state.problem is not None and state.problem != last:
            tell_store(state.problem, False)
        elif last is not None and state == CopyState():
            tell_store(f"{index.store.place} can be read again", True)
        if state.problem is not None or not state.said:
            last = state.problem

    keep_copy(index, stop, tell, tell_state)


class _TakingIn:
    """Takes in what was fetched, now and then while it is being fetched."""

    def __init__(
        self,
        index: RunIndex,
        stop: threading.Event,
        tell: Callable[[IndexChanged], None],
        tell_state: Callable[[CopyState], None],
    ) -> None:
        self._index = index
        self._stop = stop
        self._tell = tell
        self._tell_state = tell_state
        self._changed: set[str] = set()
        self._due = time.monotonic() + _TAKE_IN

    def take(self, progress: Progress) -> None:
        """Note what was fetched."""
        self._changed |= progress.changed_ids
        if time.monotonic() < self._due:
            return
        if progress.total is None:
            said = f"listing {progress.listed:,}"
        else:
            said = f"fetching {progress.done:,} of {progress.total:,}"
        self._tell_state(CopyState(said))
        took = self.take_in()
        self._due = time.monotonic() + max(_TAKE_IN, 3 * took)

    def take_in(self) -> float:
        """Bring the index up to date with what was fetched; the seconds that it took."""
        began = time.monotonic()
        changed, self._changed = self._changed, set()
        if len(changed) > _FEW:
            self._index.refresh(self._tell, self._stop.is_set)
        elif changed:
            self._tell(self._index.refresh_runs(changed))
        return time.monotonic() - began


def _age(copied: float | None) -> str:
    if copied is None:
        return "no copy"
    when = datetime.fromtimestamp(copied)
    return f"copy of {when:%H:%M}" if when.date() == datetime.now().date() else f"copy of {when:%Y-%m-%d}"
