"""A pane beside another, with a line between them that is dragged with the mouse."""

from __future__ import annotations

from textual.containers import Container
from textual.events import MouseDown, MouseMove, MouseUp
from textual.message import Message

NARROW = 110
"""Cells of a screen below which two panes take turns."""

DIVIDER_STEP = 8
"""Cells that a key makes a pane wider or narrower by."""


class SidePane(Container):
    """What stands at the right; its left border is the line that is dragged."""

    class Dragged(Message):
        """The line was dragged.

        Attributes:
            width: cells that the pane should take now.
            is_over: whether the line was let go.
        """

        def __init__(self, width: int, *, is_over: bool) -> None:
            super().__init__()
            self.width = width
            self.is_over = is_over

    _is_dragged = False

    def on_mouse_down(self, event: MouseDown) -> None:
        """Take hold of the line."""
        if event.button == 1 and event.screen_x == self.region.x:
            event.stop()
            self._is_dragged = True
            self.capture_mouse()

    def on_mouse_move(self, event: MouseMove) -> None:
        """Make the pane wider or narrower."""
        if self._is_dragged:
            event.stop()
            self._tell(event.screen_x, is_over=False)

    def on_mouse_up(self, event: MouseUp) -> None:
        """Let go of the line."""
        if self._is_dragged:
            event.stop()
            self._is_dragged = False
            self.release_mouse()
            self._tell(event.screen_x, is_over=True)

    def _tell(self, left: float, *, is_over: bool) -> None:
        self.post_message(self.Dragged(self.region.right - int(left), is_over=is_over))
