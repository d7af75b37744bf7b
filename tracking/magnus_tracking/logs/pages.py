"""A log in pages, so that any part of a file of any size is read in bounded memory and time.

A page holds the lines that begin within its range of bytes; the pages together hold every line once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from magnus_tracking.filesystem.regular_files import open_binary
from magnus_tracking.logs.read import unreadable
from magnus_tracking.logs.terminal_lines import screen_lines

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
            raise unreadable(path, error) from None
        self.count = -(-self.size // page_bytes)

    def now(self) -> LogPages:
        """The pages of the file as long as it is now.

        Raises:
            CatalogError: it can't be read any more.
        """
        return LogPages(self.path, self._page_bytes)

    def page(self, number: int) -> tuple[str, ...]:
        """The lines of a page as a terminal would have left them; none where one long line covers it.

        A line of states that were written over, as progress bars print them, stands where it ends.

        Raises:
            CatalogError: the file can't be read.
        """
        return self._page(number)[0]

    def _page(self, number: int, *, colors: bool = True) -> tuple[tuple[str, ...], list[int]]:
        """The lines of a page, and for each line that begins there, by line breaks, the place of what it wrote."""
        start = number * self._page_bytes
        stop = min(start + self._page_bytes, self.size)
        before = 1 if start else 0
        try:
            with open_binary(self.path) as file:
                file.seek(start - before)
                data = file.read(stop - start + before)
                is_whole = data.endswith(b"\n") or stop >= self.size
                rest = b"" if is_whole else file.readline(LONGEST_LINE)
                is_whole = is_whole or rest.endswith(b"\n") or len(rest) < LONGEST_LINE
        except OSError as error:
            raise unreadable(self.path, error) from None
        states = b""
        if before:
            first = data.find(b"\n") + 1
            ends = bool(first) or stop >= self.size
            states = data[1 : first or len(data)] if ends and first != 1 else b""
            if b"\r" not in states or not self._goes_on(number, len(states)):
                states = b""
            data = data[first:] if first else b""
            if not data:
                rest = b""
        held = (data + rest).removesuffix(b"\n")
        lines, places = screen_lines(held.decode("utf-8", "replace"), colors=colors) if data + rest else ([], [])
        if not is_whole and b"\r" in held[held.rfind(b"\n") + 1 :]:
            lines = lines[:-1]
        if states:
            lines = [_last_line(states), *lines]
            places = [place + 1 for place in places]
        return tuple(lines), places

    def _goes_on(self, number: int, length: int) -> bool:
        """Whether the line that a page begins inside of, so many bytes long, was too long for the pages before."""
        if length >= LONGEST_LINE:
            return True
        start = (number - 1) * self._page_bytes
        try:
            with open_binary(self.path) as file:
                file.seek(max(start - 1, 0))
                return b"\n" not in file.read(self._page_bytes + 1 if start else self._page_bytes)
        except OSError as error:
            raise unreadable(self.path, error) from None

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
            lines, _ = self._page(number, colors=False)
            # An empty log has no line to search from; one that was cut short may have fewer.
            for place in _places(len(lines), min(line, len(lines)) if number == page else None, step):
                if matches(lines[place]):
                    return number, place
        return None

    def locate(self, line: int) -> tuple[int, int] | None:
        """The page, and the place there, of the line that is the `line`-th (0-based) of the file.

        Raises:
            CatalogError: the file can't be read.
        """
        for number in range(self.count):
            lines, places = self._page(number, colors=False)
            if line < len(places):
                return number, max(min(places[line], len(lines) - 1), 0)
            line -= len(places)
        return None


def _last_line(states: bytes) -> str:
    """The last state of a line; its end is enough to tell."""
    text = states.removesuffix(b"\n").removesuffix(b"\r")[-LONGEST_LINE:].decode("utf-8", "replace")
    return screen_lines(text)[0][-1]


def _places(length: int, after: int | None, step: int) -> Iterator[int]:
    if step > 0:
        yield from range(0 if after is None else after + 1, length)
    else:
        yield from range(length - 1 if after is None else after - 1, -1, -1)
