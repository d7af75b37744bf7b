"""What the run list says of itself: how many runs, of which status, in which order, and why there are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.text import Text

from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tui import format, keys
from magnus_tui.format.status import status_color
from magnus_tui.format.text import clean

_UNREADABLE = "UNREADABLE"
_COUNTED = ("SUCCESS", "FAIL", "PROCESSING", "TRIGGERED", "CREATED", "SILENT", "STALLED", "LOST", _UNREADABLE)
_SAID = ("SILENT", "STALLED", "LOST")
"""The states whose glyph does not tell them apart."""


def may_die(counts: Mapping[str, int], dead: Mapping[tuple[str, str], int]) -> bool:
    """Whether some unfinished run is not known to be dead; see `with_inferred`."""
    ended = {*FINAL_STATUSES, _UNREADABLE}
    unfinished = sum(number for status, number in counts.items() if status not in ended)
    return unfinished > sum(number for (_, state), number in dead.items() if state != "SILENT")


def with_inferred(counts: Mapping[str, int], dead: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Runs by state.

    Args:
        counts: runs by status.
        dead: how many unfinished runs are not known to live, by status and what is inferred of them.
    """
    states = Counter(counts)
    for (status, state), number in dead.items():
        moved = min(number, states[status])
        states[status] -= moved
        states[state] += moved
    return +states


def state_count(state: str, count: int) -> str:
    """How many runs are in a state: with its glyph, and with its name where others have the same."""
    return f"{count:,} {format.glyph(state)}{f' {state.lower()}' if state in _SAID else ''}"


def status_text(
    counts: Mapping[str, int],
    reading: tuple[int, int] | None,
    variables: dict[str, str],
    *,
    following: bool,
    has_store: bool = True,
    copying: str = "",
) -> Text:
    """How many runs there are, by status.

    Args:
        counts: runs by state: the status, or what is inferred of an unfinished run.
        reading: how many of how many changed runs have been read; None once all have.
        variables: of the theme that is shown.
        following: whether changes are followed.
        has_store: whether the store is there.
        copying: what is going on with the copy of a store that lies elsewhere.
    """
    dim, known = variables.get("dim", ""), sum(counts.values())
    is_first = reading is not None and not known
    status = Text("reading …" if is_first else format.count(known, "run"), dim)
    for state in _COUNTED:
        if counts.get(state):
            status.append(f"  {state_count(state, counts[state])}", status_color(variables, state))
    if reading is not None and reading[1] > reading[0]:
        said = f"{reading[0]:,} of {reading[1]:,}"
        status.append(f" {said}" if is_first else f"  reading {said}", variables.get("primary", ""))
    if copying:
        status.append(f"  {copying}", variables.get("primary", ""))
    if not has_store:
        status.append("  the store is gone", status_color(variables, "FAIL"))
    elif following:
        status.append("  follow", dim)
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


def why_empty(
    root: str,
    total: int,
    *,
    verified: bool,
    filters: tuple[bool, bool] = (True, False),
    missing: Sequence[str] = (),
    has_store: bool = True,
    copying: str = "",
) -> Text:
    """Why the list is empty, and what to do.

    Args:
        root: the store.
        total: how many runs there are.
        verified: whether all of them have been read.
        filters: whether there is a query, and whether only failed runs are listed.
        missing: what was said of names in the query that no run has.
        has_store: whether the store is there.
        copying: the state of the copy of a store that lies elsewhere, in a line; empty if there is nothing to say.
    """
    if not has_store:
        return Text(f"the store {clean(root)} is gone; its runs are shown once it is back")
    if total:
        has_query, failed_only = filters
        every, clear = f"{keys.shown('failed_only')} shows all runs", f"{keys.shown('back')} clears"
        so_far = "" if verified else "read so far "
        if failed_only and has_query:
            said = f"no failed run {so_far}matches the filter; {every}, {clear} the filter"
        elif failed_only:
            said = f"no run {so_far}has failed; {every}"
        else:
            said = f"no run {so_far}matches the filter; {clear} it"
        return Text("\n".join([said, *(missing if verified else ())]))
    if copying:
        return Text(clean(copying))
    if not verified:
        return Text("reading the store …")
    return Text(
        f"no runs in {clean(root)}\n\n"
        "A run appears here as soon as one of these is run in this project:\n"
        "  magnus execute -f pipeline.yaml\n"
        "  magnus-track step train -- python train.py\n\n"
        "In train.py, these two lines track a curve:\n"
        "  from magnus_tracking import track_this\n"
        "  track_this(step=0, loss=0.5)"
    )
