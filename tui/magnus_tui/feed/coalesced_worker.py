"""Reading something again as it changes: one reading at a time, and no more than a share of the time."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Any

from textual.screen import Screen
from textual.worker import Worker, get_current_worker

_REST = 3.0
"""Times that a reading took for which the next one waits, so that reading takes a quarter of a core at most."""
_LONGEST_REST = 10.0
_LOOKS_UP = 0.05

LOOKS_FOR_DEATH = 3.0
"""Seconds between looks at what may end without anything being written: a process that is gone, a silence."""


class CoalescedWorker:
    """What a screen reads off the event loop, at first and whenever it may have changed.

    A change during a reading neither ends it nor starts another beside it: the result is shown, and after a rest it
    is read once more. So something that changes faster than it can be read is still seen to change.
    """

    def __init__(
        self,
        screen: Screen[Any],
        read: Callable[[], Callable[[], None] | None],
        group: str,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        """Make it; nothing is read yet.

        Args:
            screen: for whom; once it is gone, nothing more is read or shown.
            read: called in a thread; returns what shows the result, which is called on the event loop.
            group: of the workers.
            clock: seconds that never go back.
            wait: waits for an event for so many seconds at most; returns whether it was set.
        """
        self._screen = screen
        self._read = read
        self._group = group
        self._clock = clock
        self._wait = wait
        self._is_running = False
        self._is_wanted = False
        self._rested_at = 0.0
        self._soon = threading.Event()
        self._requested = 0
        self._awaited = 0
        self._shown = 0.0

    def request(self, *, soon: bool = False) -> None:
        """Read, or read again once what is being read has been shown; called on the event loop.

        Args:
            soon: whether not to rest before: somebody waits for it.
        """
        self._is_wanted = True
        self._requested += 1
        if soon:
            self._awaited = self._requested
            self._soon.set()
        if not self._is_running:
            self._is_running = True
            self._screen.run_worker(self._run, group=self._group, thread=True)

    def _run(self) -> None:
        worker = get_current_worker()
        # Nobody waits for a screen that is gone.
        answered = math.inf
        try:
            if not self._rest(worker):
                return
            self._is_wanted = False
            answered = self._requested
            self._soon.clear()
            began = self._clock()
            show = self._read()
            if worker.is_cancelled:
                return
            if show is not None:
                self._screen.app.call_from_thread(show)
            ended = self._clock()
            self._rested_at = ended + min((ended - began) * _REST, _LONGEST_REST)
        finally:
            self._shown = answered
        self._screen.app.call_from_thread(self._ended)

    @property
    def is_awaited(self) -> bool:
        """Whether something that somebody waits for is not shown yet."""
        return self._shown < self._awaited

    def _rest(self, worker: Worker[Any]) -> bool:
        """Wait since the last reading, unless somebody waits for this one; whether the screen is still there."""
        while (left := self._rested_at - self._clock()) > 0 and not self._wait(self._soon, min(_LOOKS_UP, left)):
            if worker.is_cancelled:
                return False
        return not worker.is_cancelled

    def _ended(self) -> None:
        self._is_running = False
        if self._is_wanted:
            self.request()
