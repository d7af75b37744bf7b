"""Choosing one of some options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static

from magnus_tui import keys
from magnus_tui.dialogs.dialog import Dialog
from magnus_tui.screen import read_styles
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.filtering_screen import FilteringScreen
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.option_lists import FilteredOptions


class ChoiceScreen(Dialog[str | None], FilteringScreen[str | None]):
    """A list of options; enter chooses, escape leaves it as it was."""

    CSS = read_styles(__file__, "dialogs.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.CHOICE)]
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
            yield FilterBar(hides=True)
            yield FilteredOptions(shown for shown, _ in self._options)
            yield KeyBar()

    def on_mount(self) -> None:
        """Start at what is chosen now."""
        place = next((i for i, (_, value) in enumerate(self._options) if value == self._chosen), 0)
        options = self.query_one(OptionList)
        options.highlighted = place
        options.focus()

    def action_choose(self) -> None:
        """Choose what is under the cursor."""
        self.query_one(FilteredOptions).action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose."""
        self.dismiss(self._options[int(event.option.id or 0)][1])

    def action_cancel(self) -> None:
        """Clear the filter, or leave it as it was."""
        if not self.leave_filter():
            self.dismiss(None)
