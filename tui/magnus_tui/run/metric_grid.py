"""A paged grid of the curves of a run, and a list of the values that were tracked once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.binding import BindingType
from textual.strip import Strip

from magnus_tui import keys
from magnus_tui.charts.line_chart import ChartStyle, Line
from magnus_tui.charts.metric_entries import Entry
from magnus_tui.charts.pages import with_foot
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.small_chart import draw_small, value_text
from magnus_tui.format.repeated_steps import repeated_steps
from magnus_tui.format.text import clean, truncate, truncate_value
from magnus_tui.widgets.chart_grid import ChartGrid

_VALUES_SHARE = 3
"""Where there are curves, at most one line in so many goes to single values."""
_AROUND_SPANS = 3
"""Lines above the spans of a series, and one below them."""
_VALUE_GAP = 3
_WIDEST_NAME = 40
_OF_CHARTS = frozenset(["open", "mark", "mark_all", "unmark_all", "log", "smooth", "axis", "clip", "log_x"])
"""What is done with charts."""
_OF_ANY = frozenset({"table", "copy"})
"""What is done with single values too."""


class MetricGrid(ChartGrid):
    """The curves of a run in pages, and its single values below them."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.METRICS_GRID)]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.charts: Sequence[Entry] = ()
        self.values: Sequence[Entry] = ()
        self.marks: set[tuple[str, int | None, str]] = set()
        self.is_filtered = False
        self._repeated: Sequence[str] = ()

    def all_curves(self) -> Sequence[PreparedSeries]:
        """The curves of all pages."""
        return [entry.curve for entry in self.charts if entry.curve is not None]

    def show(self, entries: Sequence[Entry]) -> None:
        """Show other series; the cursor stays on its chart where that is still there."""
        here = self.charts[self.cursor].key if self.cursor < len(self.charts) else None
        self.charts = [entry for entry in entries if entry.kind != "value"]
        self.values = [entry for entry in entries if entry.kind == "value"]
        self._repeated = repeated_steps(entry.series for entry in entries)
        place = next((i for i, entry in enumerate(self.charts) if entry.key == here), None)
        if place is not None:
            self.set_reactive(MetricGrid.cursor, place)
        self.cursor = self.validate_cursor(self.cursor)
        self.redraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a chart there is nothing to open, to mark, or to draw in another way."""
        if (action in _OF_CHARTS and not self.charts) or (action in _OF_ANY and not (self.charts or self.values)):
            return False
        return super().check_action(action, parameters)

    @property
    def current(self) -> Entry | None:
        """The chart under the cursor."""
        return self.charts[self.cursor] if self.cursor < len(self.charts) else None

    def count(self) -> int:
        """How many charts there are."""
        return len(self.charts)

    def enough(self, place: int) -> int:
        """The lines that show everything about spans."""
        entry = self.charts[place]
        return len(entry.spans) + _AROUND_SPANS if entry.kind == "spans" else 0

    def charts_height(self) -> int:
        """Lines for the charts of a page."""
        size = self.size
        return with_foot(size.width, size.height - self._values_height(), self._said(), len(self.charts))

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
        """What the charts do not show themselves: marks, steps with several values, how they are drawn."""
        marks = f"{len(self.marks):,} marked" if self.marks else ""
        more = f" (and {len(self._repeated) - 1:,} more)" if len(self._repeated) > 1 else ""
        repeated = f"{self._repeated[0]}{more}" if self._repeated else ""
        has_times = self.look.axis == "step" or any(curve.times is not None for curve in self.all_curves())
        drawn = self.look.text() if has_times else f"this run kept no times · {self.look.by_step().text()}".rstrip(" ·")
        return " · ".join(filter(None, [marks, repeated, drawn]))

    def draw(self) -> list[Strip]:
        """The values, then the charts of the page."""
        width = self.size.width
        if not self.charts and not self.values:
            text = " this run has tracked no metrics: track_this(loss=…) in a step records one"
            if self.is_filtered:
                text = f" no metric name matches: {keys.shown('back')} shows all"
            return [Strip([Segment(truncate(text, width), self.ink("dim"))])]
        lines = [*self.chart_lines(), *self._values_lines()]
        said = [self.page_text(), self._said()]
        if any(said):
            lines.append([Segment(truncate(" " + " · ".join(filter(None, said)), width), self.ink("dim"))])
        return [Strip(line) for line in lines]

    def _values_lines(self) -> list[Line]:
        """The single values in columns; the last line counts those that have no room."""
        if not self.values:
            return []
        across, room = self._values_across(), self._values_height()
        names, texts = self._value_cells()
        dim = self.ink("dim")
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

    def draw_one(self, place: int, width: int, height: int, style: ChartStyle) -> list[Line]:
        """One series."""
        entry = self.charts[place]
        dark = self.app.current_theme.dark
        own = ChartStyle(style.axis, style.gap, style.crosshair, style.raw, (style.of(place),))
        lines = draw_small(
            entry,
            width,
            height,
            own,
            self.title_style(place),
            self.ink("dim"),
            dark=dark,
            view=self.look.view(),
            best=self.directions.get(entry.series.name),
        )
        if entry.key in self.marks:
            lines[0] = [Segment("▌", self.ink("gap")), *Strip(lines[0]).crop(0, width - 1)]
        return lines

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
