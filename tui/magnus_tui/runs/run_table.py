"""The list of runs: a virtual table that draws, and asks for, only the rows that are on the screen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.events import Click, MouseScrollLeft, MouseScrollRight, Resize
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from magnus_tracking.runlog.summary import RunSummary
from magnus_tui import keys
from magnus_tui.feed.feed import ListedRun
from magnus_tui.format.side_by_side import names_apart
from magnus_tui.runs.age_refresh import seconds_to_change
from magnus_tui.runs.column_layout import ColumnLayout
from magnus_tui.runs.columns import Column, Row, all_columns
from magnus_tui.runs.drawing import LOOKS, MARGIN, RunLines, RunLooks
from magnus_tui.runs.groups import GroupLine, draw_group, fold
from magnus_tui.runs.state_flashes import StateFlashes
from magnus_tui.widgets.cursor_view import CursorView
from magnus_tui.widgets.timed_refresh import Due

_KEPT_PAGES = 8
"""Pages of rows that are kept once they were seen."""


class RunTable(CursorView):
    """A row a run, over any number of runs.

    Attributes:
        column_cursor: position of the highlighted heading among the columns; those seen at first come first.
        column_layout: which columns are on the screen.
        stays_on_top: whether a cursor that was not moved from the top stays there when rows come above its run, as
            while a store is read for the first time, in no order that its user knows of.
        tops: how often the top was asked for: rows that were asked for before it keep the cursor there.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.MOVE, keys.COLUMNS)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"run-table--{name}" for name in LOOKS}

    column_cursor: reactive[int] = reactive(3, repaint=False)

    class RunHighlighted(Message):
        """The cursor came to stand on another run, or on none."""

        def __init__(self, run: RunSummary | None) -> None:
            super().__init__()
            self.run = run

    class RowsWanted(Message):
        """Rows came into view that are not known, or may have changed.

        Attributes:
            row_ids: of the rows.
            generation: of the list; what is read for an earlier one is not newer than what is known.
        """

        def __init__(self, row_ids: Sequence[int], generation: int) -> None:
            super().__init__()
            self.row_ids = row_ids
            self.generation = generation

    class RunChosen(Message):
        """A run was chosen by a click."""

        def __init__(self, run: RunSummary) -> None:
            super().__init__()
            self.run = run

    class HeadingClicked(Message):
        """A heading was clicked."""

        def __init__(self, column: Column) -> None:
            super().__init__()
            self.column = column

    def __init__(
        self,
        present: Callable[[ListedRun], Row],
        *,
        id: str | None = None,
    ) -> None:
        """Make an empty table.

        Args:
            present: gives a run as it is to be shown now.
            id: the widget's id.
        """
        super().__init__(id=id)
        self._present = present
        self.row_ids: Sequence[int] = ()
        # Where a widget stands may be asked on the event loop only: it may have all of them laid out anew.
        self._page = 1
        self.column_layout = ColumnLayout(all_columns(()))
        self.sorted_by: tuple[str, bool] = ("started", True)
        self.marks: set[str] = set()
        self._empty = Text()
        self._cache: dict[int, ListedRun] = {}
        self._fresh: set[int] = set()
        self._wanted: frozenset[int] = frozenset()
        self._generation = 0
        self._lines: dict[int, list[str]] = {}
        self._rows: dict[int, Row] = {}
        self.groups: Sequence[GroupLine] = ()
        self._drawing: RunLines | None = None
        self._known_looks: RunLooks | None = None
        self.stays_on_top = False
        self.tops = self._tops_answered = 0
        self._aging = Due(self, self.grow_older)
        self._flashes = StateFlashes(self)

    @property
    def empty(self) -> Text:
        """The text where there are no rows."""
        return self._empty

    @empty.setter
    def empty(self, said: Text) -> None:
        if said != self._empty:
            self._empty = said
            self.refresh_changed()

    def set_columns(self, columns: list[Column]) -> None:
        """Show other columns."""
        here = self.column
        self.column_layout.use(columns)
        place = next((i for i, column in enumerate(columns) if here and column.key == here.key), self.column_cursor)
        self.set_reactive(RunTable.column_cursor, place)
        self._relayout()

    def set_rows(
        self,
        row_ids: Sequence[int],
        groups: Sequence[GroupLine] = (),
        rows: Mapping[int, ListedRun] | None = None,
        *,
        anew: bool = False,
        tops: int = 0,
    ) -> None:
        """Show other rows; the cursor stays on its run where the run is still there.

        Args:
            row_ids: what is shown, from the top; ``-1 - n`` stands for the group line `n`.
            groups: the group lines.
            rows: what is known of some of them; what was known of others is shown until it has been read again.
            anew: whether row ids mean other runs than before; they then give the columns the widths that they need.
            tops: what `tops` was when these rows were asked for.
        """
        if anew:
            self._cache.clear()
            self.column_layout.forget_widths()
        self._generation += 1
        self._cache.update(rows or {})
        self._fresh = set(rows or {})
        self._wanted = frozenset()
        self.groups = groups
        position = self._place_in(row_ids)
        top = self._top_for(row_ids, position, self.visible_rows) if position is not None else None
        self._tops_answered = max(self._tops_answered, tops)
        self.row_ids = row_ids
        self.rows_changed()
        self.put_cursor(self.cursor if position is None else position)
        if top is not None:
            self.scroll_to(y=top, animate=False, force=True, immediate=True)
        else:
            self.show_cursor()
        self._relayout()
        if self.is_mounted:
            self.cursor_moved()

    def fold(self, folded: frozenset[str]) -> None:
        """Hide the runs of other groups. From a run that is hidden the cursor goes to the line of its group.

        Args:
            folded: keys of the groups.
        """
        place = self.cursor
        while place > 0 and self.row_ids[place] >= 0:
            place -= 1
        if self.current_id is not None and self.groups[-1 - self.row_ids[place]].key in folded:
            self.put_cursor(place)
        self.set_rows(*fold(self.groups, folded))

    def _place_in(self, row_ids: Sequence[int]) -> int | None:
        """Where among other rows the row under the cursor stands; None where it does not, or need not be kept."""
        goes_to_top = self.stays_on_top or self.tops > self._tops_answered
        if self.cursor >= len(self.row_ids) or (goes_to_top and not self.cursor):
            return None
        try:
            return row_ids.index(self.row_ids[self.cursor])
        except ValueError:
            return None

    def _top_for(self, row_ids: Sequence[int], place: int, page: int) -> int:
        """The row at the top of the screen once the row under the cursor stands at `place` among other rows.

        It keeps its line, unless rows came above a list that shows its top: new runs are to be seen.

        Args:
            row_ids: the other rows.
            place: of the row under the cursor.
            page: how many rows fit on the screen.
        """
        top, more = self.scroll_offset.y, place - self.cursor
        if not top and more == len(row_ids) - len(self.row_ids) and place < page:
            return 0
        return max(top + more, 0)

    def show_top(self) -> None:
        """Go to the top, and stay there when the rows have been put in another order."""
        self.put_cursor(0)
        self.show_cursor()
        self.tops += 1
        self.refresh()

    def seen_of(self, row_ids: Sequence[int]) -> list[int]:
        """The runs among other rows that will be on the screen once these are set; may be called from any thread."""
        place, page = self._place_in(row_ids), self._page
        top = self.scroll_offset.y if place is None else self._top_for(row_ids, place, page)
        top = max(min(top, len(row_ids) - page), 0)
        return [row_id for row_id in row_ids[top : top + page] if row_id >= 0]

    def take_rows(self, asked: RowsWanted, rows: Mapping[int, ListedRun]) -> None:
        """Take in rows that were asked for, and draw those that are on the screen."""
        before = self._seen()
        if asked.generation == self._generation:
            self._cache.update(rows)
            self._fresh.update(rows)
        else:
            self._cache.update({row_id: row for row_id, row in rows.items() if row_id not in self._cache})
        if self._seen() != before:
            self._relayout()
            self.post_message(self.RunHighlighted(self.current))
            self.call_after_refresh(self.fetch_beyond)

    def _look_again(self) -> None:
        """Ask anew for what may go on without anything being written: the unfinished runs on the screen."""
        unfinished = {self.row_ids[place] for place, row in self._rows.items() if not row.run.is_finished}
        if unfinished:
            self._fresh -= unfinished
            self._want(unfinished)

    def _seen(self) -> dict[int, ListedRun | None]:
        """The runs on the screen, by row id, as far as they are known."""
        top = self.scroll_offset.y
        shown = self.row_ids[top : top + self.visible_rows]
        return {row_id: self._cache.get(row_id) for row_id in shown if row_id >= 0}

    @property
    def current_id(self) -> int | None:
        """The row id of the run under the cursor, which need not be known yet."""
        if not 0 <= self.cursor < len(self.row_ids) or self.row_ids[self.cursor] < 0:
            return None
        return self.row_ids[self.cursor]

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor; None, too, while it is being read."""
        listed = self._cache.get(-1 if self.current_id is None else self.current_id)
        return listed.run if listed is not None else None

    @property
    def current_row(self) -> Row | None:
        """The same as it is to be shown now."""
        listed = self._cache.get(-1 if self.current_id is None else self.current_id)
        return self._present(listed) if listed is not None else None

    @property
    def current_group(self) -> GroupLine | None:
        """The group whose line the cursor stands on."""
        if not 0 <= self.cursor < len(self.row_ids) or self.row_ids[self.cursor] >= 0:
            return None
        return self.groups[-1 - self.row_ids[self.cursor]]

    @property
    def columns(self) -> list[Column]:
        """All columns, from left to right."""
        return self.column_layout.columns

    @property
    def shown_columns(self) -> list[Column]:
        """The columns that are on the screen."""
        return [self.columns[i] for i in self.column_layout.shown]

    @property
    def column(self) -> Column | None:
        """The column under the column cursor."""
        order = self.column_layout.order
        return self.columns[order[self.column_cursor]] if self.column_cursor < len(order) else None

    def needed_width(self) -> int:
        """Cells that all columns but the size would take, untruncated."""
        return self.column_layout.needed_width()

    def _known(self, start: int, stop: int) -> list[tuple[int, ListedRun]]:
        """The runs at positions `start` to `stop` that are known, each with its position; what is not is asked for."""
        first = max(start, 0)
        places = [(first + i, row_id) for i, row_id in enumerate(self.row_ids[first:stop]) if row_id >= 0]
        self._want({row_id for _, row_id in places})
        return [(place, self._cache[row_id]) for place, row_id in places if row_id in self._cache]

    def _want(self, row_ids: Collection[int]) -> None:
        """Ask for those of some rows that are not known as they are now, unless that was just done."""
        missing = [row_id for row_id in row_ids if row_id not in self._fresh]
        if not missing or self._wanted.issuperset(missing):
            return
        if len(self._cache) > _KEPT_PAGES * self.visible_rows:
            kept = {*self._seen(), *row_ids}
            self._cache = {row_id: row for row_id, row in self._cache.items() if row_id in kept}
            self._fresh &= kept
        self._wanted = frozenset(missing)
        self.post_message(self.RowsWanted(missing, self._generation))

    def turn(self, rows: int) -> None:
        """Move by a page, or a part of one."""
        super().turn(rows)
        # At once, as whoever turns one page turns the next before the cursor has come to rest.
        self.call_after_refresh(self.fetch_beyond)

    def fetch_beyond(self) -> None:
        """Ask for the page above and the one below, so that turning to them takes less."""
        top, page = self.scroll_offset.y, self.visible_rows
        around = self.row_ids[max(top - page, 0) : top + 2 * page]
        self._want([row_id for row_id in around if row_id >= 0])

    def _relayout(self) -> None:
        """Lay out for what is on the screen now, and draw what changed."""
        self._lay_out()
        self.refresh_changed()

    def _lay_out(self) -> None:
        """Fetch the rows on the screen, write their cells, and give each column the width that they need."""
        top = self.scroll_offset.y
        placed = [(place, self._present(run)) for place, run in self._known(top, top + self.visible_rows)]
        rows = [row for _, row in placed]
        texts = self.column_layout.write(rows)
        groups = [self.groups[-1 - row_id] for row_id in self.row_ids[top : top + self.visible_rows] if row_id < 0]
        told = [texts[i] + [group.mean(column.key) for group in groups] for i, column in enumerate(self.columns)]
        self.column_layout.widen(told, self.sorted_by[0])
        self._choose_columns()
        layout = self.column_layout
        shown = [
            names_apart(texts[i], cells) if layout.columns[i].key == "id" else texts[i]
            for i, cells in zip(layout.shown, layout.shown_widths(self.size.width), strict=True)
        ]
        self._lines = {place: [cells[i] for cells in shown] for i, (place, _) in enumerate(placed)}
        self._rows = dict(placed)
        self._drawing = None
        self._aging.within(seconds_to_change(rows))
        self._flashes.take(rows)

    def _choose_columns(self) -> None:
        """Choose which columns are seen; the cursor keeps its column."""
        place = self.column_layout.choose(self.size.width, self.sorted_by[0], self.column_cursor)
        self.set_reactive(RunTable.column_cursor, place)

    def notify_style_update(self) -> None:
        """Look up the styles anew."""
        super().notify_style_update()
        self._drawing = self._known_looks = None

    @property
    def drawing(self) -> RunLines:
        """What draws lines of the layout in force."""
        if self._drawing is None:
            widths = self.column_layout.shown_widths(self.size.width)
            if self._known_looks is None:
                variables = self.app.theme_variables
                self._known_looks = RunLooks.of(self.rich_style, self._look, variables, self.has_focus)
            self._drawing = RunLines(self.shown_columns, widths, self._known_looks, self.size.width)
        return self._drawing

    def _look(self, name: str, partial: bool) -> Style:
        return self.get_component_rich_style(f"run-table--{name}", partial=partial)

    def render_line(self, y: int) -> Strip:
        """A line of the screen: the headings, then a run a line."""
        drawing = self.drawing
        if y == 0:
            cursor, layout = self.column if self.has_focus else None, self.column_layout
            return drawing.heading(self.sorted_by, cursor, layout.before, layout.after)
        position = self.scroll_offset.y + y - 1
        at_cursor = position == self.cursor
        if position < len(self.row_ids) and self.row_ids[position] < 0:
            group, looks = self.groups[-1 - self.row_ids[position]], drawing.looks
            style = looks.of_line(at_cursor)
            line = draw_group(group, drawing.places, drawing.width, style, looks.parts["dim"], looks.variables)
            return self.text_line(line, style)
        row = self._rows.get(position)
        if row is None:
            return self._beyond(y)
        marked = row.run.run_id in self.marks
        of_run = drawing.run(row, self._lines[position], marked=marked, at_cursor=at_cursor)
        return drawing.lit_up(of_run) if row.run.run_id in self._flashes else of_run

    def _beyond(self, y: int) -> Strip:
        looks = self.drawing.looks
        room = max(self.size.width - 2 * MARGIN, 1)
        lines = list(self._empty.wrap(self.app.console, room)) if not self.row_ids else []
        if not 2 <= y < 2 + len(lines):
            return Strip.blank(self.size.width, looks.base)
        text = Text(" " * MARGIN)
        text.append_text(lines[y - 2])
        return self.text_line(text, looks.base + looks.parts["empty"])

    @property
    def ids_in_view(self) -> set[str]:
        """The ids of the runs on the screen, as far as they are known."""
        return {row.run.run_id for row in self._rows.values() if row.run.run_id}

    def row_count(self) -> int:
        """How many rows the list has, group lines included."""
        return len(self.row_ids)

    def cursor_moved(self) -> None:
        """Tell which run the cursor stands on."""
        if self.cursor not in self._lines:
            self._relayout()
        self.post_message(self.RunHighlighted(self.current))

    def watch_column_cursor(self) -> None:
        """Draw the headings anew, and bring the column onto the screen."""
        before = self.column_layout.shown
        self._choose_columns()
        if self.column_layout.shown != before:
            self._relayout()
        self.refresh(Region(0, 0, self.size.width, 1))

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Draw the headings and the cursor anew: they look different without the focus.

        The style sheet knows nothing of it: to style the list anew, as Textual would, takes a quarter of a frame.
        """
        self._drawing = self._known_looks = None
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Fetch what has come onto the screen."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._relayout()

    def on_resize(self, event: Resize) -> None:
        """Lay out for the new size."""
        super().on_resize(event)
        self._page = self.visible_rows
        self._relayout()

    def validate_column_cursor(self, place: int) -> int:
        """The nearest column that exists."""
        last = len(self.column_layout.order) - 1
        return max(0, min(place, last)) if last >= 0 else place

    def action_column_left(self) -> None:
        """Move the column cursor left."""
        self.column_cursor -= 1

    def action_column_right(self) -> None:
        """Move the column cursor right."""
        self.column_cursor += 1

    def action_column_first(self) -> None:
        """Move the column cursor to the first column."""
        self.column_cursor = 0

    def action_column_last(self) -> None:
        """Move the column cursor to the last column."""
        self.column_cursor = len(self.columns) - 1

    def on_mouse_scroll_left(self, event: MouseScrollLeft) -> None:
        """Move the column cursor left."""
        event.stop()
        self.column_cursor -= 1

    def on_mouse_scroll_right(self, event: MouseScrollRight) -> None:
        """Move the column cursor right."""
        event.stop()
        self.column_cursor += 1

    def on_click(self, event: Click) -> None:
        """Sort by a heading; put the cursor on a run, or open the run that it stands on."""
        if event.y == 0:
            column = self.drawing.column_at(event.x)
            if column is not None:
                self.post_message(self.HeadingClicked(column))
            return
        position = self.scroll_offset.y + event.y - 1
        if 0 <= position < len(self.row_ids):
            again = position == self.cursor
            self.cursor = position
            if again and self.current is not None:
                self.post_message(self.RunChosen(self.current))

    def grow_older(self) -> None:
        """Tell anew what depends on the time, while the list is on top; what reads as before is not drawn again."""
        if not self.is_attached or not self.screen.is_current:
            return
        self._relayout()
        self._look_again()
