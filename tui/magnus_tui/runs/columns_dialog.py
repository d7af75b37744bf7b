"""Choosing the parameters and metrics that are columns of the run list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from magnus_tui import keys
from magnus_tui.dialogs.dialog import Dialog
from magnus_tui.screen import read_styles
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.filtering_screen import FilteringScreen
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.option_lists import FilteredTicks


class ColumnsScreen(Dialog[list[str] | None], FilteringScreen[list[str] | None]):
    """A list of what can be a column, each to be ticked; what is ticked is shown in the order of the list."""

    CSS = read_styles(__file__, "dialogs.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.TICKS)]
    key_tables: ClassVar = [("columns", keys.TICKS)]

    def __init__(self, fields: Sequence[str], chosen: Sequence[str]) -> None:
        super().__init__()
        self._fields = [*chosen, *(name for name in fields if name not in chosen)]
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        """A title, the list, and what to press."""
        with Vertical(id="columns-box"):
            yield Static("columns: parameters and last values of metrics", id="columns-title", markup=False)
            yield FilterBar(hides=True)
            yield FilteredTicks(self._fields, self._chosen, id="columns-list")
            if not self._fields:
                said = "no run that has been read has a parameter or a metric"
                yield Static(said, id="columns-help", markup=False)
            yield KeyBar()

    def on_mount(self) -> None:
        """Give the keys to the list."""
        self.query_one(FilteredTicks).focus()

    def action_tick(self) -> None:
        """Tick or untick what is under the cursor."""
        self.query_one(FilteredTicks).action_select()

    def action_tick_all(self) -> None:
        """Tick everything shown."""
        self.query_one(FilteredTicks).select_all()

    def action_untick_all(self) -> None:
        """Untick everything shown."""
        self.query_one(FilteredTicks).deselect_all()

    def action_keep(self) -> None:
        """Keep the filter that is typed; otherwise what is ticked."""
        if self.filter_bar.is_typing:
            self.filter_bar.stop()
            self.query_one(FilteredTicks).focus()
        else:
            self.dismiss(self.query_one(FilteredTicks).ticked)

    def action_cancel(self) -> None:
        """Clear the filter, or leave it as it was."""
        if not self.leave_filter():
            self.dismiss(None)
