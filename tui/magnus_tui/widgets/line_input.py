"""A line of text to type, in which nothing that is pasted gets lost."""

from __future__ import annotations

from textual import events
from textual.widgets import Input


class LineInput(Input):
    """An input line; of several pasted lines all are taken, with spaces between."""

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        line = " ".join(part.strip() for part in event.text.splitlines() if part.strip())
        self.replace(line, *self.selection)
