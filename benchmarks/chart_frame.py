"""A frame of a chart of ten series of 100,000 points, beside textual-plotext given points that are reduced already."""

from __future__ import annotations

import math
import random
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.report import Finding
from rich.style import Style
from rich.text import Text

from magnus_tui.charts.line_chart import ChartStyle, ChartView, draw_chart
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.charts.series_colors import DARK
from magnus_tui.charts.window import Window

SERIES, POINTS = 10, 100_000
WIDTH, HEIGHT = 120, 30
ROUNDS = 15
_SOONER = 10.0
_STYLE = ChartStyle(series=tuple(Style(color=color) for color in DARK))


def measure(_folder: Path) -> Iterator[Finding]:
    """Frames drawn from what is kept, and frames whose series are reduced anew; without the peer only their cost.

    Both are held to the same bound: the first is what a moving crosshair costs, the second what opening, zooming and
    new values cost, and a frame that is drawn from what is kept says nothing about the reduction.
    """
    series = [PreparedSeries(f"metric {place}", range(POINTS), _walk(place)) for place in range(SERIES)]
    ready = [_timed(one.ready) for one in series]
    peer = _peer(series)
    whole: list[float] = []
    other: list[float] = []
    floor: list[float] = []
    draw_chart(series, WIDTH, HEIGHT, _STYLE)
    for number in range(ROUNDS):
        whole.append(_timed(lambda at=number: _draw(series, ChartView(cursor=at * 1000))))
        part = Window(number * 1000, POINTS - 1 - number * 500)
        other.append(_timed(lambda at=part: _draw(series, ChartView(window=at))))
        if peer is not None:
            floor.append(_timed(peer))
    named = "textual-plotext" if floor else ""
    about = f"{SERIES} × {POINTS:,} points at {WIDTH}×{HEIGHT}"
    yield Finding(f"frame of {about}, as the crosshair moves", whole, named, floor, _SOONER, at_least=True)
    yield Finding(f"frame of {about}, of a part not shown before", other, named, floor, _SOONER, at_least=True)
    yield Finding(f"one series of {POINTS:,} points made ready, off the event loop", ready)


def _draw(series: Sequence[PreparedSeries], view: ChartView) -> None:
    draw_chart(series, WIDTH, HEIGHT, _STYLE, view)


def _walk(seed: int) -> array[float]:
    """A curve as training gives it: noise around a fall, with a spike now and then."""
    chance = random.Random(seed)
    values = array("d")
    for step in range(POINTS):
        spike = 5.0 if chance.random() < 1e-4 else 0.0
        values.append(seed + math.exp(-step / 20_000) + chance.gauss(0, 0.05) + spike)
    return values


def _peer(series: Sequence[PreparedSeries]) -> Callable[[], object] | None:
    """What textual-plotext's widget does for a frame, if it is installed: build the plot, and read its escapes.

    Its points are reduced before: the least and the greatest value of each column of dots, since with fewer of them
    spikes are lost.
    """
    try:
        from textual_plotext.plot import Plot
    except ImportError:
        return None
    reduced = [_reduced(one) for one in series]

    def frame() -> object:
        plot = Plot()
        plot.plotsize(WIDTH, HEIGHT)
        for steps, values in reduced:
            plot.plot(steps, values, marker="braille")
        return Text.from_ansi(plot.build())

    return frame


def _reduced(series: PreparedSeries) -> tuple[list[int], list[float]]:
    bins = series.bins(Window(0, POINTS - 1), 2 * WIDTH)
    lows, highs = series.pyramid.bounds_of(bins)
    steps = [step for step in bins.edges[:-1] for _ in range(2)]
    return steps, [value for bounds in zip(lows, highs, strict=True) for value in bounds]


def _timed(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return (time.perf_counter() - start) * 1000
