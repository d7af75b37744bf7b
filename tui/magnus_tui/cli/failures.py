"""``magnus-tui failures``: failed attempts over the whole store, grouped by cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from magnus_tui.cli import candidates
from magnus_tui.cli.output import OutputFormat, catalog_option, format_option, store_option, write_listing
from magnus_tui.cli.store_access import Opened, open_for_command
from magnus_tui.cli.table_columns import Column, inferred_time

if TYPE_CHECKING:
    from magnus_tracking.analysis.failures import FailureGroup
    from magnus_tracking.analysis.flaky import FlakyStep
    from magnus_tracking.runlog.summary import RunSummary


@click.command("failures")
@store_option
@catalog_option
@click.option(
    "--where",
    "where",
    metavar="QUERY",
    shell_complete=candidates.queries,
    help="Only in runs that the query matches, such as started>7d.",
)
@click.option("--flaky", is_flag=True, help="The steps that failed and then passed with the same code, instead.")
@format_option
def command(store: str, where: str | None, flaky: bool, output_format: OutputFormat) -> None:
    """Print why attempts failed: a row for each cause, the most frequent first."""
    from magnus_tracking.analysis.failures import failures_of_store, group, latest_runs
    from magnus_tracking.api.documents import failure_document

    opened = open_for_command(store)
    runs: Sequence[RunSummary] = opened.every_run
    if where:
        from magnus_tracking.query import parse

        query = parse(where)
        runs = opened.select(query)
        opened.tell_missing(query)
    if flaky:
        _write_flaky(opened, runs, output_format, _why_none(opened, runs, where, flaky=True))
        return
    groups = group(
        failures_of_store(opened.store, runs, load=opened.load_without_values), latest_runs(opened.every_run)
    )
    columns: list[Column[FailureGroup]] = [
        Column("count", lambda one: one.count, right=True, stays=True),
        Column("signature", lambda one: one.signature, heading="cause", shrinks=True, stays=True),
        Column("steps", lambda one: list(one.steps), show=_first_of, shrinks=True),
        Column("runs", lambda one: list(one.runs), show=lambda runs: str(len(runs)), right=True),
        *_times(output_format),
        Column(
            "still_failing",
            lambda one: one.still_failing,
            heading="still failing",
            show=lambda yes: "yes" if yes else "",
        ),
    ]
    if output_format == "csv":
        columns[2:2] = [Column("exception", lambda one: one.exception), Column("message", lambda one: one.message)]
    write_listing(
        output_format,
        columns,
        groups,
        lambda: [failure_document(one) for one in groups],
        _why_none(opened, runs, where),
    )


def _times(output_format: OutputFormat) -> list[Column[FailureGroup]]:
    """When a cause was first and last seen, for people marked where that is only the last sign of what never ended."""
    if output_format == "csv":
        return [Column("first_seen", lambda one: one.first_seen), Column("last_seen", lambda one: one.last_seen)]
    return [
        Column("first_seen", lambda one: (one.first_seen, one.inferred), "first", inferred_time),
        Column("last_seen", lambda one: (one.last_seen, one.inferred), "last", inferred_time),
    ]


def _why_none(opened: Opened, runs: Sequence[RunSummary], where: str | None, *, flaky: bool = False) -> str:
    """What a table says where it would be empty."""
    if not runs:
        return "no run matches" if where else f"there are no runs in {opened.store.place}"
    unreadable = sum(run.error is not None for run in runs)
    of_which = " of the runs that match" if where else ""
    said = f"no attempt{of_which} has failed"
    if flaky:
        said = f"no step{of_which} failed and then passed with the same code"
    return said + (f"; {unreadable:,} of {len(runs):,} runs can't be read" if unreadable else "")


def _write_flaky(opened: Opened, runs: Sequence[RunSummary], output_format: OutputFormat, why_none: str) -> None:
    from magnus_tracking.analysis.flaky import flaky_steps, outcomes_of_store

    steps = flaky_steps(outcomes_of_store(opened.store, lambda: runs, load=opened.load_without_values))
    columns: list[Column[FlakyStep]] = [
        Column("rate", lambda one: one.rate, heading="failed", show=lambda rate: f"{rate:.0%}", right=True, stays=True),
        Column("step", lambda one: one.step, shrinks=True, stays=True),
        Column("attempts", lambda one: one.attempts, right=True),
        Column("failed", lambda one: one.failed, heading="failures", right=True),
        Column("passed_on_retry", lambda one: one.passed_on_retry, heading="passed on retry", right=True),
        Column("passed_in_later_run", lambda one: one.passed_in_later_run, heading="passed in a later run", right=True),
        Column("passed_otherwise", lambda one: one.passed_otherwise, heading="with other parameters", right=True),
        Column("last_failed", lambda one: one.last_failed, heading="last failed"),
        Column("runs", lambda one: list(one.runs), show=lambda runs: str(len(runs)), right=True),
    ]
    names = [column.name for column in columns]
    write_listing(
        output_format,
        columns,
        steps,
        lambda: [dict(zip(names, (column.get(one) for column in columns), strict=True)) for one in steps],
        why_none,
    )


def _first_of(names: list[str]) -> str:
    from magnus_tui.format.text import clean, short_step

    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return clean(short_step(names[0])) + more if names else ""
