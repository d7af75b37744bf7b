"""Saved queries: recalling one, and saving the one that filters now under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static

from magnus_tui import keys
from magnus_tui.dialogs.dialog import Dialog
from magnus_tui.screen import Explorer, read_styles
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.filtering_screen import FilteringScreen
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.line_input import LineInput
from magnus_tui.widgets.option_lists import FilteredOptions


class QueriesScreen(Dialog[str | None], FilteringScreen[str | None]):
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
            yield Static(
                "saved queries: only the filter, no order, columns or groups", classes="dialog-title", markup=False
            )
            yield FilterBar(hides=True)
            yield FilteredOptions()
            if self._query_text.strip():
                yield LineInput(placeholder=f"type a name to save: {self._query_text}", compact=True, id="query-name")
            yield Static(classes="dialog-help", markup=False)
            yield KeyBar()

    def on_mount(self) -> None:
        """Fill the list; with nothing saved yet, the name can be typed at once."""
        self._fill()
        names = not self._saved and self._query_text.strip()
        (self.query_one("#query-name") if names else self.query_one(FilteredOptions)).focus()

    def _fill(self) -> None:
        self.query_one(FilteredOptions).show(f"{name}   {query}" for name, query in self._saved.items())
        said = self.query_one(".dialog-help", Static)
        said.display = not self._saved
        filter_first = f"type a filter ({keys.shown('filter')}), then save it here"
        said.update(
            f"nothing is saved yet: {'type a name for the filter' if self._query_text.strip() else filter_first}"
        )

    def action_choose(self) -> None:
        """Recall the query under the cursor."""
        self.query_one(FilteredOptions).action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Recall a query."""
        self.dismiss(list(self._saved.values())[int(event.option.id or 0)])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Save the query under the name that was typed."""
        name = event.value.strip()
        if name:
            self._saved[name] = self._query_text
            self.app.remember(queries=self._saved)
            self.dismiss(None)

    def action_forget(self) -> None:
        """Forget the query under the cursor."""
        options = self.query_one(FilteredOptions)
        if options.highlighted_option is not None:
            del self._saved[list(self._saved)[int(options.highlighted_option.id or 0)]]
            self.leave_filter()
            self.app.remember(queries=self._saved)
            self._fill()

    def action_cancel(self) -> None:
        """Clear the filter, or go back to the list."""
        if not self.leave_filter():
            self.dismiss(None)
