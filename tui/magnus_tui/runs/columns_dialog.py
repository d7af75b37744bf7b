"""Choosing the parameters and metrics that are columns of the run list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from magnus_tui import keys
from magnus_tui.format.text import clean
from magnus_tui.screen import read_styles


class ColumnsScreen(ModalScreen[list[str] | None]):
    """A list of what can be a column, each to be ticked; what is ticked is shown in the order of the list."""

    CSS = read_styles(__file__, "dialogs.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.CHOICE)]
    key_tables: ClassVar = [("columns", keys.CHOICE)]

    def __init__(self, fields: Sequence[str], chosen: Sequence[str]) -> None:
        super().__init__()
        self._fields = [*chosen, *(name for name in fields if name not in chosen)]
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        """A title, the list, and what to press."""
        with Vertical(id="columns-box"):
            yield Static("columns: parameters and last values of metrics", id="columns-title", markup=False)
            yield SelectionList[str](
                *(Selection(Text(clean(name)), name, name in self._chosen) for name in self._fields), id="columns-list"
            )
            said = "space ticks · enter keeps · esc leaves as it was"
            if not self._fields:
                said = "no run that has been read has a parameter or a metric · esc back"
            yield Static(said, id="columns-help", markup=False)

    def action_keep(self) -> None:
        """Keep what is ticked."""
        ticked = set(self.query_one(SelectionList).selected)
        self.dismiss([name for name in self._fields if name in ticked])

    def action_cancel(self) -> None:
        """Leave it as it was."""
        self.dismiss(None)
