"""The lines below the filter: what is wrong with the query, with a caret below the place, or what no run has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.events import Resize
from textual.widgets import Static

from magnus_tracking.errors import QueryError
from magnus_tui.format.query_excerpt import excerpt
from magnus_tui.format.text import clean

_INDENT = 3
"""Cells before a message, so that it stands below the query."""


class QueryProblem(Static):
    """What is said of a query that needs more room than there is beside it; without anything it takes none."""

    def __init__(self, cell_of: Callable[[int], int | None]) -> None:
        """Make it, with nothing to say.

        Args:
            cell_of: gives the cell of a line of the screen at which a character of the query stands; None out of sight.
        """
        super().__init__(markup=False)
        self._cell_of = cell_of
        self._error: QueryError | None = None
        self._said: tuple[str, ...] = ()
        self.display = False

    def say(self, lines: Sequence[str]) -> None:
        """Say something of a query that is one, or nothing."""
        if self._error is None and tuple(lines) == self._said:
            return
        self._error, self._said = None, tuple(lines)
        self.remove_class("-error")
        self.display = bool(lines)
        self.update(self._wrapped("\n".join(map(clean, lines))))

    def point_at(self, error: QueryError) -> None:
        """Say what is wrong with the query, and where."""
        self._error = error
        self.add_class("-error")
        self.display = True
        self.place_caret()

    def place_caret(self) -> None:
        """Put the caret below the character at fault, for which the query may have been scrolled meanwhile."""
        error = self._error
        if error is None:
            return
        said, cell = clean(str(error)), self._cell_of(error.position)
        text = Text()
        if cell is None:
            line, place = excerpt(error)
            text.append(" " * _INDENT + line + "\n")
            cell = _INDENT + place
        text.append(" " * cell + "^")
        if cell + 2 + cell_len(said) < self.screen.size.width:
            self.update(text.append(f" {said}"))
        else:
            self.update(text.append("\n").append_text(self._wrapped(said)))

    def _wrapped(self, said: str) -> Text:
        room = self.screen.size.width - _INDENT - 1
        lines = [line for part in said.split("\n") for line in Text(part).wrap(self.app.console, room)]
        return Text("\n").join([Text(" " * _INDENT).append_text(line) for line in lines])

    def on_resize(self, _event: Resize) -> None:
        """Lay out for the new size."""
        self.place_caret()
