"""The run list as the objects that work for it see it: its question and its widgets."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from textual.css.query import NoMatches
from textual.screen import Screen

from magnus_tui import keys
from magnus_tui.feed.feed import Feed
from magnus_tui.runs.columns import all_columns
from magnus_tui.runs.list_query import Question
from magnus_tui.runs.preview_pane import RunPreview
from magnus_tui.runs.run_table import RunTable
from magnus_tui.screen import Explorer
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.side_pane import SidePane


class RunsScreenParts(Screen[None]):
    """The parts of the run list.

    Attributes:
        feed: the door to the core.
        question: which runs are asked for.
        query_text: the filter as it is typed.
        best: the best value of each metric column, shared with the columns.
        table: the list.
    """

    app: Explorer
    feed: Feed
    question: Question
    query_text: str = ""
    best: dict[str, float]
    table: RunTable

    @property
    def filter_bar(self) -> FilterBar:
        """The query."""
        return self.query_one(FilterBar)

    @property
    def preview(self) -> RunPreview:
        """The facts of a run."""
        return self.query_one(RunPreview)

    @property
    def side(self) -> SidePane:
        """The pane beside the list: the facts, or the charts."""
        return self.query_one(SidePane)

    def is_there(self) -> bool:
        """Whether the explorer has not been closed meanwhile."""
        try:
            return self.table.is_attached and self.preview.is_attached
        except NoMatches:
            return False

    def show_columns(self, chosen: Sequence[str]) -> None:
        """Show parameters and metrics as columns, beside those that are always there.

        Args:
            chosen: as the settings name them.
        """
        self.table.set_columns(all_columns(chosen, self.best, several=self.feed.store.is_several))

    def say_no_run(self) -> None:
        """Say why a key that acts on a run does nothing here."""
        grouped = f"this is a group: {keys.shown('open')} folds it, {keys.shown('down')} goes to its runs"
        self.notify(grouped if self.table.current_group is not None else "no run is listed here", timeout=3)

    @abstractmethod
    def say_counts(self) -> None:
        """Say how many runs there are, and how many of them are marked."""

    @abstractmethod
    def select(self) -> None:
        """Select, sort and group anew, off the event loop."""
