"""The text of execution logs in bounded memory: the end at once, any part when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from magnus_tracking.errors import CatalogError, os_reason
from magnus_tracking.filesystem.regular_files import open_binary
from magnus_tracking.logs.escapes import strip_escapes

TAIL_BYTES = 1 << 20
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class LogText:
    """A part of a log as lines of plain text.

    Attributes:
        lines: the lines, terminal escapes taken out.
        skipped: bytes of the file before the first line.
        size: bytes of the file.
    """

    lines: tuple[str, ...]
    skipped: int
    size: int


def read_log(path: Path, most: int | None = TAIL_BYTES) -> LogText:
    """The last `most` bytes of a log, from the start of a line; all of it with None.

    Raises:
        CatalogError: the file can't be read.
    """
    try:
        with open_binary(path) as file:
            size = os.fstat(file.fileno()).st_size
            start = 0 if most is None else max(size - most, 0)
            file.seek(start)
            data = file.read(size - start)
    except OSError as error:
        raise unreadable(path, error) from None
    if start:
        line_end = data.find(b"\n") + 1
        start += line_end
        data = data[line_end:]
    text = strip_escapes(data.removesuffix(b"\n").decode("utf-8", "replace"))
    return LogText(tuple(text.split("\n")) if data else (), start, size)


def stream_lines(path: Path) -> Iterator[str]:
    """Every line of a log as plain text, however large the file; a line beyond a mebibyte comes in pieces.

    Raises:
        CatalogError: the file can't be read.
    """
    try:
        with open_binary(path) as file:
            while data := file.readline(_BLOCK):
                yield strip_escapes(data.removesuffix(b"\n").decode("utf-8", "replace"))
    except OSError as error:
        raise unreadable(path, error) from None


def lines_before(path: Path, offset: int) -> int:
    """How many lines of a log end before byte `offset`.

    Raises:
        CatalogError: the file can't be read.
    """
    count = 0
    try:
        with open_binary(path) as file:
            while offset > 0 and (data := file.read(min(_BLOCK, offset))):
                count += data.count(b"\n")
                offset -= len(data)
    except OSError as error:
        raise unreadable(path, error) from None
    return count


def unreadable(path: Path, error: OSError) -> CatalogError:
    """What is raised for a log that can't be read."""
    return CatalogError(f"{path}: {os_reason(error)}")
