"""How charts are drawn, as their user chose it for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self, TypeVar

from magnus_tui import format
from magnus_tui.charts.axes import AXES, NAMES, XAxis
from magnus_tui.charts.line_chart import ChartView
from magnus_tui.charts.window import Window

SMOOTHINGS = (0.0, 0.6, 0.9, 0.97)
CLIPS = (0.0, 0.01, 0.05)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ChartLook:
    """See `ChartView` for the attributes."""

    log: bool = False
    log_x: bool = False
    smoothing: float = 0.0
    clip: float = 0.0
    axis: XAxis = "step"

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> Self:
        """The look that settings name, or the default where they name none that there is."""
        known = asdict(cls())
        kept: dict[str, Any] = {name: value for name, value in chosen.items() if type(value) is type(known.get(name))}
        look = cls(**kept)
        fits = look.smoothing in SMOOTHINGS and look.clip in CLIPS and look.axis in AXES
        return look if fits else cls()

    def chosen(self) -> dict[str, Any]:
        """The look as settings name it."""
        return asdict(self)

    def view(self, window: Window | None = None, cursor: float | None = None) -> ChartView:
        """A view of a part of some series."""
        return ChartView(
            window, self.log, self.smoothing, cursor, self.axis, self.log_x and self.axis != "clock", self.clip
        )

    def by_step(self) -> Self:
        """The same along steps, where no times are known."""
        return replace(self, axis="step")

    def next_smoothing(self) -> Self:
        """With the next smoothing; after the strongest, none."""
        return replace(self, smoothing=_after(self.smoothing, SMOOTHINGS))

    def next_clip(self) -> Self:
        """With the next clipping; after the strongest, none."""
        return replace(self, clip=_after(self.clip, CLIPS))

    def next_axis(self) -> Self:
        """Along the next axis."""
        return replace(self, axis=_after(self.axis, AXES))

    def text(self) -> str:
        """What differs from how charts are drawn at first; empty where nothing does."""
        said = [
            NAMES[self.axis] if self.axis != "step" else "",
            "logarithmic" if self.log else "",
            "logarithmic steps" if self.log_x and self.axis == "step" else "",
            "logarithmic time" if self.log_x and self.axis == "elapsed" else "",
            f"smoothing {self.smoothing}" if self.smoothing else "",
            f"axis without the outer {format.percent(self.clip)}" if self.clip else "",
        ]
        return " · ".join(filter(None, said))


def _after(value: T, values: tuple[T, ...]) -> T:
    return values[(values.index(value) + 1) % len(values)]
