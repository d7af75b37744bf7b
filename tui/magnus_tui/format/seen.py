"""What a pane shows, as rows: all of them, filtered and sorted as they are seen, and with values in place of texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from magnus_tui.format.table_columns import Column


class Seen(Struct, frozen=True):
    """What a pane shows; made in no time, because nothing is read or worked out before `rows` is called.

    Attributes:
        title: what it is, in a few words.
        columns: what a machine gets of each row.
        rows: gives the rows; called in a worker thread, where it may read.
        count: how many rows there are; None where that is not known before they are read.
        people: what Markdown shows of each row; the same as machines get if empty.
        document: gives what JSON holds in place of a list of rows; called in a worker thread.
        is_text: whether the rows are lines of text, which are in the last column.
    """

    title: str
    columns: Sequence[Column[Any]]
    rows: Callable[[], Iterable[Any]]
    count: int | None = None
    people: Sequence[Column[Any]] = ()
    document: Callable[[], Any] | None = None
    is_text: bool = False

    def titled(self, title: str) -> Seen:
        """The same with another title."""
        return replace(self, title=title)


def text_seen(title: str, rows: Callable[[], Iterable[tuple[int, str]]], count: int | None = None) -> Seen:
    """Lines of text that are read when they are wanted; see `Seen`."""
    columns = (Column[tuple[int, str]]("line", lambda row: row[0]), Column[tuple[int, str]]("text", lambda row: row[1]))
    return Seen(title, columns, rows, count, is_text=True)
