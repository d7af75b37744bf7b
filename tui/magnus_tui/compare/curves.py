"""The metrics of everything compared as charts, over one another, in the colours of the columns."""

from __future__ import annotations

from datetime import datetime

from magnus_tracking.analysis.compare import Row
from magnus_tracking.analysis.compare.values import delta
from magnus_tracking.runlog.metrics import Series
from magnus_tracking.runlog.times import in_ms
from magnus_tui.charts.crosshair import Reading
from magnus_tui.charts.overlays import Overlay, overlays_of
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.compare.sources import Loaded

NO_CURVES = "no metric here has more than one value"


def chart_of(row: Row) -> str | None:
    """The name of the chart that belongs to a row; None where no chart does."""
    return row.metric if row.metric is None or row.section == "metrics" else row.key


def row_at_crosshair(metric: str, reading: Reading, baseline: int) -> Row:
    """What all columns read at the crosshair, as a row of the table."""
    values = tuple(reading.values)
    deltas = tuple(delta(value, values[baseline]) for value in values)
    return Row("metrics", f"{metric} at {reading.where}", values, True, deltas, metric)


def overlays_in(loaded: Loaded) -> list[Overlay]:
    """A chart for each metric that some column has as a curve, in the order of the rows; called in a thread."""
    names = loaded.comparison.runs
    began = loaded.began or (None,) * len(names)
    columns: list[dict[str, PreparedSeries]] = [{} for _ in names]
    rows = {name: row for row in reversed(loaded.comparison.rows) if (name := chart_of(row)) is not None}
    for name, row in reversed(rows.items()):
        for column, one in enumerate(loaded.series(row)):
            if one is not None and len(one.values) > 1 and one.is_curve:
                columns[column][name] = _curve(one, names[column], began[column])
    order = [name for name in reversed(rows) if any(name in curves for curves in columns)]
    made = {overlay.name: overlay for overlay in overlays_of(names, columns)}
    return [made[name] for name in order]


def _curve(series: Series, name: str, began: datetime | None) -> PreparedSeries:
    return PreparedSeries.of(series, name, None if began is None else in_ms(began)).ready()
