"""What the user chooses about the run list, in dialogs and by single keys."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from magnus_tui import keys
from magnus_tui.format.text import clean
from magnus_tui.runs.columns import METRIC, PARAMETER, sort_field
from magnus_tui.runs.list_query import chosen_metric, direction, find_best, narrowed
from magnus_tui.runs.screen_interface import RunsScreenParts
from magnus_tui.screen import LateScreen

if TYPE_CHECKING:
    from magnus_tui.dialogs.choice import ChoiceScreen
    from magnus_tui.runs.columns_dialog import ColumnsScreen
    from magnus_tui.runs.history import HistoryScreen
    from magnus_tui.runs.queries_dialog import QueriesScreen


class ListChoices:
    """Asks for the groups, columns, best directions and saved queries of the run list, and applies the answers.

    The dialogs' modules are imported when they are asked for: the first screen is painted sooner without them.
    """

    def __init__(self, screen: RunsScreenParts) -> None:
        """Ask nothing yet.

        Args:
            screen: the run list.
        """
        self._screen = screen

    def choose_group(self) -> None:
        """Choose what the runs are grouped by."""
        # An ungrouped list is to be grouped, and mostly by tag.
        feed, chosen = self._screen.feed, self._screen.question.group_by or "tag"

        def prepare() -> Callable[[], ChoiceScreen]:
            from magnus_tui.dialogs.choice import ChoiceScreen

            # The preview of a group draws with it, on the event loop, where nothing is imported.
            importlib.import_module("magnus_tui.runs.group_facts")
            parameters = [name for name in feed.fields() if name.startswith(PARAMETER)]
            options = [("nothing", ""), ("tag", "tag"), ("pipeline", "pipeline"), ("status", "status")]
            fields = {field for field, _ in options}
            for name in parameters:
                short = name.removeprefix(PARAMETER)
                options.append((name if short in fields else short, sort_field(name)))
            return partial(ChoiceScreen, "group by", options, chosen)

        self._screen.app.open_screen(LateScreen(prepare), self._group_chosen)

    def _group_chosen(self, by: str | None) -> None:
        if by is not None:
            self._screen.question.group_by = by or None
            self._screen.question.folded = frozenset()
            self._screen.table.show_top()
            self._screen.select()

    def choose_columns(self) -> None:
        """Choose which parameters and metrics are columns."""
        feed, chosen = self._screen.feed, [column.name for column in self._screen.table.columns if column.name]

        def prepare() -> Callable[[], ColumnsScreen]:
            from magnus_tui.runs.columns_dialog import ColumnsScreen

            return partial(ColumnsScreen, feed.fields(), chosen)

        self._screen.app.open_screen(LateScreen(prepare), self._columns_chosen)

    def _columns_chosen(self, chosen: list[str] | None) -> None:
        if chosen is not None:
            self._screen.app.remember(columns=tuple(chosen))
            self._screen.show_columns(chosen)
            self._screen.select()

    def choose_query(self) -> None:
        """Recall a saved query, or save this one."""
        saved, query = self._screen.app.settings.queries, self._screen.query_text

        def prepare() -> Callable[[], QueriesScreen]:
            from magnus_tui.runs.queries_dialog import QueriesScreen

            return partial(QueriesScreen, saved, query)

        self._screen.app.open_screen(LateScreen(prepare, "magnus_tui.runs.queries_dialog"), self._query_chosen)

    def _query_chosen(self, query: str | None) -> None:
        if query is not None:
            self._screen.filter_bar.query_text = query
            self._screen.table.focus()

    def show_history(self) -> None:
        """Show a metric over the runs of the pipeline of the run under the cursor."""
        table = self._screen.table
        feed, metric, run = self._screen.feed, chosen_metric(table), table.current
        if metric is None:
            self._ask_for_metric()
            return
        if run is None:
            self._screen.say_no_run()
            return

        is_chosen = metric is table.column

        def prepare() -> Callable[[], HistoryScreen]:
            from magnus_tui.runs.history import HistoryScreen

            return partial(HistoryScreen, feed, run, metric, is_chosen=is_chosen)

        self._screen.app.open_screen(LateScreen(prepare, "magnus_tui.runs.history"))

    def go_to_best(self) -> None:
        """Go to the best run by the metric that the list is sorted by, else by the chosen one."""
        screen = self._screen
        table, key = screen.table, screen.table.sorted_by[0]
        metric = next((one for one in table.columns if one.key == key and one.name.startswith(METRIC)), None)
        metric = metric or chosen_metric(table)
        if metric is None:
            self._ask_for_metric()
            return
        name = clean(metric.name.removeprefix(METRIC))
        wanted = direction(metric, screen.app.settings)
        if wanted is None:
            screen.notify(f"{keys.shown('direction')} sets whether lower or higher {name} is better", timeout=4)
            return

        def go(row_id: int | None) -> None:
            if row_id is None or row_id not in table.row_ids:
                screen.notify(f"no listed run has a numeric last value of {name}", timeout=4)
            else:
                table.cursor = table.row_ids.index(row_id)

        screen.app.before_next_key(partial(find_best, screen.feed, table.row_ids, metric.key, wanted), go)

    def filter_for_value(self) -> None:
        """Narrow the filter to the value under the cursor."""
        screen, table = self._screen, self._screen.table
        row_id, column = table.current_id, table.column
        if row_id is None or column is None:
            screen.say_no_run()
            return
        text = screen.query_text

        def apply(query: str | None) -> None:
            if query is None:
                said = f"{column.title} can't be filtered for one value; {keys.shown('filter')} asks for a range"
                screen.notify(clean(said), timeout=4)
            else:
                screen.filter_bar.query_text = query

        def prepare() -> str | None:
            return narrowed(text, column.key, screen.feed.values([row_id], column.key)[0])

        screen.app.before_next_key(prepare, apply)

    def mark_all(self) -> None:
        """Mark all listed runs."""
        screen, table = self._screen, self._screen.table
        listed = table.row_ids
        if all(row_id < 0 for row_id in listed):
            screen.say_no_run()
            return

        # Those that are seen at once; of 100,000 runs it takes longer than a frame to find the ids.
        table.marks |= table.ids_in_view
        table.refresh_changed()

        def ids() -> set[str]:
            screen.app.let_answer()
            found = screen.feed.values([row_id for row_id in listed if row_id >= 0], "id")
            # None stands for a row that is gone with an index that was made anew.
            return set(filter(None, found))

        def mark(run_ids: set[str]) -> None:
            table.marks |= run_ids
            table.refresh_changed()
            screen.say_counts()

        screen.app.before_next_key(ids, mark)

    def choose_best(self) -> None:
        """Choose whether lower or higher is better for the chosen metric, or leave it to its name."""
        metric = chosen_metric(self._screen.table)
        if metric is None:
            self._ask_for_metric()
            return
        app = self._screen.app
        name = metric.name.removeprefix(METRIC)
        app.remember(best=app.settings.with_next_best(name))
        best = direction(metric, app.settings)
        said = {"min": "lowest", "max": "highest"}.get(best or "", "unknown, so none is marked")
        self._screen.notify(f"best {clean(name)}: {said}", timeout=3)
        self._screen.select()

    def _ask_for_metric(self) -> None:
        """Say what is missing for an action on a metric column; the index is asked off the event loop."""
        screen = self._screen

        def say() -> None:
            has_metrics = any(name.startswith(METRIC) for name in screen.feed.fields())
            said = (
                f"add a metric as a column first ({keys.shown('columns')})"
                if has_metrics
                else "no run in this store has a metric"
            )
            screen.app.call_from_thread(screen.notify, said, timeout=4)

        screen.run_worker(say, group="metric", exclusive=True, thread=True, description="whether there is a metric")
