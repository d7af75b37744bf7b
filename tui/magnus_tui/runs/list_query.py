"""Which runs the list shows: what is asked of the index in one go, off the event loop."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from magnus_tracking.analysis.best_values import direction_of
from magnus_tracking.analysis.liveness import StalledRule
from magnus_tracking.errors import QueryError
from magnus_tracking.query.fields import parse_field
from magnus_tracking.query.ordering import SortKey, parse_sort
from magnus_tracking.runlog.numbers_in_text import read_numbers
from magnus_tui.feed.feed import Feed, ListedRun
from magnus_tui.runs.columns import METRIC, Column, all_columns, chosen_column, default_choice
from magnus_tui.runs.groups import GroupLine, arrange

if TYPE_CHECKING:
    from magnus_tracking.query import Direction, Field, Query
    from magnus_tracking.query.grouping import Group
    from magnus_tracking.runlog.summary import RunSummary
    from magnus_tui.runs.run_table import RunTable
    from magnus_tui.settings import Settings

_SAMPLE = 200
"""Runs at the top of the list by which its columns are chosen."""
_TRIED = 200
"""Characters at the end of a text that is not a query which may be left out for it to be one."""
_SHORT_HASH = 7
"""Letters of a hash that tell it from others, as git shows it."""


class Question(Struct):
    """What is asked.

    Attributes:
        text: which runs, as it is typed; blank for all.
        failed_only: whether only those of them that failed.
        sort: by what, the most important first.
        group_by: the field whose values make groups; None for none.
        folded: keys of the groups whose runs are hidden.
        columns: whether it is to be chosen, too, which columns say most.
    """

    text: str = ""
    failed_only: bool = False
    sort: list[SortKey] = field(default_factory=list)
    group_by: str | None = None
    folded: frozenset[str] = frozenset()
    columns: bool = False


class Answer(Struct, frozen=True):
    """What is shown.

    Attributes:
        row_ids: the rows from the top; ``-1 - n`` stands for the group line `n`.
        groups: the group lines.
        listed: how many runs there are among the rows, folded ones included.
        rule: when silence counts as stalled.
        best: the best value of each metric column.
        dead: how many unfinished runs are not known to live, by status and what is inferred of them.
        counts: how many runs of the store have which status.
        columns: the parameters and metrics that say most; None where that was not asked.
        seen: the rows that will be on the screen.
        folded: keys of the groups whose runs are hidden among the rows.
        is_filtered: whether only some runs were asked for.
        problem: why the text is not a query; what it began with was asked then.
        missing: what to say of names in the query that no run has.
        missing_elsewhere: the same of sort keys, columns and groups.
    """

    row_ids: Sequence[int]
    groups: Sequence[GroupLine]
    listed: int
    rule: StalledRule
    best: dict[str, float]
    dead: Mapping[tuple[str, str], int]
    counts: dict[str, int]
    columns: tuple[str, ...] | None
    seen: dict[int, ListedRun]
    folded: frozenset[str]
    is_filtered: bool
    problem: QueryError | None
    missing: Sequence[str]
    missing_elsewhere: Sequence[str]


class FirstLook(Struct, frozen=True):
    """What the list begins with, asked before there is a screen.

    Attributes:
        row_ids: the rows from the top.
        rows: those of them that are known.
        columns: the parameters and metrics that are columns.
        counts: how many runs of the store have which status.
        provisional: whether the runs are known by their files alone, so that the row ids mean nothing to the index.
    """

    row_ids: Sequence[int]
    rows: dict[int, ListedRun]
    columns: tuple[str, ...]
    counts: dict[str, int]
    provisional: bool


def look_first(feed: Feed, settings: Settings) -> FirstLook:
    """What the index knows already, or else the runs by their files alone; reads files, so no event loop may wait."""
    row_ids = feed.positions(None, parse_sort(settings.sort))
    rows = feed.listed(row_ids[:_SAMPLE])
    provisional = not row_ids
    if provisional:
        rows = dict(enumerate(feed.provisional()))
        row_ids = range(len(rows))
    sample = () if provisional else [listed.run for listed in rows.values()]
    columns = settings.columns if settings.columns is not None else tuple(default_choice(sample))
    return FirstLook(row_ids, rows, columns, feed.counts(), provisional)


def ask(
    feed: Feed,
    question: Question,
    columns: Sequence[Column],
    metric: Column | None,
    settings: Settings,
    now: datetime,
    seen: Callable[[Sequence[int]], Sequence[int]],
) -> Answer:
    """Select, sort and group.

    Args:
        feed: the door to the core.
        question: what is asked.
        columns: those of the list, whose best values are looked for.
        metric: the one of them that groups tell first.
        seen: tells which of the rows will be on the screen.
        settings: what the user chose.
        now: naive local time in the zone of the runs.
    """
    query, problem = _understood(question.text)
    asked = _failed(query) if question.failed_only else query
    rule = feed.stalled_rule()
    context = feed.context(now, rule)
    row_ids = feed.positions(asked, question.sort, context)
    dead = feed.dead(context)
    chosen: tuple[str, ...] | None = None
    if question.columns:
        chosen = tuple(default_choice(feed.rows(feed.positions(None, question.sort)[:_SAMPLE])))
        columns = all_columns(chosen)
    best = _best_values(feed, row_ids, columns, settings)
    missing = feed.missing_names(query, ())
    if problem is not None or not row_ids:
        from magnus_tracking.query.unknown_names import in_store, tried_words  # late: for what finds nothing alone

        problem = problem and in_store(problem, feed.fields())
        missing += tried_words(query) if query is not None else []
    # Columns that nobody chose were those of runs that are gone.
    named = columns if settings.columns is not None else ()
    elsewhere = [said for said in feed.missing_names(None, _fields(question, named)) if said not in missing]
    rows: Sequence[int] = row_ids
    folded = question.folded
    lines: Sequence[GroupLine] = ()
    if question.group_by is not None:
        summed = [column for column in columns if column.name.startswith(METRIC)]
        metrics = [(column.key, direction(column, settings)) for column in summed]
        groups = feed.groups(row_ids, question.group_by, metrics, context)
        names = _pipeline_names(feed, groups) if question.group_by == "pipeline" else {}
        if names:
            groups = sorted(groups, key=lambda one: (one.value is None, names.get(one.value, one.label).casefold()))
        rows, lines = arrange(groups, question.group_by, summed, metric, folded, names)
    return Answer(
        rows,
        lines,
        len(row_ids),
        rule,
        best,
        dead,
        feed.counts(),
        chosen,
        feed.listed(seen(rows)),
        folded,
        asked is not None,
        problem,
        missing,
        elsewhere,
    )


def _pipeline_names(feed: Feed, groups: Sequence[Group]) -> dict[Any, str]:
    """What people know pipelines by whose value is a hash: their steps; where others share them, its beginning too."""
    rows = [position + 1 for one in groups for position in one.positions]
    succeeded = {row for row, status in zip(rows, feed.values(rows, "status"), strict=True) if status == "SUCCESS"}
    # A run that failed need not have come to all steps.
    chosen = [
        next((position + 1 for position in one.positions if position + 1 in succeeded), one.positions[0] + 1)
        for one in groups
    ]
    steps = {
        run.dag_hash: " → ".join(dict.fromkeys(name.partition(".")[0] for name in run.step_names))
        for run in feed.rows(chosen)
        if run.dag_hash and run.step_names
    }
    shared = Counter(steps.values())
    return {value: name if shared[name] == 1 else f"{value[:_SHORT_HASH]} {name}" for value, name in steps.items()}


def _fields(question: Question, columns: Sequence[Column]) -> list[Field]:
    """What the list sorts by, shows and is grouped by."""
    named = [column.key for column in columns if column.name]
    if question.group_by is not None:
        named.append(question.group_by)
    return [*(key.field for key in question.sort), *map(parse_field, named)]


def _understood(text: str) -> tuple[Query | None, QueryError | None]:
    """The query that `text` says; if it is none, its first words that are one, and why.

    A term that is still being typed (``status:``) hides nothing. What is shown depends on the text alone, and not on
    whether it was typed or pasted.
    """
    from magnus_tracking.query import parse  # late: the grammar, which a first look does without

    if not text.strip():
        return None, None
    try:
        return parse(text), None
    except QueryError as error:
        problem = error
    for end in range(len(text) - 1, max(0, len(text) - _TRIED), -1):
        if text[end].isspace() and text[:end].strip():
            with contextlib.suppress(QueryError):
                return parse(text[:end]), problem
    return None, problem


def narrowed(text: str, field: str, value: object) -> str | None:
    """The query `text`, narrowed to what has `value` in `field` too; None where no query can ask for that value."""
    from magnus_tracking.query import parse  # late: the grammar, which a first look does without
    from magnus_tracking.query.nodes import And
    from magnus_tracking.query.value_filter import like

    node = like(parse_field(field), value)
    if node is None:
        return None
    try:
        before = parse(text) if text.strip() else None
    except QueryError:
        before = None
    return str(And((before.node, node))) if before is not None else str(node)


def find_best(feed: Feed, row_ids: Sequence[int], field: str, wanted: Direction) -> int | None:
    """The row id of the run that is best in a metric; None where none of them has a number.

    Args:
        feed: the door to the core.
        row_ids: the runs; negative ones stand for groups.
        field: the metric, in the words of the query language.
        wanted: whether lower or higher is better.
    """
    from magnus_tracking.query import best_value  # late: likewise

    row_ids = [row_id for row_id in row_ids if row_id >= 0]
    values = read_numbers(feed.values(row_ids, field))
    best = best_value(values, wanted)
    found = (row_id for row_id, value in zip(row_ids, values, strict=True) if value == best and type(value) is not bool)
    return next(found) if best is not None else None


def _failed(query: Query | None) -> Query:
    from magnus_tracking.query import parse  # late: the grammar, which a first look does without

    text = str(query) if query is not None else ""
    return parse(f"status:fail and ({text})" if text else "status:fail")


def _best_values(feed: Feed, row_ids: Sequence[int], columns: Sequence[Column], settings: Settings) -> dict[str, float]:
    """The best value of each metric column among the listed runs, where its name tells which that is."""
    from magnus_tracking.query import best_value  # late: likewise

    found = {}
    for column in columns:
        wanted = direction(column, settings)
        if wanted is not None and len(row_ids) > 1:
            value = best_value(feed.values(row_ids, column.key), wanted)
            if value is not None:
                found[column.name] = value
    return found


def direction(column: Column, settings: Settings) -> Direction | None:
    """Whether the least or the greatest of a metric column is best; None for other columns, or where none is known."""
    if not column.name.startswith(METRIC):
        return None
    return direction_of(column.name.removeprefix(METRIC), settings.best)


def chosen_metric(table: RunTable) -> Column | None:
    """The metric whose heading the column cursor is on, else the first that is a column."""
    metrics = [column for column in table.columns if column.name.startswith(METRIC)]
    return table.column if table.column in metrics else metrics[0] if metrics else None


def metric_of(feed: Feed, run: RunSummary, metric: Column) -> Column:
    """A metric that runs of a run's pipeline have: the given one, else the likeliest of those that the run has."""
    own = [name for name in default_choice([run]) if name.startswith(METRIC)]
    asked = metric.name.removeprefix(METRIC)
    if not own or asked in run.metrics or any(asked in one.metrics for one in feed.runs_of_pipeline(run)):
        return metric
    return chosen_column(own[0], {})


def sorted_by(sort: Sequence[SortKey]) -> tuple[str, bool]:
    """The field of the first sort key, and whether it is reversed."""
    return (str(sort[0].field), sort[0].reverse) if sort else ("started", True)
