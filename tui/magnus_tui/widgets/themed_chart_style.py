"""The styles of charts from the theme that is shown."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

from magnus_tui.charts.line_chart import ChartStyle
from magnus_tui.charts.series_colors import DARK, series_color


def chart_style(widget: Widget) -> ChartStyle:
    """What charts on `widget` look like."""
    variables = widget.app.theme_variables
    dark = widget.app.current_theme.dark
    return ChartStyle(
        axis=Style(color=variables.get("dim")),
        gap=Style(color=variables.get("status-silent")),
        crosshair=Style(color=variables.get("accent", variables.get("status-silent"))),
        raw=Style(color=variables.get("rule")),
        series=tuple(Style(color=series_color(place, dark=dark)) for place in range(len(DARK))),
    )
