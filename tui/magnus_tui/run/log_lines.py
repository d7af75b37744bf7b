"""The lines of a log, of which a few pages are held and more are read as the cursor comes near."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.binding import BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.worker import get_current_worker

from magnus_tracking.errors import CatalogError
from magnus_tracking.logs.pages import LogPages
from magnus_tracking.logs.stamps import stamp_of
from magnus_tracking.logs.terminal_lines import LogLine
from magnus_tui import keys
from magnus_tui.format.seen import Seen, text_seen
from magnus_tui.format.text import clean
from magnus_tui.run.log_window import LogWindow, is_error
from magnus_tui.run.wrapped_lines import WrappedLines, shown_places, shown_text
from magnus_tui.screen import Explorer, is_working
from magnus_tui.widgets.filtering_screen import Filtered
from magnus_tui.widgets.line_view import LineView
from magnus_tui.widgets.newest_in_view import Follower

_NEAR = 50
"""Lines from an end of what is held at which more is read."""
_READING = "reading …"
_SEARCHING = "searching …"


def _every_line(log: LogPages) -> Iterator[tuple[int, str]]:
    lines = (line for page in range(log.count) for line in log.page(page))
    return enumerate(lines, 1)


class LogLines(LineView, Follower):
    """A log with its end, or any part of it, in view.

    Attributes:
        needle: what is searched for; empty without a search.
        leads_to_curves: whether the step tracked curves whose values have times.
        wrapped: whether long lines are wrapped, so that a line may have several rows.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.LOG, keys.SIDE)]
    app: Explorer

    class Said(Message):
        """Something happened that the head of the log should tell: where it is, or that nothing was found."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class MomentChosen(Message):
        """The user wants to see what was tracked when a line was written."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    class OtherWanted(Message):
        """The key that goes to the next log of the step was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.window: LogWindow | None = None
        self.needle = ""
        self.leads_to_curves = False
        self._reading = False
        self.wrapped = False
        self._to_center: int | None = None
        self._wrapped = WrappedLines()

    @property
    def _rows(self) -> WrappedLines:
        """The rows of the lines that are held, for the width as it is."""
        self._wrapped.lay_out(self.window.lines if self.window else (), self.text_width)
        return self._wrapped

    def line_of_row(self, row: int) -> int:
        """The line, among those held, that a row shows a part of."""
        return self._rows.line_of(row) if self.wrapped else row

    def row_of_line(self, line: int) -> int:
        """The first row of a line among those held."""
        return self._rows.row_of(line) if self.wrapped else line

    def awaits(self, _verb: str) -> bool:
        """Keys wait for the end of a search, and of a jump to an end of the log."""
        return is_working(self, "log-search", "log-jump")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An empty log has nothing to look for, and leads nowhere; a step that tracked no curve has none to go to."""
        if action in ("next_error", "previous_error", "curve") and not self.line_count:
            return False
        if action == "curve" and not self.leads_to_curves:
            return False
        return super().check_action(action, parameters)

    def seen(self) -> Seen | None:
        """The whole log; only some of its pages are held in memory."""
        return text_seen("log", partial(_every_line, self.window.log)) if self.window is not None else None

    @property
    def line_count(self) -> int:
        """How many rows there are for the lines that are held: one for each, unless long ones are wrapped."""
        return len(self._rows) if self.wrapped else len(self.window.lines) if self.window else 0

    def line_at(self, place: int) -> Text:
        """What a row shows of its line."""
        if not self.wrapped:
            return self._whole_line(place)
        line, characters = self._rows.part(place)
        return self._whole_line(line)[characters]

    def _whole_line(self, place: int) -> Text:
        """A line in its own harmless colours, errors and what is searched for marked."""
        assert self.window is not None
        plain = self.window.lines[place]
        ink = self.ink
        line = Text(shown_text(plain).rstrip(), ink["status-fail"] if is_error(plain) else "")
        spans = plain.spans if isinstance(plain, LogLine) else ()
        places = shown_places(plain, (place for start, end, _ in spans for place in (start, end)))
        for _, _, look in spans:
            line.stylize(look, next(places), next(places))
        if self.needle:
            for match in re.finditer(re.escape(self.needle), line.plain, re.IGNORECASE):
                line.stylize(f"reverse {ink['accent']}", *match.span())
        return line

    def copy_text(self) -> str:
        """The line under the cursor."""
        if self.window is None or not self.window.lines:
            return ""
        return clean(self.window.lines[self.line_of_row(self.cursor)])

    def file_path(self) -> str | None:
        """The log."""
        return str(self.window.log.path) if self.window else None

    def show(self, window: LogWindow | None, line: int | None = None) -> None:
        """Show a part of a log with the cursor on `line`, or on its last line."""
        if window is None or not self._is_of(window):
            self.set_reactive(LineView.side, 0)
        self.window = window
        last = self.line_count - 1
        row = last if line is None else min(self.row_of_line(line), last)
        self.set_reactive(LineView.cursor, max(row, 0))
        self.lines_changed()
        self._center(line)
        self.pause_if_away()

    @property
    def shows_newest(self) -> bool:
        """Whether the last line of the log is seen, and under the cursor."""
        if self.window is None:
            return True
        return self.at_end and self.window.at_end and self.scroll_offset.y + self.visible_rows >= self.line_count

    def show_newest(self) -> None:
        """Go to the end of the log."""
        if self.window is not None and not self.window.at_end:
            self.action_last()
            return
        super().action_last()
        self.show_cursor()

    @work(thread=True, exclusive=True, group="log-grown")
    def look_again(self) -> None:
        """Take in what was written since; what is seen stays, unless the end is followed."""
        worker, before = get_current_worker(), self.window
        if before is None:
            return
        try:
            window = before.grown()
            if window is not None and self.following and not window.at_end:
                window = LogWindow.end(window.log)
        except CatalogError as error:
            self.app.call_from_thread(self._say, str(error))
            return
        if window is not None and not worker.is_cancelled:
            self.app.call_from_thread(self._take, before, window)

    def _take(self, before: LogWindow, window: LogWindow) -> None:
        if self.window is not before:
            return
        begun_anew = window.log.size < before.log.size
        if begun_anew or (self.following and window.first != before.first):
            self.show(window)
        else:
            top = self.scroll_offset.y
            self.window = window
            self.virtual_size = Size(0, self.line_count)
            self.scroll_to(y=top, animate=False, force=True, immediate=True)
            self.go_along()
            self.refresh()
        self._say("")

    def _center(self, line: int | None) -> None:
        # As long as there is no room, nobody knows where its middle is.
        self._to_center = None if self.size.height else line
        if line is not None:
            top = max(self.row_of_line(line) - self.visible_rows // 3, 0)
            self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def watch_cursor(self) -> None:
        """Read on where the cursor comes near an end of what is held."""
        super().watch_cursor()
        self.pause_if_away()
        if self.window is None or self._reading:
            return
        if self.cursor < _NEAR and not self.window.at_start:
            self._read_on(LogWindow.before)
        elif self.cursor > self.line_count - _NEAR and not self.window.at_end:
            self._read_on(LogWindow.after)

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """Put a scrollbar that comes to be shown where the log was scrolled to before."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read on where the wheel scrolls to an end of what is held."""
        super().watch_scroll_y(old_value, new_value)
        self.pause_if_away()
        if self.window is None or self._reading:
            return
        if new_value < _NEAR and new_value < old_value and not self.window.at_start:
            self._read_on(LogWindow.before)
        elif new_value > max(old_value, self.line_count - self.visible_rows - _NEAR) and not self.window.at_end:
            self._read_on(LogWindow.after)

    @work(thread=True, group="log-page")
    def _read_on(self, move: Callable[[LogWindow], tuple[LogWindow, int]]) -> None:
        if self.window is None:
            return
        self._reading = True
        before = self.window
        try:
            window, moved = move(before)
        except CatalogError as error:
            self.app.call_from_thread(self._say, str(error))
            return
        finally:
            self._reading = False
        self.app.call_from_thread(self._moved, before, window, moved)

    def _moved(self, before: LogWindow, window: LogWindow, moved: int) -> None:
        if self.window is not before:
            return
        top, here = self.line_of_row(self.scroll_offset.y) + moved, self.line_of_row(self.cursor) + moved
        self.window = window
        top = self.row_of_line(max(top, 0))
        self.set_reactive(LineView.cursor, max(0, min(self.row_of_line(max(here, 0)), self.line_count - 1)))
        self.lines_changed()
        self.scroll_to(y=max(top, 0), animate=False, force=True, immediate=True)
        self._say("")

    def _say(self, text: str) -> None:
        self.post_message(self.Said(text))

    def action_first(self) -> None:
        """Move to the beginning of the log, at once where that is held."""
        if self.window is None:
            return
        if self.window.at_start:
            super().action_first()
            return
        self._say(_READING)
        self._jump(lambda log: LogWindow.read(log, 0, 2), 0)

    def action_last(self) -> None:
        """Move to the end of the log, at once where that is held, and to what was written since."""
        if self.window is None:
            return
        if self.window.at_end:
            super().action_last()
        else:
            self._say(_READING)
        self._jump(LogWindow.end, -1)

    @work(thread=True, exclusive=True, group="log-jump")
    def _jump(self, read: Callable[[LogPages], LogWindow], line: int) -> None:
        self.app.let_answer()
        if self.window is None:
            return
        try:
            window = read(self.window.log)
        except CatalogError as error:
            self.app.call_from_thread(self._say, str(error))
            return
        self.app.call_from_thread(self._jumped, window, line if line >= 0 else None)

    def _jumped(self, window: LogWindow, line: int | None) -> None:
        if self._is_of(window):
            self.show(window, line)
            self._say("")

    def _is_of(self, window: LogWindow) -> bool:
        """Whether a part of a log, read meanwhile, is still of the log that is shown."""
        return self.window is not None and self.window.log.path == window.log.path

    def filter_lines(self, text: str) -> None:
        """Search for `text`; of a log, every line stays, because what is around a match tells most."""
        self.search(text)
        self.post_message(Filtered(f"{keys.shown('next')} {keys.shown('previous')} next, previous match"))

    def search(self, needle: str) -> None:
        """Mark `needle` and go to its nearest occurrence, the cursor's own line included."""
        self.needle = needle
        self.refresh()
        if needle and self.window is not None:
            page, place = self.window.place_of(self.line_of_row(self.cursor))
            self._search(-1, page, place + 1)

    def action_next_error(self) -> None:
        """Go to the next occurrence of what is searched for, or the next error."""
        self._search_from_cursor(1)

    def action_previous_error(self) -> None:
        """Go to the previous occurrence of what is searched for, or the previous error."""
        self._search_from_cursor(-1)

    def _search_from_cursor(self, step: int) -> None:
        if self.window is not None:
            if not (self.window.at_start and self.window.at_end):
                self._say(_SEARCHING)
            self._search(step, *self.window.place_of(self.line_of_row(self.cursor)))

    @work(thread=True, exclusive=True, group="log-search")
    def _search(self, step: int, page: int, place: int) -> None:
        """Look for the next line that matches, else an error, off the event loop; say where there is none."""
        self.app.let_answer()
        window, worker = self.window, get_current_worker()
        if window is None:
            return
        needle = self.needle.casefold()
        matches: Callable[[str], bool] = (lambda line: needle in line.casefold()) if needle else is_error
        what = f"“{clean(self.needle)}”" if needle else "error"
        try:
            found = window.log.search(page, place, step, matches, lambda: worker.is_cancelled)
            if found is None:
                if not worker.is_cancelled:
                    self.app.call_from_thread(self._say, f"no {'later' if step > 0 else 'earlier'} {what}")
                return
            if window.line_of(*found) is None:
                window = LogWindow.read(window.log, found[0] - 1, 3)
        except CatalogError as error:
            self.app.call_from_thread(self._say, str(error))
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._found, window, found)

    def _found(self, window: LogWindow, found: tuple[int, int]) -> None:
        line = window.line_of(*found)
        if not self._is_of(window):
            return
        if window is self.window and line is not None:
            top, row = self.scroll_offset.y, self.row_of_line(line)
            self.cursor = row
            if not top <= row < top + self.visible_rows:
                self._center(line)
        else:
            self.show(window, line)
        self._say("")

    def action_curve(self) -> None:
        """Show the curve at the moment of the line under the cursor, or of the nearest above it that has a time."""
        if self.window is not None and self.window.lines:
            above = reversed(self.window.lines[: self.line_of_row(self.cursor) + 1])
            stamped = (line for line in above if stamp_of(line, datetime.min) is not None)
            self.post_message(self.MomentChosen(next(stamped, "")))

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them again; the cursor stays on its line, which stays where it is."""
        line, above = self.line_of_row(self.cursor), self.cursor - self.scroll_offset.y
        self.wrapped = not self.wrapped
        self.set_reactive(LineView.side, 0)
        row = self.row_of_line(line)
        self.set_reactive(LineView.cursor, row)
        self.lines_changed()
        self.scroll_to(y=max(row - above, 0), animate=False, force=True, immediate=True)
        self.refresh()

    def on_resize(self, event: Resize) -> None:
        """Wrap for the new width, with the cursor on its line."""
        if self.wrapped and self.window is not None:
            # By the rows of the width before.
            line = self._wrapped.line_of(self.cursor)
            self.set_reactive(LineView.cursor, self.row_of_line(line))
            self.lines_changed()
        super().on_resize(event)
        self._center(self._to_center)

    def go_to_number(self, number: int) -> int | None:
        """Move to a line of those held by its number, from 1, or to the nearest; the number of that."""
        self.cursor = self.row_of_line(number - 1)
        return max(1, min(number, self.line_count)) if self.line_count else None

    def action_other_log(self) -> None:
        """Show the next log of the step."""
        self.post_message(self.OtherWanted())
