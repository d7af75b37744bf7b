"""Rows in groups: by tag, by pipeline, by any parameter or other field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from magnus_tracking.analysis.best_values import Direction
from magnus_tracking.query.fields import ColumnSource, Field, Kind
from magnus_tracking.query.matching import as_text
from magnus_tracking.query.ordering import sortable
from magnus_tracking.runlog.metric_summary import mean_of
from magnus_tracking.runlog.metrics import is_nan, is_number
from magnus_tracking.runlog.numbers_in_text import number_of, read_numbers

STATUS, LIVENESS = Field("status"), Field("liveness")


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What a field comes to over some rows.

    Attributes:
        best: the best number, or None.
        mean: the mean of the numbers, or None without any.
        low: the least of them, and `high` the greatest; likewise.
        n: how many rows have a number.
        nan: how many rows have NaN.
        missing: how many rows have neither.
    """

    best: float | None = None
    mean: int | float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    nan: int = 0
    missing: int = 0

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self.n + self.nan + self.missing


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that have the same value.

    Attributes:
        value: what they have; None where the field is missing.
        positions: the rows, in the order in which they came.
        statuses: how many there are of each state: the status, empty for an unreadable run, or what is inferred of an
            unfinished one (``STALLED``).
        aggregates: what each of the metrics that were asked for comes to.
    """

    value: Any
    positions: tuple[int, ...]
    statuses: Mapping[str, int]
    aggregates: tuple[Aggregate, ...] = ()

    @property
    def label(self) -> str:
        """What the group is called; the planned steps of a pipeline without a hash are joined with arrows."""
        if is_nan(self.value):
            return "NaN"
        return "" if self.value is None else as_text(self.value).replace("\x1f", " → ")


def group(
    source: ColumnSource,
    positions: Sequence[int],
    by: Field,
    metrics: Sequence[tuple[Field, Direction | None]] = (),
) -> list[Group]:
    """The rows at `positions` in groups, sorted by value as `order` sorts, NaN and then the group without a value last.

    Args:
        source: the rows.
        positions: which of them, in the order that each group keeps.
        by: the field whose values make the groups; numbers that are equal are one value, also where a parameter is text
            that reads as one.
        metrics: what `aggregates` are of, and whether the least or the greatest of each is best; None for no best.
    """
    column = source.column(by)
    values = read_numbers(column) if by.kind is Kind.ANY else column
    members: dict[Any, list[int]] = {}
    for position in positions:
        members.setdefault(_identity(values[position]), []).append(position)
    statuses = states(source)
    columns = [(source.column(metric), direction) for metric, direction in metrics]
    groups = [
        Group(
            None if identity is None else column[rows[0]],
            tuple(rows),
            Counter(statuses[position] for position in rows),
            tuple(aggregate([numbers[position] for position in rows], direction) for numbers, direction in columns),
        )
        for identity, rows in members.items()
    ]

    def place(one: Group) -> tuple[Any, ...]:
        if one.value is None or is_nan(one.value):
            return (2 if one.value is None else 1,)
        return (0, sortable(values[one.positions[0]]))

    return sorted(groups, key=place)


def states(source: ColumnSource) -> list[str]:
    """The state of each row: its status, empty where there is none, or what is inferred of an unfinished run."""
    inferred = source.column(LIVENESS)
    return [
        status or "" if liveness is None or liveness == "live" else liveness.upper()
        for status, liveness in zip(source.column(STATUS), inferred, strict=True)
    ]


def _identity(value: Any) -> Any:
    """What is equal exactly for values of one group; None for what is missing."""
    if value.__class__ is str:
        return (False, value)
    if value is None:
        return None
    if is_nan(value):
        return ("NaN",)
    return (value.__class__ is bool, value) if is_number(value) or isinstance(value, bool | str) else ("", repr(value))


def aggregate(values: Sequence[Any], direction: Direction | None = None) -> Aggregate:
    """What some values come to.

    Args:
        values: one a row; text that reads as a number is one.
        direction: whether the least or the greatest is best; None for no best.
    """
    found = [number for value in values if (number := number_of(value)) is not None]
    numbers = [number for number in found if number == number]
    n, nan = len(numbers), len(found) - len(numbers)
    low, high = min(numbers, default=None), max(numbers, default=None)
    best = low if direction == "min" else high if direction == "max" else None
    return Aggregate(best, mean_of(numbers), low, high, n, nan, len(values) - n - nan)
