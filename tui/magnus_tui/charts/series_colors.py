"""Colours and glyphs of series: stable by place, told apart without colour too.

Every colour contrasts at least 4.5:1 with the backgrounds of the themes of its kind.
"""

from __future__ import annotations

GLYPHS = "●■◆✚○□◇◖▣◈"
"""None that means something else: triangles stand for clipped values and folded rows, crosses for failures."""
DARK = ("#7dcfff", "#ffb86c", "#9ece6a", "#ff8fa3", "#c7a6ff", "#e6d06a", "#5fd7c4", "#f7a6d8", "#a6b6d8", "#e09a7a")
LIGHT = ("#0b5c86", "#8a4b00", "#2f6a14", "#b3152a", "#6a3fb0", "#6b5a00", "#00645a", "#97266d", "#42506e", "#8a3a1c")


def series_color(place: int, *, dark: bool) -> str:
    """The colour of the series at `place`, counted from 0; after the last the first comes again."""
    colors = DARK if dark else LIGHT
    return colors[place % len(colors)]


def series_glyph(place: int) -> str:
    """The glyph of the series at `place`, counted from 0; where a colour comes again it comes with another glyph."""
    return GLYPHS[(place + place // len(DARK)) % len(GLYPHS)]
