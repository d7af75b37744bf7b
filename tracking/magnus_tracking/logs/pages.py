"""A log in pages, so that any part of a file of any size is read in bounded memory and time.

A page holds the lines that begin within its range of bytes; the pages together hold every line once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from magnus_tracking.errors import CatalogError
from magnus_tracking.filesystem.regular_files import open_binary
from magnus_tracking.logs.escapes import strip_escapes

PAGE_BYTES = 1 << 18
LONGEST_LINE = 1 << 16
"""Bytes of a line that reaches beyond its page; the rest of a longer one is not shown."""


class LogPages:
    """The pages of one log, as long as it was when this was made.

    Attributes:
        path: the file.
        size: its bytes.
        count: how many pages it has; an empty file has none.
    """

    def __init__(self, path: Path, page_bytes: int = PAGE_BYTES) -> None:
        """Look at the file at `path`.

        Raises:
            CatalogError: it can't be read.
        """
        self.path = path
        self._page_bytes = page_bytes
        try:
            self.size = path.stat().st_size
        except OSError as error:
            raise _unreadable(path, error) from None
        self.count = -(-self.size // page_bytes)

    def now(self) -> LogPages:
        """The pages of the file as long as it is now.

        Raises:
            CatalogError: it can't be read any more.
        """
        return LogPages(self.path, self._page_bytes)

    def page(self, number: int) -> tuple[str, ...]:
        """The lines of a page, terminal escapes taken out; none where one long line covers it.

        Raises:
            CatalogError: the file can't be read.
        """
        start = number * self._page_bytes
        stop = min(start + self._page_bytes, self.size)
        before = 1 if start else 0
        try:
            with open_binary(self.path) as file:
                file.seek(start - before)
                data = file.read(stop - start + before)
                rest = b"" if data.endswith(b"\n") or stop >= self.size else file.readline(LONGEST_LINE)
        except OSError as error:
            raise _unreadable(self.path, error) from None
        if before:
            first = data.find(b"\n") + 1
            if not first or first == len(data):
                return ()
            data = data[first:]
        held = data + rest
        text = strip_escapes(held.removesuffix(b"\n").decode("utf-8", "replace"))
        return tuple(text.split("\n")) if held else ()

    def search(
        self, page: int, line: int, step: int, matches: Callable[[str], bool], should_stop: Callable[[], bool]
    ) -> tuple[int, int] | None:
        """The nearest line that matches, as its page and its place there; None without one.

        Args:
            page: the page to begin on.
            line: the place on it that is searched from, itself left out.
            step: 1 to search towards the end, -1 towards the beginning.
            matches: whether a line is looked for.
            should_stop: asked before each page.

        Raises:
            CatalogError: the file can't be read.
        """
        numbers = range(page, self.count) if step > 0 else range(page, -1, -1)
        for number in numbers:
            if should_stop():
                return None
            lines = self.page(number)
            for place in _places(len(lines), line if number == page else None, step):
                if matches(lines[place]):
                    return number, place
        return None

    def locate(self, line: int) -> tuple[int, int] | None:
        """The page, and the place there, of the line that is the `line`-th (0-based) of the file.

        Raises:
            CatalogError: the file can't be read.
        """
        for number in range(self.count):
            length = len(self.page(number))
            if line < length:
                return number, line
            line -= length
        return None


def _places(length: int, after: int | None, step: int) -> Iterator[int]:
    if step > 0:
        yield from range(0 if after is None else after + 1, length)
    else:
        yield from range(length - 1 if after is None else after - 1, -1, -1)


def _unreadable(path: Path, error: OSError) -> CatalogError:
    return CatalogError(f"{path}: {(error.strerror or str(error)).lower()}")
