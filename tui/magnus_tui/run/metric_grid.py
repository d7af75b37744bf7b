"""A paged grid of small charts, one a series, and a list of the values that were tracked once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from magnus_tui import keys
from magnus_tui.charts.line_chart import ChartStyle, Line
from magnus_tui.charts.metric_entries import Entry
from magnus_tui.charts.pages import GAP, Box, lay_out, most_on_page
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.small_chart import draw_small, value_text
from magnus_tui.format.text import clean, truncate, truncate_value
from magnus_tui.widgets.drawn_charts import DrawnCharts
from magnus_tui.widgets.themed_chart_style import chart_style

_VALUES_SHARE = 3
"""Of so many lines one at most goes to single values where there are curves."""
_AROUND_SPANS = 3
"""Lines above the spans of a series, and one below them."""
_VALUE_GAP = 3
_WIDEST_NAME = 40


class MetricGrid(DrawnCharts):
    """Small charts in pages.

    Attributes:
        cursor: position of the chart under the cursor among all of them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.METRICS_GRID)]

    cursor: reactive[int] = reactive(0)

    class Opened(Message):
        """A chart was opened."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.charts: Sequence[Entry] = ()
        self.values: Sequence[Entry] = ()
        self.marks: set[tuple[str, int | None, str]] = set()

    def all_curves(self) -> Sequence[PreparedSeries]:
        """The curves of all pages."""
        return [entry.curve for entry in self.charts if entry.curve is not None]

    def show(self, entries: Sequence[Entry]) -> None:
        """Show other series; the cursor stays on its chart where that is still there."""
        here = self.charts[self.cursor].key if self.cursor < len(self.charts) else None
        self.charts = [entry for entry in entries if entry.kind != "value"]
        self.values = [entry for entry in entries if entry.kind == "value"]
        place = next((i for i, entry in enumerate(self.charts) if entry.key == here), None)
        if place is not None:
            self.set_reactive(MetricGrid.cursor, place)
        self.cursor = self.validate_cursor(self.cursor)
        self.redraw()

    @property
    def current(self) -> Entry | None:
        """The chart under the cursor."""
        return self.charts[self.cursor] if self.cursor < len(self.charts) else None

    @property
    def page_size(self) -> int:
        """Charts on a full page."""
        return most_on_page(self.size.width, self._charts_height())

    @property
    def boxes(self) -> tuple[tuple[Box, ...], ...]:
        """The cells of each chart of the page, row by row."""
        page = self.charts[self._first : self._first + self.page_size]
        enough = tuple(len(entry.spans) + _AROUND_SPANS if entry.kind == "spans" else 0 for entry in page)
        return lay_out(len(page), self.size.width, self._charts_height(), enough)

    @property
    def _first(self) -> int:
        """The first chart of the page."""
        return self.cursor // self.page_size * self.page_size

    def _charts_height(self) -> int:
        room = max(self.size.height - self._values_height(), 1)
        has_foot = self._said() or len(self.charts) > most_on_page(self.size.width, room)
        return max(room - 1, 1) if has_foot else room

    def _values_height(self) -> int:
        if not self.values:
            return 0
        wanted = -(-len(self.values) // self._values_across())
        return wanted if not self.charts else min(wanted, max(self.size.height // _VALUES_SHARE, 1))

    def _value_cells(self) -> tuple[int, int]:
        """Cells for the names and for the texts of single values."""
        most = max(self.size.width // 2 - _VALUE_GAP, 4)
        names = max(cell_len(clean(entry.label)) for entry in self.values)
        texts = max(cell_len(value_text(entry.series.values[0])) for entry in self.values)
        return min(names, _WIDEST_NAME, most), min(texts, most)

    def _values_across(self) -> int:
        return max((self.size.width + _VALUE_GAP) // (sum(self._value_cells()) + 1 + _VALUE_GAP), 1)

    def _said(self) -> str:
        """What the charts do not show themselves: pages, marks, how they are drawn."""
        marks = f"{len(self.marks)} marked" if self.marks else ""
        has_times = self.look.axis == "step" or any(curve.times is not None for curve in self.all_curves())
        drawn = self.look.text() if has_times else f"this run kept no times · {self.look.by_step().text()}".rstrip(" ·")
        return " · ".join(filter(None, [marks, drawn]))

    def draw(self) -> list[Strip]:
        """The values, then the charts of the page."""
        width = self.size.width
        if not self.charts and not self.values:
            text = " this run has tracked no metrics: track_this(loss=…) in a step records one"
            return [Strip([Segment(truncate(text, width), self._style("metrics--dim"))])]
        lines = [*self._chart_lines(), *self._values_lines()]
        said = [self._page_text(), self._said()]
        if any(said):
            lines.append([Segment(truncate(" " + " · ".join(filter(None, said)), width), self._style("metrics--dim"))])
        return [Strip(line) for line in lines]

    def _page_text(self) -> str:
        pages = -(-len(self.charts) // self.page_size)
        turn = keys.shown("page_down")
        return f"page {self._first // self.page_size + 1} of {pages} · {turn} turns it" if pages > 1 else ""

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def _values_lines(self) -> list[Line]:
        if not self.values:
            return []
        across, room = self._values_across(), self._values_height()
        names, texts = self._value_cells()
        dim = self._style("metrics--dim")
        lines: list[Line] = []
        for row in range(room):
            line: Line = []
            for entry in self.values[row * across : (row + 1) * across]:
                name = set_cell_size(truncate(clean(entry.label), names), names)
                value = truncate_value(value_text(entry.series.values[0]), texts)
                line += [Segment(name + " ", dim), Segment(value)]
                line.append(Segment(" " * (texts - cell_len(value) + _VALUE_GAP), dim))
            lines.append(line)
        hidden = len(self.values) - room * across
        if hidden > 0 and lines:
            lines[-1] = [Segment(f"… {hidden + across} more values: {keys.shown('view')} shows them all", dim)]
        return lines

    def _chart_lines(self) -> list[Line]:
        style = chart_style(self)
        lines: list[Line] = []
        place = self._first
        for row in self.boxes:
            drawn = [self._draw_one(place + number, box.width, box.height, style) for number, box in enumerate(row)]
            place += len(row)
            for parts in zip(*drawn, strict=True):
                line: Line = []
                for part in parts:
                    line += [*part, Segment(" " * GAP)]
                lines.append(line)
        return lines

    def _draw_one(self, place: int, width: int, height: int, style: ChartStyle) -> list[Line]:
        entry = self.charts[place]
        title = self._style("metrics--title")
        if place == self.cursor:
            title = title + self._style("metrics--cursor")
        dark = self.app.current_theme.dark
        own = ChartStyle(style.axis, style.gap, style.crosshair, style.raw, (style.of(place),))
        lines = draw_small(
            entry, width, height, own, title, self._style("metrics--dim"), dark=dark, view=self.look.view()
        )
        if entry.key in self.marks:
            lines[0] = [Segment("▌", self._style("metrics--gap")), *Strip(lines[0]).crop(0, width - 1)]
        return lines

    def watch_cursor(self) -> None:
        """Draw the cursor where it is now."""
        self.redraw()

    def validate_cursor(self, cursor: int) -> int:
        """The nearest chart that exists."""
        return max(0, min(cursor, len(self.charts) - 1))

    def on_click(self, event: Click) -> None:
        """Put the cursor on a chart; open the one that it stands on."""
        at = event.get_content_offset(self)
        if at is None:
            return
        boxes = [box for row in self.boxes for box in row]
        place = next((self._first + place for place, box in enumerate(boxes) if box.holds(*at)), None)
        if place is not None:
            if place == self.cursor:
                self.post_message(self.Opened())
            self.cursor = place

    def action_left(self) -> None:
        """The chart at the left."""
        self.cursor -= 1

    def action_right(self) -> None:
        """The chart at the right."""
        self.cursor += 1

    def _above(self, by: int) -> int | None:
        """The chart one row up or down that has most of its columns in common; None beyond the page."""
        boxes = self.boxes
        starts = [0, *accumulate(map(len, boxes))]
        row = bisect_right(starts, self.cursor - self._first) - 1
        if not 0 <= row + by < len(boxes):
            return None
        middle = boxes[row][self.cursor - self._first - starts[row]]
        center = middle.left + middle.width / 2
        near = min(range(len(boxes[row + by])), key=lambda at: _apart(boxes[row + by][at], center))
        return self._first + starts[row + by] + near

    def action_up(self) -> None:
        """The chart above; from the first row, the page before."""
        place = self._above(-1)
        self.cursor = max(self._first - 1, 0) if place is None else place

    def action_down(self) -> None:
        """The chart below; from the last row, the next page."""
        place = self._above(1)
        self.cursor = self._first + self.page_size if place is None else place

    def action_page_up(self) -> None:
        """The page before."""
        self.cursor = max(self.cursor - self.page_size, 0)

    def action_page_down(self) -> None:
        """The next page."""
        self.cursor += self.page_size

    def action_first(self) -> None:
        """The first chart."""
        self.cursor = 0

    def action_last(self) -> None:
        """The last chart."""
        self.cursor = len(self.charts) - 1

    def action_open(self) -> None:
        """Open the chart under the cursor, or the marked ones."""
        if self.charts:
            self.post_message(self.Opened())

    def action_mark(self) -> None:
        """Mark or unmark the chart under the cursor."""
        if self.current is not None and self.current.kind == "curve":
            self.marks ^= {self.current.key}
            self.redraw()

    def action_mark_all(self) -> None:
        """Mark all curves."""
        self.marks = {entry.key for entry in self.charts if entry.kind == "curve"}
        self.redraw()

    def action_unmark_all(self) -> None:
        """Unmark all charts."""
        self.marks.clear()
        self.redraw()


def _apart(box: Box, column: float) -> float:
    """How far a column is from the cells of a chart."""
    return max(box.left - column, column - box.left - box.width, 0)
