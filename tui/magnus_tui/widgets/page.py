"""Lines of styled text, and the few shapes that they come in: headings, fields, paragraphs."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.cells import cell_len, chop_cells
from rich.text import Text

from magnus_tui.format.side_by_side import strings_apart
from magnus_tui.format.status import status_color
from magnus_tui.format.text import clean, truncate, truncate_value


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a pane.

    Attributes:
        text: what is shown.
        copy: what `y` copies; the text itself where it is empty.
        path: the file that `e` opens, if there is one behind the line.
        row: by name, the values that are written for it; None for headings, and where a text goes on.
    """

    text: Text
    copy: str = ""
    path: Path | None = None
    row: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of the theme in use, by the names of its variables (``app.theme_variables``)."""

    variables: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.variables.get(name, "")

    def status(self, state: str) -> str:
        """The colour of a status or state."""
        return status_color(dict(self.variables), state)


@dataclass(frozen=True, slots=True)
class Page:
    """What lines are made for: the colours, and the room in cells."""

    ink: Ink
    width: int
    height: int


Builder = Callable[[Page], list[Line]]
"""Makes the lines of a pane for the room that it has."""

BLANK = Line(Text())

_MOST_OF_A_VALUE = 6
_MOST_LINES = 200
"""Lines of a paragraph: a message may have megabytes, which the raw log shows in full."""
_CHARACTERS = 4
"""Characters that are wrapped for each cell: some take none."""


def rule(title: str, page: Page) -> Line:
    """A heading with a thin rule behind it."""
    line = Text(truncate(clean(title), page.width) + " ", page.ink["dim"])
    line.append("─" * max(page.width - line.cell_len, 0), page.ink["rule"])
    return Line(line, title)


def paragraph(text: str, page: Page, style: str = "", indent: int = 0, most: int = _MOST_LINES) -> list[Line]:
    """A text out of a log, wrapped to the width; every line copies the whole.

    Args:
        text: the text, its own line breaks kept.
        page: the room.
        style: of all of it.
        indent: cells before each line.
        most: lines at most; what is cut ends in an ellipsis.
    """
    width = max(page.width - indent, 8)
    shown = text[: (most + 1) * width * _CHARACTERS]
    wrapped = [part for line in shown.splitlines() or [""] for part in wrap(clean(line), width)]
    if len(wrapped) > most or len(shown) < len(text):
        wrapped = wrapped[:most]
        wrapped[-1] = truncate(wrapped[-1] + "…" * 2, width)
    return [Line(Text(" " * indent + part, style), text) for part in wrapped]


def wrap(text: str, width: int) -> list[str]:
    """A line in pieces of at most `width` cells, broken at spaces where that is possible."""
    if cell_len(text) <= width:
        return [text]
    if cell_len(text) == len(text):
        return textwrap.wrap(text, width, break_on_hyphens=False) or [""]
    return chop_cells(text, width)


def fields(
    items: Iterable[tuple[str, str]],
    page: Page,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> list[Line]:
    """Names in a column and values behind them; a long value goes on in further lines, and is copied whole.

    Args:
        items: names and values, safe to show.
        page: the room.
        rows: what is written for each item, where the pane is one of values.
    """
    listed = list(items)
    names = strings_apart([name for name, _ in listed])
    widest = min(max((cell_len(name) for name in names), default=0), max(page.width // 3, 8))
    lines = []
    for place, (name, (_, value)) in enumerate(zip(names, listed, strict=True)):
        told = paragraph(value, page, page.ink["foreground"], indent=widest + 2, most=_MOST_OF_A_VALUE)
        head = Text(pad(name, widest) + "  ", page.ink["dim"])
        head.append_text(told[0].text[widest + 2 :])
        lines += [Line(head, value, row=rows[place] if rows is not None else None), *told[1:]]
    return lines


def inline(items: Iterable[tuple[str, str]], page: Page, most: int, label: str = "") -> list[Line]:
    """Names and values side by side, as many as fit into a few lines.

    Args:
        items: names and values.
        page: the room.
        most: lines at most; what does not fit is counted.
        label: what they are, in front of the first.
    """
    listed = list(items)
    lines = [Text(label, f"italic {page.ink['dim']}")]
    for place, (name, value) in enumerate(listed):
        shown = Text(clean(name) + " ", page.ink["dim"])
        shown.append(truncate_value(value, max(page.width // 2, 12)), page.ink["foreground"])
        if lines[-1].cell_len and lines[-1].cell_len + 3 + shown.cell_len > page.width:
            if len(lines) == most:
                more = f"   +{len(listed) - place}"
                lines[-1].truncate(page.width - len(more))
                lines[-1].append(more, page.ink["dim"])
                break
            lines.append(Text())
        if lines[-1].cell_len:
            lines[-1].append("   ")
        lines[-1].append_text(shown)
    whole = "  ".join(f"{name}={value}" for name, value in listed)
    return [Line(line, whole) for line in lines if line.cell_len]


def pad(text: str, cells: int) -> str:
    """`text` in exactly `cells` cells."""
    short = truncate(text, cells)
    return short + " " * (cells - cell_len(short))
