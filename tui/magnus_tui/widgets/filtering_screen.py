"""Filtering what has the focus: one bar a screen, for every pane whose lines can be told from one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from rich.text import Text
from textual.message import Message
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

from magnus_tui import keys
from magnus_tui.format.text import clean, truncate
from magnus_tui.widgets.filter_bar import FilterBar

_MOST_TOLD = 20
"""Cells of what was looked for that are said again where nothing was found."""


@runtime_checkable
class Filterable(Protocol):
    """A widget that can show only some of its lines. It says what it found by `Filtered`."""

    def filter_lines(self, text: str) -> None:
        """Show only the lines that hold every word of `text`; with an empty one, all of them."""


class Filtered(Message):
    """A pane was filtered.

    Attributes:
        said: how much of it is left, in a few words.
        is_empty: whether nothing is.
    """

    def __init__(self, said: str, *, is_empty: bool = False) -> None:
        super().__init__()
        self.said = said
        self.is_empty = is_empty


def matcher(text: str) -> Callable[[str], bool]:
    """A test whether a line holds every word of `text`, without case."""
    words = text.casefold().split()
    if len(words) == 1:
        # As mostly; a line of very many takes a third of the time so.
        return lambda line: words[0] in line.casefold()
    return lambda line: all(word in line.casefold() for word in words)


def _as_object(node: object) -> object:
    # Of a node of the tree the type checker is sure that it can't be what the protocol says.
    return node


class FilteringScreen(Screen[ScreenResultType]):
    """A screen in which a key filters the pane that has the focus; it has one `FilterBar`."""

    _filtered: Filterable | None = None
    _left: Widget | None = None

    @property
    def filter_bar(self) -> FilterBar:
        """The line in which the filter is typed."""
        return self.query_one(FilterBar)

    def action_filter(self) -> None:
        """Filter the pane that has the focus."""
        focused = self.focused
        nodes = focused.ancestors_with_self if focused is not None else []
        pane = next((node for node in map(_as_object, nodes) if isinstance(node, Filterable)), None)
        if pane is None:
            self.notify("nothing here can be filtered", timeout=2)
            return
        if pane is not self._filtered:
            self.leave_filter()
            self._filtered = pane
        self._left = focused
        self.filter_bar.start()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Filter as it is typed."""
        event.stop()
        if self._filtered is not None:
            self._filtered.filter_lines(event.query)

    def on_filtered(self, event: Filtered) -> None:
        """Say how much is left."""
        event.stop()
        needle = self.filter_bar.query_text
        said = event.said
        if event.is_empty:
            said = f"no match for “{truncate(clean(needle), _MOST_TOLD)}” · {keys.shown('back')} shows all"
        self.filter_bar.say(Text(said if needle else ""))

    def on_filter_bar_kept(self, event: FilterBar.Kept) -> None:
        """Give the keys back to the pane; the filter stays."""
        event.stop()
        if self._left is not None:
            self._left.focus()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        """Give the keys back to the pane, without a filter."""
        event.stop()
        self.leave_filter()

    def leave_filter(self) -> bool:
        """Show everything again; whether there was a filter."""
        pane, bar = self._filtered, self.filter_bar
        if pane is None:
            return False
        typing = bar.is_typing
        self._filtered = None
        pane.filter_lines("")
        bar.reset()
        if typing and self._left is not None:
            self._left.focus()
        return True
