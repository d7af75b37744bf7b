"""A pane whose lines are made at once for the width that it has: overview, parameters, catalog and the like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.events import Resize

from magnus_tui import format, keys
from magnus_tui.format.seen import Seen, text_seen
from magnus_tui.format.table_columns import MISSING, Column
from magnus_tui.widgets.filtering_screen import Filtered, matcher
from magnus_tui.widgets.line_view import LineView
from magnus_tui.widgets.page import Builder, Line, Page


class DetailView(LineView):
    """Lines that a builder makes, again whenever the room or the theme changes."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.SIDE)]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._builder: Builder | None = None
        self._needle = ""
        self._holds = matcher("")

    def show(self, builder: Builder, *, same: bool) -> None:
        """Show what `builder` makes.

        Args:
            builder: makes the lines.
            same: whether it is about the same thing as before, so that cursor and scroll stay.
        """
        self._builder = builder
        if not same:
            self.set_reactive(LineView.cursor, 0)
            self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self._build()

    def _build(self) -> None:
        if self._builder is not None and self.size.width:
            lines = self._builder(Page(self.ink, self.text_width, self.visible_rows))
            self._lines = (
                [line for line in lines if self._holds(f"{line.text.plain} {line.copy}")] if self._needle else lines
            )
            self.lines_changed()
            if self._needle:
                said = f"{len(self._lines):,} of {format.count(len(lines), 'line')}"
                self.post_message(Filtered(said, is_empty=not self._lines))

    def filter_lines(self, text: str) -> None:
        """Show only the lines that hold every word of `text`."""
        self._needle, self._holds = text, matcher(text)
        self._build()

    def seen(self, more: Callable[[], Iterable[Mapping[str, Any]]] | None = None, count: int = 0) -> Seen:
        """The values that its lines tell, else the lines as text; what is filtered away is left out.

        Args:
            more: gives the values also of what there is no line for, where not all that is shown is listed.
            count: how many those are.
        """
        rows = [line.row for line in self._lines if line.row is not None]
        if not rows:
            lines = [line.text.plain.rstrip() for line in self._lines]
            return text_seen("text", lambda: enumerate(lines, 1), len(lines))
        names = dict.fromkeys(name for row in rows for name in row)
        columns = [Column[Mapping[str, Any]](name, partial(_value, name)) for name in names]
        if more is not None and not self._needle:
            return Seen("rows", columns, more, count)
        return Seen("rows", columns, lambda: rows, len(rows))

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def line_at(self, place: int) -> Text:
        """A line."""
        return self._lines[place].text

    def copy_text(self) -> str:
        """What the line under the cursor stands for."""
        return (self._lines[self.cursor].copy or super().copy_text()) if self._lines else ""

    def file_path(self) -> str | None:
        """The file behind the line under the cursor."""
        path = self._lines[self.cursor].path if self._lines else None
        return str(path) if path else None

    def on_resize(self, event: Resize) -> None:
        """Make the lines for the new room."""
        self._build()
        super().on_resize(event)

    def notify_style_update(self) -> None:
        """Make the lines in the colours of the new theme."""
        super().notify_style_update()
        if self.is_mounted:
            self._build()


def _value(name: str, row: Mapping[str, Any]) -> Any:
    return row.get(name, MISSING)
