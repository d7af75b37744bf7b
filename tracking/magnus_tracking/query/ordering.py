"""Sorting rows by several fields, missing and NaN values always at the end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from magnus_tracking.errors import QueryError
from magnus_tracking.query.fields import ColumnSource, Field, parse_field

_KEY = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+|"', re.DOTALL)
_NUMBERS = frozenset({int, float})


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to sort by.

    Attributes:
        field: the field.
        reverse: whether the greatest comes first; the missing come last either way.
    """

    field: Field
    reverse: bool = False

    def __str__(self) -> str:
        """As `parse_sort` reads it: the field, behind ``-`` if reversed."""
        return f"-{self.field}" if self.reverse else str(self.field)


NEWEST_FIRST = (SortKey(Field("started"), reverse=True),)


def parse_sort(keys: str | Sequence[str]) -> list[SortKey]:
    """Sort keys from text such as ``-metric.loss, param.lr``, or from several such texts; none for blank text.

    Raises:
        QueryError: one of them is no field.
    """
    texts = [keys] if isinstance(keys, str) else keys
    return [_parse_key(match, text) for text in texts for match in _KEY.finditer(text) if match[0].strip()]


def _parse_key(match: re.Match[str], text: str) -> SortKey:
    written = match[0].lstrip()
    name = written.removeprefix("-").removeprefix("+")
    try:
        return SortKey(parse_field(name), reverse=written.startswith("-"))
    except QueryError as error:
        raise QueryError(str(error), match.end() - len(name) + error.position, error.expected, text=text) from None


def order(source: ColumnSource, positions: Sequence[int], keys: Sequence[SortKey]) -> list[int]:
    """`positions` sorted by `keys`, the first key counting most.

    Rows that are equal keep their order. Numbers come before text, text is compared without case, and what is missing
    or NaN comes last in both directions.
    """
    ordered = list(positions)
    for key in reversed(keys):
        column = source.column(key.field)
        there = [position for position in ordered if (value := column[position]) is not None and value == value]
        if len(there) < len(ordered):
            missing = [position for position in ordered if (value := column[position]) is None or value != value]
        else:
            missing = []
        there.sort(key=_key_of(column, there), reverse=key.reverse)
        ordered = there + missing
    return ordered


def _key_of(column: Sequence[Any], positions: Sequence[int]) -> Callable[[int], Any]:
    """What sorts the rows of a column: its values themselves where those are of one kind that sorts."""
    classes = {column[position].__class__ for position in positions}
    if classes <= _NUMBERS or classes == {datetime}:
        return column.__getitem__
    if classes == {str}:
        return _key_of_texts(column, positions)
    return lambda position: sortable(column[position])


def _key_of_texts(column: Sequence[Any], positions: Sequence[int]) -> Callable[[int], Any]:
    """Text without case; where texts repeat, as statuses and tags do, their places among the distinct ones."""
    distinct = {column[position] for position in positions}
    if len(distinct) > len(positions) // 2:
        folded = [text.casefold() if text.__class__ is str else "" for text in column]
        return folded.__getitem__
    places = {text: place for place, text in enumerate(sorted({text.casefold() for text in distinct}))}
    by_text = {text: places[text.casefold()] for text in distinct}
    return [by_text.get(text, 0) if text.__class__ is str else 0 for text in column].__getitem__


def sortable(value: Any) -> tuple[Any, ...]:
    """A key under which values of any kinds sort: numbers, then times, booleans, texts, and everything else as JSON."""
    if value.__class__ in _NUMBERS:
        return (0, value)
    if isinstance(value, datetime):
        return (1, value)
    if isinstance(value, bool):
        return (2, value)
    if isinstance(value, str):
        return (3, value.casefold())
    return (4, json.dumps(value, ensure_ascii=False, default=str))
