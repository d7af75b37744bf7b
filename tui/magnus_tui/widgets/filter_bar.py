"""The line in which the list is filtered: what is asked, and how many runs obey."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from magnus_tui.format.text import clean
from magnus_tui.widgets.line_input import LineInput


class FilterBar(Horizontal):
    """A query that is applied as it is typed; it stays visible while it filters."""

    class Changed(Message):
        """Another query was typed."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query = query

    class Kept(Message):
        """Enter was pressed: the query stays, the list gets the focus."""

    def __init__(self, suggester: Suggester | None = None) -> None:
        super().__init__()
        self._input = LineInput(placeholder="filter: press /", suggester=suggester, compact=True, select_on_focus=False)
        self._input.can_focus = False
        self._said = Static(markup=False)

    def compose(self) -> ComposeResult:
        """A slash, the query, and what is said of it."""
        yield Static("/", id="slash", markup=False)
        yield self._input
        yield self._said

    @property
    def query_text(self) -> str:
        """The query as it stands."""
        return self._input.value

    @query_text.setter
    def query_text(self, text: str) -> None:
        self._input.value = text
        self._input.cursor_position = len(text)

    @property
    def is_typing(self) -> bool:
        """Whether the query is being typed."""
        return self._input.has_focus

    def cell_of(self, position: int) -> int | None:
        """The cell of the screen's line at which the query's character at `position` stands; None out of sight."""
        cell = cell_len(clean(self.query_text[:position])) - round(self._input.scroll_x)
        room = self._input.content_region
        return room.x + cell if 0 <= cell <= room.width else None

    def when_scrolled(self, then: Callable[[], None]) -> None:
        """Call `then` whenever the query was scrolled to the side."""
        self.watch(self._input, "scroll_x", then, init=False)

    def start(self) -> None:
        """Let the query be typed."""
        self._input.can_focus = True
        self._input.focus()

    def stop(self) -> None:
        """Give the keys back to the list."""
        self._input.can_focus = False

    def say(self, text: Text) -> None:
        """Say something at the right: how many runs obey."""
        self._said.update(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass the query on."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the query."""
        event.stop()
        self.stop()
        self.post_message(self.Kept())
