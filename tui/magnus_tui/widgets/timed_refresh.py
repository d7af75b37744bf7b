"""Doing something when what is shown will read otherwise: nothing wakes until then."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.message_pump import MessagePump
from textual.timer import Timer


class Due:
    """Something that is to be done at the next of several times.

    Args:
        owner: whose timer it is; with its end nothing is done any more.
        act: done then, on the event loop, once; it asks anew for what comes after.
    """

    def __init__(self, owner: MessagePump, act: Callable[[], None]) -> None:
        self._owner = owner
        self._act = act
        self._at: float | None = None
        self._timer: Timer | None = None

    def within(self, seconds: float | None) -> None:
        """See to it that it is done in so many seconds at the latest; None asks for nothing."""
        if seconds is None:
            return
        at = time.monotonic() + seconds
        if self._at is not None and self._at <= at:
            return
        if self._timer is not None:
            self._timer.stop()
        self._at = at
        self._timer = self._owner.set_timer(seconds, self._now)

    def _now(self) -> None:
        self._at = self._timer = None
        self._act()
