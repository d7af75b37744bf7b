"""When the preview of the run under the cursor is read and shown, and how much room it gets beside the list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.feed.coalesced_worker import CoalescedWorker
from magnus_tui.runs.preview_pane import RunDetails
from magnus_tui.runs.screen_interface import RunsScreenParts

_LEAST_PREVIEW, _MOST_PREVIEW = 34, 64
"""Cells of the preview beside the list."""
_NARROW = 110
"""Cells of the screen below which the list and the preview take turns."""
_PAUSE = 0.06
"""Seconds that the cursor must rest on a run before it is previewed."""
_PATIENCE = 0.1
"""Seconds for which its row waits for what is read of it, so that mostly both are painted at once."""


class PreviewController:
    """The preview beside the run list; below a width the two take turns."""

    def __init__(self, screen: RunsScreenParts) -> None:
        """Show nothing yet.

        Args:
            screen: the run list.
        """
        self._screen = screen
        self._details: RunDetails | None = None
        self._previewed: RunSummary | None = None
        self._wanted: bool | None = None
        self._was_shown = False
        self._alone = False
        self._reading = CoalescedWorker(screen, self._read, "preview")

    def toggle(self) -> None:
        """Show or hide the preview; where there is room for one pane only, it takes the list's place."""
        self._wanted = not self._screen.preview.display
        if not self._alone and self._screen.size.width >= _NARROW:
            self._screen.app.remember(preview=self._wanted)
        self.share_room()

    def toggle_alone(self) -> None:
        """Show the list or the preview alone, whichever the user looks at, or both again."""
        self._alone = not self._alone
        self._wanted = None
        self.share_room()

    def share_room(self) -> None:
        """Give the list what it needs and the preview the rest; where there is no room for both, one of them."""
        screen, table, preview = self._screen, self._screen.table, self._screen.preview
        narrow = self._alone or screen.size.width < _NARROW
        wanted = self._wanted
        if wanted is None:
            wanted = screen.app.settings.preview and not narrow
        preview.display = wanted
        table.styles.width = "1fr"
        if narrow:
            table.display = not wanted
            preview.styles.width = "1fr"
        else:
            table.display = True
            spare = screen.size.width - table.needed_width() - 2
            preview.styles.width = max(_LEAST_PREVIEW, min(spare, _MOST_PREVIEW))

    def catch_up(self) -> None:
        """Preview what has changed while another screen was on top."""
        if self._screen.is_there() and not self._screen.preview.is_empty:
            self.show_at_rest(self._screen.table.current)

    def show_at_rest(self, run: RunSummary | None) -> None:
        """Show the run's row once the cursor rests, so that moving it stays cheap, and have its details read."""
        work: Callable[[], Any] = partial(self._show_at_rest, run)
        self._screen.run_worker(work, group="details", exclusive=True, description="the preview of a run")

    async def _show_at_rest(self, run: RunSummary | None) -> None:
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
        if run is not None and run.error is None and self._screen.is_there() and self._screen.preview.display:
            self._previewed = run
            self._reading.request(soon=self._details is None or self._details.run_id != run.run_id)
            await asyncio.sleep(_PATIENCE)
        if not self._was_shown:
            self._show()

    def _show(self) -> None:
        self._was_shown = True
        if self._screen.is_there():
            self._screen.preview.show(self._screen.table.current_row, self._details)

    def _read(self) -> Callable[[], None] | None:
        from magnus_tui.runs.preview_data import read_details  # late: it opens runs, the first frame does not

        run = self._previewed
        if run is None:
            return None
        try:
            return partial(self._show_details, read_details(self._screen.feed, run))
        except MagnusTrackingError:
            return partial(self._show_details, RunDetails(run.run_id))

    def _show_details(self, details: RunDetails) -> None:
        self._details = details
        self._show()
