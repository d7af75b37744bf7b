"""The list of runs in foldable groups: a line a group, its runs below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from magnus_tui import format
from magnus_tui.format import side_by_side
from magnus_tui.format.status import status_color
from magnus_tui.format.text import clean, truncate
from magnus_tui.runs.columns import Column
from magnus_tui.runs.counts import state_count

if TYPE_CHECKING:
    from magnus_tracking.query import Group


_BETWEEN = "  "


@dataclass(frozen=True, slots=True)
class GroupLine:
    """The line of a group.

    Attributes:
        key: what tells it from the others.
        title: the value that its runs share.
        runs: how many they are.
        statuses: how many there are of each state.
        metric: the field of the chosen metric; empty without one.
        name: its name.
        mean: the mean of its last values.
        counted: over how many runs that is, and the best of them; from the longest form to the shortest.
        folded: whether its runs are hidden.
        group: what it says, in numbers.
    """

    key: str
    title: str
    runs: int
    statuses: Mapping[str, int]
    metric: str
    name: str
    mean: str
    counted: tuple[str, ...]
    folded: bool
    group: Group


def arrange(
    groups: Sequence[Group], by: str, metric: Column | None, folded: set[str]
) -> tuple[list[int], list[GroupLine]]:
    """The rows of a grouped list, and its group lines.

    Args:
        groups: the groups, whose positions are row ids less one.
        by: what they are grouped by.
        metric: the column of the chosen metric.
        folded: keys of the groups whose runs are hidden.

    Returns:
        Row ids, where ``-1 - n`` stands for the group line `n`; and the group lines.
    """
    rows: list[int] = []
    lines: list[GroupLine] = []
    means = iter(side_by_side.numbers([group.mean for group in groups if group.mean is not None]))
    for group in groups:
        title = clean(group.label) or f"no {by.rpartition('.')[2]}"
        key = f"{by}={group.label}"
        mean = next(means) if group.mean is not None else format.DASH
        field, name = (metric.key, clean(metric.title)) if metric is not None else ("", "")
        rows.append(-1 - len(lines))
        counts = len(group.positions), group.statuses
        lines.append(GroupLine(key, title, *counts, field, name, mean, _counted(group), key in folded, group))
        if key not in folded:
            rows.extend(position + 1 for position in group.positions)
    return rows, lines


def _counted(group: Group) -> tuple[str, ...]:
    """The best value of a metric, and over how many runs its mean is, of how many; what may be left out goes first."""
    best = f"best ★ {side_by_side.numbers([group.best])[0]}, " if group.best is not None else ""
    left_out = [f"{group.nan:,} NaN"] * bool(group.nan) + [f"{group.missing:,} missing"] * bool(group.missing)
    counted = ", ".join([f"n={group.n:,}", *left_out])
    shortest = f"n={group.n:,}" + f" of {group.n + group.nan + group.missing:,}" * bool(left_out)
    return best + counted, counted, shortest


def draw_group(
    group: GroupLine, place: tuple[int, int] | None, width: int, style: Style, dim: Style, variables: dict[str, str]
) -> Text:
    """The line of a group: its fold, its title, how many runs of which status, and the mean below its metric's heading.

    Args:
        group: the group.
        place: the first cell and the width of the metric's column; None where that is not shown.
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
    if not group.metric:
        return line
    if place is None:
        room = width - line.cell_len - 1
        forms = [f"   {group.name}  mean {group.mean} ({counted})" for counted in group.counted]
        line.append(_longest_that_fits([*forms, f"   mean {group.mean} ({group.counted[-1]})"], room), dim)
        return line
    left, cells = place
    room = left - line.cell_len - len(_BETWEEN) - max(cell_len(group.mean) - cells, 0) - 1
    forms = [f"mean {group.name} ({counted})" for counted in group.counted]
    said = _longest_that_fits([*forms, f"mean ({group.counted[-1]})", group.counted[-1]], room)
    line.append(" " * max(room + 1 - cell_len(said), 0) + _BETWEEN[: max(room + 1, 0)] + said, dim)
    line.truncate(left + cells - cell_len(group.mean) - 1)
    line.append(" " * (left + cells - cell_len(group.mean) - line.cell_len))
    line.append(group.mean, Style(bold=True))
    return line


def _longest_that_fits(forms: Sequence[str], room: int) -> str:
    """The first of some forms, from the longest to the shortest, that has room; else what fits of the shortest."""
    return next((form for form in forms if cell_len(form) <= room), truncate(forms[-1], max(room, 0)))
