"""Saved queries: recalling one, and saving the one that filters now under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from magnus_tui import keys
from magnus_tui.format.text import clean
from magnus_tui.screen import Explorer, read_styles
from magnus_tui.widgets.line_input import LineInput


class QueriesScreen(ModalScreen[str | None]):
    """The saved queries by name, and a line to save the one that filters now."""

    CSS = read_styles(__file__, "../dialogs/dialogs.tcss", "dialogs.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.QUERIES)]
    key_tables: ClassVar = [("queries", keys.QUERIES)]
    app: Explorer

    def __init__(self, saved: Mapping[str, str], query: str) -> None:
        super().__init__()
        self._saved = dict(saved)
        self._query_text = query

    def compose(self) -> ComposeResult:
        """The saved queries, and a line for a name."""
        with Vertical(classes="dialog"):
            yield Static("saved queries", classes="dialog-title", markup=False)
            yield OptionList()
            if self._query_text.strip():
                yield LineInput(placeholder=f"a name saves: {self._query_text}", compact=True)
            yield Static(classes="dialog-help", markup=False)

    def on_mount(self) -> None:
        """Fill the list; with nothing saved yet, the name can be typed at once."""
        self._fill()
        if not self._saved and self._query_text.strip():
            self.query_one(Input).focus()

    def _fill(self) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(Option(Text(clean(f"{name}   {query}"))) for name, query in self._saved.items())
        if self._saved:
            options.highlighted = 0
        self.query_one(".dialog-help", Static).update(self._help())

    def _help(self) -> str:
        """What the keys do in the state in which the dialog is."""
        can_save = bool(self._query_text.strip())
        if self._saved:
            return f"enter recalls{' or saves' if can_save else ''} · delete forgets · esc back"
        if can_save:
            return "nothing is saved yet: type a name, enter saves · esc back"
        return "nothing is saved yet: type a filter (/), then save it here · esc back"

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Recall a query."""
        self.dismiss(list(self._saved.values())[event.option_index])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Save the query under the name that was typed."""
        name = event.value.strip()
        if name:
            self._saved[name] = self._query_text
            self.app.remember(queries=self._saved)
            self.dismiss(None)

    def action_forget(self) -> None:
        """Forget the query under the cursor."""
        place = self.query_one(OptionList).highlighted
        if place is not None and place < len(self._saved):
            del self._saved[list(self._saved)[place]]
            self.app.remember(queries=self._saved)
            self._fill()

    def action_cancel(self) -> None:
        """Back to the list."""
        self.dismiss(None)
