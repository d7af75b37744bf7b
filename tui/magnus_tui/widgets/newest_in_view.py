"""What grows and can be followed: its newest part stays in view until its user moves away."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget

from magnus_tui import keys


def paused_text() -> str:
    """What is said where nothing new is shown by itself: the key goes on with it."""
    return f"paused ({keys.shown('follow')})"


class Follower(Widget):
    """A widget that can keep its newest part in view. Classes that extend this one name it after their first base.

    Attributes:
        following: whether the newest part is kept in view. Moving away by hand ends it.
    """

    following: bool = False

    class Paused(Message):
        """Its user moved away from the newest part, which is followed no longer."""

    @property
    def shows_newest(self) -> bool:
        """Whether the newest part is in view, and the cursor on it."""
        return True

    def show_newest(self) -> None:
        """Bring the newest part into view, and the cursor onto it."""

    def follow(self, on: bool) -> None:
        """Follow from now on, the newest part at once, or no longer."""
        self.following = on
        self.go_along()

    def go_along(self) -> None:
        """Where it is followed, show what is newest now."""
        if self.following:
            # What is moved here is not moved by hand, so that it must not pause.
            self.following = False
            self.show_newest()
            self.following = True

    def pause_if_away(self) -> None:
        """Follow no longer where the newest part is not in view; called after each move."""
        if self.following and not self.shows_newest:
            self.following = False
            self.post_message(self.Paused())
