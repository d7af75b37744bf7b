"""``magnus-tui runs``: the runs of a store, filtered, sorted and limited."""

from __future__ import annotations

from typing import Any

import click

from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.cli import candidates
from magnus_tui.cli.open_store import Opened, open_for_command
from magnus_tui.cli.output import OutputFormat, format_option, store_option, write_listing


@click.command("runs")
@store_option
@click.option(
    "--where",
    metavar="QUERY",
    shell_complete=candidates.queries,
    help="Only runs that the query matches, as in `status:fail metric.loss<0.3`.",
)
@click.option(
    "--sort",
    "sort",
    metavar="KEY",
    multiple=True,
    shell_complete=candidates.fields,
    help="Sort by a field such as `metric.loss`, downwards with `-` in front. Several: with commas, or given again.",
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most so many runs.")
@format_option
def command(
    store: str, where: str | None, sort: tuple[str, ...], limit: int | None, output_format: OutputFormat
) -> None:
    """List the runs of a store, the most recently started first."""
    from magnus_tracking.query import parse, parse_sort
    from magnus_tui.cli.run_columns import columns_for

    query, keys = parse(where or ""), parse_sort(sort)
    opened = open_for_command(store)
    runs = opened.select(query, keys, limit)
    opened.say_clocks(runs)
    opened.tell_missing(query, keys)
    named = dict.fromkeys([*query.fields(), *(key.field for key in keys)])
    write_listing(
        output_format,
        columns_for(output_format, opened, runs, [field for field in named if field.key]),
        runs,
        lambda: [document(opened, run) for run in runs],
        "no run matches" if opened.index.count() else f"there are no runs in {opened.store.root}",
    )


def document(opened: Opened, run: RunSummary) -> dict[str, Any]:
    """The JSON of one run; what does not apply to it is null."""
    readable = run.error is None
    return {
        "run_id": run.run_id,
        "status": run.status or None,
        "liveness": opened.liveness(run),
        "engine": run.engine if readable else None,
        "tag": run.tag or None,
        "dag_hash": run.dag_hash or None,
        "original_run_id": run.original_run_id or None,
        "started": run.started,
        "ended": run.ended,
        "duration": opened.duration(run),
        "steps": _steps(run) if readable else None,
        "attempts": run.attempts if readable else None,
        "retries": run.retries if readable else None,
        "failing_step": run.failing_step,
        "message": run.message,
        "parameters": run.parameters,
        "metrics": {name: metric.last for name, metric in run.metrics.items()},
        "error": run.error,
    }


def _steps(run: RunSummary) -> dict[str, int]:
    steps = run.steps
    return {
        "total": steps.total,
        "succeeded": steps.succeeded,
        "failed": steps.failed,
        "skipped": steps.skipped,
    }
