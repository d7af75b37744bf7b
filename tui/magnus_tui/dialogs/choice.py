"""Choosing one of some options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from magnus_tui import keys
from magnus_tui.format.text import clean
from magnus_tui.screen import read_styles


class ChoiceScreen(ModalScreen[str | None]):
    """A list of options; enter chooses, escape leaves it as it was."""

    CSS = read_styles(__file__, "dialogs.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.CHOICE[1:])]
    key_tables: ClassVar = [("choice", keys.CHOICE)]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], chosen: str) -> None:
        """Make the screen.

        Args:
            title: what is chosen.
            options: pairs of what is shown and what it stands for.
            chosen: what is chosen now.
        """
        super().__init__()
        self._title = title
        self._options = options
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """A title, the options, and what to press."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield OptionList(*(Option(Text(clean(shown))) for shown, _ in self._options))
            yield Static("enter chooses · esc leaves it as it was", classes="dialog-help", markup=False)

    def on_mount(self) -> None:
        """Start at what is chosen now."""
        place = next((i for i, (_, value) in enumerate(self._options) if value == self._chosen), 0)
        self.query_one(OptionList).highlighted = place

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose."""
        self.dismiss(self._options[event.option_index][1])

    def action_cancel(self) -> None:
        """Leave it as it was."""
        self.dismiss(None)
