"""The text of execution logs in bounded memory: the end at once, any part when it is asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from magnus_tracking.errors import CatalogError
from magnus_tracking.escapes import strip_escapes

TAIL_BYTES = 1 << 20


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


def read_log(path: Path, most: int | None = TAIL_BYTES, end: int | None = None) -> LogText:
    """The last `most` bytes of a log before byte `end`, from the start of a line; all of it with None.

    Raises:
        CatalogError: the file can't be read.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            stop = size if end is None else min(end, size)
            start = 0 if most is None else max(stop - most, 0)
            file.seek(start)
            data = file.read(stop - start)
    except OSError as error:
        raise CatalogError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    if start:
        line_end = data.find(b"\n") + 1
        start += line_end
        data = data[line_end:]
    text = strip_escapes(data.decode("utf-8", "replace"))
    return LogText(tuple(text.removesuffix("\n").split("\n")) if text else (), start, size)
