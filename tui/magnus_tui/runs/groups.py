"""The list of runs in foldable groups: a line a group, its runs below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from magnus_tui import format
from magnus_tui.format import side_by_side
from magnus_tui.format.status import in_order, state_count, status_color
from magnus_tui.format.text import clean, truncate
from magnus_tui.runs.columns import Column

if TYPE_CHECKING:
    from magnus_tracking.query.grouping import Aggregate, Group


_BETWEEN = "  "
_SHORT = 30
"""Cells of a title that every list has room for."""
_LEAST_TITLE = 8
"""Cells that a group's title keeps beside its counts."""


class GroupMetric(Struct, frozen=True):
    """What a metric comes to over the runs of a group.

    Attributes:
        key: of its column.
        name: what it is called, safe to show.
        mean: the mean of its last values, as precise as those of the other groups.
        total: what it comes to, in numbers.
    """

    key: str
    name: str
    mean: str
    total: Aggregate

    @property
    def is_tracked(self) -> bool:
        """Whether some run of the group has it; of a group without, a dash says all."""
        return bool(self.total.n or self.total.nan)

    @property
    def counted(self) -> tuple[str, ...]:
        """The best value, and over how many runs the mean is, of how many; what may be left out goes first."""
        total = self.total
        best = f"best ★ {side_by_side.numbers([total.best])[0]}, " if total.best is not None else ""
        counted = ", ".join([f"n={total.n:,}", *left_out(total)])
        shortest = f"n={total.n:,}" + f" of {total.total:,}" * (total.n < total.total)
        return best + counted, counted, shortest


class GroupLine(Struct, frozen=True):
    """The line of a group.

    Attributes:
        key: what tells it from the others.
        title: the value that its runs share.
        short: the same, from where it differs if it would be cut like that of another group.
        statuses: how many there are of each state.
        metrics: what the metrics that are columns come to.
        chosen: the one of them that is told where none of their columns is on the screen; None without any.
        folded: whether its runs are hidden.
        by: what the runs are grouped by.
        group: its runs, in numbers.
    """

    key: str
    title: str
    short: str
    statuses: Mapping[str, int]
    metrics: tuple[GroupMetric, ...]
    chosen: GroupMetric | None
    folded: bool
    by: str
    group: Group

    @property
    def runs(self) -> int:
        """How many runs it has."""
        return len(self.group.positions)

    @property
    def row_ids(self) -> list[int]:
        """Their row ids."""
        return [position + 1 for position in self.group.positions]

    def mean(self, key: str) -> str:
        """What the line shows below the heading of a column."""
        return next((metric.mean for metric in self.metrics if metric.key == key), "")


def arrange(
    groups: Sequence[Group],
    by: str,
    metrics: Sequence[Column],
    chosen: Column | None,
    folded: frozenset[str],
    names: Mapping[Any, str],
) -> tuple[list[int], list[GroupLine]]:
    """The rows of a grouped list, and its group lines.

    Args:
        groups: the groups, whose positions are row ids less one.
        by: what they are grouped by.
        metrics: the columns of the metrics that their aggregates are of.
        chosen: the one of them that matters most; the first where it is none of them.
        folded: keys of the groups whose runs are hidden.
        names: what values are called that say nothing by themselves.

    Returns:
        Row ids, where ``-1 - n`` stands for the group line `n`; and the group lines.
    """
    lines: list[GroupLine] = []
    # With the same decimals in each group, and more where they tell two apart.
    means = [side_by_side.values([group.aggregates[place].mean for group in groups]) for place in range(len(metrics))]
    titles = _titles(groups, f"no {by.rpartition('.')[2]}", names)
    short = side_by_side.cut_apart(titles, _SHORT)
    for number, group in enumerate(groups):
        key = f"{by}={titles[number]}"
        told = [
            GroupMetric(column.key, clean(column.title), texts[number], total)
            for column, texts, total in zip(metrics, means, group.aggregates, strict=True)
        ]
        first = next((metric for metric in told if chosen is not None and metric.key == chosen.key), None)
        first = first or next(iter(told), None)
        states = {state or "UNREADABLE": count for state, count in group.statuses.items()}
        lines.append(
            GroupLine(key, titles[number], short[number], states, tuple(told), first, key in folded, by, group)
        )
    return _rows(lines), lines


def fold(lines: Sequence[GroupLine], folded: frozenset[str]) -> tuple[list[int], list[GroupLine]]:
    """Fold other groups; see `arrange`."""
    lines = [replace(line, folded=line.key in folded) for line in lines]
    return _rows(lines), lines


def _rows(lines: Sequence[GroupLine]) -> list[int]:
    rows: list[int] = []
    for number, line in enumerate(lines):
        rows.append(-1 - number)
        if not line.folded:
            rows.extend(line.row_ids)
    return rows


def _titles(groups: Sequence[Group], missing: str, names: Mapping[Any, str]) -> list[str]:
    """The values of groups, safe to show; text in quotes where it would look like another value, or like none."""
    others = {missing, *(group.label for group in groups if group.value is not None and not _is_text(group))}
    others = {label.casefold() for label in others}
    texts = iter(
        side_by_side.strings_apart(
            [names.get(group.value, group.label) for group in groups if _is_text(group)],
            lambda text: not clean(text).strip() or text.casefold() in others,
        )
    )
    return [
        next(texts) if _is_text(group) else missing if group.value is None else clean(group.label) for group in groups
    ]


def _is_text(group: Group) -> bool:
    return isinstance(group.value, str)


def left_out(total: Aggregate) -> list[str]:
    """How many runs an aggregate leaves out, and why; none where it covers all."""
    return [f"{total.nan:,} NaN"] * bool(total.nan) + [f"{total.missing:,} missing"] * bool(total.missing)


def draw_group(
    group: GroupLine,
    places: Mapping[str, tuple[int, int]],
    width: int,
    style: Style,
    dim: Style,
    variables: dict[str, str],
) -> Text:
    """The line of a group: its fold, its title, how many runs of which status, and means below the metrics' headings.

    Args:
        group: the group.
        places: by the key of a column that is shown, its first cell and its width.
        width: cells of the line.
        style: of the whole line.
        dim: of what is secondary.
        variables: of the theme that is shown.
    """
    line = Text(f"  {'▸' if group.folded else '▾'} ", style=style, no_wrap=True)
    shown = [metric for metric in group.metrics if metric.key in places]
    chosen = group.chosen
    counts = Text(f"   {format.count(group.runs, 'run')}", dim)
    for name, count in in_order(group.statuses):
        counts.append(f"  {state_count(name, count)}", Style(color=status_color(variables, name)))
    # Of the title more is cut, so that the counts end before the first mean.
    room = (_start_of(shown[0], places) - 1 if shown else width) - line.cell_len - counts.cell_len
    line.append(truncate(group.short, max(min(width // 2, room), _LEAST_TITLE)), Style(bold=True))
    line.append_text(counts)
    if not shown:
        if chosen is not None and chosen.is_tracked:
            room = width - line.cell_len - 1
            forms = [f"   {chosen.name}  mean {chosen.mean} ({counted})" for counted in chosen.counted]
            line.append(_longest_that_fits([*forms, f"   mean {chosen.mean} ({chosen.counted[-1]})"], room), dim)
        return line
    left, _ = places[shown[0].key]
    room = left - line.cell_len - len(_BETWEEN) - 1
    said = _longest_that_fits(_captions(shown), room) if any(metric.is_tracked for metric in shown) else ""
    line.append(" " * max(room + 1 - cell_len(said), 0) + _BETWEEN[: max(room + 1, 0)] + said, dim)
    for metric in shown:
        start = _start_of(metric, places)
        line.truncate(start - 1)
        line.append(" " * (start - line.cell_len))
        line.append(metric.mean, Style(bold=True))
    return line


def _start_of(metric: GroupMetric, places: Mapping[str, tuple[int, int]]) -> int:
    """The cell at which the mean of a metric begins, which ends where its column does."""
    left, cells = places[metric.key]
    return left + cells - cell_len(metric.mean)


def _captions(metrics: Sequence[GroupMetric]) -> list[str]:
    """What the means in a line are, from the longest form to the shortest."""
    counts = [metric.counted for metric in metrics]
    names = [metric.name for metric in metrics]
    if len(metrics) == 1:
        forms, brief = [f"mean {names[0]} ({counted})" for counted in counts[0]], counts[0][-1]
    else:
        each = [zip(names, (counted[form] for counted in counts), strict=True) for form in (0, 1)]
        forms = [f"mean ({' · '.join(map(' '.join, told))})" for told in each]
        brief = counts[0][-1]
        if any(counted[-1] != brief for counted in counts):
            brief = f"n={', '.join(f'{metric.total.n:,}' for metric in metrics)} of {metrics[0].total.total:,}"
    return [*forms, f"mean ({brief})", f"mean {brief.replace(' of ', '/')}", brief, brief.partition(" of ")[0]]


def _longest_that_fits(forms: Sequence[str], room: int) -> str:
    """The first of some forms, from the longest to the shortest, that has room; nothing where none has."""
    return next((form for form in forms if cell_len(form) <= room), "")
