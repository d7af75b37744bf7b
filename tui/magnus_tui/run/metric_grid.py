"""A paged grid of small charts, one a series, and a list of the values that were tracked once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from magnus_tui import keys
from magnus_tui.charts.entries import Entry
from magnus_tui.charts.line_chart import ChartStyle, ChartView, Line
from magnus_tui.charts.small_chart import draw_small, value_text
from magnus_tui.format.text import clean, truncate
from magnus_tui.widgets.chart_style import chart_style
from magnus_tui.widgets.drawn_charts import DrawnCharts, next_smoothing

_LEAST_WIDTH = 38
_HEIGHT = 9
_GAP = 2
_VALUES_SHARE = 3


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

    def layout_now(self) -> tuple[int, int, int]:
        """Columns and rows of charts on a page, and the height of each."""
        width, height = self.size.width, self.size.height - 1 - self._values_height()
        across = max((width + _GAP) // (_LEAST_WIDTH + _GAP), 1)
        across = min(across, max(len(self.charts), 1))
        down = max(height // _HEIGHT, 1)
        needed = -(-len(self.charts) // across) if self.charts else 1
        rows = min(down, needed)
        return across, rows, max(min(height // rows, 16), 3)

    def _values_height(self) -> int:
        if not self.values:
            return 0
        wanted = -(-len(self.values) // self._values_across()) + 1
        return wanted if not self.charts else min(wanted, max(self.size.height // _VALUES_SHARE, 2))

    def _values_across(self) -> int:
        return max(self.size.width // 40, 1)

    @property
    def page_size(self) -> int:
        """Charts on a page."""
        across, down, _ = self.layout_now()
        return across * down

    def draw(self) -> list[Strip]:
        """The values, then the charts of the page."""
        width = self.size.width
        if not self.charts and not self.values:
            text = " this run has tracked no metrics: track_this(loss=…) in a step records one"
            return [Strip([Segment(truncate(text, width), self._style("metrics--dim"))])]
        lines = [*self._values_lines(), *self._chart_lines()]
        return [Strip(line) for line in lines]

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name, partial=True)

    def _values_lines(self) -> list[Line]:
        if not self.values:
            return []
        across, room = self._values_across(), self._values_height() - 1
        cells = self.size.width // across
        dim = self._style("metrics--dim")
        lines: list[Line] = []
        for row in range(min(room, -(-len(self.values) // across))):
            line: Line = []
            for entry in self.values[row * across : (row + 1) * across]:
                name = truncate(clean(entry.label), max(cells - 14, 8))
                value = truncate(value_text(entry.series.values[0]), max(cells - len(name) - 3, 4))
                text = f" {name}  "
                line += [Segment(text, dim), Segment(value), Segment(" " * max(cells - len(text) - len(value), 0))]
            lines.append(line)
        hidden = len(self.values) - room * across
        if hidden > 0 and lines:
            lines[-1] = [Segment(f" … {hidden + across} more values: {keys.shown('view')} shows them all", dim)]
        return [*lines, [Segment("")]]

    def _chart_lines(self) -> list[Line]:
        if not self.charts:
            return []
        across, down, height = self.layout_now()
        size = across * down
        page, pages = self.cursor // size, -(-len(self.charts) // size)
        width = (self.size.width - _GAP * (across - 1)) // across
        style = chart_style(self)
        lines: list[Line] = []
        for row in range(down):
            start = page * size + row * across
            drawn = [
                self._draw_one(place, width, height, style)
                for place in range(start, min(start + across, (page + 1) * size, len(self.charts)))
            ]
            for parts in zip(*drawn, strict=True):
                line: Line = []
                for part in parts:
                    line += [*part, Segment(" " * _GAP)]
                lines.append(line)
        dim = self._style("metrics--dim")
        said = f" page {page + 1} of {pages} · PgDn turns it · " if pages > 1 else " "
        said += (
            f"{len(self.charts)} curve{'s' if len(self.charts) > 1 else ''} · enter opens · {keys.shown('view')} table"
        )
        if self.marks:
            said += f" · {len(self.marks)} marked"
        lines.append([Segment(truncate(said, self.size.width), dim)])
        return lines

    def _draw_one(self, place: int, width: int, height: int, style: ChartStyle) -> list[Line]:
        entry = self.charts[place]
        title = self._style("metrics--title")
        if place == self.cursor:
            title = title + self._style("metrics--cursor")
        view = ChartView(log=self.logarithmic, smoothing=self.smoothing)
        dark = self.app.current_theme.dark
        own = ChartStyle(style.axis, style.gap, style.crosshair, style.raw, (style.of(place),))
        lines = draw_small(entry, width, height, own, title, self._style("metrics--dim"), dark=dark, view=view)
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
        across, down, height = self.layout_now()
        top = self._values_height()
        row, column = (at.y - top) // height, at.x * across // max(self.size.width, 1)
        place = self.cursor // (across * down) * across * down + row * across + column
        if at.y >= top and row < down and 0 <= place < len(self.charts):
            if place == self.cursor:
                self.post_message(self.Opened())
            self.cursor = place

    def action_left(self) -> None:
        """The chart at the left."""
        self.cursor -= 1

    def action_right(self) -> None:
        """The chart at the right."""
        self.cursor += 1

    def action_up(self) -> None:
        """The chart above."""
        self.cursor = max(self.cursor - self.layout_now()[0], 0)

    def action_down(self) -> None:
        """The chart below."""
        self.cursor += self.layout_now()[0]

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

    def action_smooth(self) -> None:
        """The next smoothing."""
        self.smoothing = next_smoothing(self.smoothing)
