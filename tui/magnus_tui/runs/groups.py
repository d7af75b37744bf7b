"""The list of runs in foldable groups: a line a group, its runs below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from magnus_tui import format
from magnus_tui.format import side_by_side
from magnus_tui.format.status import status_color
from magnus_tui.format.text import clean, truncate
from magnus_tui.runs.counts import state_count

if TYPE_CHECKING:
    from magnus_tracking.query import Group


@dataclass(frozen=True, slots=True)
class GroupLine:
    """The line of a group.

    Attributes:
        key: what tells it from the others.
        title: the value that its runs share.
        runs: how many they are.
        statuses: how many there are of each state.
        metric: what is summed up of the chosen metric; empty without one.
        folded: whether its runs are hidden.
    """

    key: str
    title: str
    runs: int
    statuses: Mapping[str, int]
    metric: str
    folded: bool


def arrange(
    groups: Sequence[Group], by: str, metric: str | None, folded: set[str]
) -> tuple[list[int], list[GroupLine]]:
    """The rows of a grouped list, and its group lines.

    Args:
        groups: the groups, whose positions are row ids less one.
        by: what they are grouped by.
        metric: the chosen metric's name.
        folded: keys of the groups whose runs are hidden.

    Returns:
        Row ids, where ``-1 - n`` stands for the group line `n`; and the group lines.
    """
    rows: list[int] = []
    lines: list[GroupLine] = []
    for group in groups:
        title = clean(group.label) or f"no {by.rpartition('.')[2]}"
        key = f"{by}={group.label}"
        rows.append(-1 - len(lines))
        lines.append(
            GroupLine(key, title, len(group.positions), group.statuses, _summed_up(group, metric), key in folded)
        )
        if key not in folded:
            rows.extend(position + 1 for position in group.positions)
    return rows, lines


def _summed_up(group: Group, metric: str | None) -> str:
    """The best and the mean of the chosen metric, and over how many runs that is of how many."""
    if metric is None:
        return ""
    counted = [f"n={group.n:,}"]
    counted += [f"{group.nan:,} NaN"] * bool(group.nan) + [f"{group.missing:,} missing"] * bool(group.missing)
    shown = side_by_side.numbers([one for one in (group.mean, group.best) if one is not None])
    mean = f"mean {shown[0]}" if group.mean is not None else "no number"
    best = f"  best ★ {shown[-1]}" if group.best is not None else ""
    return f"{clean(metric)}  {mean} ({', '.join(counted)}){best}"


def draw_group(group: GroupLine, width: int, style: Style, dim: Style, variables: dict[str, str]) -> Text:
    """The line of a group: its fold, its title, how many runs of which status, and the chosen metric.

    Args:
        group: the group.
        width: cells of the line.
        style: of the whole line.
        dim: of what is secondary.
        variables: of the theme that is shown.
    """
    line = Text(f"  {'▸' if group.folded else '▾'} ", style=style, no_wrap=True)
    line.append(truncate(group.title, width // 2), Style(bold=True))
    line.append(f"   {format.count(group.runs, 'run')}", dim)
    for state, count in group.statuses.items():
        name = state or "UNREADABLE"
        line.append(f"  {state_count(name, count)}", Style(color=status_color(variables, name)))
    if group.metric:
        line.append(f"   {group.metric}", dim)
    return line
