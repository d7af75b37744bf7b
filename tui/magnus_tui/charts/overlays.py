"""The curves of a metric in several runs over one another, in a few lines: what each reads, then the chart."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from magnus_tracking.analysis.best_values import best_value, direction_of, numbers_in
from magnus_tui import format
from magnus_tui.charts.exact_decimals import with_unit
from magnus_tui.charts.line_chart import ChartStyle, ChartView, Line, draw_chart
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.recent_cache import Recent
from magnus_tui.charts.series_colors import series_glyph
from magnus_tui.charts.small_chart import curve_facts, title_of
from magnus_tui.format import side_by_side
from magnus_tui.format.text import clean, truncate

_GAP = 2
_LEAST_NAME = 8
_LINES_SHARE = 5
"""Of so many lines of a chart one goes to what its curves read; of a low one, two go."""


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """A metric of several runs.

    Attributes:
        name: of the metric.
        curves: by run; a run without the metric has an empty one, so that the others keep their colours.
        drawn: what was drawn last of it, by all that it depends on.
    """

    name: str
    curves: Sequence[PreparedSeries]
    drawn: Recent[Hashable, list[Line]] = field(default_factory=lambda: Recent(4))

    def draw(self, width: int, height: int, style: ChartStyle, view: ChartView, looks: OverlayLooks) -> list[Line]:
        """The lines of the chart, `height` of them, each `width` cells wide; made once where they are the same.

        Args:
            width: cells of each line.
            height: lines.
            style: of the chart.
            view: how it is drawn; its cursor is a step.
            looks: of what stands above the chart.
        """
        return self.drawn.get(
            (width, height, style, view, looks), lambda: _draw(self, width, height, style, view, looks)
        )

    def readings(self, step: float | None) -> list[tuple[int, str]]:
        """By place of a run, what it reads at a step, and where that is if not there; without one, its last value."""
        values, places, notes = [], [], []
        for place, curve in enumerate(self.curves):
            at = (curve.last if step is None else curve.at(step)) if len(curve) else None
            if at is not None:
                places.append(place)
                values.append(curve.values[at])
                notes.append(f" @ {curve.indexes[at]:,}" if step is not None and curve.indexes[at] != step else "")
        texts = map(with_unit, side_by_side.numbers(values))
        return [(place, text + note) for place, text, note in zip(places, texts, notes, strict=True)]

    def best(self, chosen: str | None) -> int | None:
        """The place of the run whose last value is best; None where they do not differ, or nothing says what is best.

        Args:
            chosen: ``min`` or ``max`` as the user said.
        """
        lasts = [curve.values[curve.last] if len(curve) else math.nan for curve in self.curves]
        direction = direction_of(self.name, {self.name: chosen} if chosen else None)
        best = best_value(lasts, direction)
        return lasts.index(best) if best is not None and len(set(numbers_in(lasts))) > 1 else None


@dataclass(frozen=True, slots=True)
class OverlayLooks:
    """The styles of what stands above a chart: its name, and what is secondary; and which values are best.

    Attributes:
        title: of the name.
        dim: of the rest.
        direction: ``min`` or ``max`` as the user said; None where the name of the metric tells.
    """

    title: Style
    dim: Style
    direction: str | None = None


def overlays_of(names: Sequence[str], runs: Sequence[Mapping[str, PreparedSeries]]) -> list[Overlay]:
    """A chart for each metric that some run has, in the order in which they come.

    Args:
        names: what the runs are called.
        runs: by run, its curves by metric.
    """
    empty = [PreparedSeries(name, (), ()) for name in names]
    metrics = dict.fromkeys(metric for curves in runs for metric in curves)
    return [
        Overlay(metric, [curves.get(metric, none) for curves, none in zip(runs, empty, strict=True)])
        for metric in metrics
    ]


def legend(names: Sequence[str], width: int, most: int, style: ChartStyle, dim: Style) -> list[Line]:
    """Which run has which colour and glyph, over `most` lines at most; the rest are counted."""
    lines: list[Line] = [[]]
    used = 0
    for place, name in enumerate(names):
        text = f"{series_glyph(place)} {truncate(clean(name), max(width - _GAP, 1))}"
        left = len(names) - place
        more = f"+{left:,} more"
        last = len(lines) == most
        reserve = len(more) + _GAP if last and left > 1 else 0
        if used and used + cell_len(text) + reserve > width:
            if last:
                lines[-1].append(Segment(more, dim))
                break
            lines.append([])
            used = 0
        lines[-1] += [Segment(text, style.of(place)), Segment(" " * _GAP, dim)]
        used += cell_len(text) + _GAP
    return lines if names else []


def _draw(
    overlay: Overlay, width: int, height: int, style: ChartStyle, view: ChartView, looks: OverlayLooks
) -> list[Line]:
    head = _head(overlay, width, max(height // _LINES_SHARE, 2), style, looks, view.cursor)
    curves, view = _along(overlay.curves, view)
    return [*head, *draw_chart(curves, width, height - len(head), style, view)][:height]


def _along(curves: Sequence[PreparedSeries], view: ChartView) -> tuple[list[PreparedSeries], ChartView]:
    """The curves along the axis of a view; along steps where no run kept times."""
    if view.axis == "step":
        return list(curves), view
    # The runs pass a step at different times, so that no one line marks it.
    found = [curve.along(view.axis) for curve in curves]
    if not any(one is not None and len(one) for one in found):
        return list(curves), replace(view, axis="step")
    return [one or PreparedSeries(curve.label, (), ()) for one, curve in zip(found, curves, strict=True)], replace(
        view, cursor=None
    )


def _head(
    overlay: Overlay, width: int, most: int, style: ChartStyle, looks: OverlayLooks, step: float | None
) -> list[Line]:
    """The name of the metric and what each run reads; of too many runs, their values in short."""
    name = clean(overlay.name)
    if len(overlay.curves) == 1 and step is None:
        facts = curve_facts(overlay.curves[0], overlay.name, looks.direction)
        return [title_of(name, facts, width, looks.title, looks.dim)]
    best = overlay.best(looks.direction) if step is None else None
    readings = [
        (place, f"{series_glyph(place)} {'★ ' if place == best else ''}{text}")
        for place, text in overlay.readings(step)
    ]
    short = truncate(name, max(width // 2, _LEAST_NAME))
    told = _told(short, readings, width, most, style, looks, all_of_them=step is None)
    return told or [title_of(name, _in_short(overlay, best), width, looks.title, looks.dim)]


def _in_short(overlay: Overlay, best: int | None) -> list[str]:
    """The last values of many runs in short: the best and whose it is, then the range."""
    curves = [curve for curve in overlay.curves if len(curve)]
    lasts = [curve.values[curve.last] for curve in curves]
    finite = [value for value in lasts if math.isfinite(value)]
    count = format.count(len(curves), "run")
    if not finite:
        return [count]
    low, high = (with_unit(text) for text in side_by_side.numbers([min(finite), max(finite)]))
    said = [f"{low} … {high}", count]
    if best is None:
        return said
    texts = dict(overlay.readings(None))
    return [f"★ {texts[best]} {clean(overlay.curves[best].label)}", *said]


def _told(
    name: str,
    readings: Sequence[tuple[int, str]],
    width: int,
    most: int,
    style: ChartStyle,
    looks: OverlayLooks,
    *,
    all_of_them: bool = False,
) -> list[Line]:
    """The name and the readings over at most so many lines; with `all_of_them`, none where some have no room."""
    lines: list[Line] = [[Segment(name, looks.title)]]
    used = cell_len(name)
    for number, (place, text) in enumerate(readings):
        cells = cell_len(text)
        if used and used + _GAP + cells > width:
            if len(lines) == most:
                if all_of_them:
                    return []
                more = f" +{len(readings) - number:,}"
                lines[-1].append(Segment(more if used + len(more) <= width else "", looks.dim))
                used += len(more) if used + len(more) <= width else 0
                break
            lines[-1].append(Segment(" " * (width - used), looks.dim))
            lines.append([])
            used = 0
        gap = _GAP if used else 0
        lines[-1] += [Segment(" " * gap, looks.dim), Segment(truncate(text, width), style.of(place))]
        used += gap + min(cells, width)
    lines[-1].append(Segment(" " * max(width - used, 0), looks.dim))
    return lines
