"""A run as bars over time, zoomed and moved with the keys; only what is seen is drawn."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollLeft, MouseScrollRight, MouseScrollUp
from textual.message import Message
from textual.strip import Strip

from magnus_tracking.analysis.timeline import Bar, Timeline
from magnus_tui import format, keys
from magnus_tui.charts.gantt import Role, TimeWindow, draw_axis, draw_bar
from magnus_tui.format import side_by_side
from magnus_tui.format.seen import Seen
from magnus_tui.format.status import status_color
from magnus_tui.format.table_columns import Column
from magnus_tui.format.text import clean, truncate
from magnus_tui.run.durations_in_view import DurationsInView
from magnus_tui.run.timeline_facts import rank_text
from magnus_tui.run.tree_rows import next_slowest
from magnus_tui.widgets.cursor_view import CursorView

LEGEND = "█ critical path  ▒ beside it  ┄ waiting  ░ inferred  ①②③ most work"
_LEAST_BARS = 20
_MOST_LABEL = 44
_ZOOM = 2.0
_STEP = 0.5
_MARGIN = 1


_COLUMNS = (
    Column[Bar]("key", lambda bar: bar.key),
    Column[Bar]("kind", lambda bar: bar.kind),
    Column[Bar]("depth", lambda bar: bar.depth, right=True),
    Column[Bar]("status", lambda bar: bar.status),
    Column[Bar]("started", lambda bar: bar.start),
    Column[Bar]("ended", lambda bar: None if bar.running else bar.end),
    Column[Bar]("duration", lambda bar: bar.seconds, "took", show_beside=side_by_side.listed_durations, right=True),
    Column[Bar]("waited", lambda bar: bar.wait, show_beside=side_by_side.listed_durations, right=True),
    Column[Bar]("critical", lambda bar: bar.critical),
    Column[Bar]("rank", lambda bar: bar.rank, right=True),
)
"""What is written for a bar."""


class TimelineView(CursorView):
    """Steps, branches and attempts, a bar each.

    Attributes:
        timeline: what is shown; None before anything was.
        empty: what is said where there are no bars.
        window: the part of it that is shown; None for all of it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.MOVE, keys.TIMELINE)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"timeline--cursor", "timeline--dim"}

    class Highlighted(Message):
        """The cursor came to stand on another bar."""

        def __init__(self, bar: Bar | None) -> None:
            super().__init__()
            self.bar = bar

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.timeline: Timeline | None = None
        self.window: TimeWindow | None = None
        self.folded: set[str] = set()
        self._led_to: str | None = None
        self.bars: list[Bar] = []
        self.empty = "reading …"
        self._took = DurationsInView()
        self._widest = 0
        self._places: dict[str, int] = {}

    def show(self, timeline: Timeline, widest: int) -> None:
        """Show a run, or the same one as it is now: cursor, zoom and folds stay.

        Args:
            timeline: the run.
            widest: its `widest_label`.
        """
        self.timeline = timeline
        self._widest = widest
        self.empty = "nothing of this run was logged yet"
        self._rebuild()
        self.cursor_moved()

    def row_count(self) -> int:
        """How many bars are unfolded."""
        return len(self.bars)

    def seen(self) -> Seen:
        """The bars that are unfolded, whatever part of the time is on the screen."""
        bars = list(self.bars)
        return Seen("timeline", _COLUMNS, lambda: bars, len(bars))

    @property
    def current(self) -> Bar | None:
        """The bar under the cursor."""
        return self.bars[self.cursor] if 0 <= self.cursor < len(self.bars) else None

    @property
    def whole(self) -> TimeWindow | None:
        """The time of the whole run; None where nothing has a time."""
        timeline = self.timeline
        if timeline is None or timeline.start is None or timeline.end is None:
            return None
        return TimeWindow(timeline.start, timeline.end)

    @property
    def shown_window(self) -> TimeWindow | None:
        """The time that is on the screen."""
        return self.window or self.whole

    def cursor_moved(self) -> None:
        """Tell which bar the cursor is on."""
        if self.is_mounted:
            self.post_message(self.Highlighted(self.current))

    def _rebuild(self) -> None:
        here = self.current
        self.bars = []
        hidden: int | None = None
        for bar in self.timeline.bars if self.timeline else ():
            if hidden is not None and bar.depth > hidden:
                continue
            hidden = bar.depth if bar.key in self.folded else None
            self.bars.append(bar)
        self._places = {bar.key: place for place, bar in enumerate(self.bars)}
        self.rows_changed()
        self.put_cursor(self._places.get(here.key, self.cursor) if here else self.cursor)
        self.show_cursor()
        self.refresh()

    # Drawing

    @property
    def _took_cells(self) -> int:
        return self._took.cells(self.timeline.seconds if self.timeline else None)

    def before_lines(self) -> None:
        """Tell the durations on the screen apart."""
        self._took.tell(self.rows_in_view, [self.bars[place].took for place in self.rows_in_view])

    def _columns(self, width: int) -> tuple[int, int]:
        """Cells for the labels and for the bars."""
        label = max(min(self._widest, _MOST_LABEL, width - self._took_cells - _LEAST_BARS - 5), 12)
        return label, max(width - label - self._took_cells - 5, 1)

    def render_line(self, y: int) -> Strip:
        """A line of the screen: the axis, then a bar each."""
        width, base = self.scrollable_content_region.width, self.rich_style
        if y == 0:
            return self._axis(width, base)
        place = self.scroll_offset.y + y - self.head
        if place >= len(self.bars):
            note = f" {self.empty}" if not self.bars and y == 1 else ""
            return self.text_line(Text(note), base)
        return self._row(place, width, base)

    def _axis(self, width: int, base: Style) -> Strip:
        label, cells = self._columns(width)
        line = Text(" " * (_MARGIN + label + self._took_cells + 4), no_wrap=True)
        window, whole = self.shown_window, self.whole
        if window is not None and whole is not None:
            dim = self.get_component_rich_style("timeline--dim", partial=True)
            line.append(draw_axis(window, whole.start, cells), dim)
        return self.text_line(line, base)

    def _row(self, place: int, width: int, base: Style) -> Strip:
        """The line of a bar: its handle, glyph, label and rank, how long it took, and the bar itself."""
        bar, at_cursor = self.bars[place], place == self.cursor
        label, cells = self._columns(width)
        color = status_color(self.app.theme_variables, bar.status)
        dim = self.get_component_rich_style("timeline--dim", partial=True)
        style = base + self.get_component_rich_style("timeline--cursor", partial=True) if at_cursor else base
        line = Text(" " * (_MARGIN + 2 * bar.depth), no_wrap=True)
        line.append(self._handle(bar), dim)
        line.append(f"{format.glyph(bar.status)} ", Style(color=color, bold=True))
        rank = rank_text(bar)
        room = max(label + _MARGIN - line.cell_len - cell_len(rank), 1)
        line.append(truncate(clean(bar.label), room), Style(bold=bar.critical))
        line.append(rank, status_color(self.app.theme_variables, "SILENT"))
        line.append(" " * max(label + _MARGIN - line.cell_len, 0))
        line.append(f"  {self._took[place]:>{self._took_cells}}  ", dim)
        window = self.shown_window
        if window is not None:
            styles: dict[Role, Style] = {"bar": Style(color=color), "inferred": Style(color=color), "wait": dim}
            for text, role in draw_bar(bar, window, cells):
                line.append(text, styles.get(role, Style()))
        return self.text_line(line, style)

    def _handle(self, bar: Bar) -> str:
        if bar.key in self.folded:
            return "▸ "
        return "▾ " if self._has_inside(bar) else "  "

    def _has_inside(self, bar: Bar) -> bool:
        if bar.kind == "branch":
            return True
        return bar.kind == "step" and bar.step is not None and (bar.step.is_composite or len(bar.step.attempts) > 1)

    # Moving

    def _zoom(self, factor: float) -> None:
        window, whole = self.shown_window, self.whole
        if window is None or whole is None:
            return
        around = window.start + (window.end - window.start) / 2
        bar = self.current
        if bar is not None and bar.start is not None and window.start <= bar.start <= window.end:
            around = bar.start
        zoomed = window.zoomed(factor, around, whole)
        self.window = None if zoomed == whole else zoomed
        self.refresh()

    def _pan(self, share: float) -> None:
        if self.window is not None and self.whole is not None:
            self.window = self.window.moved(share, self.whole)
            self.refresh()

    def action_zoom_in(self) -> None:
        """Show half as much time, around the bar under the cursor."""
        self._zoom(1 / _ZOOM)

    def action_zoom_out(self) -> None:
        """Show twice the time."""
        self._zoom(_ZOOM)

    def action_zoom_whole(self) -> None:
        """Show the whole run."""
        self.window = None
        self.refresh()

    def action_zoom_to(self) -> None:
        """Show the time of the bar under the cursor, or the whole run if that is shown already."""
        bar, whole = self.current, self.whole
        if bar is None or bar.start is None or bar.end is None or whole is None:
            return
        around = max((bar.end - bar.start) * 0.05, timedelta(microseconds=10))
        before, after = min(bar.start - whole.start, around), min(whole.end - bar.end, around)
        window = TimeWindow(bar.start - before, bar.end + after)
        self.window = None if self.window == window or window == whole else window
        self.refresh()

    def action_earlier(self) -> None:
        """Show earlier times."""
        self._pan(-_STEP)

    def action_later(self) -> None:
        """Show later times."""
        self._pan(_STEP)

    def fold(self) -> bool:
        """Hide or show what is nested in the bar under the cursor; whether there is anything."""
        bar = self.current
        if bar is None or not self._has_inside(bar):
            return False
        self.folded ^= {bar.key}
        self._rebuild()
        return True

    def go_to(self, key: str) -> None:
        """Unfold down to the bar `key`, or that of the step whose attempt it is, and put the cursor on it."""
        keys = self._places if key in self._places else {bar.key for bar in self.timeline.bars} if self.timeline else ()
        found = next((one for one in (key, key.partition("#")[0]) if one in keys), None)
        if found is None:
            return
        if found not in self._places:
            self.folded -= {folded for folded in self.folded if found.startswith((folded + ".", folded + "#"))}
            self._rebuild()
        self.cursor = self._places[found]

    def action_slowest(self) -> None:
        """Move to the slowest step, then to the next slowest."""
        slowest = [bar.key for bar in self.timeline.slowest] if self.timeline else []
        if slowest:
            self._led_to = next_slowest(slowest, self.current.key if self.current else None, self._led_to)
            self.go_to(self._led_to)
        else:
            self.notify("no step of this run is slower than others", timeout=2)

    def on_click(self, event: Click) -> None:
        """Put the cursor on a bar; fold or unfold the one it is on."""
        place = self.scroll_offset.y + event.y - self.head
        if event.y >= self.head and place < len(self.bars):
            if place == self.cursor:
                self.fold()
            self.cursor = place

    def on_mouse_scroll_left(self, event: MouseScrollLeft) -> None:
        """Show earlier times."""
        event.stop()
        self.action_earlier()

    def on_mouse_scroll_right(self, event: MouseScrollRight) -> None:
        """Show later times."""
        event.stop()
        self.action_later()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Zoom in, with the control key held."""
        if event.ctrl:
            event.stop()
            self.action_zoom_in()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Zoom out, with the control key held."""
        if event.ctrl:
            event.stop()
            self.action_zoom_out()


def widest_label(timeline: Timeline) -> int:
    """Cells that the widest label takes; of very many bars, so for a thread."""
    return max(
        (2 * bar.depth + 4 + cell_len(clean(bar.label)) + cell_len(rank_text(bar)) for bar in timeline.bars), default=0
    )
