"""The themes: one quiet background, colour for status and series and nothing else.

Every text colour contrasts at least 4.5:1 with the backgrounds that it stands on, which a test computes.
"""

from __future__ import annotations

from textual.theme import Theme


def _scrollbar(thumb: str, held: str, track: str) -> dict[str, str]:
    """The variables of scrollbars: the colour of the thumb, of the thumb under the mouse, and of what it runs in."""
    return {
        "scrollbar": thumb,
        "scrollbar-hover": held,
        "scrollbar-active": held,
        "scrollbar-background": track,
        "scrollbar-background-hover": track,
        "scrollbar-background-active": track,
        "scrollbar-corner-color": track,
    }


DARK = Theme(
    name="magnus-dark",
    dark=True,
    primary="#7aa2f7",
    secondary="#a9b1d6",
    accent="#e0af68",
    foreground="#d5d9e5",
    background="#14161b",
    surface="#14161b",
    panel="#1d2028",
    success="#8fd16f",
    warning="#e6b450",
    error="#ff7a85",
    variables={
        "block-cursor-background": "#2a3150",
        "block-cursor-foreground": "#f2f4fb",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#232838",
        "block-cursor-blurred-foreground": "#d5d9e5",
        "footer-key-foreground": "#7aa2f7",
        "footer-background": "#1d2028",
        "dim": "#9aa2ba",
        "rule": "#343a4a",
        "status-success": "#8fd16f",
        "status-fail": "#ff7a85",
        "status-processing": "#7dcfff",
        "status-silent": "#e6b450",
        "status-skipped": "#9aa2ba",
        **_scrollbar("#343a4a", "#9aa2ba", "#14161b"),
        "link-color": "#7aa2f7",
    },
)

LIGHT = Theme(
    name="magnus-light",
    dark=False,
    primary="#2450a8",
    secondary="#4a5068",
    accent="#8a5a00",
    foreground="#22252e",
    background="#fbfbf9",
    surface="#fbfbf9",
    panel="#efefec",
    success="#22682a",
    warning="#7d5200",
    error="#b3152a",
    variables={
        "block-cursor-background": "#d6e0f7",
        "block-cursor-foreground": "#14161b",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e5e9f2",
        "block-cursor-blurred-foreground": "#22252e",
        "footer-key-foreground": "#2450a8",
        "footer-background": "#efefec",
        "dim": "#565c70",
        "rule": "#c9ccd4",
        "status-success": "#22682a",
        "status-fail": "#b3152a",
        "status-processing": "#0b5c86",
        "status-silent": "#7d5200",
        "status-skipped": "#565c70",
        **_scrollbar("#c9ccd4", "#565c70", "#fbfbf9"),
        "link-color": "#2450a8",
    },
)

CONTRAST = Theme(
    name="magnus-contrast",
    dark=True,
    primary="#66b3ff",
    secondary="#ffffff",
    accent="#ffd000",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#101010",
    success="#5fff5f",
    warning="#ffd000",
    error="#ff9a9a",
    variables={
        "block-cursor-background": "#1f1f6e",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#303030",
        "block-cursor-blurred-foreground": "#ffffff",
        "footer-key-foreground": "#ffd000",
        "footer-background": "#101010",
        "dim": "#c8c8c8",
        "rule": "#808080",
        "status-success": "#5fff5f",
        "status-fail": "#ff9a9a",
        "status-processing": "#66d9ff",
        "status-silent": "#ffd000",
        "status-skipped": "#c8c8c8",
        **_scrollbar("#808080", "#c8c8c8", "#000000"),
        "link-color": "#66b3ff",
    },
)

THEMES = (DARK, LIGHT, CONTRAST)
DEFAULT_THEME = DARK.name
