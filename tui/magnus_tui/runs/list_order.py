"""The order of the run list: what its headings show, what is asked of the index, and what the settings keep."""

from __future__ import annotations

from magnus_tracking.query.ordering import parse_sort
from magnus_tui.runs.columns import Column
from magnus_tui.runs.list_query import sorted_by
from magnus_tui.runs.screen_interface import RunsScreenParts

_USUAL = "-started"


class ListOrder:
    """Sorts the run list; headings and rows, and the next session, follow one choice."""

    def __init__(self, screen: RunsScreenParts) -> None:
        """Sort nothing yet.

        Args:
            screen: the run list.
        """
        self._screen = screen

    def begin(self) -> None:
        """Sort as the settings say."""
        self._take(self._screen.app.settings.sort)

    def _take(self, texts: tuple[str, ...]) -> None:
        self._screen.question.sort = parse_sort(texts)
        self._screen.table.sorted_by = sorted_by(self._screen.question.sort)

    @property
    def is_usual(self) -> bool:
        """Whether the newest runs come first."""
        return self._screen.table.sorted_by == sorted_by(parse_sort((_USUAL,)))

    def reset(self) -> None:
        """Sort by the start, the newest first."""
        self.use(_USUAL)

    def sort_by(self, column: Column) -> None:
        """Sort by a column; in the other direction if it is sorted by that already."""
        key, descending = self._screen.table.sorted_by
        self.use(_text(column.key, not descending if key == column.key else column.descending))

    def reverse(self) -> None:
        """Sort in the other direction."""
        key, descending = self._screen.table.sorted_by
        self.use(_text(key, not descending))

    def use(self, text: str) -> None:
        """Sort as a text says, now and in later sessions.

        Args:
            text: a field, with ``-`` before it for the highest first.
        """
        self._take((text,))
        # The heading shows it at once, also while the rows are still being put in order.
        self._screen.table.show_top()
        self._screen.app.remember(sort=(text,))
        self._screen.select()


def _text(key: str, descending: bool) -> str:
    return ("-" if descending else "") + key
