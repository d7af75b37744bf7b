"""A paged grid of small charts with a cursor; the classes that extend it say what a chart is drawn from."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from itertools import accumulate

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive

from magnus_tui import keys
from magnus_tui.charts.line_chart import ChartStyle, Line
from magnus_tui.charts.pages import GAP, Box, lay_out, most_on_page
from magnus_tui.widgets.drawn_charts import DrawnCharts
from magnus_tui.widgets.themed_chart_style import chart_style


class ChartGrid(DrawnCharts):
    """Small charts in pages.

    Attributes:
        cursor: position of the chart under the cursor among all of them.
    """

    cursor: reactive[int] = reactive(0)

    class Opened(Message):
        """A chart was opened."""

    @abstractmethod
    def count(self) -> int:
        """How many charts there are."""

    @abstractmethod
    def draw_one(self, place: int, width: int, height: int, style: ChartStyle) -> list[Line]:
        """The lines of the chart at `place`, `height` of them, each `width` cells wide."""

    def enough(self, _place: int) -> int:
        """The lines that show everything a chart has; 0 where more lines always show more."""
        return 0

    def head_height(self) -> int:
        """Lines above the charts."""
        return 0

    @abstractmethod
    def charts_height(self) -> int:
        """Lines for the charts of a page."""

    @property
    def page_size(self) -> int:
        """Charts on a full page."""
        return most_on_page(self.size.width, self.charts_height())

    @property
    def first(self) -> int:
        """The first chart of the page."""
        return self.cursor // self.page_size * self.page_size

    @property
    def boxes(self) -> tuple[tuple[Box, ...], ...]:
        """The cells of each chart of the page, row by row, counted from below the lines above them."""
        page = range(self.first, min(self.first + self.page_size, self.count()))
        return lay_out(len(page), self.size.width, self.charts_height(), tuple(map(self.enough, page)))

    def page_text(self) -> str:
        """Which page is shown, where there are several."""
        pages = -(-self.count() // self.page_size)
        turn = keys.shown("page_down")
        return f"page {self.first // self.page_size + 1:,} of {pages:,} · {turn} turns it" if pages > 1 else ""

    def ink(self, name: str) -> Style:
        """A style of the widget by the end of its name."""
        return self.get_component_rich_style(f"metrics--{name}", partial=True)

    def title_style(self, place: int) -> Style:
        """The style of a chart's title: that of the one under the cursor differs."""
        title = self.ink("title")
        return title + self.ink("cursor") if place == self.cursor else title

    def chart_lines(self) -> list[Line]:
        """The charts of the page."""
        style = chart_style(self)
        lines: list[Line] = []
        place = self.first
        for row in self.boxes:
            drawn = [self.draw_one(place + number, box.width, box.height, style) for number, box in enumerate(row)]
            place += len(row)
            for parts in zip(*drawn, strict=True):
                line: Line = []
                for part in parts:
                    line += [*part, Segment(" " * GAP)]
                lines.append(line)
        return lines

    def watch_cursor(self) -> None:
        """Draw the cursor where it is now."""
        self.redraw()

    def validate_cursor(self, cursor: int) -> int:
        """The nearest chart that exists."""
        return max(0, min(cursor, self.count() - 1))

    def on_click(self, event: Click) -> None:
        """Put the cursor on a chart; open the one that it stands on."""
        at = event.get_content_offset(self)
        if at is None:
            return
        boxes = [box for row in self.boxes for box in row]
        top = self.head_height()
        place = next((self.first + place for place, box in enumerate(boxes) if box.holds(at.x, at.y - top)), None)
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
        row = bisect_right(starts, self.cursor - self.first) - 1
        if not 0 <= row + by < len(boxes):
            return None
        middle = boxes[row][self.cursor - self.first - starts[row]]
        center = middle.left + middle.width / 2
        near = min(range(len(boxes[row + by])), key=lambda at: _apart(boxes[row + by][at], center))
        return self.first + starts[row + by] + near

    def action_up(self) -> None:
        """The chart above; from the first row, the page before, if there is one."""
        place = self._above(-1)
        if place is not None or self.first:
            self.cursor = self.first - 1 if place is None else place

    def action_down(self) -> None:
        """The chart below; from the last row, the next page, if there is one."""
        place, following = self._above(1), self.first + self.page_size
        if place is not None or following < self.count():
            self.cursor = following if place is None else place

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
        self.cursor = self.count() - 1

    def action_open(self) -> None:
        """Open the chart under the cursor."""
        if self.count():
            self.post_message(self.Opened())


def _apart(box: Box, column: float) -> float:
    """How far a column is from the cells of a chart."""
    return max(box.left - column, column - box.left - box.width, 0)
