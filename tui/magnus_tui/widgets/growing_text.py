"""A text that is as high as it has to be."""

from __future__ import annotations

from typing import Self

from textual.geometry import Region
from textual.widgets import Static


class GrowingText(Static):
    """A text of as many lines as it takes, also where it changes before the one before it was laid out.

    Textual keeps the height of a widget until another layout is asked for, and takes what is asked for meanwhile as the
    same: the text would stay as high as the one before.
    """

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw anew, and with `layout` forget the height."""
        if layout and self._layout_required:
            self._layout_updates += 1
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
