"""The shape and the colour of a status or state."""

from __future__ import annotations

from collections.abc import Mapping

STATUS_GLYPHS = {
    "SUCCESS": "✔",
    "FAIL": "✘",
    "PROCESSING": "◐",
    "CREATED": "◌",
    "TRIGGERED": "◌",
    "SILENT": "◍",
    "STALLED": "◍",
    "LOST": "◍",
    "NEVER ENDED": "◍",
    "REACHED": "⊗",
    "SKIPPED": "⊘",
    "UNREADABLE": "!",
    "RETRIED": "↻",
    "RERUN": "⤷",
    "PLANNED": "·",
}
"""Shape by state; colour never is the only signal, and no other sign on a screen has one of these shapes."""


def glyph(state: str) -> str:
    """The glyph of a status or state; an unknown status gets a question mark."""
    return STATUS_GLYPHS.get(state, "?")


STATUS_VARIABLES = {
    "SUCCESS": "status-success",
    "FAIL": "status-fail",
    "PROCESSING": "status-processing",
    "CREATED": "status-processing",
    "TRIGGERED": "status-processing",
    "SILENT": "status-silent",
    "STALLED": "status-silent",
    "LOST": "status-silent",
    "NEVER ENDED": "status-silent",
    "REACHED": "status-silent",
    "SKIPPED": "status-skipped",
    "PLANNED": "status-skipped",
    "UNREADABLE": "status-fail",
    "RETRIED": "status-silent",
    "RERUN": "status-skipped",
}
"""The theme variable that colours a state."""


def status_color(variables: dict[str, str], state: str) -> str:
    """The colour of a state in the theme whose `variables` are given (``app.theme_variables``)."""
    return variables.get(STATUS_VARIABLES.get(state, "dim"), variables.get("foreground", "#808080"))


def in_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """How many there are of each state, in one order on all screens: what went well, what failed, the rest."""
    known = list(STATUS_GLYPHS)
    return sorted(counts.items(), key=lambda one: known.index(one[0]) if one[0] in known else len(known))


_SAID = ("SILENT", "STALLED", "LOST")
"""The states whose glyph does not tell them apart."""


def state_count(state: str, count: int) -> str:
    """How many runs are in a state: with its glyph, and with its name where others have the same."""
    return f"{count:,} {glyph(state)}{f' {state.lower()}' if state in _SAID else ''}"
