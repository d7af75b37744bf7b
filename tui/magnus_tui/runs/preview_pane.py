"""The pane beside the run list: the run under the cursor, its steps, why it failed, its metrics; or a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from rich.cells import cell_len
from rich.text import Text
from textual.binding import BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.strip import Strip

from magnus_tracking.analysis.liveness import known_until, part_took, silence_of, state_of, took
from magnus_tracking.filesystem.shown_paths import shown_path
from magnus_tracking.runlog.metrics import is_number
from magnus_tracking.runlog.summary import MetricSummary
from magnus_tui import format, keys
from magnus_tui.format import side_by_side
from magnus_tui.format.status import status_color
from magnus_tui.format.text import clean, shortened, truncate, truncate_value
from magnus_tui.runs.columns import Row
from magnus_tui.runs.groups import GroupLine
from magnus_tui.widgets.changed_lines import ChangedLines
from magnus_tui.widgets.page import pad

if TYPE_CHECKING:
    from magnus_tracking.analysis.timeline import Bar
    from magnus_tui.runs.group_facts import GroupFacts

_MOST_STEPS = 14
_MOST_PARAMETERS = 12
MOST_METRICS = 100
"""Metrics that are listed: all of them took the event loop 150 ms for 4,000, at each letter of a filter."""


class StepLine(Struct, frozen=True):
    """A step as the preview lists it: how deep it lies, its status in the log, name, and when it ran."""

    depth: int
    state: str
    name: str
    bar: Bar
    retries: int


class MetricLine(Struct, frozen=True):
    """A metric as the preview lists it: its sparkline drawn already, the widest first, and its last value."""

    name: str
    sparklines: tuple[Text, ...]
    last: object


class RunDetails(Struct, frozen=True):
    """What the preview shows of a run beyond its row, read off the event loop.

    Attributes:
        run_id: of which run.
        steps: its steps in the order of the log.
        cause: the exception and its message, or what stands for it; None where that was not looked for.
        place: where it was raised, in a few words.
        metrics: with their curves.
        rerun_by: ids of runs that re-ran this one.
    """

    run_id: str
    steps: tuple[StepLine, ...] = ()
    cause: str | None = None
    place: str | None = None
    metrics: tuple[MetricLine, ...] = ()
    rerun_by: tuple[str, ...] = ()

    @property
    def name(self) -> tuple[str, str]:
        """What it tells of, apart from all else that the preview shows."""
        return "run", self.run_id


def _name_of(shown: Row | GroupLine | None) -> tuple[str, str] | None:
    if shown is None:
        return None
    return ("run", shown.run.run_id) if isinstance(shown, Row) else ("group", shown.key)


class RunPreview(ChangedLines):
    """The run under the cursor: at once from its row, and with more once that has been read.

    It draws its lines itself, so that another run changes no layout: a layout would draw the list beside it anew. Where
    it takes the list's place, it has the focus, and the keys that move still move in the list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        replace(binding, action=f"screen.move_in_list('{binding.action}')") for binding in keys.bindings(keys.MOVE)
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.can_focus = False
        self._shown: Row | GroupLine | None = None
        self._details: RunDetails | GroupFacts | None = None
        self._strips: list[Strip] = []
        self._blank: Strip | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is shown."""
        return self._shown is None

    def show(self, shown: Row | GroupLine | None, details: RunDetails | GroupFacts | None) -> None:
        """Show a run or a group, with its details where they have been read."""
        name = _name_of(shown)
        if name is None or name != _name_of(self._shown):
            self.scroll_home(animate=False)
        self._shown = shown
        self._details = details if details is not None and details.name == name else None
        self._lay_out()

    def on_resize(self, _event: Resize) -> None:
        """Lay out for the new size."""
        self._lay_out()

    def notify_style_update(self) -> None:
        """Draw in the colours of the theme that is now in use."""
        super().notify_style_update()
        if self.is_mounted:
            self._lay_out()

    def _lay_out(self) -> None:
        text = self._text()
        style, console = self.rich_style, self.app.console
        self._strips = [self.text_line(line, style) for line in text.wrap(console, self._width)]
        self._blank = Strip.blank(self.size.width, style)
        self.virtual_size = Size(self._width, max(len(self._strips), self.size.height))
        self.refresh_changed()

    def draw_line(self, y: int) -> Strip:
        """A line of the screen."""
        place = self.scroll_offset.y + y
        if place < len(self._strips):
            return self._strips[place]
        # Nothing has been laid out before the first frame.
        return self._blank or super().draw_line(y)

    def _color(self, name: str) -> str:
        return self.app.theme_variables.get(name, "")

    def _text(self) -> Text:
        shown, details = self._shown, self._details
        if shown is None:
            return Text("no run under the cursor", style=self._color("dim"))
        if isinstance(shown, Row):
            return self._run_text(shown, details if isinstance(details, RunDetails) else None)
        from magnus_tui.runs.group_facts import GroupFacts, group_text  # late: imported where groups are chosen

        facts = details if isinstance(details, GroupFacts) else None
        return group_text(shown, facts, self._width, self.app.theme_variables)

    def _run_text(self, row: Row, details: RunDetails | None) -> Text:
        lines: list[Text] = [self._headline(row)]
        run = row.run
        if run.error is not None:
            lines += [Text(), Text("this run can't be read", self._color("status-fail"))]
            lines += [Text(clean(shortened(run.error))), Text(clean(shown_path(run.path)), self._color("dim"))]
            return Text("\n").join(lines)
        lines += self._facts(row, details)
        if run.failing_step is not None or run.message or (details and details.cause):
            lines += self._failure(row, details)
        if details is not None:
            lines += self._steps(row, details.steps)
        lines += self._parameters(row)
        lines += self._metrics(row, details)
        return Text("\n").join(lines)

    @property
    def _width(self) -> int:
        return max(self.size.width - 2, 20)

    def _headline(self, row: Row) -> Text:
        color = status_color(self.app.theme_variables, row.state)
        mark = f"{format.glyph(row.state)} "
        line = Text(mark, style=color)
        line.append(clean(row.run.run_id), "bold")
        return line

    def _facts(self, row: Row, details: RunDetails | None) -> list[Text]:
        """Status and start, what is odd about its times, its code, and its re-runs."""
        run, dim = row.run, self._color("dim")
        status = run.status.lower() if row.liveness in (None, "live") else f"{run.status.lower()}, {row.liveness}?"
        started = format.date_time(run.started)
        if not row.is_read:
            return [Text(f"reading … · ~{started}", dim)]
        facts = [Text(f"{status} · {'~' if run.started_inferred else ''}{started}", dim)]
        note = took(run, row.now, row.liveness).note
        if note is not None:
            facts.append(Text(clean(note), self._color("status-silent")))
        if row.liveness not in (None, "live"):
            facts.append(Text(format.silence(silence_of(run, row.now)), self._color("status-silent")))
        if run.commit:
            dirty = " with uncommitted changes" if run.dirty else ""
            facts.append(Text(f"{run.engine} · code {clean(run.commit)[:7]}{dirty}", dim))
        if run.original_run_id:
            facts.append(Text(f"⤷ re-run of {clean(run.original_run_id)}", dim))
        if details:
            facts += [Text(f"⤷ re-run by {clean(other)}", dim) for other in details.rerun_by]
        return facts

    def _failure(self, row: Row, details: RunDetails | None) -> list[Text]:
        run = row.run
        color = self._color("status-silent" if run.recovered else "status-fail")
        lines = [Text()]
        if run.failing_step is not None:
            verb = " (the run recovered)" if run.recovered else ""
            lines.append(Text(f"✘ {clean(run.failing_step)}{verb}", color))
        cause = (details.cause if details else None) or run.message
        if cause:
            lines.append(Text(clean(shortened(cause)), "bold"))
        if details and details.place:
            lines.append(Text(f"at {clean(shortened(details.place))}", self._color("dim")))
        return lines

    def _steps(self, row: Row, steps: Sequence[StepLine]) -> list[Text]:
        """The first steps, each with its state, retries, and how long it took."""
        if not steps:
            return []
        lines = [Text(), self._rule("steps")]
        until = known_until(row.run, row.now, row.liveness)
        first = steps[:_MOST_STEPS]
        states = [state_of(step.state, row.run.status, row.liveness) for step in first]
        durations = side_by_side.took(
            [
                part_took(step.bar.start, until, state, inferred=step.bar.inferred)
                if step.bar.running
                else step.bar.took
                for step, state in zip(first, states, strict=True)
            ],
            "",
        )
        for step, state, duration in zip(first, states, durations, strict=True):
            retried = f" ↻{step.retries}" if step.retries else ""
            indent = "  " * min(step.depth, self._width // 6)
            room = self._width - len(indent) - 3 - len(duration) - len(retried)
            line = Text(indent)
            line.append(format.glyph(state) + " ", status_color(self.app.theme_variables, state))
            line.append(truncate(clean(step.name), room))
            line.append(retried, self._color("status-silent"))
            line.append(duration.rjust(self._width - line.cell_len), self._color("dim"))
            lines.append(line)
        return [*lines, *self._rest(len(steps) - _MOST_STEPS)]

    def _parameters(self, row: Row) -> list[Text]:
        items = list(row.run.parameters.items())
        if not items:
            return []
        lines = [Text(), self._rule("parameters")]
        shown = items[:_MOST_PARAMETERS]
        names = side_by_side.strings_apart([name for name, _ in shown])
        widest = min(max(map(cell_len, names)), self._width // 2)
        for name, (_, item) in zip(names, shown, strict=True):
            line = Text(pad(name, widest) + "  ", self._color("dim"))
            line.append(truncate_value(format.value(item), self._width - widest - 2), self._color("foreground"))
            lines.append(line)
        return [*lines, *self._rest(len(items) - _MOST_PARAMETERS)]

    def _metrics(self, row: Row, details: RunDetails | None) -> list[Text]:
        """The metrics with their last values, and with sparklines where there is room."""
        if not row.run.metrics:
            return []
        curves = {line.name: line for line in details.metrics} if details else {}
        names = list(islice(row.run.metrics, MOST_METRICS))
        told_apart = side_by_side.strings_apart(names)
        widest = min(max(map(cell_len, told_apart)), self._width // 2)
        lines = [Text(), self._rule("metrics")]
        for shown, name in zip(told_apart, names, strict=True):
            last = _last_text(row.run.metrics[name])
            line = Text(pad(shown, widest) + "  ", self._color("dim"))
            curve = curves.get(name)
            room = self._width - line.cell_len - cell_len(last) - 2
            sparkline = (
                next((drawn for drawn in curve.sparklines if 0 < drawn.cell_len <= room), None) if curve else None
            )
            if sparkline is not None:
                line.append_text(sparkline)
                line.append("  ")
            line.append(truncate_value(last, max(self._width - line.cell_len, 4)), self._color("foreground"))
            lines.append(line)
        return [*lines, *self._rest(len(row.run.metrics) - len(names))]

    def _rest(self, count: int) -> list[Text]:
        """What is said of what is not listed."""
        return [Text(f"… {count:,} more: {keys.shown('open')} opens the run", self._color("dim"))] if count > 0 else []

    def _rule(self, title: str) -> Text:
        line = Text(title + " ", self._color("dim"))
        line.append("─" * max(self._width - line.cell_len, 0), self._color("rule"))
        return line


def _last_text(metric: MetricSummary) -> str:
    if is_number(metric.last):
        return format.number(metric.last)
    return format.value(metric.last)
