"""A run as bars over time, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from magnus_tracking.timeline import Bar, Timeline, definitions, timeline_of
from magnus_tui import format as formats
from magnus_tui.charts.gantt import Role, TimeWindow, draw_axis, draw_bar
from magnus_tui.cli.output import Line
from magnus_tui.text import clean, truncate
from magnus_tui.timeline_facts import step_facts, summary_text

if TYPE_CHECKING:
    from magnus_tracking.models import RunLog

_PIPE_WIDTH = 100
_TOOK = 9
_LEAST_BARS = 16
_STYLES = {"SUCCESS": "green", "FAIL": "red", "SKIPPED": "dim"}


def timeline_lines(
    run: RunLog,
    width: int | None,
    now: datetime | None = None,
    started: datetime | None = None,
    *,
    details: bool = True,
) -> Iterator[Line]:
    """The run over time: an axis, a bar for each step, branch and attempt, and a summary.

    Args:
        run: the run.
        width: cells of a line; None for a pipe, where nothing but the bars is fitted.
        now: naive local time up to which unfinished bars run.
        started: when an unfinished run began whose log has no time yet.
        details: whether each step says below its bar what it did: command, parameters, catalog.
    """
    timeline = timeline_of(run, now, started)
    if not timeline.bars:
        return
    room = width or _PIPE_WIDTH
    label = max(min(max(map(_label_width, timeline.bars)), room - _TOOK - _LEAST_BARS - 4), 12)
    cells = max(room - label - _TOOK - 4, _LEAST_BARS)
    if timeline.start is not None and timeline.end is not None:
        axis = draw_axis(TimeWindow(timeline.start, timeline.end), timeline.start, cells)
        yield [(set_cell_size("timeline", label + _TOOK + 4), "bold"), (axis, "dim")]
    told = definitions(run)
    for bar in timeline.bars:
        yield _bar_line(bar, timeline, label, cells)
        if details and bar.kind == "step":
            indent = " " * (2 * bar.depth + 4)
            for name, text in step_facts(bar, told):
                line = f"{indent}{name} {text}"
                yield [(truncate(line, width) if width else line, "dim")]
    yield [(summary_text(timeline), "")]
    path = critical_path_text(timeline)
    if path:
        yield [(truncate(path, width) if width else path, "")]


def critical_path_text(timeline: Timeline) -> str:
    """The leaf steps of the critical path by name, or nothing where every step is on it."""
    leaves = [bar for bar in timeline.bars if bar.kind == "step" and bar.step is not None and bar.step.is_leaf]
    critical = sorted((bar for bar in leaves if bar.critical and bar.start), key=lambda bar: bar.start or datetime.min)
    if len(critical) == len([bar for bar in leaves if bar.start]):
        return ""
    return "critical path: " + " → ".join(clean(bar.key) for bar in critical)


def _label_width(bar: Bar) -> int:
    return 2 * bar.depth + 2 + cell_len(_label(bar))


def _label(bar: Bar) -> str:
    rank = f" ({'slowest' if bar.rank == 1 else f'slowest #{bar.rank}'})" if bar.rank else ""
    return clean(bar.label) + rank


def _bar_line(bar: Bar, timeline: Timeline, label: int, cells: int) -> Line:
    style = _STYLES.get(bar.status, "cyan")
    head = "  " * bar.depth + formats.glyph(bar.status) + " "
    name = truncate(_label(bar), label - cell_len(head))
    took = formats.duration(bar.seconds) if bar.seconds is not None else ""
    line: list[tuple[str, str]] = [
        (head, style),
        (name + " " * (label - cell_len(head) - cell_len(name)), ""),
        (f"  {took:>{_TOOK}}  ", ""),
    ]
    if timeline.start is not None and timeline.end is not None:
        styles: dict[Role, str] = {"bar": style, "inferred": style, "wait": "dim"}
        window = TimeWindow(timeline.start, timeline.end)
        line += [(text, styles.get(role, "")) for text, role in draw_bar(bar, window, cells)]
    return line
