"""The line at the bottom of every screen: what can be done here.

One widget draws the whole line. Textual's own footer makes a widget a key, which costs a start more than the list of
runs does.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual.events import Click, Mount
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from magnus_tui import keys
from magnus_tui.format.text import clean

_GAP = 2
_ALWAYS = ("quit", "help")


_Named = tuple[str, str, str]
"""Textual's name of a key, how it is shown, and what it does."""


class ShownKey(NamedTuple):
    """A key on the bar: Textual's name of it, how it is shown, what it does, and its first and last cell."""

    key: str
    display: str
    label: str
    start: int
    stop: int


class KeyBar(Widget):
    """The keys in force that there is room for; a click on one presses it.

    Attributes:
        left_out: keys that come first, and their labels, for which there was no room.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--label"}

    class LeftOut(Message):
        """Other keys than before have no room."""

    def __init__(self) -> None:
        super().__init__()
        self._painted: list[ShownKey] = []
        self.left_out: list[str] = []

    def _on_mount(self, event: Mount) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)
        super()._on_mount(event)

    def _bindings_updated(self, _screen: Screen[Any]) -> None:
        # Until it is painted it will be anyhow.
        if self._painted and self.shown_keys() != self._painted:
            self.refresh()

    def shown_keys(self) -> list[ShownKey]:
        """The keys in force that are to be shown, as far as there is room; the way to the rest of them always is."""
        return self._chosen(*self._in_force())

    def _chosen(self, first: dict[str, _Named], later: dict[str, _Named]) -> list[ShownKey]:
        wanted = first | later
        kept = [wanted.pop(action) for action in _ALWAYS if action in wanted]
        room = self.content_size.width - sum(_cells(one) + _GAP for one in kept)
        shown: list[ShownKey] = []
        start = 0
        for one in wanted.values():
            # A shorter one that comes later may fit where a longer one does not.
            if start + _cells(one) <= room:
                shown.append(ShownKey(*one, start, start + _cells(one)))
                start += _cells(one) + _GAP
        for one in kept:
            shown.append(ShownKey(*one, start, start + _cells(one)))
            start += _cells(one) + _GAP
        return shown

    def _in_force(self) -> tuple[dict[str, _Named], dict[str, _Named]]:
        """The keys in force by what they do: those that come first, and those where there is room."""
        first: dict[str, _Named] = {}
        later: dict[str, _Named] = {}
        is_typed = isinstance(self.screen.focused, Input)
        for key, active in self.screen.active_bindings.items():
            binding = active.binding
            if is_typed and keys.is_character(key):
                continue  # it goes into the line that is typed
            if binding.show and active.enabled:
                # Of a verb with several keys the first need not be in force: `q` is typed, ctrl+q quits.
                is_first = keys.is_first(key, binding)
                display = self.app.get_key_display(binding) if is_first else keys.written(key)
                display, label = clean(display), clean(binding.description)
                rank = first if binding.group is keys.FIRST else later
                if is_first or binding.action not in rank:
                    rank[binding.action] = (key, display, label)
        return first, later

    def render(self) -> Text:
        """The line."""
        key_style = self.get_component_rich_style("key-bar--key", partial=True)
        label_style = self.get_component_rich_style("key-bar--label", partial=True)
        line = Text(no_wrap=True)
        first, later = self._in_force()
        self._painted = self._chosen(first, later)
        self._tell_left_out(first)
        for shown in self._painted:
            line.append(" " * (shown.start - line.cell_len))
            line.append(shown.display, key_style)
            line.append(f" {shown.label}", label_style)
        return line

    def _tell_left_out(self, first: dict[str, _Named]) -> None:
        painted = {shown.key for shown in self._painted}
        left_out = [f"{key} {label}" for name, key, label in first.values() if name not in painted]
        if left_out != self.left_out:
            self.left_out = left_out
            self.post_message(self.LeftOut())

    def on_click(self, event: Click) -> None:
        """Press the key that was clicked."""
        place = event.get_content_offset(self)
        if place is not None:
            for shown in self.shown_keys():
                if shown.start <= place.x < shown.stop:
                    self.app.simulate_key(shown.key)


def _cells(key: _Named) -> int:
    return cell_len(key[1]) + 1 + cell_len(key[2])
