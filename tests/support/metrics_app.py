"""The metrics of a run alone on the screen, and series to show there."""

from array import array
from pathlib import Path
from typing import ClassVar

from textual.app import App

import magnus_tui
from magnus_tracking.runlog.metrics import Series, series_of_run
from magnus_tracking.stores import open_store
from magnus_tui.charts.metric_entries import prepare
from magnus_tui.run.metric_grid import MetricGrid
from magnus_tui.run.metric_table import MetricTable
from magnus_tui.run.metrics_tab import MetricsView
from magnus_tui.theme import DEFAULT_THEME, THEMES
from magnus_tui.widgets.metric_chart import MetricChart
from support.stores import DATA_STORES

TUI = Path(magnus_tui.__file__).parent


class Metrics(App):
    """Nothing but the metrics that it is given."""

    CSS_PATH: ClassVar = [TUI / "app" / "explorer.tcss", TUI / "widgets" / "metrics.tcss"]

    def __init__(self, series):
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME
        self.series = series
        self.copied = []
        self.left = 0
        self.wanted = []

    def compose(self):
        yield MetricsView()

    def on_mount(self):
        self.view.show(prepare(self.series))
        self.view.focus_content()

    @property
    def view(self):
        return self.query_one(MetricsView)

    @property
    def chart(self):
        return self.query_one(MetricChart)

    @property
    def table(self):
        return self.query_one(MetricTable)

    @property
    def grid(self):
        return self.query_one(MetricGrid)

    def on_metrics_view_copy_requested(self, event):
        self.copied.append(event.text)

    def on_metrics_view_log_wanted(self, event):
        self.wanted.append(event.step)

    def on_metrics_view_left(self):
        self.left += 1


def real(run_id):
    return series_of_run(open_store(DATA_STORES / "magnus-sweep").load(run_id))


def curve(name, values, indexes=None, step="train", attempt=1):
    return Series(step, attempt, name, indexes or range(len(values)), array("d", values))


def falling(length=300):
    return curve("loss", [1 / (step + 1) for step in range(length)])
