"""How long the rows on the screen took: told apart, in cells that suit the whole run."""

from __future__ import annotations

from collections.abc import Sequence

from magnus_tracking.analysis.liveness import Took
from magnus_tui import format
from magnus_tui.format import side_by_side

_LEAST = 9
"""Cells that most durations fit into, so that what stands beside them seldom moves."""


class DurationsInView:
    """The durations of the rows on the screen, by place."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def tell(self, places: Sequence[int], took: Sequence[Took]) -> None:
        """Tell the durations of rows apart.

        Args:
            places: those of the rows on the screen.
            took: how long each took.
        """
        self._texts = dict(zip(places, side_by_side.took(took, ""), strict=True))

    def cells(self, whole: float | None) -> int:
        """Cells for durations: enough for those on the screen and for what the whole run took, even days.

        Args:
            whole: seconds that the run took; None where that is not known.
        """
        longest = "" if whole is None else f"~{format.duration(whole)}"
        return max(_LEAST, len(longest), *map(len, self._texts.values()))

    def __getitem__(self, place: int) -> str:
        return self._texts[place]
