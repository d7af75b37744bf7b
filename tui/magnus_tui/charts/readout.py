"""What curves read where a crosshair stands: as texts, in a box beside it, and in columns above the chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from magnus_tracking.runlog.numbers_in_text import measured
from magnus_tracking.runlog.times import of_ms
from magnus_tui import format
from magnus_tui.charts.axes import XAxis, x_text
from magnus_tui.charts.line_chart import ChartStyle, Line
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.series_colors import series_glyph
from magnus_tui.format.text import clean, truncate

_MOST_NAME = 28
"""Cells of a name where values stand beside names."""
_GAP = 3


@dataclass(frozen=True, slots=True)
class Readout:
    """What curves read at a place of their axis.

    Attributes:
        curves: along the axis.
        axis: which.
        cursor: the place.
    """

    curves: Sequence[PreparedSeries]
    axis: XAxis
    cursor: float

    def place_texts(self) -> list[str]:
        """The step at the crosshair, and when it was tracked."""
        nearest = self.nearest()
        if nearest is None:
            return [x_text(self.axis, self.cursor)]
        curve, place = self.curves[nearest[0]], nearest[1]
        parts = [f"step {curve.steps[place] if self.axis != 'step' else round(self.cursor):,}"]
        if curve.times is not None and (time := of_ms(curve.times[place])) is not None:
            if curve.began is not None:
                parts.append(x_text("elapsed", curve.times[place] - curve.began))
            parts.append(format.date_time(time))
        return parts

    def nearest(self) -> tuple[int, int] | None:
        """The curve, and the place in it, whose value is nearest to the crosshair; None without any value."""
        found = []
        for number, curve in enumerate(self.curves):
            if len(curve):
                place = curve.nearest(self.cursor)
                found.append((abs(curve.indexes[place] - self.cursor), number, place))
        return min(found)[1:] if found else None

    def readings(self) -> list[tuple[str, str]]:
        """What each curve is called, and what it reads."""
        return [
            (f"{series_glyph(place)} {truncate(clean(curve.label), _MOST_NAME)}", self._value(curve))
            for place, curve in enumerate(self.curves)
        ]

    def _value(self, curve: PreparedSeries) -> str:
        """What a curve reads: its exact value, or the nearest one before and where that is."""
        place = curve.at(self.cursor)
        if place is None:
            return format.DASH
        tracked = curve.tracked[place]
        value = format.value(tracked) if measured(tracked) is None else format.number(curve.values[place], 7)
        is_before = self.axis == "step" and curve.indexes[place] != self.cursor
        return f"{value} @ {curve.indexes[place]:,}" if is_before else value

    def box(self, style: ChartStyle, width: int, height: int) -> list[Line]:
        """The readings in a box that stands beside the crosshair; none where that would hide too much.

        Args:
            style: of the chart.
            width: cells of the chart.
            height: its lines.
        """
        readings, names, values = self._measured()
        if len(readings) > height // 2 or names + values + 5 > width // 2:
            return []
        return [
            [
                Segment(
                    f" {set_cell_size(name, names)}  {set_cell_size('', values - cell_len(value))}{value} ",
                    style.of(place),
                )
            ]
            for place, (name, value) in enumerate(readings)
        ]

    def columns(self, style: ChartStyle, width: int) -> list[Line]:
        """The readings of many curves, in columns above the chart; see `box`."""
        readings, names, values = self._measured()
        across = max((width + _GAP) // (names + values + 1 + _GAP), 1)
        lines: list[Line] = []
        for place, (name, value) in enumerate(readings):
            if place % across == 0:
                lines.append([])
            text = set_cell_size(name, names) + " " + value.rjust(values) + " " * _GAP
            lines[-1].append(Segment(text, style.of(place)))
        return lines

    def _measured(self) -> tuple[list[tuple[str, str]], int, int]:
        """The readings, and the cells of their longest name and value."""
        readings = self.readings()
        names, values = (max(map(cell_len, texts)) for texts in zip(*readings, strict=True))
        return readings, names, values
