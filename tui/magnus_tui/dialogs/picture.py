"""A screen as a picture (SVG)."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.segment import Segment, Segments
from textual.strip import Strip

_FORMAT = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Rich's, without the fonts that whoever opens the picture would fetch from elsewhere."""


def svg_of(lines: Sequence[Strip], title: str) -> str:
    """The picture of some lines of a terminal.

    Args:
        lines: from the top, all as wide as the first.
        title: what stands above it.
    """
    console = Console(
        width=lines[0].cell_length,
        height=len(lines),
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
        safe_box=False,
    )
    for line in lines:
        console.print(Segments([*line, Segment.line()]), end="")
    return console.export_svg(title=title, code_format=_FORMAT)
