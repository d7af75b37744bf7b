"""What the run list says of itself: how many runs, of which status, in which order, and why there are none."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from magnus_tui import format
from magnus_tui.text import clean
from magnus_tui.theme import status_color

_COUNTED = ("SUCCESS", "FAIL", "PROCESSING", "CREATED", "UNREADABLE")


def status_text(
    counts: Mapping[str, int], reading: tuple[int, int] | None, following: bool, variables: dict[str, str]
) -> Text:
    """How many runs there are, by status.

    Args:
        counts: runs by status.
        reading: how many of how many changed runs have been read; None once all have.
        following: whether changes are followed.
        variables: of the theme that is shown.
    """
    status = Text(format.count(sum(counts.values()), "run"), style=variables.get("dim", ""))
    for state in _COUNTED:
        if counts.get(state):
            status.append(f"  {counts[state]:,} {format.glyph(state)}", status_color(variables, state))
    if reading is not None and reading[1] > reading[0]:
        status.append(f"  reading {reading[0]:,} of {reading[1]:,}", variables.get("primary", ""))
    if following:
        status.append("  follow ●", variables.get("dim", ""))
    return status


def listing_text(
    total: int, listed: int | None, sorted_by: tuple[str, bool], marked: int, variables: dict[str, str]
) -> Text:
    """How many of the runs are listed, in which order, and how many are marked; `listed` is None without a filter."""
    key, descending = sorted_by
    said = Text("" if listed is None else f" {listed:,} of {total:,} · ")
    said.append(f"sorted by {key} {'↓' if descending else '↑'}")
    if marked:
        said.append(f" · {marked} marked", variables.get("accent", ""))
    return said


def why_empty(root: str, total: int, *, verified: bool) -> Text:
    """Why the list is empty, and what to do."""
    if total:
        return Text(f"no run {'' if verified else 'read so far '}obeys the filter; esc clears it")
    if not verified:
        return Text("reading the store …")
    return Text(
        f"no runs in {clean(root)}\n\n"
        "A run log appears here when a pipeline runs in this project:\n"
        "  magnus execute -f pipeline.yaml\n"
        "  magnus-track step train -- python train.py\n"
        "or, from Python, with magnus_tracking.start_run()."
    )
