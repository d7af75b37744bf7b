"""How a run that goes on is followed: its newest values and the end of its log stay in view."""

from __future__ import annotations

from abc import abstractmethod

from magnus_tui.feed.feed import Feed
from magnus_tui.run.reading import RunReading
from magnus_tui.widgets.follower import Follower


class RunFollowing(RunReading):
    """A screen of a run that can be followed.

    Followed is everything at once. Moving away in one of its parts pauses that part alone, so that it is never
    yanked from under its user's eyes; the key that follows goes on with the part that is shown.
    """

    def __init__(self, feed: Feed, run_id: str, first_line: int | None = None) -> None:
        """Make the screen.

        Args:
            feed: the door to the core.
            run_id: the run.
            first_line: 0-based line of the log of what is selected first to go to.
        """
        super().__init__(feed, run_id, first_line)
        self._following = False
        self._store_followed = False

    @abstractmethod
    def tell(self) -> None:
        """Say how the run stands, and whether it is followed."""

    @property
    def goes_on(self) -> bool:
        """Whether more is to be expected of the run."""
        return self.loaded is not None and not self.loaded.opened.summary.is_finished

    def following_text(self) -> str:
        """Whether what is shown is followed, in a word; empty where nothing is."""
        if not self._following or not self.goes_on:
            return ""
        follower = self.panes.follower
        return "following" if follower is None or follower.following else "paused (F)"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A run is followed only while it goes on."""
        return self.goes_on if action == "follow" else super().check_action(action, parameters)

    def action_follow(self) -> None:
        """Follow the run, go on with what was paused, or follow no longer."""
        follower = self.panes.follower
        if self._following and follower is not None and not follower.following:
            follower.follow(True)
        else:
            self._following = not self._following
            self.panes.follow(self._following)
            self._follow_store()
        self.tell()

    def _follow_store(self) -> None:
        """Changes come in while the run is followed, also where they are not taken in otherwise."""
        if self._following == self.app.following:
            return
        if self._following or self._store_followed:
            self._store_followed = self._following
            self.app.toggle_following()

    def on_follower_paused(self, _event: Follower.Paused) -> None:
        """Say that what is shown is followed no longer."""
        self.tell()
