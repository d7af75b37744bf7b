"""The curves of one metric of everything compared, over one another, in the colours of the columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from magnus_tracking.runlog.metrics import Series
from magnus_tracking.runlog.times import in_ms
from magnus_tui import keys
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.format.text import clean
from magnus_tui.widgets.metric_chart import MetricChart

_NOT_BESIDE = (*keys.METRICS_EVERYWHERE, keys.CHART_LOG)
CURVE_KEYS = (*keys.OVERLAID, *(key for key in keys.METRICS_CHART if key not in _NOT_BESIDE))
"""The keys of the curves of a comparison."""


class OverlaidChart(MetricChart, inherit_bindings=False):
    """A full chart that stands beside a table: with the keys of a chart, without those of a grid of them."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(CURVE_KEYS)]

    class OtherWanted(Message):
        """The curves of another metric were asked for.

        Attributes:
            step: 1 for the next one, -1 for the one before.
        """

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def action_next_metric(self) -> None:
        """Show the next metric."""
        self.post_message(self.OtherWanted(1))

    def action_previous_metric(self) -> None:
        """Show the metric before."""
        self.post_message(self.OtherWanted(-1))


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
    def show(
        self, metric: str, series: Sequence[Series | None], names: Sequence[str], began: Sequence[datetime | None]
    ) -> None:
        """Show a metric; crosshair and zoom stay where it is the one that was shown.

        Args:
            metric: its name.
            series: by column, its series, or None.
            names: by column, what the legend calls it.
            began: by column, when it did.
        """
        worker = get_current_worker()
        starts = began or [None] * len(names)
        curves = [_curve(*about) for about in zip(series, names, starts, strict=True)]
        if not worker.is_cancelled:
            self.app.call_from_thread(self._ready, metric, curves)

    def _ready(self, metric: str, curves: list[PreparedSeries]) -> None:
        self.chart.show(curves, same=metric == self.metric)
        self.metric = metric
        title = Text(f"{clean(metric)} by step", style="bold", no_wrap=True)
        title.append("    tab: crosshair, zoom, time", self.app.theme_variables.get("dim", ""))
        self.query_one("#compare-metric", Static).update(title)


def _curve(series: Series | None, name: str, began: datetime | None) -> PreparedSeries:
    """A column's curve; an empty one where it has none, so that the others keep their colours."""
    if series is None or not series.is_curve:
        return PreparedSeries(name, (), ()).ready()
    return PreparedSeries.of(series, name, None if began is None else in_ms(began)).ready()


def is_curve(series: Series | None) -> bool:
    """Whether a series has numbers at several steps."""
    return series is not None and len(series.values) > 1 and series.is_curve
