"""The themes: one quiet background, colour for status and series and nothing else.

Every text colour contrasts at least 4.5:1 with the backgrounds that it stands on, which a test computes.
"""

from __future__ import annotations

from typing import Any

from textual.theme import Theme


def made_theme(
    name: str, *, cursor: tuple[str, str], blurred: str, dim: str, rule: str, processing: str, **own: Any
) -> Theme:
    """A theme with all colours that our screens name.

    Args:
        name: of the theme.
        cursor: background and text of the row under the cursor.
        blurred: background of that row where the keys go elsewhere.
        dim: text that matters less, and the thumb of a scrollbar under the mouse.
        rule: lines, and the thumb of a scrollbar.
        processing: what is going on.
        own: the rest of Textual's colours; `variables` are taken as they are.
    """
    background, variables = own["background"], own.pop("variables", {})
    return Theme(
        name=name,
        surface=background,
        variables={
            "block-cursor-background": cursor[0],
            "block-cursor-foreground": cursor[1],
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": blurred,
            "block-cursor-blurred-foreground": own["foreground"],
            "footer-key-foreground": own["primary"],
            "footer-background": own["panel"],
            "dim": dim,
            "rule": rule,
            "status-success": own["success"],
            "status-fail": own["error"],
            "status-processing": processing,
            "status-silent": own["warning"],
            "status-skipped": dim,
            "scrollbar": rule,
            "scrollbar-hover": dim,
            "scrollbar-active": dim,
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "scrollbar-corner-color": background,
            "link-color": own["primary"],
            **variables,
        },
        **own,
    )


DARK = made_theme(
    "magnus-dark",
    dark=True,
    primary="#7aa2f7",
    secondary="#a9b1d6",
    accent="#e0af68",
    foreground="#d5d9e5",
    background="#14161b",
    panel="#1d2028",
    success="#8fd16f",
    warning="#e6b450",
    error="#ff7a85",
    cursor=("#2a3150", "#f2f4fb"),
    blurred="#232838",
    dim="#9aa2ba",
    rule="#343a4a",
    processing="#7dcfff",
)

LIGHT = made_theme(
    "magnus-light",
    dark=False,
    primary="#2450a8",
    secondary="#4a5068",
    accent="#8a5a00",
    foreground="#22252e",
    background="#fbfbf9",
    panel="#efefec",
    success="#22682a",
    warning="#7d5200",
    error="#b3152a",
    cursor=("#d6e0f7", "#14161b"),
    blurred="#e5e9f2",
    dim="#565c70",
    rule="#c9ccd4",
    processing="#0b5c86",
)

CONTRAST = made_theme(
    "magnus-contrast",
    dark=True,
    primary="#66b3ff",
    secondary="#ffffff",
    accent="#ffd000",
    foreground="#ffffff",
    background="#000000",
    panel="#101010",
    success="#5fff5f",
    warning="#ffd000",
    error="#ff9a9a",
    cursor=("#1f1f6e", "#ffffff"),
    blurred="#303030",
    dim="#c8c8c8",
    rule="#808080",
    processing="#66d9ff",
    variables={"block-cursor-text-style": "bold", "footer-key-foreground": "#ffd000"},
)

THEMES = (DARK, LIGHT, CONTRAST)
DEFAULT_THEME = DARK.name
