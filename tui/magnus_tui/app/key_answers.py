"""What has to wait for the answer to a key: threads that work, and looking for garbage."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.screen import Screen

from magnus_tui.app.key_order import KeyOrder
from magnus_tui.widgets.timed_refresh import Due

_COLLECTED = 60_000, 10, 10
"""When objects are looked through for garbage, unless that was done when no key had come for `_TIDIED` seconds: a
screen that opens makes 20,000, which take 3 ms, of 20 from the key. After 700, as usual, it takes 0.6 ms of a page of
the list."""
_TIDIED = 1.0

_ANSWERED = 0.05
"""Seconds for which a thread waits at most for the answer to a key."""


_RESTED = 0.5
"""Seconds without a key after which nobody waits for what keys have opened, as a rule."""
_LONGEST = 5.0
"""Seconds for which what may be needed later waits at most for that."""
_LOOKS = 0.05
"""Seconds between looks whether it has come."""


class KeyAnswers:
    """Knows whether the keys that were pressed are answered, and does what would be in their way when none comes.

    Args:
        app: the application.
        key_order: hands the keys on.
    """

    def __init__(self, app: App[Any], key_order: KeyOrder) -> None:
        self._app = app
        self._key_order = key_order
        self._answered = threading.Event()
        self._answered.set()
        self._asked: Screen[Any] | None = None
        self._is_painted = self._awaits_frame = False
        self._last_key = 0.0
        self._tidying = Due(app, self._tidy)

    @property
    def _top(self) -> Screen[Any] | None:
        """The screen that keys go to; None before there is one."""
        return next(reversed(self._app.screen_stack), None)

    def pressed(self) -> None:
        """Take note of a key."""
        self._last_key = time.monotonic()
        self._tidying.within(_TIDIED)
        self._asked, self._is_painted = self._top, False
        self._answered.clear()

    def look(self) -> None:
        """See whether all keys are handled; they are answered with the frame that follows."""
        if not self._answered.is_set() and not self._key_order.is_busy:
            self._app.call_after_refresh(self._refreshed)

    def _refreshed(self) -> None:
        # A screen that has come to the top takes longer than that to be painted.
        self._awaits_frame = self._top is not self._asked and not self._is_painted
        if not self._awaits_frame:
            self._answered.set()

    def painted(self) -> None:
        """Take note of a frame."""
        self._is_painted = True
        if self._awaits_frame:
            self._awaits_frame = False
            self._answered.set()

    def wait(self) -> None:
        """Wait, in a thread that works, until keys are answered; see `magnus_tui.screen.Explorer.let_answer`."""
        if not self._answered.wait(_ANSWERED):
            # Some keys are never known to be answered: who works must not wait for them again and again.
            self._answered.set()

    def wait_for_rest(self, is_cancelled: Callable[[], bool]) -> None:
        """Wait, in a thread whose work is for later, until keys are answered and what they opened can be there."""
        self.wait()
        end = time.monotonic() + _LONGEST
        while (now := time.monotonic()) < min(self._last_key + _RESTED, end) and not is_cancelled():
            time.sleep(min(_LOOKS, self._last_key + _RESTED - now))

    def _tidy(self) -> None:
        """Look through what keys have made for garbage, while nobody waits for it, and now and then through older."""
        rest = self._last_key + _TIDIED - time.monotonic()
        if rest > 0:
            self._tidying.within(rest)
            return
        counts, limits = gc.get_count(), gc.get_threshold()
        gc.collect(max((older for older in (1, 2) if counts[older] > limits[older]), default=0))


def collect_garbage() -> None:
    """Look for garbage from now on, not among what a start has made, if that is not done yet."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(*_COLLECTED)
        gc.enable()
