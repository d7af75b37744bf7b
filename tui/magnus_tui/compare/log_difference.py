"""What differs between the execution logs of two attempts, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Static
from textual.worker import get_current_worker

from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.logs.diff import DiffLine
from magnus_tui import keys
from magnus_tui.compare.log_comparison import LogComparison, mark_of
from magnus_tui.format.seen import Seen
from magnus_tui.format.status import status_color
from magnus_tui.format.table_columns import Column
from magnus_tui.format.text import clean, truncate
from magnus_tui.screen import Explorer, is_working, read_styles
from magnus_tui.widgets.cursor_view import CursorView
from magnus_tui.widgets.growing_text import GrowingText
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.title_bar import TitleBar

_BOX_SIDE = re.compile(r"\s+[│┃|]$")
_STATES = {"removed": "FAIL", "added": "SUCCESS"}


_COLUMNS = (
    Column[DiffLine]("before", lambda line: _counted(line.before), right=True),
    Column[DiffLine]("after", lambda line: _counted(line.after), right=True),
    Column[DiffLine]("kind", lambda line: line.kind),
    Column[DiffLine]("text", lambda line: line.text),
)
"""What is written for a line."""


def _counted(place: int | None) -> int | None:
    return None if place is None else place + 1


class DifferenceView(CursorView):
    """The lines of both logs, marked by which of them has a line."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.MOVE)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"difference--cursor", "difference--dim"}
    head = 0

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: tuple[DiffLine, ...] = ()
        self._digits = 1

    def show(self, lines: tuple[DiffLine, ...]) -> None:
        """Show other lines, from the first difference."""
        self.lines = lines
        last = max((place for line in lines for place in (line.before, line.after) if place is not None), default=0)
        self._digits = len(str(last + 1))
        self.rows_changed()
        self.cursor = next((place for place, line in enumerate(lines) if line.kind in _STATES), 0)
        self.refresh()

    def row_count(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    def go_to_difference(self, step: int) -> bool:
        """Move to the next stretch of lines that differ; whether there is one."""
        starts = [
            place
            for place, line in enumerate(self.lines)
            if line.kind in _STATES and (place == 0 or self.lines[place - 1].kind not in _STATES)
        ]
        ahead = [place for place in starts if (place - self.cursor) * step > 0]
        if ahead:
            self.cursor = ahead[0] if step > 0 else ahead[-1]
        return bool(ahead)

    def render_line(self, y: int) -> Strip:
        """A line of the screen."""
        width, style = self.scrollable_content_region.width, self.rich_style
        place = self.scroll_offset.y + y
        if place >= len(self.lines):
            return Strip.blank(width, style)
        line = self.lines[place]
        dim = self.get_component_rich_style("difference--dim", partial=True)
        if place == self.cursor:
            style += self.get_component_rich_style("difference--cursor", partial=True)
        state = _STATES.get(line.kind)
        color = Style(color=status_color(self.app.theme_variables, state)) if state else Style()
        text = Text(no_wrap=True)
        text.append(f"{self._number(line.before)} {self._number(line.after)} ", dim)
        text.append(f"{mark_of(line)} ", color)
        said = _cut(clean(line.text.rstrip()), max(width - text.cell_len, 0))
        text.append(said, dim if line.kind == "skipped" else color)
        return self.text_line(text, style)

    def _number(self, place: int | None) -> str:
        return f"{'' if place is None else place + 1:>{self._digits}}"


def _cut(text: str, cells: int) -> str:
    """A line in at most `cells` cells, where the right side of a box is not missed, nor the spaces before it."""
    unboxed = _BOX_SIDE.sub("", text)
    return unboxed if cell_len(text) > cells >= cell_len(unboxed) else truncate(text, cells)


class LogDifferenceScreen(Screen[None]):
    """The difference between two logs."""

    CSS = read_styles(__file__, "log_difference.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.LOG_DIFFERENCE)]
    key_tables: ClassVar = [
        ("difference", keys.LOG_DIFFERENCE),
        ("move", keys.MOVE),
        ("everywhere", keys.APP),
    ]
    app: Explorer

    def __init__(self, title: tuple[str, ...], read: Callable[[], LogComparison]) -> None:
        """Make the screen.

        Args:
            title: the path of the screen.
            read: reads and compares the logs; called in a worker thread.
        """
        super().__init__()
        self._title = title
        self._said: list[str] = []
        self._read = read

    def compose(self) -> ComposeResult:
        """Title, what there is to say, lines, footer."""
        yield TitleBar()
        yield GrowingText("reading …", id="difference-said", markup=False)
        yield DifferenceView(id="difference")
        yield KeyBar()

    def seen(self) -> Seen:
        """The lines of both logs."""
        lines = self.view.lines
        return Seen("difference of logs", _COLUMNS, lambda: lines, len(lines))

    @property
    def view(self) -> DifferenceView:
        """The lines."""
        return self.query_one(DifferenceView)

    def on_mount(self) -> None:
        """Read the logs."""
        self.query_one(TitleBar).path = self._title
        self.view.focus()
        self._load()

    def awaits(self, _verb: str) -> bool:
        """Keys wait for the lines."""
        return is_working(self, "load")

    @work(thread=True, exclusive=True, group="load")
    def _load(self) -> None:
        worker = get_current_worker()
        try:
            found = self._read()
        except MagnusTrackingError as error:
            found = LogComparison((), (str(error),))
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show, found)

    def _show(self, found: LogComparison) -> None:
        removed, added = (sum(line.kind == kind for line in found.lines) for kind in ("removed", "added"))
        counts = [f"- {removed:,} only in the first", f"+ {added:,} only in the second"] if found.lines else []
        self._said = [*counts, *map(clean, found.statements)]
        self._say()
        self.view.show(found.lines)
        self.refresh_bindings()

    def _say(self) -> None:
        """Show the texts; one that does not fit whole behind the others starts a new line."""
        lines: list[str] = []
        for said in self._said:
            longer = f"{lines[-1]}   {said}" if lines else said
            if lines and cell_len(longer) <= self.size.width - 2:
                lines[-1] = longer
            else:
                lines.append(said)
        self.query_one("#difference-said", Static).update("\n".join(lines))

    def on_resize(self) -> None:
        """Lay out the text anew."""
        if self._said:
            self._say()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a line there is nothing to move to or to copy."""
        if action in ("next_difference", "previous_difference", "copy") and not self.view.lines:
            return False
        return super().check_action(action, parameters)

    def action_next_difference(self) -> None:
        """Move to the next difference."""
        self._go(1)

    def action_previous_difference(self) -> None:
        """Move to the previous difference."""
        self._go(-1)

    def _go(self, step: int) -> None:
        if not self.view.go_to_difference(step):
            self.notify("no more differences this way", timeout=2)

    def action_copy(self) -> None:
        """Copy the line under the cursor."""
        lines = self.view.lines
        self.app.copy_and_say(clean(lines[self.view.cursor].text) if lines else "")

    def action_back(self) -> None:
        """Back to the comparison."""
        self.dismiss()
