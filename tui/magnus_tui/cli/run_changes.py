"""``magnus-tui runs --follow``: a line for each run that comes, goes on or ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.cli.columns import Column
from magnus_tui.cli.open_store import Opened, warn
from magnus_tui.cli.output import OutputFormat, terminal_width, write_csv, write_json_line, write_lines

if TYPE_CHECKING:
    from magnus_tracking.index import IndexChanged
    from magnus_tracking.query import Query


def follow_runs(
    opened: Opened,
    query: Query,
    runs: Sequence[RunSummary],
    columns: Sequence[Column[RunSummary]],
    documents: Callable[[Sequence[RunSummary]], list[dict[str, Any]]],
    output_format: OutputFormat,
) -> None:
    """List `runs`, then each run that `query` matches again whenever it has changed, until the process is ended.

    JSON is a line for each run; a table keeps its columns, and gets wider ones where a text needs it.
    """
    from magnus_tracking.follow import keep_up
    from magnus_tui.cli.tables import layout

    widths: dict[str, int] = {}

    def write(some: Sequence[RunSummary], *, first: bool = False) -> None:
        if output_format == "json":
            for one in documents(some):
                write_json_line(one)
        elif output_format == "csv":
            write_csv(columns, some, headings=first)
        else:
            write_lines(layout(columns, some, terminal_width(), widths, headings=first))

    def tell(changed: IndexChanged) -> None:
        opened.now = opened.settings.now()
        found = [opened.index.summary(run_id) for run_id in changed.changed_ids]
        write([run for run in found if run is not None and query.matches(run, opened.context)])
        for run_id in changed.removed_ids:
            warn(f"{run_id} is gone")

    def tell_store(said: str, _is_there: bool) -> None:
        warn(said)

    write(runs, first=True)
    keep_up(opened.index, threading.Event(), tell, tell_store=tell_store)
