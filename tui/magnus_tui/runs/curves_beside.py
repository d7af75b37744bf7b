"""The charts beside the run list: of the run under the cursor and of all marked runs, over one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.feed.coalesced_worker import CoalescedWorker
from magnus_tui.runs.screen_interface import RunsScreenParts

if TYPE_CHECKING:
    from magnus_tui.runs.curves_data import CurvesReader
    from magnus_tui.runs.groups import GroupLine
    from magnus_tui.widgets.overlaid_curves import OverlaidCurves


class _Wanted(Struct, frozen=True, eq=False):
    """Whose curves are to be shown."""

    marked: frozenset[str]
    current: RunSummary | None
    group: GroupLine | None
    listed: Sequence[int]

    @property
    def runs(self) -> tuple[frozenset[str], str | None, str | None]:
        """Which they are: the marked ones, the one under the cursor, and the group under it."""
        current = self.current.run_id if self.current is not None else None
        return self.marked, current, self.group.key if self.group is not None else None


class CurvesBeside:
    """Reads the curves that are wanted last, and shows them.

    Attributes:
        curves: the charts; None before they were asked for.
    """

    def __init__(self, screen: RunsScreenParts) -> None:
        """Show nothing yet.

        Args:
            screen: the run list.
        """
        self._screen = screen
        self.curves: OverlaidCurves | None = None
        self._reader: CurvesReader | None = None
        self._wanted: _Wanted | None = None
        self._reading = CoalescedWorker(screen, self._read, "curves")

    def make(self) -> Callable[[], OverlaidCurves]:
        """Import what draws charts, which the first screen does without; called in a thread."""
        from magnus_tui.runs.curves_data import CurvesReader
        from magnus_tui.widgets.overlaid_curves import OverlaidCurves

        def made() -> OverlaidCurves:
            if self.curves is None:
                self.curves, self._reader = OverlaidCurves(), CurvesReader(self._screen.feed)
            return self.curves

        return made

    def look_again(self) -> None:
        """Draw the charts that are there as the user chose it last."""
        if self.curves is not None and self.curves.is_mounted:
            self.curves.look_again()

    def request(self) -> None:
        """Show the curves of the run, or of the group, under the cursor and of the marked runs, as they are now."""
        table, before = self._screen.table, self._wanted
        wanted = self._wanted = _Wanted(frozenset(table.marks), table.current, table.current_group, table.row_ids)
        self._reading.request(soon=before is None or before.runs != wanted.runs)

    def _read(self) -> Callable[[], None] | None:
        wanted, curves, reader = self._wanted, self.curves, self._reader
        if wanted is None or curves is None or reader is None:
            return None
        under = wanted.current or (wanted.group.row_ids if wanted.group is not None else ())
        found = reader.read(wanted.marked, under, wanted.listed, lambda: self._wanted is wanted)
        if found is None:
            return None
        curves.prepare(found.names, found.overlays)
        return partial(curves.show, found.names, found.overlays, found.note, found.empty)
