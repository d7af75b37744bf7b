"""Rows that are lit up for a moment because their run has ended, failed or fallen silent."""

from __future__ import annotations

import time
from collections.abc import Iterable

from textual.widget import Widget

from magnus_tui.runs.columns import PLANNED, Row
from magnus_tui.widgets.changed_lines import ChangedLines
from magnus_tui.widgets.timed_refresh import Due

_SECONDS = 0.5
"""Long enough to catch the eye, and over before the row is read."""


class StateFlashes:
    """The runs whose state has changed since they were last seen, each for a moment.

    Args:
        rows: what shows them; it is painted again once the moment is over.
    """

    def __init__(self, rows: ChangedLines) -> None:
        self._rows = rows
        self._states: dict[str, str] = {}
        self._until: dict[str, float] = {}
        self._over = Due(rows, self._end)

    def __contains__(self, run_id: str) -> bool:
        """Whether a run is lit up now."""
        return run_id in self._until

    def take(self, rows: Iterable[Row]) -> None:
        """Light up those that changed among the rows on the screen; with animations off, none."""
        if not _is_seen(self._rows):
            return
        states = {row.run.run_id: row.state for row in rows}
        # A run that was known by its file alone had no state yet.
        changed = [
            run_id for run_id, state in states.items() if self._states.get(run_id, PLANNED) not in (PLANNED, state)
        ]
        self._states = states
        if changed and self._rows.app.animation_level != "none":
            self._until |= dict.fromkeys(changed, time.monotonic() + _SECONDS)
            self._over.within(_SECONDS)

    def _end(self) -> None:
        now = time.monotonic()
        self._until = {run_id: until for run_id, until in self._until.items() if until > now}
        if self._until:
            self._over.within(min(self._until.values()) - now)
        self._rows.refresh_changed()


def _is_seen(widget: Widget) -> bool:
    return widget.is_attached and widget.screen.is_current and widget.display
