"""What widgets of charts share: they are drawn once, as lines, and again when something about them changes."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual.events import Resize
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget


class DrawnCharts(Widget, can_focus=True):
    """Charts of curves. What they show is said by the classes that extend this one.

    Textual's widgets have a metaclass of their own, so that it is the type checker that holds those to it.

    Attributes:
        logarithmic: whether the values' axes are logarithmic where that can be.
        smoothing: the weight of the moving average.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"metrics--title", "metrics--dim", "metrics--cursor", "metrics--gap"}

    logarithmic: reactive[bool] = reactive(False)
    smoothing: reactive[float] = reactive(0.0)

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

    def render_line(self, y: int) -> Strip:
        """A line of what was drawn."""
        if self._lines is None:
            self._lines = self.draw()
        base = self.rich_style
        if y >= len(self._lines):
            return Strip.blank(self.size.width, base)
        return self._lines[y].adjust_cell_length(self.size.width, base).apply_style(base)

    def watch_logarithmic(self) -> None:
        """Draw with the other axis."""
        self.redraw()

    def watch_smoothing(self) -> None:
        """Draw with the other smoothing."""
        self.redraw()

    def on_resize(self, _event: Resize) -> None:
        """Draw at the new size."""
        self.redraw()

    def action_log(self) -> None:
        """Logarithmic axes, on and off."""
        self.logarithmic = not self.logarithmic


def next_smoothing(weight: float) -> float:
    """The smoothing after `weight`: none, 0.6, 0.9, 0.97, and none again."""
    weights = (0.0, 0.6, 0.9, 0.97)
    return weights[(weights.index(weight) + 1) % len(weights)] if weight in weights else 0.0
