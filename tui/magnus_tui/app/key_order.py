"""Keys that come in a burst, as when text is pasted, do what they do when they are typed slowly.

Textual hands each key to the widget that has the focus at that moment, before the keys before have been looked at: of
``/status:fail`` in one burst all letters reach the list, because the list has not yet moved the focus.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

_LAPS = 3
"""How often the way of a key is gone after it: it makes a widget tell its parent, which has a screen move the focus."""
_LONGEST = 2.0
"""Seconds after which a key that was never seen to be handled keeps the next ones no longer.

On a busy machine it takes half a second to handle one.
"""


class Handled(Message, namespace="key_order"):
    """Goes the way of a key, behind it, from the widget that had the focus up to the application."""

    def __init__(self, key: events.Event, lap: int) -> None:
        super().__init__()
        self.key = key
        self.lap = lap


class KeyOrder:
    """Hands on a key once the one before has been handled, and the focus is where that put it."""

    def __init__(self, app: App[Any], deliver: Callable[[events.Event], Awaitable[None]]) -> None:
        """Wait for keys.

        Args:
            app: the application; it hands `Handled` to `handled`.
            deliver: takes a key or a paste to the widget that has the focus.
        """
        self._app = app
        self._deliver = deliver
        self._waiting: deque[events.Event] = deque()
        self._in_hand: events.Event | None = None
        self._gives_up: Timer | None = None

    async def take(self, event: events.Event) -> None:
        """Hand on an event; what is typed or pasted, in order."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await self._deliver(event)
        elif self._in_hand is None:
            await self._hand_on(event)
        else:
            self._waiting.append(event)
            self._limit_wait()

    @property
    def is_busy(self) -> bool:
        """Whether a key is not known to be handled yet."""
        return self._in_hand is not None

    def _limit_wait(self) -> None:
        if self._gives_up is None:
            self._gives_up = self._app.set_timer(_LONGEST, self._next)

    async def _hand_on(self, event: events.Event) -> None:
        screen = self._app.screen
        target = self._app.focused or screen
        is_text = isinstance(target, Input) and isinstance(event, events.Key) and event.is_printable
        self._in_hand = None if is_text else event
        await self._deliver(event)
        if self._app.screen is not screen:
            # What is on a screen that was left hands on nothing any more.
            target = self._app.focused or self._app.screen
        if not is_text and not target.post_message(Handled(event, 1)):
            await self._next()

    async def handled(self, message: Handled) -> None:
        """Go the way again from where the focus is now, or hand on the next key."""
        if message.key is not self._in_hand:
            return
        target = self._app.focused or self._app.screen
        if message.lap >= _LAPS or not target.post_message(Handled(message.key, message.lap + 1)):
            await self._next()

    async def _next(self) -> None:
        self._in_hand = None
        if self._gives_up is not None:
            self._gives_up.stop()
            self._gives_up = None
        if not self._app.is_running:
            self._waiting.clear()
        while self._waiting and self._in_hand is None:
            await self._hand_on(self._waiting.popleft())
        if self._waiting:
            self._limit_wait()

    def press_first(self, pressed: Sequence[events.Key | events.Paste]) -> None:
        """Hand on keys that were kept before those that came later, once the screen that they are for has its focus."""
        self._waiting.extendleft(map(_anew, reversed(pressed)))
        if self._waiting and self._in_hand is None:
            self._in_hand = self._waiting[0]
            self._limit_wait()
            self._app.screen.post_message(Handled(self._in_hand, 1))


def _anew(event: events.Key | events.Paste) -> events.Event:
    """The same event, as if it had not been handled by anything."""
    return events.Key(event.key, event.character) if isinstance(event, events.Key) else events.Paste(event.text)
