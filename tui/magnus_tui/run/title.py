"""The title of a run: where it is, how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from magnus_tracking.analysis.liveness import run_state, took
from magnus_tracking.errors import MagnusTrackingError, RunNotFoundError
from magnus_tracking.runlog.tree import walk
from magnus_tui import format
from magnus_tui.format.status import status_color
from magnus_tui.format.text import clean
from magnus_tui.run.panes import attempt_text

if TYPE_CHECKING:
    from magnus_tui.run.loaded_run import LoadedRun


def run_path(store: str, loaded: LoadedRun) -> tuple[str, ...]:
    """The store and the run, with the glyph of its status."""
    run = loaded.opened.summary
    return (store, f"{run.run_id} {format.glyph(run_state(run, loaded.around.liveness))}")


def why_outdated(error: MagnusTrackingError) -> str:
    """Why a run that is on the screen can't be read any more, in a few words for its title."""
    return "no longer in the store" if isinstance(error, RunNotFoundError) else "unreadable now, as last read"


def run_status(
    loaded: LoadedRun,
    now: datetime,
    variables: Mapping[str, str],
    room: int,
    following: str = "",
    outdated: str = "",
) -> Text:
    """Status, tag, start, duration and code, as many of them as fit into `room` cells, the most telling first.

    Args:
        loaded: the run.
        now: naive local time in the zone of the machine that ran.
        variables: of the theme in use.
        room: cells that there are.
        following: whether its newest values are kept in view, in a word; empty where they are not.
        outdated: why what is shown may no longer be so; empty where it is up to date.
    """
    run, dim = loaded.opened.summary, variables.get("dim", "")
    state = run_state(run, loaded.around.liveness)
    word = run.status.lower() if state == run.status else f"{state.lower()}?"
    taken = took(run, now, loaded.around.liveness)
    parts = [
        (0, word, status_color(dict(variables), state)),
        (1, outdated, status_color(dict(variables), "FAIL")),
        (2, following or ("" if loaded.opened.is_whole else "reading on …"), variables.get("accent", "")),
        (6, clean(run.tag), dim),
        (4, format.ago(run.started, now, inferred=run.started_inferred), dim),
        (3, format.took(taken) if taken.seconds is not None or taken.note else "", dim),
        (5, _code(loaded), dim),
    ]
    kept: list[int] = []
    left = room
    for rank in range(len(parts)):
        place = next(i for i, part in enumerate(parts) if part[0] == rank)
        cost = len(parts[place][1]) + 3
        if parts[place][1] and cost <= left:
            kept.append(place)
            left -= cost
    line = Text()
    for place in sorted(kept):
        if line.cell_len:
            line.append(" · ", dim)
        line.append(parts[place][1], parts[place][2])
    return line


def _code(loaded: LoadedRun) -> str:
    if loaded.opened.summary.commit is None:
        return ""
    for node in walk(loaded.opened.run):
        codes = attempt_text.identities(node.step, None)
        if codes:
            worst = next((code for code in codes if code.code_identifier_dependable is False), codes[0])
            return attempt_text.code_of(worst, dirty=loaded.opened.summary.dirty is True)
    return ""
