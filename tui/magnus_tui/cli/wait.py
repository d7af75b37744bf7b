"""``magnus-tui wait``: wait until a run ends, or matches a query."""

from __future__ import annotations

import click

from magnus_tui.cli import candidates
from magnus_tui.cli.output import store_option, write_text
from magnus_tui.cli.store_access import call_back, open_for_command, understand, warn

SUCCEEDED, FAILED, TIME_IS_OUT = 0, 1, 3


def _seconds(context: click.Context, option: click.Parameter, text: str | None) -> float | None:
    """Parse a duration such as ``90``, ``90s`` or ``1h30m`` into seconds."""
    from threading import TIMEOUT_MAX

    from magnus_tracking.query.literals import DURATIONS, parse_seconds

    if text is None:
        return None
    seconds = parse_seconds(text)
    if seconds is None or not 0 <= seconds <= TIMEOUT_MAX:
        raise click.BadParameter(f"{text!r} is not {DURATIONS}", context, option)
    return float(seconds)


@click.command("wait")
@click.argument("run", shell_complete=candidates.run_ids)
@click.option(
    "--until",
    "until",
    metavar="QUERY",
    shell_complete=candidates.queries,
    help="Wait until the run matches the query, such as `metric.loss<0.1` or `failed>0`.",
)
@click.option("--timeout", callback=_seconds, metavar="TIME", help="Give up after this time, such as 90s or 2h.")
@store_option
def command(run: str, until: str | None, timeout: float | None, store: str) -> int:
    """Wait until RUN ends, or with --until, until it matches a query.

    The exit status is 0 if the run matches the query or succeeded, 1 if it failed, was lost or ended without matching,
    and 3 on timeout.
    """
    from magnus_tui.cli.watched_run import watch

    query = understand(store, until)[0] if until else None
    opened = open_for_command(store)
    run_id = opened.find(run)
    how = "is still going on"
    for watched in watch(opened, run_id, timeout):
        how = "is still going on" if watched.liveness == "live" else f"is {watched.liveness}, and has not ended"
        if query is not None and query.matches(watched.summary, opened.context):
            write_text(f"{run_id}: {query}\n")
            call_back(f"{run_id}: {query}")
            return SUCCEEDED
        if not watched.goes_on:
            succeeded = query is None and watched.summary.status == "SUCCESS"
            write_text(f"{run_id}: {watched.said}\n")
            if query is not None:
                opened.tell_missing(query)
                warn(f"{run_id} has ended without matching {query}")
            return SUCCEEDED if succeeded else FAILED
    warn(f"{run_id} {how} after {timeout:g} s")
    return TIME_IS_OUT
