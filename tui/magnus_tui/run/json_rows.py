"""A JSON value as rows that fold; only what is open has rows, so that size does not matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from pydantic import BaseModel

GROUP = 100
"""Members of one object or list that are shown at once; larger ones are shown in groups of this size."""


@dataclass(frozen=True, slots=True)
class Members:
    """Some neighbouring members of a large object or list, shown as one row.

    Attributes:
        of: the object or list.
        start, stop: positions of the first member and of the one behind the last.
    """

    of: Any
    start: int
    stop: int


@dataclass(slots=True)
class JsonRow:
    """A row.

    Attributes:
        name: key or position; empty for the root.
        value: the value: plain JSON, a model of the run log, or `Members`.
        depth: how far it is indented.
        path: names from the root down to it.
        is_open: whether the rows of its members follow.
    """

    name: str
    value: Any
    depth: int
    path: tuple[str, ...]
    is_open: bool = False

    @property
    def can_open(self) -> bool:
        """Whether there is something inside."""
        return size_of(self.value) > 0


def size_of(value: Any) -> int:
    """How many members an object, list or model has; 0 for everything else."""
    if isinstance(value, Members):
        return value.stop - value.start
    if _is_model(value):
        return len(value.model_fields_set)
    return len(value) if isinstance(value, dict | list | tuple) else 0


def is_object(value: Any) -> bool:
    """Whether a value is shown in braces."""
    return isinstance(value, dict) or _is_model(value)


def members(value: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of what is inside, large ones in groups."""
    group = value if isinstance(value, Members) else Members(value, 0, size_of(value))
    amount = group.stop - group.start
    if amount <= GROUP:
        yield from islice(_plain(group.of), group.start, group.stop)
        return
    step = GROUP
    while amount / step > GROUP:
        step *= GROUP
    for start in range(group.start, group.stop, step):
        stop = min(start + step, group.stop)
        yield f"{start:,} … {stop - 1:,}", Members(group.of, start, stop)


def _is_model(value: object) -> TypeGuard[BaseModel]:
    """Whether a value is a model of the run log; told without the library of models, which takes a while to import."""
    return hasattr(type(value), "model_fields")


def _plain(value: Any) -> Iterator[tuple[str, Any]]:
    if _is_model(value):
        present = value.model_fields_set
        yield from ((name, item) for name, item in value if name in present)
    elif isinstance(value, dict):
        yield from value.items()
    else:
        yield from ((str(place), item) for place, item in enumerate(value))


def dumped(value: Any) -> Any:
    """The plain JSON value behind a row."""
    if isinstance(value, Members):
        listed = islice(_plain(value.of), value.start, value.stop)
        return {name: dumped(item) for name, item in listed} if is_object(value.of) else [dumped(i) for _, i in listed]
    if _is_model(value):
        return value.model_dump()
    if isinstance(value, dict):
        return {name: dumped(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [dumped(item) for item in value]
    return value


def search(value: Any, holds: Callable[[str], bool], most: int, should_stop: Callable[[], bool]) -> list[JsonRow]:
    """The values inside a value whose path, or whose text, matches: a row each, named by its path.

    Args:
        value: plain JSON, or a model of the run log.
        holds: tells of a path and a value, as text, whether they match.
        most: how many rows are given at most.
        should_stop: asked before each value.
    """
    found: list[JsonRow] = []
    levels = [("", _plain(value))]
    while levels and len(found) < most and not should_stop():
        path, level = levels[-1]
        name, item = next(level, (None, None))
        if name is None:
            levels.pop()
        elif size_of(item):
            levels.append((f"{path}{name}.", _plain(item)))
        elif holds(f"{path}{name} {item}"):
            found.append(JsonRow(f"{path}{name}", item, 0, (f"{path}{name}",)))
    return found


class JsonRows:
    """The rows of one value, opened and closed in place.

    Attributes:
        rows: what is shown, from the top.
    """

    def __init__(self, value: Any, opened: set[tuple[str, ...]] | None = None) -> None:
        self.rows: list[JsonRow] = [JsonRow("", value, 0, ())]
        self._reopen(opened if opened is not None else {()})

    @property
    def opened(self) -> set[tuple[str, ...]]:
        """The paths of the rows that are open."""
        return {row.path for row in self.rows if row.is_open}

    def toggle(self, place: int) -> None:
        """Open or close the row at `place`."""
        row = self.rows[place]
        if row.is_open:
            self.close(place)
        elif row.can_open:
            self.open(place)

    def open(self, place: int) -> None:
        """Show what is inside the row at `place`."""
        row = self.rows[place]
        row.is_open = True
        inside = [JsonRow(name, value, row.depth + 1, (*row.path, name)) for name, value in members(row.value)]
        self.rows[place + 1 : place + 1] = inside

    def close(self, place: int) -> None:
        """Hide what is inside the row at `place`."""
        row = self.rows[place]
        row.is_open = False
        end = place + 1
        while end < len(self.rows) and self.rows[end].depth > row.depth:
            end += 1
        del self.rows[place + 1 : end]

    def parent_of(self, place: int) -> int:
        """The position of the row that the one at `place` is inside of."""
        depth = self.rows[place].depth
        return next((above for above in range(place, -1, -1) if self.rows[above].depth < depth), place)

    def _reopen(self, opened: set[tuple[str, ...]]) -> None:
        place = 0
        while place < len(self.rows):
            row = self.rows[place]
            if row.path in opened and row.can_open:
                self.open(place)
            place += 1
