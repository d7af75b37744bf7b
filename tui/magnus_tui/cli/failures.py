"""``magnus-tui failures``: failed attempts over the whole store, grouped by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from magnus_tui.cli.opening import open_for_command
from magnus_tui.cli.output import Column, OutputFormat, format_option, store_option, write_listing

if TYPE_CHECKING:
    from magnus_tracking.failures import FailureGroup


@click.command("failures")
@store_option
@click.option("--where", "where", metavar="QUERY", help="Only in runs that the query matches, such as started>7d.")
@format_option
def command(store: str, where: str | None, output_format: OutputFormat) -> None:
    """Print why attempts failed: a row for each cause, the most frequent first."""
    from magnus_tracking.failures import failures_of_store, group

    opened = open_for_command(store)
    runs = opened.summaries
    if where:
        from magnus_tracking.query import parse

        runs = opened.select(parse(where))
    groups = group(failures_of_store(opened.store, runs), opened.summaries)
    columns = [
        Column["FailureGroup"]("count", lambda one: one.count, right=True, stays=True),
        Column["FailureGroup"]("cause", lambda one: one.signature, shrinks=True, stays=True),
        Column["FailureGroup"]("steps", lambda one: list(one.steps), show=_first_of, shrinks=True),
        Column["FailureGroup"]("runs", lambda one: list(one.runs), show=lambda runs: str(len(runs)), right=True),
        Column["FailureGroup"]("first_seen", lambda one: one.first_seen, heading="first"),
        Column["FailureGroup"]("last_seen", lambda one: one.last_seen, heading="last"),
        Column["FailureGroup"](
            "still_failing",
            lambda one: one.still_failing,
            heading="still failing",
            show=lambda yes: "yes" if yes else "",
        ),
    ]
    write_listing(output_format, columns, groups, lambda: [document(one) for one in groups], "no attempt has failed")


def document(group: FailureGroup) -> dict[str, Any]:
    """The JSON of a group of failures."""
    return {
        "signature": group.signature,
        "exception": group.exception,
        "message": group.message,
        "count": group.count,
        "first_seen": group.first_seen,
        "last_seen": group.last_seen,
        "steps": list(group.steps),
        "runs": list(group.runs),
        "still_failing": group.still_failing,
    }


def _first_of(names: list[str]) -> str:
    from magnus_tui.columns import short_step
    from magnus_tui.text import clean

    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return clean(short_step(names[0])) + more if names else ""
