"""The values of all series, a row a step index; what sums each series up stays while the rows scroll."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from magnus_tracking.runlog.metrics import last_place
from magnus_tui import format, keys
from magnus_tui.charts.metric_entries import Entry
from magnus_tui.charts.series_colors import series_color
from magnus_tui.charts.sparkline import draw_sparkline
from magnus_tui.format.side_by_side import one_precision, tracked
from magnus_tui.format.text import clean, truncate, truncate_value
from magnus_tui.widgets.cursor_view import CursorView
from magnus_tui.widgets.newest_in_view import Follower

_CELL = 18
_GAP = 2
_HEAD = 5
_WIDEST_STEP = 27
"""Cells of the longest step index that is written in full: 20 digits, as nanoseconds have, and their commas."""
_MOST_KNOWN = 64
"""Columns whose texts are kept, more than a screen has."""
_LABELS = ("step", "min @ step", "max @ step", "last @ step", "")


class MetricTable(CursorView, Follower):
    """Steps down, series across; only what is seen is written.

    Attributes:
        column: position of the series under the cursor.
        numbered: what `go_to_number` counts.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.METRICS_TABLE)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"metrics--title", "metrics--dim", "metrics--cursor", "metrics--gap"}

    head = _HEAD
    numbered: ClassVar[str] = "step"
    column: reactive[int] = reactive(0)

    class Opened(Message):
        """The series under the cursor was opened."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.entries: Sequence[Entry] = ()
        self.steps: Sequence[int] = ()
        self._left = 0
        self._known_texts: dict[tuple[object, ...], dict[Hashable, str]] = {}

    def show(self, entries: Sequence[Entry]) -> None:
        """Show other series; unless followed, what is seen and the cursor stay on their steps and series."""
        here, top = self._step_at(self.cursor), self._step_at(self.scroll_offset.y)
        series = self.current.key if self.current else None
        self.entries = entries
        self.steps = _union(entries)
        self.rows_changed()
        if here is not None and not self.following:
            self.put_cursor(bisect_left(self.steps, here))
            if top is not None and top != self._step_at(self.scroll_offset.y):
                self.scroll_to(y=bisect_left(self.steps, top), animate=False, force=True, immediate=True)
        place = next((place for place, entry in enumerate(entries) if entry.key == series), self.column)
        self.column = self.validate_column(place)
        self.go_along()
        self.refresh()

    def _step_at(self, place: int) -> int | None:
        return self.steps[place] if place < len(self.steps) else None

    @property
    def shows_newest(self) -> bool:
        """Whether the last step is seen, and under the cursor."""
        last = len(self.steps) - 1
        return self.cursor >= last and self.scroll_offset.y + self.visible_rows > last

    def show_newest(self) -> None:
        """Put the cursor on the last step."""
        self.action_last()
        self.show_cursor()

    def watch_cursor(self, before: int, now: int) -> None:
        """Keep the cursor on the screen; away from the last step, follow no longer."""
        super().watch_cursor(before, now)
        self.pause_if_away()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw what has come into view; away from the last step, follow no longer."""
        super().watch_scroll_y(old_value, new_value)
        self.pause_if_away()

    @property
    def current(self) -> Entry | None:
        """The series under the cursor."""
        return self.entries[self.column] if self.column < len(self.entries) else None

    def _shown(self) -> list[int]:
        """Which series there is room for beside the step indexes."""
        room = max((self.size.width - self._label_cells() - _GAP) // (_CELL + _GAP), 1)
        if self.column < self._left:
            self._left = self.column
        elif self.column >= self._left + room:
            self._left = self.column - room + 1
        self._left = max(min(self._left, len(self.entries) - room), 0)
        return list(range(self._left, min(self._left + room, len(self.entries))))

    def _label_cells(self) -> int:
        widest = max(len(f"{self.steps[0]:,}"), len(f"{self.steps[-1]:,}")) if self.steps else 0
        return max(12, min(widest, _WIDEST_STEP))

    def render_line(self, y: int) -> Strip:
        """A line: one of the block that stays, or a step."""
        width = self.size.width
        base = self.rich_style
        if not self.entries:
            return Strip.blank(width, base)
        shown = self._shown()
        if y < _HEAD:
            line = self._head(y, shown)
        else:
            place = self.scroll_offset.y + y - _HEAD
            if place >= len(self.steps):
                return Strip.blank(width, base)
            line = self._row(place, shown)
        return self.text_line(line, base)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def _head(self, y: int, shown: Sequence[int]) -> Text:
        dim = self._style("metrics--dim")
        label = _LABELS[y]
        if y == _HEAD - 1 and len(shown) < len(self.entries):
            label = f"{shown[0] + 1:,}–{shown[-1] + 1:,} of {len(self.entries):,}"
        line = Text(label.rjust(self._label_cells()), style=dim, no_wrap=True)
        for place in shown:
            entry = self.entries[place]
            line.append(" " * _GAP)
            style = self._color(place) if y in (0, 4) else dim
            if y == 0 and place == self.column:
                style = style + self._style("metrics--cursor")
            text = truncate_value(self._head_text(entry, y), _CELL)
            line.append(" " * (_CELL - cell_len(text)) + text, style)
        return line

    def _color(self, place: int) -> Style:
        return Style(color=series_color(place, dark=self.app.current_theme.dark))

    def _head_text(self, entry: Entry, y: int) -> str:
        """What a line of the block above the steps says of a series: its name, extremes, last value or curve."""
        series, curve = entry.series, entry.curve
        if y == 0:
            return (
                clean(entry.label) if cell_len(clean(entry.label)) <= _CELL else "…" + clean(entry.label)[1 - _CELL :]
            )
        if y == 3:
            return f"{self._text(entry, series.last)} @ {series.indexes[last_place(series.values)]:,}"
        if curve is None:
            return ""
        if y == 4:
            return draw_sparkline(curve, _CELL).plain
        if curve.extremes is None:
            return format.DASH
        place = curve.extremes[y - 1]
        return f"{self._text(entry, curve.values[place])} @ {curve.indexes[place]:,}"

    def _row(self, place: int, shown: Sequence[int]) -> Text:
        step = self.steps[place]
        at_cursor = place == self.cursor
        line = Text(no_wrap=True, style=self._style("metrics--cursor") if at_cursor else "")
        label = truncate(f"{step:,}", self._label_cells())
        line.append(label.rjust(self._label_cells()), self._style("metrics--dim"))
        for number in shown:
            text, style = self._cell(self.entries[number], step)
            text = truncate_value(text, _CELL)
            line.append(" " * (_GAP + _CELL - cell_len(text)))
            if at_cursor and number == self.column:
                style = style + Style(bold=True, underline=True)
            line.append(text, style)
        line.append(" " * max(self.size.width - line.cell_len, 0))
        return line

    def _cell(self, entry: Entry, step: int) -> tuple[str, Style]:
        indexes = entry.series.indexes
        place = bisect_left(indexes, step)
        if place >= len(indexes) or indexes[place] != step:
            return "", Style()
        value = entry.series.values[place]
        text = self._text(entry, value)
        return text, self._style("metrics--gap") if text.strip('"') in format.NOT_FINITE else Style()

    def _text(self, entry: Entry, value: object) -> str:
        """A value such that no different one in its column on the screen, in the head or below it, looks the same."""
        top = self.scroll_offset.y
        key = (entry.key, len(entry.series.values), len(self.steps), top, self.visible_rows)
        if key not in self._known_texts:
            series, curve = entry.series, entry.curve
            steps = self.steps[top : top + self.visible_rows]
            start, stop = (
                (bisect_left(series.indexes, steps[0]), bisect_right(series.indexes, steps[-1])) if steps else (0, 0)
            )
            summed_up = [curve.values[place] for place in (curve.extremes or ())] if curve is not None else []
            shown = [*series.values[start:stop], series.last, *summed_up]
            self._known_texts = dict(list(self._known_texts.items())[-_MOST_KNOWN:])
            self._known_texts[key] = dict(zip(map(format.identity, shown), one_precision(shown), strict=True))
        return self._known_texts[key].get(format.identity(value)) or tracked([value])[0]

    def cell_text(self) -> str:
        """The value under the cursor, as text to be copied."""
        if self.current is None or not self.steps:
            return ""
        series, step = self.current.series, self.steps[self.cursor]
        place = bisect_left(series.indexes, step)
        if place >= len(series.indexes) or series.indexes[place] != step:
            return ""
        return copied(series.values[place])

    def row_count(self) -> int:
        """How many step indexes there are."""
        return len(self.steps)

    def validate_column(self, column: int) -> int:
        """The nearest series that exists."""
        return max(0, min(column, len(self.entries) - 1))

    def watch_column(self) -> None:
        """Draw the columns around the cursor."""
        self.refresh()

    def on_click(self, event: Click) -> None:
        """Put the cursor on the value, or on the series whose heading was clicked."""
        at = event.get_content_offset(self)
        if at is None:
            return
        column = (at.x - self._label_cells() - _GAP // 2) // (_CELL + _GAP)
        if 0 <= column < len(shown := self._shown()):
            self.column = shown[column]
        position = self.scroll_offset.y + at.y - _HEAD
        if at.y >= _HEAD and position < len(self.steps):
            self.cursor = position

    def action_open(self) -> None:
        """Open the series under the cursor as a full chart."""
        self.post_message(self.Opened())

    def action_left(self) -> None:
        """The series at the left."""
        self.column -= 1

    def action_right(self) -> None:
        """The series at the right."""
        self.column += 1

    def action_column_first(self) -> None:
        """The first series."""
        self.column = 0

    def action_column_last(self) -> None:
        """The last series."""
        self.column = len(self.entries) - 1

    def go_to_number(self, number: int) -> int | None:
        """Move to a step, or to the next one that something was tracked at; the step."""
        self.cursor = bisect_left(self.steps, number)
        return self.steps[self.cursor] if self.steps else None


def copied(value: object) -> str:
    """A tracked value as text to be copied, a number to its last digit."""
    return repr(value) if isinstance(value, float) else format.value(value)


def _union(entries: Sequence[Entry]) -> Sequence[int]:
    """Every step index that some series has, ascending."""
    if not entries:
        return ()
    longest = max((entry.series.indexes for entry in entries), key=len)
    extra: set[int] = set()
    known: set[int] | None = None
    for entry in entries:
        indexes = entry.series.indexes
        if indexes is longest or indexes == longest:
            continue
        if known is None:
            known = set(longest)
        extra.update(index for index in indexes if index not in known)
    return sorted([*longest, *extra]) if extra else longest
