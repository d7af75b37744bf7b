"""Rows in groups: by tag, by pipeline, by any parameter or other field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, inf
from typing import Any

from magnus_tracking.analysis.best_values import Direction, best_value, numbers_in
from magnus_tracking.query.fields import ColumnSource, Field, Kind
from magnus_tracking.query.matching import as_text
from magnus_tracking.query.ordering import sortable
from magnus_tracking.runlog.metrics import is_nan, is_number
from magnus_tracking.runlog.numbers_in_text import number_of, read_numbers

STATUS, LIVENESS = Field("status"), Field("liveness")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that have the same value.

    Attributes:
        value: what they have; None where the field is missing or NaN.
        positions: the rows, in the order in which they came.
        statuses: how many there are of each state: the status, empty for an unreadable run, or what is inferred of an
            unfinished one (``STALLED``).
        best: the best of the chosen metric, or None.
        mean: the mean of the chosen metric over the rows that have a number, or None.
        n: over how many rows that is.
        nan: how many rows have NaN for it.
        missing: how many rows have no number and no NaN for it.
    """

    value: Any
    positions: tuple[int, ...]
    statuses: Mapping[str, int]
    best: float | None = None
    mean: float | None = None
    n: int = 0
    nan: int = 0
    missing: int = 0

    @property
    def label(self) -> str:
        """What the group is called; the planned steps of a pipeline without a hash are joined with arrows."""
        return "" if self.value is None else as_text(self.value).replace("\x1f", " → ")


def group(
    source: ColumnSource,
    positions: Sequence[int],
    by: Field,
    metric: Field | None = None,
    direction: Direction | None = None,
) -> list[Group]:
    """The rows at `positions` in groups, sorted by value as `order` sorts, the group without a value last.

    Args:
        source: the rows.
        positions: which of them, in the order that each group keeps.
        by: the field whose values make the groups; numbers that are equal are one value, also where a parameter is text
            that reads as one.
        metric: what `best` and `mean` are of.
        direction: whether its least or its greatest is best; None for no best.
    """
    column = source.column(by)
    values = read_numbers(column) if by.kind is Kind.ANY else column
    members: dict[Any, list[int]] = {}
    for position in positions:
        members.setdefault(_identity(values[position]), []).append(position)
    statuses = states(source)
    numbers = source.column(metric) if metric is not None else None
    groups = [
        _group(None if identity is None else column[rows[0]], rows, statuses, numbers, direction)
        for identity, rows in members.items()
    ]

    def place(one: Group) -> tuple[Any, ...]:
        return (True,) if one.value is None else (False, sortable(values[one.positions[0]]))

    return sorted(groups, key=place)


def states(source: ColumnSource) -> list[str]:
    """The state of each row: its status, empty where there is none, or what is inferred of an unfinished run."""
    inferred = source.column(LIVENESS)
    return [
        status or "" if liveness is None or liveness == "live" else liveness.upper()
        for status, liveness in zip(source.column(STATUS), inferred, strict=True)
    ]


def _identity(value: Any) -> Any:
    """What is equal exactly for values of one group; None for what is missing and for NaN."""
    if value.__class__ is str:
        return (False, value)
    if value is None or is_nan(value):
        return None
    return (value.__class__ is bool, value) if is_number(value) or isinstance(value, bool | str) else ("", repr(value))


def _group(
    value: Any, rows: Sequence[int], statuses: Sequence[Any], numbers: Sequence[Any] | None, direction: Direction | None
) -> Group:
    counts = Counter(statuses[position] for position in rows)
    if numbers is None:
        return Group(value, tuple(rows), counts)
    values = [numbers[position] for position in rows]
    best = best_value(values, direction)
    n, nan = len(numbers_in(values)), sum(number != number for number in map(number_of, values))
    return Group(value, tuple(rows), counts, best, _mean(values), n, nan, len(values) - n - nan)


def _mean(values: Sequence[Any]) -> float | None:
    numbers = numbers_in(values)
    if not numbers:
        return None
    infinite = [number for number in numbers if number in (inf, -inf)]
    if infinite:
        return sum(infinite)
    try:
        return fsum(numbers) / len(numbers)
    except OverflowError:
        return sum(map(int, numbers)) // len(numbers)
