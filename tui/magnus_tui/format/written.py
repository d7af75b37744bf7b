"""Rows as CSV, JSON and Markdown, the same by a command that writes them and from a screen that saves what is seen."""

from __future__ import annotations

import csv
import io
import json
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Literal, TypeVar

from magnus_tracking.errors import MagnusTrackingError
from magnus_tui.format.seen import Seen
from magnus_tui.format.table_columns import MISSING, Column, blocks, titles
from magnus_tui.format.text import clean, clean_lines

Form = Literal["csv", "json", "markdown"]

T = TypeVar("T")
_TICKS = re.compile("`{3,}")


def written(seen: Seen, form: Form, rows: Iterable[Any]) -> Iterator[str]:
    """What is seen as text, in parts.

    Args:
        seen: what it is.
        form: how to write it.
        rows: those that `seen` gives.

    Raises:
        MagnusTrackingError: it is nested more deeply than Python writes, which from 3.13 on reads more than that.
    """
    try:
        yield from _parts(seen, form, rows)
    except RecursionError:
        raise MagnusTrackingError("nested too deeply to be written") from None


def _parts(seen: Seen, form: Form, rows: Iterable[Any]) -> Iterator[str]:
    if form == "csv":
        return csv_lines(seen.columns, rows)
    if form == "json":
        return _json_rows(seen.columns, rows) if seen.document is None else _json_document(seen.document())
    if seen.is_text:
        return _fenced([seen.columns[-1].get(row) for row in rows])
    return markdown_lines(seen.people or seen.columns, rows)


def _json_document(document: Any) -> Iterator[str]:
    yield from json.JSONEncoder(indent=4, default=json_default).iterencode(document)
    yield "\n"


def _json_rows(columns: Sequence[Column[T]], rows: Iterable[T]) -> Iterator[str]:
    """A list of objects, as an encoder would write it that had all of them at once."""
    encoder = json.JSONEncoder(indent=4, default=json_default)
    before = "[\n    "
    for row in rows:
        found = {column.name: column.get(row) for column in columns}
        document = {name: None if value is MISSING else value for name, value in found.items()}
        # No text of a JSON has a line break of its own.
        yield before + encoder.encode(document).replace("\n", "\n    ")
        before = ",\n    "
    yield "[]\n" if before.startswith("[") else "\n]\n"


def _fenced(lines: Sequence[str]) -> Iterator[str]:
    """Lines as they are, between fences that none of them can close."""
    longest = max((len(ticks) for line in lines for ticks in _TICKS.findall(line)), default=2)
    fence = "`" * (longest + 1)
    return (clean_lines(line) + "\n" for line in [fence, *lines, fence])


def json_default(value: object) -> Any:
    """What an encoder writes for times, arrays and ranges."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, array | range):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def without_nan(part: str) -> str:
    """A part of a JSON as an encoder gives it; null for NaN and infinities."""
    # A number ends the part in which it is written, and a text ends with a quote.
    for word in ("NaN", "-Infinity", "Infinity"):
        if part.endswith(word):
            return part.removesuffix(word) + "null"
    return part


def csv_lines(columns: Sequence[Column[T]], items: Iterable[T], *, headings: bool = True) -> Iterator[str]:
    """The lines of a CSV, times and numbers in full, nothing where there is no value."""
    line = io.StringIO(newline="")
    # Only what holds a character of the line's end is quoted, and readers end a line at either of these.
    writer = csv.writer(line, lineterminator="\r\n")
    rows = ([plain(column.get(item)) for column in columns] for item in items)
    for row in chain([[column.name for column in columns]] if headings else [], rows):
        writer.writerow(row)
        yield line.getvalue().removesuffix("\r\n") + "\n"
        line.seek(0)
        line.truncate()


def plain(value: Any) -> str:
    """A value for a machine: nothing for None, ISO times, numbers in full, JSON for what is nested."""
    if value is None or value is MISSING:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value)


def markdown_lines(columns: Sequence[Column[T]], items: Iterable[T]) -> Iterator[str]:
    """The lines of a Markdown table whose cells can't break it, whatever they hold."""
    yield _markdown_line(markdown_cell(title) for title in titles(columns))
    yield _markdown_line("---:" if column.right else "---" for column in columns)
    for block in blocks(items):
        for texts in zip(*(column.texts(block) for column in columns), strict=True):
            yield _markdown_line(map(markdown_cell, texts))


def _markdown_line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def markdown_cell(text: str) -> str:
    """Text as one cell of a Markdown table, on one line, with nothing in it taken as markup."""
    escaped = clean(text).replace("\\", "\\\\")
    for character in "|`*<>":
        escaped = escaped.replace(character, "\\" + character)
    return " ".join(escaped.split("\n"))
