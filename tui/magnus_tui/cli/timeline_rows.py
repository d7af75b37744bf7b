"""A run's steps, branches and attempts as lines with bars over time, as text."""

from __future__ import annotations

from collections.abc import Sequence

from magnus_tracking.analysis.timeline import Bar, Timeline
from magnus_tracking.runlog.models import RunLog
from magnus_tracking.runlog.retries import retries_of
from magnus_tracking.runlog.tree import steps_to_come, top_steps
from magnus_tui import format as formats
from magnus_tui.charts.gantt import TimeWindow, draw_bar
from magnus_tui.cli.run_columns import style_of
from magnus_tui.format import side_by_side
from magnus_tui.format.table_columns import Column
from magnus_tui.format.text import clean
from magnus_tui.run.timeline_facts import rank_text

LEGEND = "█ critical path   ▒ beside it   ┄ waiting   ① ② ③ most work"
_WIDE, _NARROW = 40, 20
_WIDE_TERMINAL = 120


def bars_with_planned(timeline: Timeline, log: RunLog, planned: Sequence[str]) -> list[Bar]:
    """The bars of a run, and one without times for each step that is still to come."""
    to_come = steps_to_come((step.name for step in top_steps(log).values()), planned)
    return [*timeline.bars, *(Bar("step", name, name, 0, "PLANNED") for name in to_come)]


def bar_columns(timeline: Timeline, terminal: int | None) -> list[Column[Bar]]:
    """The columns of the lines, with bars as wide as the terminal allows; None for a pipe."""
    cells = _WIDE if terminal is None or terminal >= _WIDE_TERMINAL else _NARROW
    return [
        Column("steps", lambda bar: bar, show=_name, style=lambda bar: style_of(bar.status), stays=True),
        Column("started", lambda bar: bar, show=_started),
        Column("took", lambda bar: bar.took, show_beside=side_by_side.took, right=True, stays=True),
        Column(
            "timeline",
            lambda bar: bar,
            f"├{formats.duration(timeline.seconds).center(cells - 2, '─')}┤",
            show=lambda bar: draw(bar, timeline, cells),
            style=lambda bar: style_of(bar.status),
        ),
        Column("message", _message, shrinks=True, stays=True),
    ]


def _name(bar: Bar) -> str:
    retried = bar.kind == "step" and bar.step is not None and retries_of(bar.step) > 0
    mark = f" {formats.glyph('RETRIED')}" if retried else ""
    return f"{'  ' * bar.depth}{formats.glyph(bar.status)} {clean(bar.label)}{mark}{rank_text(bar)}"


def _started(bar: Bar) -> str:
    return ("~" if bar.inferred and bar.start else "") + formats.clock(bar.start)


def _message(bar: Bar) -> str | None:
    if bar.kind == "attempt" or bar.attempt is not None:
        said = bar.attempt.message if bar.attempt is not None else ""
        if said or bar.kind == "attempt":
            return said or None
    return bar.step.message or None if bar.step is not None else None


def draw(bar: Bar, timeline: Timeline, cells: int) -> str:
    """A bar on the run's time axis: the wait before it, then itself, at least one cell long.

    Args:
        bar: what to draw; blank where it has no times.
        timeline: the run.
        cells: the width of the whole run.
    """
    if timeline.start is None or timeline.end is None:
        return ""
    window = TimeWindow(timeline.start, timeline.end)
    return "".join(text for text, _ in draw_bar(bar, window, cells)).rstrip()
