"""Bars over time, drawn in cells: what ran, what waited, what is still running; no widget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from magnus_tracking.analysis.timeline import Bar
from magnus_tui import format

Role = Literal["", "wait", "bar", "inferred", "axis"]
Piece = tuple[str, Role]

CRITICAL = "█"
BESIDE = "▒"
WAIT = "┄"
INFERRED = "░"
RUNNING = "›"
_TICK = 14
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """The part of a run that is shown, by naive local times."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it is; never 0, so that it can be divided by."""
        return max((self.end - self.start).total_seconds(), 1e-6)

    def cell(self, time: datetime, cells: int) -> float:
        """Where a time lies among `cells` cells; below 0 or above `cells` outside the window."""
        return (time - self.start).total_seconds() / self.seconds * cells

    def zoomed(self, factor: float, around: datetime, whole: TimeWindow) -> TimeWindow:
        """`factor` times as long, `around` staying where it is, inside `whole`."""
        length = timedelta(seconds=min(max(self.seconds * factor, whole.seconds / 1e6), whole.seconds))
        share = min(max((around - self.start).total_seconds() / self.seconds, 0.0), 1.0)
        return TimeWindow(around - length * share, around + length * (1 - share)).inside(whole)

    def moved(self, share: float, whole: TimeWindow) -> TimeWindow:
        """Later by a share of its length, inside `whole`."""
        by = timedelta(seconds=self.seconds * share)
        return TimeWindow(self.start + by, self.end + by).inside(whole)

    def inside(self, whole: TimeWindow) -> TimeWindow:
        """As long as it is, moved into `whole`."""
        length = self.end - self.start
        if length >= whole.end - whole.start:
            return whole
        start = min(max(self.start, whole.start), whole.end - length)
        return TimeWindow(start, start + length)


def draw_bar(bar: Bar, window: TimeWindow, cells: int) -> list[Piece]:
    """The cells of one bar: dots while it waited, a thick bar on the critical path and a thin one beside it."""
    if bar.start is None or bar.end is None or cells < 1:
        return [(" " * cells, "")]
    row: list[Piece] = [(" ", "")] * cells
    left = window.cell(bar.start, cells)
    if bar.ready is not None and bar.wait > 0:
        _fill(row, window.cell(bar.ready, cells), left, (WAIT, "wait"))
    _fill(row, left, window.cell(bar.end, cells), (WAIT, "wait"))
    for start, end in bar.spans:
        _draw_span(row, bar, window.cell(start, cells), window.cell(end, cells))
    return _joined(row)


def _draw_span(row: list[Piece], bar: Bar, left: float, right: float) -> None:
    cells = len(row)
    if right < 0 or left > cells:
        return
    body: Piece = (INFERRED, "inferred") if bar.inferred else (CRITICAL if bar.critical else BESIDE, "bar")
    first = min(max(int(left), 0), cells - 1)
    last = min(max(round(right), first + 1), cells)
    if right - left < 1 and not bar.running and not bar.inferred:
        row[first] = ("▌" if bar.critical else BESIDE, "bar")
        return
    row[first:last] = [body] * (last - first)
    if bar.running and round(right) <= cells:
        row[last - 1] = (RUNNING, "bar")


def _fill(row: list[Piece], left: float, right: float, piece: Piece) -> None:
    for cell in range(max(int(left), 0), min(int(right), len(row))):
        row[cell] = piece


def _joined(row: list[Piece]) -> list[Piece]:
    pieces: list[Piece] = []
    for text, role in row:
        if pieces and pieces[-1][1] == role:
            pieces[-1] = (pieces[-1][0] + text, role)
        else:
            pieces.append((text, role))
    return pieces


def draw_axis(window: TimeWindow, origin: datetime, cells: int) -> str:
    """The axis above the bars: seconds since `origin` at round places."""
    row = ["─"] * cells
    step = _tick_seconds(window.seconds, max(cells // _TICK, 1))
    first = (window.start - origin).total_seconds()
    number = -int(-first // step)
    free = 0
    while (second := number * step) <= first + window.seconds * (1 + 1e-9):
        place = round((second - first) / window.seconds * cells)
        text = f"├ {tick_text(second, step)} "
        if place >= free and place + len(text) <= cells:
            row[place : place + len(text)] = text
            free = place + len(text)
        number += 1
    return "".join(row)


def _tick_seconds(seconds: float, count: int) -> float:
    """The round step of which at most `count` fit into `seconds`."""
    least = seconds / count
    if least < 1:
        power = 1.0
        while power > least:
            power /= 10
        return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)
    for step in _STEPS:
        if step >= least:
            return float(step)
    return float(_STEPS[-1] * -(-least // _STEPS[-1]))


def tick_text(second: float, step: float) -> str:
    """A time on the axis, with as many digits as the step between two of them needs."""
    if not second:
        return "0"
    if step >= 1:
        return format.duration(second) if second >= 60 else f"{second:.0f} s"
    if second < 1:
        return f"{format.number(second * 1000, 6)} ms"
    return f"{format.number(second, 8)} s"
