"""The part of the run list that shows a preview of the run under the cursor, beside the list or in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual import work
from textual.events import Resize
from textual.screen import Screen

from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.feed.coalesced_worker import Rereading
from magnus_tui.feed.feed import Feed
from magnus_tui.runs.preview import RunDetails, RunPreview
from magnus_tui.runs.run_table import RunTable

if TYPE_CHECKING:
    from magnus_tui.app.explorer import ExplorerApp

_LEAST_PREVIEW = 34
_MOST_PREVIEW = 64
_NARROW = 110
_PAUSE = 0.06
"""Seconds that the cursor must rest on a run before it is previewed."""


class RunsPreviewing(Screen[None]):
    """The preview beside the run list; below a width the two take turns."""

    app: ExplorerApp
    feed: Feed
    _details: RunDetails | None = None
    _previewed: RunSummary | None = None
    _wants_preview: bool | None = None

    @cached_property
    def _reading(self) -> Rereading:
        return Rereading(self, self._read, "preview")

    @property
    def preview(self) -> RunPreview:
        """The pane beside the list."""
        return self.query_one(RunPreview)

    def action_preview(self) -> None:
        """Show or hide the preview; where there is room for one pane only, it takes the list's place."""
        self._wants_preview = not self.preview.display
        if self.size.width >= _NARROW:
            self.app.remember(preview=self._wants_preview)
        self.share_room()

    def on_resize(self, _event: Resize) -> None:
        """Lay out for the new size."""
        self.share_room()

    def share_room(self) -> None:
        """Give the list what it needs and the preview the rest; where there is no room for both, one of them."""
        narrow = self.size.width < _NARROW
        wanted = self._wants_preview
        if wanted is None:
            wanted = self.app.settings.preview and not narrow
        self.preview.display = wanted
        self.query_one(RunTable).styles.width = "1fr"
        if narrow:
            self.query_one(RunTable).display = not wanted
            self.preview.styles.width = "1fr"
        else:
            self.query_one(RunTable).display = True
            spare = self.size.width - self.query_one(RunTable).needed_width() - 2
            self.preview.styles.width = max(_LEAST_PREVIEW, min(spare, _MOST_PREVIEW))

    def on_run_table_run_highlighted(self, event: RunTable.RunHighlighted) -> None:
        """Preview the run that the cursor rests on."""
        self._preview_when_at_rest(event.run)

    def on_screen_resume(self) -> None:
        """Preview what has changed while another screen was on top."""
        if self._is_there() and not self.preview.is_empty:
            self._preview_when_at_rest(self.query_one(RunTable).current)

    @work(exclusive=True, group="details", description="the preview of a run")
    async def _preview_when_at_rest(self, run: RunSummary | None) -> None:
        """Show the run's row once the cursor rests, so that moving it stays cheap, and have its details read."""
        if not self._is_there() or not self.is_current:
            return
        rests = not self.preview.is_empty
        if rests:
            await asyncio.sleep(_PAUSE)
        self._show()
        if rests and self._is_there():
            self.query_one(RunTable).fetch_beyond()
        if run is not None and run.error is None and self._is_there() and self.preview.display:
            self._previewed = run
            self._reading.again(soon=self._details is None or self._details.run_id != run.run_id)

    def _is_there(self) -> bool:
        """Whether the explorer has not been closed meanwhile."""
        return bool(self.query(RunTable)) and bool(self.query(RunPreview))

    def _show(self) -> None:
        if self._is_there():
            self.preview.show(self.query_one(RunTable).current_row, self._details)

    def _read(self) -> Callable[[], None] | None:
        from magnus_tui.runs.preview_data import read_details

        run = self._previewed
        if run is None:
            return None
        try:
            return partial(self._show_details, read_details(self.feed, run))
        except MagnusTrackingError:
            return partial(self._show_details, RunDetails(run.run_id))

    def _show_details(self, details: RunDetails) -> None:
        self._details = details
        self._show()
