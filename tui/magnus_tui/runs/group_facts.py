"""What the preview shows of a group of runs beyond its line, and how: when they ran, how long, what metrics come to."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from magnus_tracking.runlog.numbers_in_text import number_of
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tui import format
from magnus_tui.charts.exact_decimals import with_unit
from magnus_tui.format import side_by_side
from magnus_tui.format.status import in_order, status_color
from magnus_tui.format.text import clean, truncate
from magnus_tui.runs.columns import METRIC, sort_field
from magnus_tui.runs.groups import GroupLine, left_out

if TYPE_CHECKING:
    from magnus_tracking.query.grouping import Aggregate
    from magnus_tui.feed.feed import Feed

_MOST_METRICS = 12
_LEAST_GAP = 2
_MOST_READ = 40
"""Metrics that are looked for at most among the runs of a group: each is a column over the whole store."""


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """What is told of a group, read off the event loop.

    Attributes:
        key: of which group.
        first: when the first of its runs started, and `last` when the last one did; None where that is not known.
        took: how long those of its runs took that have ended, in seconds, as far as that is known.
        ended: how many have ended.
        best: the run that is best by the chosen metric, the metric, and its value; None where there is none to choose.
        metrics: by name, what the last values come to.
        more: how many metrics of the store were not looked at.
    """

    key: str
    first: datetime | None
    last: datetime | None
    took: Sequence[float]
    ended: int
    best: tuple[str, str, float] | None
    metrics: Mapping[str, Aggregate]
    more: int

    @property
    def name(self) -> tuple[str, str]:
        """What it tells of, apart from all else that the preview shows."""
        return "group", self.key


def read_facts(feed: Feed, group: GroupLine) -> GroupFacts:
    """Read what is told of a group."""
    from magnus_tracking.query.grouping import aggregate  # late: the first frame does without

    rows = group.row_ids
    started = [time for time in feed.values(rows, "started") if time is not None]
    ended = [
        row_id for row_id, status in zip(rows, feed.values(rows, "status"), strict=True) if status in FINAL_STATUSES
    ]
    found = {metric.name: metric.total for metric in group.metrics}
    others = [name.removeprefix(METRIC) for name in feed.fields() if name.startswith(METRIC)]
    others = [name for name in others if clean(name) not in found]
    read = 0
    for name in others[:_MOST_READ]:
        if len(found) >= _MOST_METRICS:
            break
        total = aggregate(feed.values(rows, sort_field(METRIC + name)))
        read += 1
        if total.missing < total.total:
            found[clean(name)] = total
    took = [seconds for seconds in feed.values(ended, "duration") if seconds is not None]
    first, last = min(started, default=None), max(started, default=None)
    return GroupFacts(group.key, first, last, took, len(ended), _best(feed, group), found, len(others) - read)


def _best(feed: Feed, group: GroupLine) -> tuple[str, str, float] | None:
    """The best run by the chosen metric, the metric, and its value."""
    if group.chosen is None or group.chosen.total.best is None:
        return None
    best = group.chosen.total.best
    numbers = [number_of(value) for value in feed.values(group.row_ids, group.chosen.key)]
    if best not in numbers:
        return None
    (run,) = feed.rows([group.row_ids[numbers.index(best)]])
    return run.run_id, group.chosen.name, best


def group_text(group: GroupLine, facts: GroupFacts | None, width: int, variables: dict[str, str]) -> Text:
    """A group as the preview shows it.

    Args:
        group: its line.
        facts: what has been read of it; None before.
        width: cells of a line.
        variables: of the theme that is shown.
    """
    dim = variables.get("dim", "")

    def rule(title: str) -> Text:
        line = Text(title + " ", dim)
        return line.append("─" * max(width - line.cell_len, 0), variables.get("rule", ""))

    by = group.by.rpartition(".")[2].strip('"')
    lines = [Text(group.title, "bold"), Text(f"grouped by {clean(by)} · {format.count(group.runs, 'run')}", dim)]
    lines += _states(group, width, variables)
    if facts is None:
        return Text("\n").join(lines)
    if facts.first is not None:
        lines += [Text(), rule("started")]
        lines += [_told(word, format.date_time(at), dim) for word, at in (("first", facts.first), ("last", facts.last))]
    if facts.ended:
        lines += [Text(), rule("took"), *_took(facts, group.runs, dim)]
    if facts.best is not None:
        run_id, name, value = facts.best
        lines += [Text(), rule(f"best run by {name}")]
        lines.append(Text(f"★ {with_unit(side_by_side.numbers([value])[0])}  ").append(clean(run_id), "bold"))
    if facts.metrics:
        lines += [Text(), rule("last values of metrics")]
        for name, total in facts.metrics.items():
            lines += _metric(name, total, width, dim)
        if facts.more:
            lines.append(Text(f"… {format.count(facts.more, 'more metric')} in the store", dim))
    return Text("\n").join(lines)


def _states(group: GroupLine, width: int, variables: dict[str, str]) -> list[Text]:
    """How many runs are in which state: side by side, so that what is below mostly stays as the cursor goes on."""
    lines: list[Text] = []
    for state, count in in_order(group.statuses):
        told = Text(f"{format.glyph(state)} {count:,} {state.lower()}", status_color(variables, state))
        if lines and lines[-1].cell_len + 2 + told.cell_len <= width:
            lines[-1] = Text.assemble(lines[-1], "  ", told)
        else:
            lines.append(told)
    return lines


def _told(word: str, said: str, dim: str) -> Text:
    return Text(f"{word:<9}{said}", dim)


def _took(facts: GroupFacts, runs: int, dim: str) -> list[Text]:
    lines = []
    if facts.took:
        times = [statistics.fmean(facts.took), statistics.median(facts.took), min(facts.took), max(facts.took)]
        mean, median, shortest, longest = side_by_side.durations(times)
        lines.append(_told("mean", mean, dim))
        if len(facts.took) > 1:
            lines += [_told("median", median, dim), _told("range", f"{shortest} … {longest}", dim)]
    unknown = facts.ended - len(facts.took)
    notes = [f"n={len(facts.took):,}", *[f"{unknown:,} unknown"] * bool(unknown)]
    notes += [f"{runs - facts.ended:,} not ended"] * (runs > facts.ended)
    return [*lines, Text(", ".join(notes), dim)]


def _metric(name: str, total: Aggregate, width: int, dim: str) -> list[Text]:
    """What a metric comes to: its mean, below it over how many runs that is, and the range."""
    mean, low, high = side_by_side.values([total.mean, total.low, total.high])
    room = max(width - cell_len(f"  mean {mean}"), width // 3)
    first = Text(truncate(name, room))
    first.append(" " * max(width - first.cell_len - cell_len(f"mean {mean}"), 2))
    first.append("mean ", dim).append(mean, "bold")
    counted = ", ".join([f"n={total.n:,}", *left_out(total)])
    if not total.n:
        return [first, Text(f"  {counted}", dim)]
    spread = f"{low} … {high}" if total.low != total.high else f"all {low}"
    room = width - cell_len(f"  {counted}{spread}")
    if room < _LEAST_GAP:
        return [first, Text(f"  {counted}", dim), Text(spread.rjust(width), dim)]
    return [first, Text(f"  {counted}{' ' * room}{spread}", dim)]
