"""``magnus-tui runs --follow``: a line for each run that comes, goes on or ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from magnus_tracking.errors import named
from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.cli.output import OutputFormat, terminal_width, write_csv, write_json_line, write_lines
from magnus_tui.cli.store_access import Opened, warn
from magnus_tui.format.table_columns import Column

if TYPE_CHECKING:
    from magnus_tracking.index import IndexChanged
    from magnus_tracking.query import Query

_ENDING_SECONDS = 2.0
"""Seconds that an interrupt waits for what is being written."""


def follow_runs(
    opened: Opened,
    query: Query,
    runs: Sequence[RunSummary],
    columns: Sequence[Column[RunSummary]],
    documents: Callable[[Sequence[RunSummary]], list[dict[str, Any]]],
    output_format: OutputFormat,
    *,
    is_whole: bool,
) -> None:
    """List `runs`, then each run that `query` matches again whenever it has changed, until the process is ended.

    JSON is a line for each run; a table keeps its columns, and gets wider ones where a text needs it.

    Args:
        opened: the store.
        query: which runs are listed.
        runs: those that it matches now.
        columns: of CSV and tables.
        documents: makes the JSON of runs.
        output_format: how they are written.
        is_whole: whether all parameters and metrics are meant to be among the columns: those that come later are told.
    """
    from magnus_tracking.follow import keep_up
    from magnus_tracking.query import Field
    from magnus_tui.cli.tables import layout

    widths: dict[str, int] = {}
    told = {column.name for column in columns}

    def tell_left_out(some: Sequence[RunSummary]) -> None:
        names = dict.fromkeys(name for run in some for name in _names(run))
        new = [name for name in names if name not in told]
        if new and is_whole and output_format != "json":
            told.update(new)
            warn(f"not among the columns, which were written before: {named(new)}")

    def write(some: Sequence[RunSummary], *, first: bool = False) -> None:
        if output_format == "json":
            for one in documents(some):
                write_json_line(one)
        elif output_format == "csv":
            write_csv(columns, some, headings=first)
        else:
            write_lines(layout(columns, some, terminal_width(), widths, headings=first))
        tell_left_out(some)

    def tell(changed: IndexChanged) -> None:
        opened.now = opened.settings.now()
        found = [opened.index.summary(run_id) for run_id in changed.changed_ids]
        write([run for run in found if run is not None and query.matches(run, opened.context)])
        for run_id in changed.removed_ids & known:
            warn(f"{run_id} is gone")
        known.difference_update(changed.removed_ids)
        known.update(changed.changed_ids)

    def tell_store(said: str, _is_there: bool) -> None:
        warn(said)

    write(runs, first=True)
    known: set[str] = set(opened.index.ask(lambda source: list(source.column(Field("id"))), []))
    _until_interrupted(lambda stop: keep_up(opened.index, stop, tell, tell_store=tell_store))


def _names(run: RunSummary) -> Iterator[str]:
    """What the columns of a run's parameters and metrics are called."""
    yield from (f"param.{name}" for name in run.parameters)
    yield from (f"metric.{name}" for name in run.metrics)


def _until_interrupted(work: Callable[[threading.Event], None]) -> None:
    """Work in a thread until an interrupt, which comes to the main thread: amid the work it could be lost.

    Python drops what a signal raises inside a finaliser or a callback of SQLite.

    Args:
        work: goes on until the event is set; what it raises is raised here.
    """
    context = click.get_current_context()
    stop, raised = threading.Event(), []

    def run() -> None:
        try:
            with context.scope(cleanup=False):
                work(stop)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="following", daemon=True)
    thread.start()
    try:
        thread.join()
    finally:
        stop.set()
        thread.join(_ENDING_SECONDS)
    if raised:
        raise raised[0]
