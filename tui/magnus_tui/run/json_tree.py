"""A JSON value as a tree that folds, drawn only where it is seen."""

from __future__ import annotations

import json
import sys
from collections.abc import Set
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual import work
from textual.binding import BindingType
from textual.events import Click
from textual.worker import get_current_worker

from magnus_tui import format, keys
from magnus_tui.format.seen import Seen
from magnus_tui.format.table_columns import Column
from magnus_tui.format.text import clean, truncate
from magnus_tui.run.json_rows import JsonRow, JsonRows, Members, dumped, is_object, search, size_of
from magnus_tui.screen import is_working
from magnus_tui.widgets.filtering_screen import Filtered, matcher
from magnus_tui.widgets.line_view import LineView

_MOST_COPIED = 1_000_000
_MOST_FOUND = 1_000
"""Values that a search gives."""


class JsonTree(LineView):
    """A value and what is inside it; enter opens and closes."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.JSON)]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: JsonRows | None = None
        self._path: str | None = None
        self._needle = ""
        self._found: list[JsonRow] | None = None

    def show(self, value: Any, path: str, opened: Set[tuple[str, ...]] = frozenset({()})) -> None:
        """Show a value; what was open and the cursor stay if one is shown already.

        Args:
            value: plain JSON, or a model of the run log.
            path: the file that `e` opens.
            opened: paths of the rows that are open at first.
        """
        self._rows = JsonRows(value, self._rows.opened if self._rows else set(opened))
        self._path = path
        self.filter_lines(self._needle)

    def filter_lines(self, text: str) -> None:
        """Show only the values whose path or text holds every word of `text`, each in a line; looks off the loop."""
        self._needle = text
        if text.strip() and self._rows is not None:
            self._search(self._rows.rows[0].value, text)
        else:
            self._found = None
            self.lines_changed()

    def awaits(self, _verb: str) -> bool:
        """Keys wait for what is searched for."""
        return is_working(self, "json-search")

    # Without a description a worker describes itself by its arguments, and whole runs take seconds to write out.
    @work(thread=True, exclusive=True, group="json-search", description="a search in JSON")
    def _search(self, value: Any, text: str) -> None:
        worker = get_current_worker()
        found = search(value, matcher(text), _MOST_FOUND, lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_found, text, found)

    def _show_found(self, text: str, found: list[JsonRow]) -> None:
        if text == self._needle:
            self._found = found
            self.lines_changed()
            more = "the first " if len(found) == _MOST_FOUND else ""
            self.post_message(Filtered(f"{more}{format.count(len(found), 'value')}", is_empty=not found))

    def seen(self) -> Seen | None:
        """The value with all that is inside, or what a search found, however much that is."""
        if self._rows is None:
            return None
        value, needle = self._rows.rows[0].value, self._needle.strip()
        columns = (
            Column[JsonRow]("path", lambda row: row.name),
            Column[JsonRow]("value", lambda row: dumped(row.value)),
        )
        leaves = partial(search, value, matcher(needle), sys.maxsize, lambda: False)
        return Seen("json", columns, leaves, document=None if needle else partial(dumped, value))

    @property
    def line_count(self) -> int:
        """How many rows are open."""
        return len(self._shown)

    @property
    def _shown(self) -> list[JsonRow]:
        if self._found is not None:
            return self._found
        return self._rows.rows if self._rows else []

    def line_at(self, place: int) -> Text:
        """A row: its name, and its value or how much is inside."""
        row = self._shown[place]
        ink = self.ink
        line = Text("  " * row.depth, no_wrap=True)
        line.append(("▾ " if row.is_open else "▸ ") if row.can_open else "  ", ink["dim"])
        if row.name:
            line.append(clean(row.name), ink["dim"] if isinstance(row.value, Members) else ink["primary"])
            line.append("  ")
        if not isinstance(row.value, Members):
            line.append(
                truncate(self._told(row), max(self.text_width + self.side - line.cell_len, 8)), self._style(row)
            )
        return line

    def _told(self, row: JsonRow) -> str:
        value = row.value
        amount = size_of(value)
        if amount:
            inside = format.count(amount, "key" if is_object(value) else "item")
            return f"{{{inside}}}" if is_object(value) else f"[{inside}]"
        if isinstance(value, str):
            return f'"{clean(value)}"'
        if isinstance(value, int | float) and not isinstance(value, bool):
            return repr(value).replace("inf", "Infinity").replace("nan", "NaN")
        return "{}" if is_object(value) else format.value(value)

    def _style(self, row: JsonRow) -> str:
        return self.ink["dim"] if size_of(row.value) else self.ink["foreground"]

    def copy_text(self) -> str:
        """The value under the cursor: a text as it is, everything else as JSON."""
        if not self.line_count:
            return ""
        value = self._shown[self.cursor].value
        if isinstance(value, str):
            return value
        return json.dumps(dumped(value), indent=2, ensure_ascii=False, default=str)[:_MOST_COPIED]

    def file_path(self) -> str | None:
        """The run's file."""
        return self._path

    def action_switch(self) -> None:
        """Unfold or fold the row under the cursor."""
        if self._rows is not None and self._found is None:
            self._rows.toggle(self.cursor)
            self.lines_changed()

    def action_unfold(self) -> None:
        """Open the row under the cursor, or move on into it."""
        if self._rows is None or self._found is not None:
            return
        row = self._shown[self.cursor]
        if row.is_open:
            self.cursor += 1
        elif row.can_open:
            self.action_switch()

    def action_fold(self) -> None:
        """Close the row under the cursor, or move to the one around it."""
        if self._rows is None or self._found is not None:
            return
        if self._shown[self.cursor].is_open:
            self.action_switch()
        else:
            self.cursor = self._rows.parent_of(self.cursor)

    def on_click(self, event: Click) -> None:
        """Put the cursor on a row; open or close it where the cursor is already."""
        before = self.cursor
        super().on_click(event)
        if self.cursor == before and self.scroll_offset.y + event.y == before:
            self.action_switch()
