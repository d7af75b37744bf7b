"""The curves of one metric of everything compared, over one another, in the colours of the columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static
from textual.worker import get_current_worker

from magnus_tracking.runlog.metrics import Series
from magnus_tui import keys
from magnus_tui.charts.line_chart import Line
from magnus_tui.charts.palette import series_glyph
from magnus_tui.charts.prepared import PreparedSeries
from magnus_tui.format.text import clean, truncate
from magnus_tui.widgets.chart_style import chart_style
from magnus_tui.widgets.metric_chart import MetricChart, value_at

_MOST_NAME = 28
_GAP = 3
_LONGEST_LINE = 1000
"""What is wider than any terminal: the line is read to be copied."""
CURVE_KEYS = tuple(key for key in keys.METRICS_CHART if key not in keys.METRICS_EVERYWHERE)
"""The keys of the curves of a comparison."""


class OverlaidChart(MetricChart, inherit_bindings=False):
    """A full chart that stands beside a table: with the keys of a chart, without those of a grid of them."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(CURVE_KEYS)]

    def _legend(self, width: int) -> list[Line]:
        """Who is who, and while there is a crosshair, what each curve reads there: all of them, in columns."""
        if self.cursor is None:
            return super()._legend(width)
        names = [
            f"{series_glyph(place)} {truncate(clean(curve.label), _MOST_NAME)}"
            for place, curve in enumerate(self.curves)
        ]
        values = [value_at(curve, self.cursor) for curve in self.curves]
        name_cells, value_cells = max(map(cell_len, names)), max(map(cell_len, values))
        across = max((width + _GAP) // (name_cells + value_cells + 1 + _GAP), 1)
        style = chart_style(self)
        lines: list[Line] = []
        for place, (name, value) in enumerate(zip(names, values, strict=True)):
            if place % across == 0:
                lines.append([])
            text = set_cell_size(name, name_cells) + " " + value.rjust(value_cells) + " " * _GAP
            lines[-1].append(Segment(text, style.of(place)))
        return lines[: max(self.size.height // 2, 1)]

    def _readout(self, width: int) -> Line:
        """The step of the crosshair; the values stand in the legend."""
        line = super()._readout(width)
        return line if self.cursor is None or width > _LONGEST_LINE else line[:1]


class CompareCurves(Vertical):
    """A chart with the name of its metric above it.

    Attributes:
        metric: what is shown; None before something was.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.metric: str | None = None

    def compose(self) -> ComposeResult:
        """The name, then the chart."""
        yield Static("no metric here has more than one value", id="compare-metric", markup=False)
        yield OverlaidChart(id="compare-chart")

    @property
    def chart(self) -> MetricChart:
        """The chart."""
        return self.query_one(MetricChart)

    # Without a description a worker describes itself by its arguments, and whole runs take seconds to write out.
    @work(thread=True, exclusive=True, group="curves", description="curves of runs")
    def show(self, metric: str, series: Sequence[Series | None], names: Sequence[str]) -> None:
        """Show a metric; crosshair and zoom stay where it is the one that was shown.

        Args:
            metric: its name.
            series: by column, its series, or None.
            names: by column, what the legend calls it.
        """
        worker = get_current_worker()
        curves = [_curve(one, name) for one, name in zip(series, names, strict=True)]
        if not worker.is_cancelled:
            self.app.call_from_thread(self._ready, metric, curves)

    def _ready(self, metric: str, curves: list[PreparedSeries]) -> None:
        self.chart.show(curves, same=metric == self.metric)
        self.metric = metric
        title = Text(f"{clean(metric)} by step", style="bold", no_wrap=True)
        title.append("    tab: crosshair, + - zoom, L log, m smoothing", self.app.theme_variables.get("dim", ""))
        self.query_one("#compare-metric", Static).update(title)


def _curve(series: Series | None, name: str) -> PreparedSeries:
    """A column's curve; an empty one where it has none, so that the others keep their colours."""
    usable = series is not None and series.is_curve
    return (PreparedSeries.of(series, name) if series is not None and usable else PreparedSeries(name, (), ())).ready()


def is_curve(series: Series | None) -> bool:
    """Whether a series has numbers at several steps."""
    return series is not None and len(series.values) > 1 and series.is_curve
