"""What each step of a run did, in a line of text: its command, what it was given and gave back, its catalog entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len

from magnus_tracking.analysis.timeline import Timeline, definitions
from magnus_tui.format.table_columns import Line
from magnus_tui.format.text import clean, truncate, truncate_value
from magnus_tui.run.timeline_facts import step_facts, summary_text

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import RunLog
    from magnus_tracking.runlog.summary import RunSummary

_GAP = "  "
_MOST_NAME = 40


def fact_lines(log: RunLog, timeline: Timeline, summary: RunSummary, width: int | None) -> Iterator[Line]:
    """A blank line, a line a leaf step with what it did, then the run's time in one line, and its critical path.

    Args:
        log: the run.
        timeline: the same run over time.
        summary: the same run in short.
        width: cells of a line; None for a pipe, where nothing is cut.
    """
    told = definitions(log)
    steps = [
        (clean(bar.key), " · ".join(f"{name} {text}" for name, text in step_facts(bar, told)))
        for bar in timeline.bars
        if bar.kind == "step"
    ]
    steps = [(name, text) for name, text in steps if text]
    if steps or timeline.seconds:
        yield []
    room = min(max((cell_len(name) for name, _ in steps), default=0), _MOST_NAME)
    for name, text in steps:
        shown = truncate(name, room)
        line = shown + " " * (room - cell_len(shown)) + _GAP
        yield [(line, ""), (_cut(text, width, cell_len(line)), "dim")]
    if timeline.seconds:
        yield [(_cut(summary_text(timeline, summary), width, 0), "")]
        path = critical_path_text(timeline)
        if path:
            yield [(_cut(path, width, 0), "")]


def _cut(text: str, width: int | None, used: int) -> str:
    return text if width is None else truncate_value(text, width - used)


def critical_path_text(timeline: Timeline) -> str:
    """The leaf steps of the critical path by name; empty where every step is on it."""
    leaves = [bar for bar in timeline.bars if bar.is_leaf]
    ran = [bar for bar in leaves if bar.start is not None]
    critical = sorted((bar for bar in ran if bar.critical), key=lambda bar: bar.start or datetime.min)
    if len(critical) == len(ran):
        return ""
    return "critical path: " + " → ".join(clean(bar.key) for bar in critical)
