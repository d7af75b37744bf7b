"""The line on top of every screen: where you are on the left, how things stand on the right."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from magnus_tui.format.text import clean, truncate, truncate_path

SEPARATOR = " › "
_LEAST_OF_A_PATH = 8
"""Cells below which the beginning of the path tells nothing."""


class TitleBar(Widget):
    """One line: a path whose last part is bold, and a status at the right, which gives way last.

    Attributes:
        path: the parts of the path, from the store inwards.
        status: what is said at the right, styled already.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"title-bar--path", "title-bar--here"}

    path: reactive[tuple[str, ...]] = reactive(())
    status: reactive[Text] = reactive(Text)

    def render(self) -> Text:
        """The line, cut to the width with an ellipsis at the left end of the path."""
        width = self.size.width - 2
        *outer, here = [clean(part) for part in self.path] or [""]
        room = max(width - self.status.cell_len - 2, 10)
        before = "".join(part + SEPARATOR for part in outer)
        spare = room - cell_len(here)
        if outer and cell_len(before) > spare:
            before = "… " if spare < _LEAST_OF_A_PATH else truncate_path(before, spare)
        line = Text(no_wrap=True)
        line.append(before, self.get_component_rich_style("title-bar--path", partial=True))
        cut = truncate if outer else truncate_path
        line.append(cut(here, room), self.get_component_rich_style("title-bar--here", partial=True))
        line.append(" " * max(width - line.cell_len - self.status.cell_len, 2))
        line.append_text(self.status)
        return line
