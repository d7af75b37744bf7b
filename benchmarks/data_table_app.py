"""Textual's own table with the rows of a store: ``python data_table_app.py STORE``."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable

from magnus_tracking.index import RunIndex
from magnus_tracking.stores import open_store


class TableApp(App[None]):
    """All runs of a store in one table."""

    def compose(self) -> ComposeResult:
        """The table."""
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """Fill the table."""
        index = RunIndex.open(open_store(sys.argv[1]))
        table = self.query_one(DataTable)
        table.add_columns("status", "run", "tag", "started", "took", "steps")
        table.add_rows(
            (run.status, run.run_id, run.tag, str(run.started), str(run.duration), str(run.steps.total))
            for run in index.rows(index.positions())
        )
        table.focus()


if __name__ == "__main__":
    TableApp().run()
