"""Keys that come in a burst, as when text is pasted, do what they do when they are typed slowly.

Textual hands each key to the widget that has the focus at that moment, before the keys before have been looked at: of
``/status:fail`` in one burst all letters reach the list, because the list has not yet moved the focus.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from textual import events
from textual.driver import Driver
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from magnus_tui.app.opener import LateScreens

_LAPS = 3
"""How often the way of a key is gone after it: it makes a widget tell its parent, which has a screen move the focus."""
_LONGEST = 0.5
"""Seconds after which a key that was never seen to be handled keeps the next ones no longer."""


class Handled(Message, namespace="keys_in_order"):
    """Goes the way of a key, behind it, from the widget that had the focus up to the application."""

    def __init__(self, key: events.Event, lap: int) -> None:
        super().__init__()
        self.key = key
        self.lap = lap


class KeysInOrder(LateScreens):
    """An application that hands on a key once the one before has been handled, and the focus is where that put it."""

    _in_hand: events.Event | None = None
    _gives_up: Timer | None = None

    def __init__(self, driver_class: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver_class)
        self._waiting: deque[events.Event] = deque()

    async def on_event(self, event: events.Event) -> None:
        """Hand on what is typed or pasted, in order; see `App.on_event`."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._in_hand is None:
            await self._hand_on(event)
        else:
            self._waiting.append(event)
            if self._gives_up is None:
                self._gives_up = self.set_timer(_LONGEST, self._next)

    async def _hand_on(self, event: events.Event) -> None:
        target = self.focused or self.screen
        is_text = isinstance(target, Input) and isinstance(event, events.Key) and event.is_printable
        self._in_hand = None if is_text else event
        await super().on_event(event)
        if not is_text and not target.post_message(Handled(event, 1)):
            await self._next()

    async def on_keys_in_order_handled(self, message: Handled) -> None:
        """Go the way again from where the focus is now, or hand on the next key."""
        if message.key is not self._in_hand:
            return
        target = self.focused or self.screen
        if message.lap >= _LAPS or not target.post_message(Handled(message.key, message.lap + 1)):
            await self._next()

    async def _next(self) -> None:
        self._in_hand = None
        if self._gives_up is not None:
            self._gives_up.stop()
            self._gives_up = None
        while self._waiting and self._in_hand is None:
            await self._hand_on(self._waiting.popleft())
        if self._waiting:
            self._gives_up = self.set_timer(_LONGEST, self._next)

    def _press(self, pressed: Sequence[events.Key]) -> None:
        """Hand on keys that were kept before those that came later, once the screen that they are for has its focus."""
        self._waiting.extendleft(events.Key(key.key, key.character) for key in reversed(pressed))
        if self._waiting and self._in_hand is None:
            self._in_hand = self._waiting[0]
            self._gives_up = self._gives_up or self.set_timer(_LONGEST, self._next)
            self.screen.post_message(Handled(self._in_hand, 1))
