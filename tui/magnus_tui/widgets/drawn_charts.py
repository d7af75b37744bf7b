"""What widgets of charts share: they are drawn once, as lines, and again when something about them changes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.events import Resize
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import get_current_worker

from magnus_tui.charts.chart_options import ChartLook
from magnus_tui.charts.prepared_series import PreparedSeries

_AT_ONCE = 5000
"""Points of a curve up to which anything is worked out unnoticed."""


class Drawn(Widget):
    """A widget that is drawn as lines, by the class that extends this one.

    Textual's widgets have a metaclass of their own, so that it is the type checker that holds those to it.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Strip] | None = None

    @abstractmethod
    def draw(self) -> list[Strip]:
        """The lines of the widget at the size that it has."""

    def redraw(self) -> None:
        """Draw everything anew."""
        self._lines = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self._lines = None

    def render_line(self, y: int) -> Strip:
        """A line of what was drawn."""
        if self._lines is None:
            self._lines = self.draw()
        base = self.rich_style
        if y >= len(self._lines):
            return Strip.blank(self.size.width, base)
        return self._lines[y].adjust_cell_length(self.size.width, base).apply_style(base)

    def on_resize(self, _event: Resize) -> None:
        """Draw at the new size."""
        self.redraw()


class DrawnCharts(Drawn, can_focus=True):
    """Charts of curves, with a look that the user chooses.

    Attributes:
        look: how they are drawn.
        directions: by metric, ``min`` or ``max``, as the user said is best.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"metrics--title", "metrics--dim", "metrics--cursor", "metrics--gap"}

    look: reactive[ChartLook] = reactive(ChartLook)
    directions: reactive[Mapping[str, str]] = reactive(dict)

    class LookChosen(Message):
        """The user chose how charts are drawn, here and from now on."""

        def __init__(self, look: ChartLook) -> None:
            super().__init__()
            self.look = look

    @abstractmethod
    def all_curves(self) -> Sequence[PreparedSeries]:
        """What is drawn, now or on another page."""

    def watch_has_focus(self, has_focus: bool) -> None:
        """Draw the cursor as it looks with or without the focus."""
        super().watch_has_focus(has_focus)
        self.redraw()

    def watch_look(self, before: ChartLook, look: ChartLook) -> None:
        """Draw as it was chosen."""
        self.redraw()

    def watch_directions(self) -> None:
        """Mark what is best now."""
        self.redraw()

    def _choose(self, look: ChartLook) -> None:
        curves = self.all_curves()
        if all(len(curve) < _AT_ONCE or _is_ready(curve, look) for curve in curves):
            self._take(look)
        else:
            self._prepare(curves, look)

    @work(thread=True, exclusive=True, group="look", description="another look of long curves")
    def _prepare(self, curves: Sequence[PreparedSeries], look: ChartLook) -> None:
        """Work out what long curves look like off the event loop, then show them."""
        worker = get_current_worker()
        for curve in curves:
            along = curve.along(look.axis)
            if along is not None:
                (along.smoothed(look.smoothing) if look.smoothing else along).ready()
            if worker.is_cancelled:
                return
        self.app.call_from_thread(self._take, look)

    def _take(self, look: ChartLook) -> None:
        self.look = look
        self.post_message(self.LookChosen(look))

    def action_log(self) -> None:
        """Logarithmic axes of values, on and off."""
        self._choose(replace(self.look, log=not self.look.log))

    def action_log_x(self) -> None:
        """Logarithmic axes of steps or times, on and off."""
        self._choose(replace(self.look, log_x=not self.look.log_x))

    def action_smooth(self) -> None:
        """The next smoothing."""
        self._choose(self.look.next_smoothing())

    def action_clip(self) -> None:
        """Axes of values without the outer ones, or with all."""
        self._choose(self.look.next_clip())

    def action_axis(self) -> None:
        """By step, by time since the start, by clock; where no times were kept, by step alone."""
        if any(curve.times is not None for curve in self.all_curves()):
            self._choose(self.look.next_axis())
        else:
            self.notify("no times of these values were kept: they are drawn along steps", timeout=3)


def _is_ready(curve: PreparedSeries, look: ChartLook) -> bool:
    if not curve.is_along(look.axis):
        return False
    along = curve.along(look.axis)
    return along is None or along.is_smoothed(look.smoothing)
