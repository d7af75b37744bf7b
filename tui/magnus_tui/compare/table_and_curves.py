"""The table of a comparison and its curves, side by side, one below the other, or in turn."""

from __future__ import annotations

from textual.containers import Container

from magnus_tui.compare.comparison_table import CompareTable
from magnus_tui.screen import Explorer
from magnus_tui.widgets.overlaid_curves import OverlaidCurves
from magnus_tui.widgets.side_pane import SidePane

_LEAST_FOR_BOTH = 32
"""Below this height of the screen the table and the curves take turns."""
_LEAST_BESIDE = 60
"""Cells beside what the table needs from which on the curves stand there."""
_LEAST_TABLE, _LEAST_CURVES = 40, 37
"""Cells that are left to the table, and to the curves beside it."""


class TableAndCurves(Container):
    """Shares the room: curves beside the table, below it where it needs the width, instead of it where there is little.

    It holds a `CompareTable`, and a `SidePane` with `OverlaidCurves`.
    """

    app: Explorer

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._wants_curves: bool | None = None
        self._alone = False
        self._needed = 0

    @property
    def table(self) -> CompareTable:
        """The table."""
        return self.query_one(CompareTable)

    @property
    def curves(self) -> OverlaidCurves:
        """The curves."""
        return self.query_one(OverlaidCurves)

    @property
    def _side(self) -> SidePane:
        return self.query_one(SidePane)

    @property
    def shows_curves(self) -> bool:
        """Whether the curves are on the screen."""
        return self._side.display

    def rows_changed(self) -> None:
        """Leave the table the width that its rows need; no less than before, so that the curves stay where they are."""
        self._needed = max(self._needed, self.table.needed_width())
        self.share_room()

    def share_room(self) -> None:
        """Share the room of the screen as it is now."""
        screen, side, table = self.screen.size, self._side, self.table
        spare = screen.width - max(self._needed, _LEAST_TABLE)
        beside = screen.width - self._needed >= _LEAST_BESIDE
        low = self._alone or (screen.height < _LEAST_FOR_BOTH and not beside)
        self.set_class(beside and not low, "-beside")
        side.styles.width = self._side_width(spare) if beside and not low else "1fr"
        wanted = self._wants_curves if self._wants_curves is not None else bool(self.curves.grid.overlays) and not low
        had_focus = self.curves.is_focused or table.has_focus
        side.set_class(low, "-alone")
        side.display = wanted
        table.display = not (low and wanted)
        if had_focus and not table.display:
            self.curves.focus_content()
        elif had_focus and not wanted:
            table.focus()

    def _side_width(self, spare: int) -> int:
        chosen = self.app.settings.widths.get("comparison", spare)
        return max(_LEAST_CURVES, min(chosen, self.screen.size.width - _LEAST_TABLE))

    def widen_curves(self, cells: int) -> None:
        """Make the curves beside the table so much wider, or narrower where negative, also in later sessions."""
        self._take_width(self._side.outer_size.width + cells)

    def on_side_pane_dragged(self, event: SidePane.Dragged) -> None:
        """Make the curves as wide as they were dragged."""
        self._take_width(event.width)

    def _take_width(self, cells: int) -> None:
        if self.shows_curves and self.has_class("-beside"):
            self.app.remember(widths={**self.app.settings.widths, "comparison": max(cells, _LEAST_CURVES)})
            self.share_room()
        else:
            self.notify("there is no pane beside the table", timeout=2)

    def on_overlaid_curves_left(self) -> None:
        """Go from the curves back to the table."""
        if not self.table.display:
            self._wants_curves = False
            self.share_room()
        self.table.focus()

    def other_pane(self) -> None:
        """Give the keys to the curves, which are shown for it, or back to the table."""
        if self.curves.is_focused:
            self.on_overlaid_curves_left()
            return
        if not self.shows_curves:
            self.toggle_curves()
        self.curves.focus_content()

    def toggle_alone(self) -> None:
        """Show the table or the curves alone, whichever has the focus, or both again."""
        self._alone = not self._alone
        self._wants_curves = self.curves.is_focused if self._alone else None
        self.share_room()

    def toggle_curves(self) -> None:
        """Show or hide the curves."""
        self._wants_curves = not self.shows_curves
        self.share_room()
