"""When the preview of the run under the cursor is read and shown, and how much room it gets beside the list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.feed.coalesced_worker import CoalescedWorker
from magnus_tui.runs.curves_beside import CurvesBeside
from magnus_tui.runs.groups import GroupLine
from magnus_tui.runs.preview_pane import RunDetails
from magnus_tui.runs.screen_interface import RunsScreenParts
from magnus_tui.widgets.side_pane import NARROW

if TYPE_CHECKING:
    from magnus_tui.runs.group_facts import GroupFacts
    from magnus_tui.widgets.overlaid_curves import OverlaidCurves

Shows = Literal["off", "facts", "charts"]
SHOWS: tuple[Shows, ...] = ("off", "facts", "charts")
"""What the pane shows, in the order in which a key goes through it."""

_LEAST_PREVIEW, _MOST_PREVIEW = 34, 64
"""Cells of the facts beside the list."""
_LEAST_LIST = 24
"""Cells that are left to the list."""
_PAUSE = 0.06
"""Seconds that the cursor must rest on a run before it is previewed."""
_PATIENCE = 0.1
"""Seconds for which its row waits for what is read of it, so that mostly both are painted at once."""


class PreviewController:
    """The pane beside the run list: facts of a run, or charts of several; below a width list and pane take turns."""

    def __init__(self, screen: RunsScreenParts) -> None:
        """Show nothing yet.

        Args:
            screen: the run list.
        """
        self._screen = screen
        self._details: RunDetails | GroupFacts | None = None
        self._previewed: RunSummary | GroupLine | None = None
        self._was_shown = False
        self._alone = False
        self._in_turn: Shows = "off"
        self._beside = CurvesBeside(screen)
        self._reading = CoalescedWorker(screen, self._read, "preview")

    @property
    def _takes_turns(self) -> bool:
        """Whether there is room, or the wish, for one pane only."""
        return self._alone or self._screen.size.width < NARROW

    @property
    def shows(self) -> Shows:
        """What the pane shows."""
        return self._in_turn if self._takes_turns else self._screen.app.settings.preview

    def toggle(self) -> None:
        """Show facts, then charts, then neither; where there is room for one pane only, they take the list's place."""
        following = SHOWS[(SHOWS.index(self.shows) + 1) % len(SHOWS)]
        if self._takes_turns:
            self._in_turn = following
        else:
            self._screen.app.remember(preview=following)
        self.share_room()
        self.show_at_rest(self._screen.table.current)

    def toggle_alone(self) -> None:
        """Show the list or the charts alone, whichever has the focus, or both again."""
        self._alone = not self._alone
        self._in_turn = "charts" if self._alone and self._has_focus else "off"
        self.share_room()

    @property
    def focused_curves(self) -> OverlaidCurves | None:
        """The charts, where they have the keys."""
        curves = self._beside.curves
        return curves if curves is not None and curves.is_focused else None

    @property
    def _has_focus(self) -> bool:
        return self.focused_curves is not None

    def other_pane(self) -> None:
        """Move between the list and the charts."""
        if self._has_focus:
            self.leave()
        elif self._beside.curves is not None:
            self._beside.curves.focus_content()

    def leave(self) -> None:
        """Go from the charts back to the list."""
        if self._takes_turns:
            self._in_turn = "off"
            self.share_room()
        self._screen.table.focus()

    def move_divider(self, cells: int) -> None:
        """Make the pane wider by so many cells, or narrower where negative."""
        self.take_width(self._screen.side.outer_size.width + cells, remember=True)

    @property
    def has_charts(self) -> bool:
        """Whether charts are shown."""
        return self.shows == "charts"

    @property
    def has_divider(self) -> bool:
        """Whether the list and a pane stand beside one another."""
        return self.shows != "off" and not self._takes_turns

    def take_width(self, cells: int, *, remember: bool) -> None:
        """Give the pane so many cells, as far as the list keeps enough.

        Args:
            cells: with the line between the panes.
            remember: whether also in later sessions.
        """
        cells = max(_LEAST_PREVIEW, min(cells, self._screen.size.width - _LEAST_LIST))
        self._screen.side.styles.width = cells
        if remember:
            app = self._screen.app
            app.remember(widths={**app.settings.widths, self.shows: cells})

    def share_room(self) -> None:
        """Give the list what it needs and the pane the rest; where there is no room for both, one of them."""
        screen, table, side = self._screen, self._screen.table, self._screen.side
        shows, has_focus = self.shows, table.has_focus
        side.display = shows != "off"
        side.set_class(self._takes_turns, "-alone")
        screen.preview.display = shows == "facts"
        screen.preview.can_focus = shows == "facts" and self._takes_turns
        table.display = shows == "off" or not self._takes_turns
        if self._takes_turns:
            side.styles.width = "1fr"
        else:
            chosen = screen.app.settings.widths.get(shows)
            self.take_width(chosen if chosen is not None else self._fitting(shows), remember=False)
        self._share_focus(shows, table_had_it=has_focus)
        screen.refresh_bindings()

    def _fitting(self, shows: Shows) -> int:
        """Cells that the pane takes until the user says otherwise."""
        whole = self._screen.size.width
        spare = whole - self._screen.table.needed_width() - 2
        return min(spare, _MOST_PREVIEW) if shows == "facts" else max(spare, whole // 2)

    def _share_focus(self, shows: Shows, *, table_had_it: bool) -> None:
        """Show what is chosen of the charts, and give the keys to what is seen where they would be lost."""
        curves, preview = self._beside.curves, self._screen.preview
        if preview.can_focus:
            preview.focus()
        elif preview.has_focus:
            self._screen.table.focus()
        if curves is None:
            if shows == "charts":
                self._screen.app.before_next_key(self._beside.make, self._mount)
            return
        focused = curves.is_focused
        curves.display = shows == "charts"
        if shows == "charts" and table_had_it and not self._screen.table.display:
            curves.focus_content()
        elif shows != "charts" and focused:
            self._screen.table.focus()

    def _mount(self, make: Callable[[], OverlaidCurves]) -> None:
        work: Callable[[], Any] = partial(self._mounted, make())
        self._screen.run_worker(work, group="charts", description="charts beside the list")

    async def _mounted(self, curves: OverlaidCurves) -> None:
        if self._screen.is_there():
            await self._screen.side.mount(curves)
            self.share_room()
            if self.shows == "charts" and self._takes_turns:
                curves.focus_content()
            self.show_at_rest(self._screen.table.current)

    def catch_up(self) -> None:
        """Show what has changed while another screen was on top."""
        if self._screen.is_there() and (self.shows == "charts" or not self._screen.preview.is_empty):
            self._beside.look_again()
            self.show_at_rest(self._screen.table.current)

    def marks_changed(self) -> None:
        """Show the charts of what is marked now, and which is best; also of runs that may have changed."""
        if self.shows == "charts":
            self._beside.look_again()
            self._beside.request()

    def show_at_rest(self, run: RunSummary | None) -> None:
        """Show the run's row once the cursor rests, so that moving it stays cheap, and have its details read.

        Where there is no run, it is the group whose line the cursor is on. Charts follow the cursor at once.
        """
        if self.shows == "charts":
            self._beside.request()
            self._screen.table.fetch_beyond()
            return
        work: Callable[[], Any] = partial(self._show_at_rest, run)
        self._screen.run_worker(work, group="details", exclusive=True, description="the preview of a run")

    async def _show_at_rest(self, run: RunSummary | None) -> None:
        """Show the row of a run, at once or once the cursor rests, and have its details read."""
        if not self._screen.is_there() or not self._screen.is_current:
            return
        rests = not self._screen.preview.is_empty
        if rests:
            await asyncio.sleep(_PAUSE)
        else:
            self._show()
        if rests and self._screen.is_there():
            self._screen.table.fetch_beyond()
        self._was_shown = not rests
        if self._screen.is_there() and self.shows == "facts":
            wanted = self._screen.table.current_group if run is None else run if run.error is None else None
            if wanted is not None:
                name = ("group", wanted.key) if isinstance(wanted, GroupLine) else ("run", wanted.run_id)
                self._previewed = wanted
                self._reading.request(soon=self._details is None or self._details.name != name)
                await asyncio.sleep(_PATIENCE)
        if not self._was_shown:
            self._show()

    def _show(self) -> None:
        self._was_shown = True
        if self._screen.is_there():
            table = self._screen.table
            self._screen.preview.show(table.current_row or table.current_group, self._details)

    def _read(self) -> Callable[[], None] | None:
        run, feed = self._previewed, self._screen.feed
        if run is None:
            return None
        if isinstance(run, GroupLine):
            from magnus_tui.runs.group_facts import read_facts  # late: few lists are grouped at first

            return partial(self._show_details, read_facts(feed, run))
        from magnus_tui.runs.preview_data import read_details  # late: it opens runs, the first frame does not

        try:
            return partial(self._show_details, read_details(feed, run))
        except MagnusTrackingError:
            return partial(self._show_details, RunDetails(run.run_id))

    def _show_details(self, details: RunDetails | GroupFacts) -> None:
        self._details = details
        self._show()
