"""The columns of a listing, and a line of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from magnus_tui import format as formats
from magnus_tui.format.side_by_side import strings_apart
from magnus_tui.format.text import clean

SIDE_BY_SIDE = 500
"""Rows whose values are told apart: more than anybody reads beside each other.

Ten thousand runs that were held for it kept the garbage collector, and so the event loop, busy for seconds.
"""
MISSING: Final = object()
"""The value of a cell where there is none, in columns in which None is one."""
T = TypeVar("T")


def shown(value: Any) -> str:
    """A value for a person: nothing for None, times to the second, anything else as screens show it."""
    if value is None:
        return ""
    return formats.date_time(value) if isinstance(value, datetime) else formats.value(value)


def inferred_time(time: tuple[datetime | None, bool]) -> str:
    """A time with whether it is inferred: to the second, marked ``~`` where it is."""
    return ("~" if time[0] and time[1] else "") + formats.date_time(time[0])


Line = Sequence[tuple[str, str]]
"""A line as (text, rich style) pieces; the style is left out where there is no terminal."""


class Column(Struct, Generic[T], frozen=True):
    """A column of a listing.

    Attributes:
        name: what CSV calls it.
        get: the machine's value of an item: what CSV writes, times and numbers in full.
        heading: what a table calls it; the name if empty.
        show: a person's text of that value.
        show_beside: the texts of several values, where they depend on what stands beside them; in place of `show`.
        right: whether a table aligns it to the right, as numbers are.
        style: the rich style of an item's cell on a terminal.
        shrinks: whether the cell may be cut, with an ellipsis, where a terminal is narrow.
        stays: whether the column stays where a terminal is too narrow for all of them.
    """

    name: str
    get: Callable[[T], Any]
    heading: str = ""
    show: Callable[[Any], str] = shown
    show_beside: Callable[[Sequence[Any]], list[str]] | None = None
    right: bool = False
    style: Callable[[T], str] = lambda _: ""
    shrinks: bool = False
    stays: bool = False

    @property
    def title(self) -> str:
        """What a table writes on top of the column."""
        return clean(self.heading or self.name)

    def texts(self, items: Sequence[T]) -> list[str]:
        """A person's texts of the column's values of some items."""
        found = [self.get(item) for item in items]
        return self.show_beside(found) if self.show_beside is not None else list(map(self.show, found))


def titles(columns: Sequence[Column[Any]]) -> list[str]:
    """What a table writes on top of some columns, such that names of parameters that differ look different."""
    return strings_apart([column.heading or column.name for column in columns])


def blocks(items: Iterable[T]) -> Iterator[list[T]]:
    """The items, as many at a time as are told from each other by their texts."""
    rest = iter(items)
    while block := list(islice(rest, SIDE_BY_SIDE)):
        yield block
