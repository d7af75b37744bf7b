"""Sorting rows by several fields, NaN and then missing values always at the end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any

from msgspec import Struct

from magnus_tracking.errors import QueryError
from magnus_tracking.query.fields import ColumnSource, Field, Kind, parse_field
from magnus_tracking.query.quoting import QUOTED
from magnus_tracking.runlog.numbers_in_text import NUMBER_TYPES, read_numbers

_KEY = re.compile(rf"(?:{QUOTED}|[^,])+", re.DOTALL)
_DIRECTION = re.compile(r"\s+(asc|desc)\s*\Z", re.IGNORECASE)
"""How SQL and MLflow write which way a key sorts."""
_SAMPLE = 1000
_PLAIN = {None: "null", True: "true", False: "false"}
_TO_JSON = json.JSONEncoder(ensure_ascii=False, default=str).encode


class SortKey(Struct, frozen=True):
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
        QueryError: one of them is not a field.
    """
    texts = [keys] if isinstance(keys, str) else keys
    return [_parse_key(match, text) for text in texts for match in _KEY.finditer(text) if match[0].strip()]


def _parse_key(match: re.Match[str], text: str) -> SortKey:
    written = match[0].lstrip()
    name = written.removeprefix("-").removeprefix("+")
    direction = _DIRECTION.search(name)
    try:
        field = parse_field(name[: direction.start()] if direction else name)
        return SortKey(
            field, reverse=written.startswith("-") ^ (direction is not None and direction[1].lower() == "desc")
        )
    except QueryError as error:
        position = match.end() - len(name) + error.position
        raise QueryError(str(error), position, error.expected, text, error.unknown) from None


def order(source: ColumnSource, positions: Sequence[int], keys: Sequence[SortKey]) -> list[int]:
    """`positions` sorted by `keys`, the first key counting most.

    Rows that are equal keep their order. Numbers come before text, text is compared without case, and NaN and then
    what is missing come last in both directions. A parameter that is text and reads as a number is that number.
    """
    ordered = list(positions)
    for key in reversed(keys):
        column = source.column(key.field)
        if key.field.kind is Kind.ANY:
            column = read_numbers(column)
        there = [position for position in ordered if (value := column[position]) is not None and value == value]
        last: list[int] = []
        if len(there) < len(ordered):
            last = [position for position in ordered if (value := column[position]) is None or value != value]
            last.sort(key=lambda position: column[position] is None)
        there.sort(key=_key_of(column, there), reverse=key.reverse)
        ordered = there + last
    return ordered


def _key_of(column: Sequence[Any], positions: Sequence[int]) -> Callable[[int], Any]:
    """What sorts the rows of a column: its values themselves where those are of one kind that sorts."""
    classes = set(map(type, map(column.__getitem__, positions)))
    if classes <= NUMBER_TYPES or classes == {datetime}:
        return column.__getitem__
    if classes == {str}:
        return _key_of_alike(column, positions, str, str.casefold)
    if classes == {tuple}:
        return _key_of_alike(column, positions, tuple, _json)
    return lambda position: sortable(column[position])


def _key_of_alike(
    column: Sequence[Any], positions: Sequence[int], kind: type, key_of: Callable[[Any], str]
) -> Callable[[int], Any]:
    """The keys of texts or tuples; where values repeat, as statuses and tags do, their places among the distinct ones.

    Args:
        column: the values; those of other rows may be of any kind.
        positions: the rows that are sorted.
        kind: the class of their values.
        key_of: makes the key of a value.
    """
    sample = [column[position] for position in positions[:_SAMPLE]]
    if len(set(sample)) > len(sample) // 2:
        if len(positions) == len(column):
            return list(map(key_of, column)).__getitem__
        return [key_of(value) if value.__class__ is kind else "" for value in column].__getitem__
    keys = {value: key_of(value) for value in set(map(column.__getitem__, positions))}
    places = {key: place for place, key in enumerate(sorted(set(keys.values())))}
    by_value = {value: places[key] for value, key in keys.items()}
    # A value of another row may have no hash.
    return [by_value.get(value, 0) if value.__class__ is kind else 0 for value in column].__getitem__


def sortable(value: Any) -> tuple[Any, ...]:
    """A key under which values of any kinds sort: numbers, then times, booleans, texts, and everything else as JSON."""
    if value.__class__ in NUMBER_TYPES:
        return (0, value)
    if isinstance(value, datetime):
        return (1, value)
    if isinstance(value, bool):
        return (2, value)
    if isinstance(value, str):
        return (3, value.casefold())
    return (4, _json(value))


def _json(value: Any) -> str:
    """A value as JSON; a tuple, as steps and code are, in fewer steps than the encoder takes."""
    if value.__class__ is tuple:
        return f"[{', '.join([encode_basestring(item) if item.__class__ is str else _json(item) for item in value])}]"
    if value is None or value is True or value is False:
        return _PLAIN[value]
    return _TO_JSON(value)
