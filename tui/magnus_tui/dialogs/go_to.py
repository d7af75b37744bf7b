"""Typing a number to go to: a line at the foot of the screen, as in vim and less."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from magnus_tui import keys
from magnus_tui.dialogs.dialog import Dialog
from magnus_tui.screen import read_styles
from magnus_tui.widgets.line_input import LineInput

_MOST_DIGITS = 400
"""More digits than the largest step that is drawn has; Python refuses thousands."""


class GoToScreen(Dialog[int]):
    """A line for a number; enter goes there, escape leaves it."""

    CSS = read_styles(__file__, "go_to.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.GO_TO[1:])]
    key_tables: ClassVar = [("go to", keys.GO_TO)]

    def __init__(self, counted: str) -> None:
        """Make the screen.

        Args:
            counted: what the number is of: a row, a line, a step.
        """
        super().__init__()
        self._counted = counted

    def compose(self) -> ComposeResult:
        """A colon, and the number."""
        with Horizontal(id="go-to"):
            yield Static(f": {self._counted} ", markup=False)
            said = "number · enter goes there · esc cancels"
            yield LineInput(placeholder=said, restrict=r"-?[0-9,_]*", max_length=_MOST_DIGITS, compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go there; without a number, stay."""
        digits = event.value.replace(",", "").replace("_", "")
        self.dismiss(int(digits) if digits.lstrip("-") else None)

    def action_cancel(self) -> None:
        """Stay."""
        self.dismiss(None)
