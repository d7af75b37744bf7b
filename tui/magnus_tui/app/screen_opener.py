"""Opening a screen whose code, or whose first content, has to be fetched: that is done off the event loop.

Keys that are pressed meanwhile are kept and go to the screen once it is open, so that a burst of keys means the same
however long that takes. Escape gives it up.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from textual.app import App
from textual.events import Event, Key
from textual.screen import Screen

from magnus_tracking.errors import MagnusTrackingError
from magnus_tui.screen import LateScreen

T = TypeVar("T")
R = TypeVar("R")

_SOON = 0.06
"""Seconds after which it is said that something is being read; mostly it is there sooner."""
_READING = "reading … esc gives it up"
_LONGEST_SAID = 600.0
"""Seconds for which that is said at most; it is taken back once it is no longer so."""
_LEAVES = frozenset({"escape", "q", "ctrl+q", "ctrl+c"})
"""Keys that are not kept for the screen that is being opened: they give it up."""
_GROUP = "opening"
"""Of the workers that prepare what is opened."""


def is_imported(name: str) -> bool:
    """Whether a module has been imported to its end."""
    module = sys.modules.get(name)
    return module is not None and not getattr(module.__spec__, "_initializing", False)


class ScreenOpener:
    """Opens late screens of an application."""

    def __init__(self, app: App[Any], press: Callable[[Sequence[Key]], None]) -> None:
        """Open nothing yet.

        Args:
            app: the application.
            press: called with the keys that were kept, once what they are for is there.
        """
        self._app = app
        self._press = press
        self._kept: list[Key] | None = None

    def push(self, late: LateScreen[T], then: Callable[[T | None], Any] | None, *, instead: bool = False) -> None:
        """Open a screen; see `Explorer.open_screen`.

        Args:
            late: the screen.
            then: called with its result when it is left.
            instead: whether it takes the place of the screen on top.
        """

        def show(make: Callable[[], Screen[T]]) -> None:
            if instead:
                self._app.switch_screen(make())
            else:
                self._app.push_screen(make(), then)

        if late.module is not None and is_imported(late.module):
            show(late.prepare())
        else:
            self.before_next_key(late.prepare, show)

    def before_next_key(self, prepare: Callable[[], R], then: Callable[[R], Any]) -> None:
        """Keep the keys that are pressed while something is done; see `Explorer.before_next_key`."""
        self._kept = []
        work: Callable[[], Any] = partial(self._prepare, prepare, then)
        self._app.run_worker(work, group=_GROUP, exclusive=True, description="what a key asks for")

    async def _prepare(self, prepare: Callable[[], R], then: Callable[[R], Any]) -> None:
        """Do what takes a while in a thread, say that it does, and hand on its result and the keys that were kept."""
        preparing = asyncio.ensure_future(asyncio.to_thread(prepare))
        # Given up, it goes on all the same; what it then fails by is nobody's business.
        preparing.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        try:
            done, _ = await asyncio.wait({preparing}, timeout=_SOON)
            if not done:
                self._app.notify(_READING, timeout=_LONGEST_SAID, markup=False)
            prepared = await preparing
        except MagnusTrackingError as error:
            self._kept = None
            self._app.notify(str(error), severity="warning", markup=False)
            return
        finally:
            self._take_back()
        kept, self._kept = self._kept or (), None
        then(prepared)
        self._press(kept)

    def _take_back(self) -> None:
        """Say no longer that something is being read; Textual only offers to take back everything that is said."""
        for said in [said for said in self._app._notifications if said.message == _READING]:
            self._app._unnotify(said)

    def keeps(self, event: Event) -> bool:
        """Keep a key for what is being opened; also one that the screen below has not used.

        Returns:
            Whether it was kept, or gave up what was being opened and is used up by that.
        """
        if self._kept is None or not isinstance(event, Key):
            return False
        if event.key in _LEAVES:
            self._kept = None
            self._app.workers.cancel_group(self._app, _GROUP)
            return event.key == "escape"
        self._kept.append(event)
        return True
