"""What is chosen about the run list in dialogs and by single keys: columns, groups, best, history, saved queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

from magnus_tui.app import routes as late
from magnus_tui.feed.feed import Feed
from magnus_tui.format.text import clean
from magnus_tui.runs.columns import METRIC, all_columns
from magnus_tui.runs.question import Question, chosen_metric, direction
from magnus_tui.runs.run_table import RunTable
from magnus_tui.widgets.filter_bar import FilterBar

if TYPE_CHECKING:
    from magnus_tui.app.explorer import ExplorerApp


class RunsDialogs(Screen[None]):
    """The part of the run list that asks the user for choices.

    Attributes:
        feed: the door to the core.
        question: which runs are asked for.
        best: the best value of each metric column, shared with the columns.
        query_text: the filter as it is typed.
    """

    app: ExplorerApp
    feed: Feed
    question: Question
    best: dict[str, float]
    query_text: str

    @property
    def table(self) -> RunTable:
        """The list."""
        return self.query_one(RunTable)

    @property
    def filter_bar(self) -> FilterBar:
        """The query."""
        return self.query_one(FilterBar)

    def select(self) -> object:
        """Ask for the runs again."""
        return None

    def action_group(self) -> None:
        """Choose what the runs are grouped by."""
        self.app.open_screen(late.groups(self.feed, self.question.group_by or ""), self._group_chosen)

    def _group_chosen(self, by: str | None) -> None:
        if by is not None:
            self.question.group_by = by or None
            self.question.folded.clear()
            self.select()

    def action_history(self) -> None:
        """Show a metric over the runs of the pipeline of the run under the cursor."""
        metric, run = chosen_metric(self.table), self.table.current
        if metric is None:
            self._ask_for_metric()
            return
        if run is None:
            self.notify("put the cursor on a run of the pipeline whose history is wanted", timeout=4, markup=False)
            return
        self.app.open_screen(late.history(self.feed, run, metric))

    def _ask_for_metric(self) -> None:
        """Say what is missing for what is about a metric column."""
        has_metrics = any(name.startswith(METRIC) for name in self.feed.fields())
        said = "choose a metric as a column first (o)" if has_metrics else "no run of this store has a metric"
        self.notify(said, timeout=4, markup=False)

    def action_best(self) -> None:
        """Say which direction of the chosen metric is best: least, greatest, as its name tells."""
        metric = chosen_metric(self.table)
        if metric is None:
            self._ask_for_metric()
            return
        name = metric.name.removeprefix(METRIC)
        chosen = dict(self.app.settings.best)
        following = {None: "min", "min": "max", "max": None}[chosen.pop(name, None)]
        if following is not None:
            chosen[name] = following
        self.app.remember(best=chosen)
        best = direction(metric, self.app.settings)
        said = {"min": "the least", "max": "the greatest"}.get(best or "", "not known, so none is marked")
        self.notify(f"best {clean(name)}: {said}", timeout=3, markup=False)
        self.select()

    def action_queries(self) -> None:
        """Recall a saved query, or save this one."""
        self.app.open_screen(late.queries(self.app.settings.queries, self.query_text), self._query_recalled)

    def _query_recalled(self, query: str | None) -> None:
        if query is not None:
            self.filter_bar.query_text = query
            self.table.focus()

    def action_columns(self) -> None:
        """Choose the parameters and metrics that are columns."""
        now = [column.name for column in self.table.columns if column.name]
        self.app.open_screen(late.columns(self.feed, now), self._columns_chosen)

    def _columns_chosen(self, chosen: list[str] | None) -> None:
        if chosen is not None:
            self.app.remember(columns=tuple(chosen))
            self.table.set_columns(all_columns(chosen, self.best))
            self.select()
