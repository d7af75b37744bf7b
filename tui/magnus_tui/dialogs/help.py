"""The keys of the screen that is on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from magnus_tui import keys
from magnus_tui.keys import Key
from magnus_tui.screen import read_styles

_FALLBACK: Sequence[tuple[str, Sequence[Key]]] = (("move", keys.MOVE), ("everywhere", keys.APP))
_KEY_CELLS = 12


class HelpScreen(ModalScreen[None]):
    """Every key that does something on a screen, from the table that its bindings come from."""

    CSS = read_styles(__file__, "help.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.HELP)]
    key_tables: ClassVar = [("help", keys.HELP)]

    def __init__(self, screen: Screen[object]) -> None:
        """Make the screen.

        Args:
            screen: whose keys are shown: its `key_tables`, pairs of a heading and a table of keys.
        """
        super().__init__()
        self._tables: Sequence[tuple[str, Sequence[Key]]] = getattr(screen, "key_tables", _FALLBACK)

    def compose(self) -> ComposeResult:
        """The tables one below the other."""
        with VerticalScroll(id="help-box"):
            yield Static(self._text(), markup=False)

    def _text(self) -> Text:
        variables = self.app.theme_variables
        text = Text("keys", style="bold")
        text.append("   esc closes", variables.get("dim", ""))
        for heading, table in self._tables:
            text.append(f"\n\n{heading}", variables.get("dim", ""))
            for key in table:
                text.append(f"\n  {key.display:<{_KEY_CELLS}}", variables.get("footer-key-foreground", ""))
                text.append(key.help, variables.get("foreground", ""))
        return text

    def action_close(self) -> None:
        """Back to the screen."""
        self.dismiss()
