"""The part of a log that is held in memory: some neighbouring pages of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from magnus_tracking.logs.pages import LogPages

MOST_PAGES = 4
_ERRORS = re.compile(
    r"Traceback \(most recent call last\)"
    r"|^\W*(?:\w+\.)*\w*(?:Error|Exception|Interrupt)\b(?=:|$)"
    r"|\b(?:ERROR|CRITICAL|FATAL)\b"
)


def is_error(line: str) -> bool:
    """Whether a line of a log begins or ends a traceback, or tells of an error."""
    return _ERRORS.search(line) is not None


@dataclass(frozen=True, slots=True)
class LogWindow:
    """Some neighbouring pages of a log.

    Attributes:
        log: the log.
        first: number of the first page that is held.
        pages: the lines of each page.
        lines: all of them.
    """

    log: LogPages
    first: int
    pages: tuple[tuple[str, ...], ...]
    lines: tuple[str, ...]

    @classmethod
    def read(cls, log: LogPages, first: int, count: int) -> LogWindow:
        """The window of some pages.

        Raises:
            CatalogError: the file can't be read.
        """
        first = max(0, min(first, log.count - count))
        pages = tuple(log.page(number) for number in range(first, min(first + count, log.count)))
        return cls(log, first, pages, tuple(line for page in pages for line in page))

    @classmethod
    def end(cls, log: LogPages) -> LogWindow:
        """The last pages.

        Raises:
            CatalogError: the file can't be read.
        """
        return cls.read(log, log.count - 2, 2)

    def grown(self) -> LogWindow | None:
        """The window with what was written since it was read; None where nothing was.

        The lines that are held keep their places, as far as there is room for more behind them; of a file that was
        begun anew, which is shorter, it is the end.

        Raises:
            CatalogError: the file can't be read.
        """
        log = self.log.now()
        if log.size == self.log.size:
            return None
        if log.size < self.log.size:
            return LogWindow.end(log)
        if not self.at_end:
            return LogWindow(log, self.first, self.pages, self.lines)
        kept = self.pages[:-1]
        next_one = self.first + len(kept)
        fresh = tuple(log.page(number) for number in range(next_one, min(log.count, self.first + MOST_PAGES + 1)))
        pages = (*kept, *fresh)
        return LogWindow(log, self.first, pages, tuple(line for page in pages for line in page))

    @property
    def at_start(self) -> bool:
        """Whether nothing comes before."""
        return self.first == 0

    @property
    def at_end(self) -> bool:
        """Whether nothing comes after."""
        return self.first + len(self.pages) >= self.log.count

    def before(self) -> tuple[LogWindow, int]:
        """The window a page earlier, and by how many lines the lines moved down in it.

        Raises:
            CatalogError: the file can't be read.
        """
        page = self.log.page(self.first - 1)
        pages = (page, *self.pages)[:MOST_PAGES]
        lines = tuple(line for held in pages for line in held)
        return LogWindow(self.log, self.first - 1, pages, lines), len(page)

    def after(self) -> tuple[LogWindow, int]:
        """The window a page later, and by how many lines the lines moved down in it (never more than none).

        Raises:
            CatalogError: the file can't be read.
        """
        page = self.log.page(self.first + len(self.pages))
        pages = (*self.pages, page)
        dropped = pages[: max(len(pages) - MOST_PAGES, 0)]
        kept = pages[len(dropped) :]
        lines = tuple(line for held in kept for line in held)
        return LogWindow(self.log, self.first + len(dropped), kept, lines), -sum(map(len, dropped))

    def place_of(self, line: int) -> tuple[int, int]:
        """The page, and the place there, of a line of the window."""
        number = self.first
        for page in self.pages:
            if line < len(page):
                return number, line
            line -= len(page)
            number += 1
        return max(number - 1, 0), max(len(self.pages[-1]) - 1, 0) if self.pages else 0

    def line_of(self, page: int, place: int) -> int | None:
        """The line of the window that stands at a place of a page; None where the page is not held."""
        held = page - self.first
        if not 0 <= held < len(self.pages):
            return None
        return sum(map(len, self.pages[:held])) + place
