"""``magnus-tui failures``: failed attempts over the whole store, grouped by cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from magnus_tui.cli import candidates
from magnus_tui.cli.output import OutputFormat, StoreCommand, catalog_option, format_option, store_option, write_listing
from magnus_tui.cli.store_access import Opened, open_for_command, understand

if TYPE_CHECKING:
    from magnus_tracking.runlog.summary import RunSummary


@click.command("failures", cls=StoreCommand)
@store_option
@catalog_option
@click.option(
    "--where",
    "where",
    metavar="QUERY",
    shell_complete=candidates.queries,
    help="Only in runs that match the query, such as started>7d.",
)
@click.option("--flaky", is_flag=True, help="List the steps that failed and then passed at the same commit instead.")
@format_option
def command(store: str, where: str | None, flaky: bool, output_format: OutputFormat) -> None:
    """Print why attempts failed: a row for each cause, the most frequent first."""
    from magnus_tracking.analysis.failures import failures_of_store, group, latest_runs
    from magnus_tracking.api.documents import failure_document
    from magnus_tui.failures.failure_columns import CAUSES, CAUSES_IN_FULL

    query = understand(store, where)[0] if where else None
    opened = open_for_command(store)
    runs: Sequence[RunSummary] = opened.every_run
    if query is not None:
        runs = opened.select(query)
        opened.tell_missing(query, found=bool(runs))
    if flaky:
        _write_flaky(opened, runs, output_format, _why_none(opened, runs, where, flaky=True))
        return
    groups = group(
        failures_of_store(opened.store, runs, load=opened.load_without_values), latest_runs(opened.every_run)
    )
    columns = CAUSES_IN_FULL if output_format == "csv" else CAUSES
    write_listing(
        output_format,
        columns,
        groups,
        lambda: [failure_document(one) for one in groups],
        _why_none(opened, runs, where),
    )


def _why_none(opened: Opened, runs: Sequence[RunSummary], where: str | None, *, flaky: bool = False) -> str:
    """What a table says where it would be empty."""
    if not runs:
        return opened.why_no_runs()
    unreadable = sum(run.error is not None for run in runs)
    of_which = " of the runs that match" if where else ""
    said = f"no attempt{of_which} has failed"
    if flaky:
        said = f"no step{of_which} failed and then passed in the same run or at the same commit"
    return said + (f"; {unreadable:,} of {len(runs):,} runs can't be read" if unreadable else "")


def _write_flaky(opened: Opened, runs: Sequence[RunSummary], output_format: OutputFormat, why_none: str) -> None:
    from magnus_tracking.analysis.flaky import flaky_steps, outcomes_of_store
    from magnus_tui.failures.failure_columns import FLAKY

    steps = flaky_steps(outcomes_of_store(opened.store, lambda: runs, load=opened.load_without_values))
    names = [column.name for column in FLAKY]
    write_listing(
        output_format,
        FLAKY,
        steps,
        lambda: [dict(zip(names, (column.get(one) for column in FLAKY), strict=True)) for one in steps],
        why_none,
    )
