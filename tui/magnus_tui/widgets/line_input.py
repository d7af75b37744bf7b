"""A line of text to type, in which nothing that is pasted gets lost."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.widgets import Input

from magnus_tui import keys


class LineInput(Input):
    """An input line; of several pasted lines all are taken, with spaces between.

    Its cursor does not blink: nothing is sent to the terminal while nobody types.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.LINE)]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        line = " ".join(part.strip() for part in event.text.splitlines() if part.strip())
        self.replace(line, *self.selection)
