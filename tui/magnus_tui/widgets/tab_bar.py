"""The tabs of a pane in one line, each with the digit that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class TabBar(Widget):
    """One line of names; where there is no room for all digits, the names stay.

    Attributes:
        active: position of the tab that is shown.
    """

    DEFAULT_CSS = """
    TabBar {
        height: 1;
        & > .tab-bar--tab { color: $dim; }
        & > .tab-bar--key { color: $footer-key-foreground; }
        & > .tab-bar--active {
            color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold;
        }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab-bar--tab", "tab-bar--key", "tab-bar--active"}

    active: reactive[int] = reactive(0)

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)

    def _labels(self) -> list[tuple[str, str]]:
        """Digit and name of each tab, as far as there is room."""
        numbered = [(str(place) if place < 10 else "", name) for place, name in enumerate(self.names, 1)]
        if sum(len(digit) + len(name) + 2 for digit, name in numbered) <= self.size.width:
            return [(digit + " ", name) for digit, name in numbered]
        if sum(len(digit) + len(name) + 1 for digit, name in numbered) <= self.size.width:
            return numbered
        if sum(len(name) + 1 for name in self.names) - 1 <= self.size.width:
            return [("", name) for name in self.names]
        room = max((self.size.width - len(numbered)) // len(numbered), 1)
        return [("", name[:room]) for _, name in numbered]

    def render(self) -> Text:
        """The line."""
        line = Text(no_wrap=True)
        tab = self.get_component_rich_style("tab-bar--tab", partial=True)
        key = self.get_component_rich_style("tab-bar--key", partial=True)
        here = self.get_component_rich_style("tab-bar--active", partial=True)
        for place, (digit, name) in enumerate(self._labels()):
            if place:
                line.append(" ")
            line.append(digit, here if place == self.active else key)
            line.append(name, here if place == self.active else tab)
        return line

    def on_click(self, event: Click) -> None:
        """Choose the tab that was clicked."""
        left = 0
        for place, (digit, name) in enumerate(self._labels()):
            right = left + len(digit) + len(name)
            if left <= event.x <= right:
                self.post_message(self.Chosen(place))
                return
            left = right + 1
