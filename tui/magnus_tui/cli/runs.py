"""``magnus-tui runs``: the runs of a store, filtered, sorted and limited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.cli import candidates
from magnus_tui.cli.output import OutputFormat, StoreCommand, format_option, store_option, write_listing
from magnus_tui.cli.store_access import open_for_command, understand


@click.command("runs", cls=StoreCommand)
@store_option
@click.option(
    "--where",
    metavar="QUERY",
    shell_complete=candidates.queries,
    help="Only runs that match the query, such as `status:fail metric.loss<0.3`.",
)
@click.option(
    "--sort",
    "sort",
    metavar="KEY",
    multiple=True,
    shell_complete=candidates.fields,
    help="Sort by a field such as `metric.loss`, descending with `-` in front. For several, use commas or repeat it.",
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most this many runs.")
@click.option(
    "--columns",
    "names",
    metavar="FIELD,...",
    multiple=True,
    shell_complete=candidates.fields,
    help="These fields instead of the usual ones, such as `tag,param.lr,metric.loss`; repeatable.",
)
@click.option("--changed", is_flag=True, help="Only the columns in which the listed runs differ.")
@click.option("--follow", is_flag=True, help="Keep running: list each run again when it starts, changes or ends.")
@format_option
def command(
    store: str,
    where: str | None,
    sort: tuple[str, ...],
    limit: int | None,
    names: tuple[str, ...],
    changed: bool,
    follow: bool,
    output_format: OutputFormat,
) -> None:
    """List the runs of a store, the most recently started first."""
    from magnus_tracking.query import SortKey
    from magnus_tui.cli.run_columns import chosen_columns, columns_for, telling_apart, value_or_none

    query, keys = understand(store, where or "", sort)
    chosen = list(dict.fromkeys(key.field for key in understand(store, "", names)[1]))
    if follow and (limit is not None or output_format == "markdown"):
        raise click.UsageError(
            "--follow has no end: it takes neither --limit nor Markdown", click.get_current_context()
        )
    opened = open_for_command(store)
    runs = opened.select(query, keys, limit)
    opened.say_clocks(runs)
    opened.tell_missing(query, [*keys, *map(SortKey, chosen)], found=bool(runs))
    if chosen:
        columns = chosen_columns(opened, runs, chosen)
    else:
        named = dict.fromkeys([*query.fields(), *(key.field for key in keys)])
        columns = columns_for(output_format, opened, runs, [field for field in named if field.key])
    if changed:
        columns = telling_apart(columns, runs)
    is_whole = not chosen and not changed

    def documents(some: Sequence[RunSummary]) -> list[dict[str, Any]]:
        if is_whole:
            return [opened.run_document(run) for run in some]
        return [{column.name: value_or_none(column.get(run)) for column in columns} for run in some]

    if follow:
        from magnus_tui.cli.follow_runs import follow_runs

        follow_runs(opened, query, runs, columns, documents, output_format, is_whole=is_whole)
        return
    write_listing(
        output_format,
        columns,
        runs,
        lambda: documents(runs),
        opened.why_no_runs(),
    )
