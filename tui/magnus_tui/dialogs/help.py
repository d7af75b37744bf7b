"""The one help: the keys of the screen that is on top, the query language, and what signs and words mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen

from magnus_tui import keys
from magnus_tui.dialogs.dialog import Dialog
from magnus_tui.dialogs.help_content import QUERY, SIGNS
from magnus_tui.screen import read_styles
from magnus_tui.widgets.detail_view import DetailView
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.filtering_screen import FilteringScreen
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.page import BLANK, Line, Page, pad, rule, wrap

_FALLBACK: keys.Tables = (("move", keys.MOVE), ("everywhere", keys.APP))
_LEAST_NAME, _MOST_NAME = 10, 24


class HelpScreen(Dialog[None], FilteringScreen[None]):
    """Everything that can be done on a screen, from the table that its bindings come from, and what is seen there."""

    CSS = read_styles(__file__, "help.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.HELP)]
    key_tables: ClassVar = [("help", keys.HELP), ("move", keys.MOVE)]

    def __init__(self, screen: Screen[object]) -> None:
        """Make the screen.

        Args:
            screen: whose keys are shown: its `key_tables`, pairs of a heading and a table of keys.
        """
        super().__init__()
        self._tables: keys.Tables = getattr(screen, "key_tables", _FALLBACK)

    def compose(self) -> ComposeResult:
        """A filter, the lines, and what can be done with them."""
        with Vertical(id="help-box") as box:
            box.border_title = "help"
            yield FilterBar(hides=True)
            yield DetailView(id="help-lines")
            yield KeyBar()

    def on_mount(self) -> None:
        """Show the lines."""
        lines = self.query_one(DetailView)
        lines.show(self._lines, same=False)
        lines.focus()

    def _lines(self, page: Page) -> list[Line]:
        tables = [(f"keys · {heading}", [(key.display, key.help) for key in table]) for heading, table in self._tables]
        sections = [*tables, ("what can be asked", QUERY), ("signs and words", SIGNS)]
        found: list[Line] = []
        for heading, entries in sections:
            found += [*([BLANK] if found else []), rule(heading, page), *_entries(entries, page)]
        return found

    def action_close(self) -> None:
        """Out of the filter, or back to the screen."""
        if not self.leave_filter():
            self.dismiss()


def _entries(entries: Iterable[tuple[str, str]], page: Page) -> Iterable[Line]:
    """Names and what they mean; each can be found by both, so that a long meaning goes on in a line of its own."""
    listed = list(entries)
    widest = min(max([_LEAST_NAME, *(cell_len(name) for name, _ in listed)]), _MOST_NAME, page.width // 2)
    for name, meaning in listed:
        first, *rest = wrap(meaning, max(page.width - widest - 2, 8))
        line = Text(pad(name, widest) + "  ", page.ink["footer-key-foreground"], no_wrap=True)
        line.append(first, page.ink["foreground"])
        yield Line(line, f"{name}  {meaning}")
        for part in rest:
            yield Line(Text(" " * (widest + 2) + part, page.ink["foreground"]), f"{name}  {meaning}")
