"""Opening a screen whose code, or whose first content, has to be fetched: that is done off the event loop.

Keys that are pressed meanwhile are kept and go to the screen once it is open, so that a burst of keys means the same
however long that takes. So are keys that act on what earlier ones asked for, until it is shown. Escape gives it up,
once it was said that it does.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, TypeVar

from textual.app import App
from textual.events import Event, Key, Paste
from textual.notifications import Notification
from textual.screen import Screen

from magnus_tracking.errors import MagnusTrackingError
from magnus_tui.screen import LateScreen

T = TypeVar("T")
R = TypeVar("R")

_SOON = 0.06
"""Seconds after which it is said that something is being read; mostly it is there sooner."""
_LONGEST_SAID = 600.0
"""Seconds for which that is said at most; it is taken back once it is no longer so."""
_LEAVE = frozenset({"ctrl+q", "ctrl+c"})
"""Keys that are never kept."""
_LOOKS = 0.005
"""Seconds between looks whether what keys wait for is there."""
_GROUP = "opening"
"""Of the workers that prepare what is opened."""


def is_imported(name: str) -> bool:
    """Whether a module has been imported to its end."""
    module = sys.modules.get(name)
    return module is not None and not getattr(module.__spec__, "_initializing", False)


class ScreenOpener:
    """Opens late screens of an application."""

    def __init__(
        self,
        app: App[Any],
        dress: Callable[[Screen[Any]], None],
        press: Callable[[Sequence[Key | Paste]], None],
    ) -> None:
        """Open nothing yet.

        Args:
            app: the application.
            dress: called with each screen before it is opened.
            press: called with the keys that were kept, once what they are for is there.
        """
        self._app = app
        self._dress = dress
        self._press = press
        self._kept: list[Key | Paste] | None = None
        self._said: Notification | None = None
        self._opens = False

    def push(self, late: LateScreen[T], then: Callable[[T | None], Any] | None, *, instead: bool = False) -> None:
        """Open a screen; see `Explorer.open_screen`.

        Args:
            late: the screen.
            then: called with its result when it is left.
            instead: whether it takes the place of the screen on top.
        """

        def show(make: Callable[[], Screen[T]]) -> None:
            screen = make()
            self._dress(screen)
            if instead:
                self._app.switch_screen(screen)
            else:
                self._app.push_screen(screen, then)

        if late.module is not None and is_imported(late.module):
            show(late.prepare())
        else:
            self.before_next_key(late.prepare, show)

    def before_next_key(self, prepare: Callable[[], R], then: Callable[[R], Any]) -> None:
        """Keep the keys that are pressed while something is done; see `Explorer.before_next_key`."""
        self._opens = True
        self._keep_during(partial(asyncio.to_thread, prepare), then)

    def _keep_during(self, work: Callable[[], Coroutine[Any, Any, R]], then: Callable[[R], Any]) -> None:
        self._kept = self._kept or []
        run: Callable[[], Any] = partial(self._prepare, work, then)
        self._app.run_worker(run, group=_GROUP, exclusive=True, description="what a key asks for")

    async def _prepare(self, work: Callable[[], Coroutine[Any, Any, R]], then: Callable[[R], Any]) -> None:
        """Do what takes a while, say that it does, and hand on its result and the keys that were kept."""
        preparing = asyncio.ensure_future(work())
        # Given up, a thread goes on all the same; what it then fails by is nobody's business.
        preparing.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        try:
            done, _ = await asyncio.wait({preparing}, timeout=_SOON)
            if not done:
                self._say()
            prepared = await preparing
        except MagnusTrackingError as error:
            self._kept = None
            self._app.notify(str(error), severity="warning")
            return
        finally:
            preparing.cancel()
            self._take_back()
        kept, self._kept = self._kept or (), None
        then(prepared)
        self._press(kept)

    def _say(self) -> None:
        """Say that something is being read, and how many keys wait for it."""
        self._take_back()
        waiting = len(self._kept or ())
        keys = f"{waiting} {'key waits' if waiting == 1 else 'keys wait'}; " if waiting else ""
        self._said = Notification(f"reading … {keys}esc cancels", timeout=_LONGEST_SAID, markup=False)
        # Textual offers no way to take back a single one, nor to say anything before the next message is handled.
        self._app._notifications.add(self._said)
        self._app._refresh_notifications()

    def _take_back(self) -> None:
        """Say no longer that something is being read."""
        if self._said is not None:
            self._app._unnotify(self._said)
            self._said = None

    def keeps(self, event: Event, must_wait: Callable[[str], bool]) -> bool:
        """Keep a key for what is being opened, or until what it acts on is there.

        Args:
            event: a key or a paste; everything else is never kept.
            must_wait: whether what a key acts on is not there yet.

        Returns:
            Whether it was kept, or gave up what was being opened and is used up by that.
        """
        if not isinstance(event, Key | Paste):
            return False
        key = event.key if isinstance(event, Key) else ""
        if self._kept is None:
            if not must_wait(key):
                return False
            self._opens = False
            self._keep_during(partial(self._until, lambda: not must_wait(key)), lambda _: None)
        elif key in _LEAVE or (key == "escape" and self._said) or (key == "q" and not self._kept):
            self._kept = None
            self._app.workers.cancel_group(self._app, _GROUP)
            return key == "escape" and self._opens
        assert self._kept is not None
        self._kept.append(event)
        if self._said:
            self._say()
        return True

    async def _until(self, is_there: Callable[[], bool]) -> None:
        while not is_there():  # noqa: ASYNC110 - it is shown by many hands, none of which knows of keys
            await asyncio.sleep(_LOOKS)
