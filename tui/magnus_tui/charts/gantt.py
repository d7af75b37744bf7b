"""Bars over time, drawn in cells: what ran, what waited, what is still running; no widget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from magnus_tracking.analysis.timeline import Bar
from magnus_tui.charts.time_ticks import span_axis

Role = Literal["", "wait", "bar", "inferred", "axis"]
Piece = tuple[str, Role]

CRITICAL = "█"
BESIDE = "▒"
WAIT = "┄"
INFERRED = "░"
RUNNING = "›"
_MICROSECOND = timedelta(microseconds=1)


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
        return whole.part(around - whole.start - length * share, length)

    def moved(self, share: float, whole: TimeWindow) -> TimeWindow:
        """Later by a share of its length, inside `whole`."""
        return whole.part(self.start - whole.start + timedelta(seconds=self.seconds * share), self.end - self.start)

    def inside(self, whole: TimeWindow) -> TimeWindow:
        """As long as it is, moved into `whole`."""
        return whole.part(self.start - whole.start, self.end - self.start)

    def part(self, since: timedelta, length: timedelta) -> TimeWindow:
        """A part of it, moved so that it lies within.

        Args:
            since: from its start to that of the part; below 0 or beyond the end too.
            length: of the part.
        """
        room = self.end - self.start - length
        if room <= timedelta(0):
            return self
        start = self.start + min(max(since, timedelta(0)), room)
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
    if bar.grows and round(right) <= cells:
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
    """The axis above the bars: the time since `origin` at round places."""
    row = ["─"] * cells
    first, length = (window.start - origin) // _MICROSECOND, round(window.seconds / _MICROSECOND.total_seconds())
    for tick in span_axis(first, length, cells).ticks:
        row[tick.left : tick.left + len(tick.text) + 1] = f"{tick.text} "
    return "".join(row[:cells])
