"""What a chart can be drawn along, from left to right: steps, the time since the run began, or the clock."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from magnus_tracking.runlog.times import of_ms
from magnus_tui import format
from magnus_tui.charts.tick_layout import Axis
from magnus_tui.charts.ticks import log_step_axis, step_axis
from magnus_tui.charts.time_ticks import elapsed_axis, span_text, time_axis
from magnus_tui.charts.window import Window

XAxis = Literal["step", "elapsed", "clock"]
"""Step indexes; milliseconds since the run began; milliseconds since 1970, naive local time."""

AXES: tuple[XAxis, ...] = ("step", "elapsed", "clock")
NAMES = {"step": "by step", "elapsed": "by time since the start", "clock": "by clock"}


@lru_cache(maxsize=64)
def x_axis(kind: XAxis, window: Window, width: int, free: int = 0) -> Axis:
    """The ticks of an axis; see `step_axis`. All charts of a page have the same, which took most of drawing them."""
    if kind == "clock":
        return time_axis(window, width, free)
    if kind == "elapsed":
        return elapsed_axis(window, width, free)
    return log_step_axis(window, width, free) if window.log else step_axis(window, width, free)


def x_text(kind: XAxis, index: float) -> str:
    """A place on an axis in words: ``120``, ``+2:33``, ``2026-11-23 10:00:00``."""
    if kind == "step":
        return str(index)
    if kind == "elapsed":
        return f"+{span_text(round(index) * 1000, 1000)}"
    time = of_ms(round(index))
    return format.date_time(time) if time is not None else format.DASH
