"""The steps, branches and attempts of a run, each with a bar on the run's time axis; only what is seen is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from heapq import nlargest
from operator import itemgetter
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from magnus_tui import format, keys
from magnus_tui.charts.gantt import WAIT
from magnus_tui.charts.pages import GAP, LEAST_WIDTH
from magnus_tui.format import side_by_side
from magnus_tui.format.seen import Seen
from magnus_tui.format.status import status_color
from magnus_tui.format.table_columns import Column
from magnus_tui.format.text import clean, short_step, truncate
from magnus_tui.run.durations_in_view import DurationsInView
from magnus_tui.run.tree_rows import (
    Item,
    every_item,
    matching_items,
    next_slowest,
    path_to,
    slowest_text,
    visible_items,
)
from magnus_tui.widgets.cursor_view import CursorView
from magnus_tui.widgets.filtering_screen import Filtered, matcher

_LEAST_BAR = 8
_PLEASANT_BAR = 26
"""Cells of the axis that show well where the time went; the rest of the screen is better used for what is beside."""
_DETAILS = 2 * LEAST_WIDTH + GAP + 5
"""Cells beside the tree with which two curves stand side by side; names are not cut for it."""
_MOST_NAME = 48
_RANKED = 3
"""How many of the slowest steps a key visits in turn."""


_COLUMNS = (
    Column[Item]("key", lambda item: item.key),
    Column[Item]("name", lambda item: item.name),
    Column[Item]("kind", lambda item: item.kind),
    Column[Item]("depth", lambda item: item.depth, right=True),
    Column[Item]("status", lambda item: item.state),
    Column[Item]("attempt", lambda item: item.attempt, right=True),
    Column[Item]("started", lambda item: item.start),
    Column[Item]("ended", lambda item: item.end),
    Column[Item]("note", lambda item: item.note or None),
)
"""What is written for a row, beside how long it took."""


class StepTree(CursorView):
    """The tree of a run.

    Attributes:
        hide_finished: whether rows that ended well are left out.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.MOVE, keys.TREE)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "step-tree--cursor",
        "step-tree--dim",
        "step-tree--axis",
    }

    hide_finished: reactive[bool] = reactive(False)

    class Selected(Message):
        """The cursor came to stand on another row."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    class Entered(Message):
        """Enter was pressed on a row that has nothing to unfold."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.items: Sequence[Item] = ()
        self.folded: set[str] = set()
        self.rows: list[Item] = []
        self._places: dict[str, int] = {}
        self._slowest: dict[str, float] = {}
        self._leaves = 0
        self._took_longest: Item | None = None
        self._led_to: str | None = None
        self._now: datetime | None = None
        self._span: tuple[datetime, datetime] | None = None
        self._clock_went_back = False
        self._took = DurationsInView()
        self._widest = self._needed = 10
        self._told: str | None = None
        self._needle = ""

    def show(
        self,
        items: Sequence[Item],
        span: tuple[datetime, datetime] | None,
        folded: set[str] | None,
        now: datetime,
        *,
        unfinished: bool,
        clock_went_back: bool = False,
    ) -> None:
        """Show the rows of a run; the cursor stays on its row where that is still there.

        Args:
            items: the rows at the top.
            span: from the first start to the last end of all rows; None where no time is known.
            folded: keys of rows whose children are hidden; None keeps what is folded.
            now: naive local time, to which bars of unfinished rows reach.
            unfinished: whether the run is.
            clock_went_back: whether the clock went back in the run or between its steps, so that nobody can tell how
                long the axis is.
        """
        self.items, self._slowest = items, {}
        if folded is not None:
            self.folded = folded
        self._now = now if unfinished else None
        self._clock_went_back = clock_went_back
        self._span = span
        if self._span and unfinished and now > self._span[1]:
            self._span = (self._span[0], now)
        self._rebuild()

    def advance(self, now: datetime) -> None:
        """Let the bars of what is unfinished reach to `now`."""
        if self._now is not None and self._span is not None and now > self._span[1]:
            self._now, self._span = now, (self._span[0], now)
            self.refresh_changed()

    def go_to(self, key: str) -> bool:
        """Unfold down to the row `key` and put the cursor on it; whether there is such a row."""
        if key not in self._places:
            path = path_to(self.items, key)
            if not path:
                return False
            self.folded -= {item.key for item in path[:-1]}
            self._rebuild()
        if key not in self._places:
            self._needle, self.hide_finished = "", False
            self._rebuild()
        self.cursor = self._places[key]
        self._show_parents()
        self._tell()
        return True

    def seen(self) -> Seen:
        """The rows that are unfolded and not filtered away."""
        rows, until = list(self.rows), self._now
        took = Column[Item](
            "duration",
            lambda item: item.took(until).seconds,
            "took",
            show_beside=side_by_side.listed_durations,
            right=True,
        )
        return Seen("steps", (*_COLUMNS[:-1], took, _COLUMNS[-1]), lambda: rows, len(rows))

    def on_resize(self, _event: Resize) -> None:
        """Show what the row under the cursor is in, also where the room was not known when the cursor came there."""
        self._show_parents()

    def _show_parents(self) -> None:
        """Scroll to the rows in which the one under the cursor lies, as far as it stays on the screen itself."""
        if not self.rows:
            return
        self.show_cursor()
        first, depth = self.cursor, self.rows[self.cursor].depth
        for place in range(self.cursor - 1, max(self.cursor - self.visible_rows, -1), -1):
            if self.rows[place].depth < depth:
                first, depth = place, self.rows[place].depth
        if first < self.scroll_offset.y:
            self.scroll_to(y=first, animate=False, force=True, immediate=True)

    @property
    def current(self) -> Item | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def path(self) -> list[Item]:
        """The rows from the top down to the one under the cursor; all of them are visible."""
        path = [self.current] if self.current is not None else []
        for place in range(self.cursor - 1, -1, -1):
            if path and self.rows[place].depth < path[-1].depth:
                path.append(self.rows[place])
        return path[::-1]

    def _rebuild(self) -> None:
        """Choose the rows that are shown by what is typed, folded and hidden; the cursor stays on its row."""
        here = self.current
        if self._needle:
            self.rows, matching, total = matching_items(self.items, matcher(self._needle))
            self.post_message(Filtered(f"{matching:,} of {total:,} rows", is_empty=not matching))
        else:
            self.rows = visible_items(self.items, self.folded, hide_finished=self.hide_finished)
        self._widest = max((_name_width(item) for item in self.rows), default=10)
        if self._widest > self._needed:
            self._needed = self._widest
            self.refresh(layout=True)
        self._places = {item.key: place for place, item in enumerate(self.rows)}
        self.rows_changed()
        self.put_cursor(self._places.get(here.key, self.cursor) if here is not None else self.cursor)
        self.show_cursor()
        self.refresh_changed()

    def filter_lines(self, text: str) -> None:
        """Show only the rows whose names hold every word of `text`, and what they hang below."""
        self._needle = text
        self._rebuild()
        self._tell()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """What the names, the times and a bar need; it does not shrink while rows are folded."""
        words = max(min(self._needed, _MOST_NAME), 16) + self._took_cells + 4
        return words + max(min(_PLEASANT_BAR, container.width - words - _DETAILS), _LEAST_BAR)

    def before_lines(self) -> None:
        """Tell the durations on the screen apart."""
        self._took.tell(self.rows_in_view, [self.rows[place].took(self._now) for place in self.rows_in_view])

    def render_line(self, y: int) -> Strip:
        """A line of the screen: the time axis, then a row a line."""
        width = self.size.width
        if y == 0:
            return self._axis(width)
        place = self.scroll_offset.y + y - 1
        if y == 1 and not self.rows and self._needle:
            said = truncate(f" no step's name holds what was typed: {keys.shown('back')} shows all", width)
            dim = self.get_component_rich_style("step-tree--dim", partial=True)
            return Strip([Segment(said, self.rich_style + dim)]).adjust_cell_length(width, self.rich_style)
        if place >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        return self._row(place, width)

    @property
    def _took_cells(self) -> int:
        return self._took.cells((self._span[1] - self._span[0]).total_seconds() if self._span else None)

    def _columns(self, width: int) -> tuple[int, int]:
        """Cells for names and for bars."""
        name = min(max(self._widest, 16), _MOST_NAME, max(width - self._took_cells - _LEAST_BAR - 4, 12))
        bar = width - name - self._took_cells - 4
        return (name, bar) if bar >= _LEAST_BAR else (max(width - self._took_cells - 3, 8), 0)

    def _axis(self, width: int) -> Strip:
        style = self.get_component_rich_style("step-tree--axis", partial=True)
        name, bar = self._columns(width)
        line = Text(" steps".ljust(name + self._took_cells + 2), style=style, no_wrap=True)
        if bar and self._span:
            total = "?" if self._clock_went_back else format.duration((self._span[1] - self._span[0]).total_seconds())
            ends = f"0 ├{'─' * max(bar - len(total) - 5, 0)}┤ {total}"
            line.append(truncate(ends, bar + 1))
        base = self.rich_style
        return self.text_line(line, base)

    def _row(self, place: int, width: int) -> Strip:
        """The line of a row: its name and note, how long it took, and its bar."""
        item, at_cursor = self.rows[place], place == self.cursor
        name, bar = self._columns(width)
        color = status_color(self.app.theme_variables, item.state)
        dim = self.get_component_rich_style("step-tree--dim", partial=True)
        base = self.rich_style
        if at_cursor:
            base += self.get_component_rich_style("step-tree--cursor", partial=True)
        line = Text(" " + "  " * item.depth, style=base, no_wrap=True)
        line.append(self._handle(item), dim)
        line.append(format.glyph(item.state) + " ", Style(color=color, bold=True))
        room = max(name - line.cell_len + 1, 4)
        line.append(truncate(clean(item.name), room), Style(color=color) if item.state == "FAIL" else Style())
        if item.note:
            line.append(" " + truncate(item.note, max(name - line.cell_len, 0)), dim)
        line.truncate(name + 1)
        line.append(" " * (name + 1 - line.cell_len))
        line.append(self._took[place].rjust(self._took_cells), dim)
        if bar:
            line.append("  ")
            line.append_text(self._bar(item, bar, color, dim))
        return self.text_line(line, base)

    def _handle(self, item: Item) -> str:
        if not item.children:
            return " "
        return "▸" if item.key in self.folded else "▾"

    def _bar(self, item: Item, cells: int, color: str, dim: Style) -> Text:
        """The bar of a row: the time between the attempts of a step looks like waiting, as in the timeline."""
        row = Text(" " * cells, no_wrap=True)
        if self._span is None or item.start is None:
            return row
        attempts = item.attempts
        if len(attempts) > 1 and not item.clock_went_back:
            first, last = self._cells(item, cells)
            row = Text(" " * first + WAIT * (last - first), dim)
        for one in attempts if len(attempts) > 1 else [item]:
            if one.start is not None:
                first, last = self._cells(one, cells)
                block = ("░" if one.inferred else "█") * (last - first) or "▏"
                row = Text.assemble(row[:first], (block, color), row[first + len(block) :])
        return row

    def _cells(self, item: Item, cells: int) -> tuple[int, int]:
        """The first and the last cell of a row's time; the same cell for less than half a cell."""
        assert self._span is not None
        assert item.start is not None
        start, last = self._span
        total = (last - start).total_seconds() or 1.0
        end = item.end or self._now or item.start
        first = min(int((item.start - start).total_seconds() / total * cells), cells - 1)
        length = 0.0 if item.clock_went_back else (end - item.start).total_seconds() / total * cells
        return first, min(first + round(length), cells)

    def row_count(self) -> int:
        """How many rows are visible."""
        return len(self.rows)

    def cursor_moved(self) -> None:
        """Tell which row the cursor stands on."""
        self._tell()

    def _tell(self) -> None:
        """Tell which row the cursor stands on, once for each."""
        if self.current is not None and self.current.key != self._told and self.is_mounted:
            self._told = self.current.key
            self.post_message(self.Selected(self.current))

    def watch_hide_finished(self) -> None:
        """Show other rows."""
        self._rebuild()

    def action_enter(self) -> None:
        """Fold or unfold what is below this row; without anything below, go on to its details."""
        item = self.current
        if item is None:
            return
        if item.children:
            self._toggle(item)
        else:
            self.post_message(self.Entered(item))

    def go_to_slowest(self) -> str:
        """Move to the step that worked longest, then to the next longest; what it is, or that none took time."""
        if not self._slowest or self._now is not None:
            leaves = [item for item in every_item(self.items) if item.is_leaf]
            worked = [(item.worked(self._now), item.key) for item in leaves]
            self._slowest = {key: seconds for seconds, key in nlargest(_RANKED, worked, key=itemgetter(0)) if seconds}
            self._leaves = len(leaves)
            self._took_longest = max(leaves, key=lambda item: item.took(self._now).seconds or 0.0, default=None)
        if not self._slowest:
            return "no step of this run has taken any time yet"
        slowest = list(self._slowest)
        self._led_to = next_slowest(slowest, self.current.key if self.current else None, self._led_to)
        self.go_to(self._led_to)
        place = slowest.index(self._led_to)
        time = side_by_side.listed_durations(list(self._slowest.values()))[place]
        others = self._took_longest is not None and self._took_longest.key != slowest[0]
        return slowest_text(place, self._leaves, short_step(self._led_to), time, others_waited=others)

    def action_unfold(self) -> None:
        """Show what is below this row."""
        if self.current is not None and self.current.key in self.folded:
            self._toggle(self.current)

    def action_fold(self) -> None:
        """Hide what is below this row, or go to the row above it."""
        item = self.current
        if item is None:
            return
        if item.children and item.key not in self.folded:
            self._toggle(item)
        else:
            for above in self.path[-2:-1]:
                self.go_to(above.key)

    def _toggle(self, item: Item) -> None:
        self.folded ^= {item.key}
        self._rebuild()

    def on_click(self, event: Click) -> None:
        """Put the cursor on a row; fold or unfold it where the cursor is already."""
        place = self.scroll_offset.y + event.y - 1
        if event.y > 0 and place < len(self.rows):
            if place == self.cursor and self.rows[place].children:
                self._toggle(self.rows[place])
            else:
                self.cursor = place


def _name_width(item: Item) -> int:
    note = len(item.note) + 1 if item.note else 0
    return 2 * item.depth + len(item.name) + note + 5
