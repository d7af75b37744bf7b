"""The line on top of every screen: where you are on the left, how things stand on the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from magnus_tui.format.text import clean, truncate, truncate_path

SEPARATOR = " › "


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
        width = self.size.width
        *outer, here = [clean(part) for part in self.path] or [""]
        room = max(width - self.status.cell_len - 2, 10)
        before = _shortened(outer, room - cell_len(here)) if outer else ""
        line = Text(no_wrap=True)
        line.append(before, self.get_component_rich_style("title-bar--path", partial=True))
        cut = truncate if outer else truncate_path
        line.append(cut(here, room), self.get_component_rich_style("title-bar--here", partial=True))
        line.append(" " * max(width - line.cell_len - self.status.cell_len, 2))
        line.append_text(self.status)
        return line


def _shortened(outer: Sequence[str], cells: int) -> str:
    """The outer parts in so many cells; what is cut is their beginning, never within the name of a folder."""
    return next((text for text in _ever_shorter(outer) if cell_len(text) <= cells), "… ")


def _ever_shorter(outer: Sequence[str]) -> Iterator[str]:
    place, *inner = outer
    rest = "".join(part + SEPARATOR for part in inner)
    yield place + SEPARATOR + rest
    folders = place.split("/")
    for first in range(1, len(folders)):
        yield "/".join(["…", *folders[first:]]) + SEPARATOR + rest
    for first in range(len(outer)):
        yield "".join(part + SEPARATOR for part in ["…", *outer[first + 1 :]])
