"""How an unfinished run is followed: its newest values and the end of its log stay in view."""

from __future__ import annotations

from magnus_tui import keys
from magnus_tui.run.screen_interface import RunScreenParts
from magnus_tui.widgets.newest_in_view import paused_text


class Following:
    """Follows an unfinished run on its screen.

    Everything is followed at once. Moving away in one part pauses that part alone, so that it is never yanked from
    under its user's eyes; the key that follows resumes the part that is shown.

    Attributes:
        is_on: whether the run is followed, as long as it goes on.
    """

    def __init__(self, screen: RunScreenParts) -> None:
        """Follow nothing yet.

        Args:
            screen: the run.
        """
        self._screen = screen
        self.is_on = False
        self._store_followed = False
        self._went_on = False

    def __str__(self) -> str:
        """The state of what is shown, in a word or two; empty where a run has ended, and where only changes show."""
        if not self._screen.goes_on:
            return ""
        follower = self._screen.details.follower
        if not self.is_on:
            if self._screen.app.is_paused:
                return paused_text()
            return f"{keys.shown('follow')} follows" if follower is not None else ""
        return "following" if follower is None or follower.following else paused_text()

    def look(self) -> None:
        """Call the user back when the run that is followed has ended."""
        went_on, self._went_on = self._went_on, self._screen.goes_on
        loaded = self._screen.loaded
        if self.is_on and went_on and not self._went_on and loaded is not None:
            summary = loaded.opened.summary
            reason = f": {summary.message}" if summary.status == "FAIL" and summary.message else ""
            self._screen.app.call_back(f"{summary.run_id} has ended: {summary.status.lower()}{reason}")

    def toggle(self) -> None:
        """Follow the run, resume what was paused, or follow no longer."""
        details = self._screen.details
        if self.is_on and details.follower is not None and not details.follower.following:
            details.follower.follow(True)
            return
        self.is_on = not self.is_on
        details.follow(self.is_on)
        self._follow_store()

    def _follow_store(self) -> None:
        """Take in the store's changes while the run is followed, even where they are not taken in otherwise."""
        if self.is_on == self._screen.app.following:
            return
        if self.is_on or self._store_followed:
            self._store_followed = self.is_on
            self._screen.app.toggle_following()
