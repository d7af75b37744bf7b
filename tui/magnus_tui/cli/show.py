"""``magnus-tui show``: one run, for a person or in full for a script."""

from __future__ import annotations

import click

from magnus_tui.cli import candidates
from magnus_tui.cli.output import (
    OutputFormat,
    catalog_option,
    format_option,
    store_option,
    write_csv,
    write_json,
    write_lines,
    write_parts,
)
from magnus_tui.cli.store_access import open_for_command


@click.command("show")
@click.argument("run", shell_complete=candidates.run_ids)
@store_option
@catalog_option
@format_option
def command(run: str, store: str, output_format: OutputFormat) -> None:
    """Print a run: its outcome, steps and attempts, parameters and metrics.

    RUN is a run id, an unambiguous prefix of one, or `latest`. JSON is the full run log, key for key as the engine's
    own reader gives it; CSV has a row for each attempt.
    """
    opened = open_for_command(store)
    run_id = opened.find(run)
    if output_format == "json":
        write_json(opened.store.document(run_id))
        return
    row, log, series = opened.load_with_row(run_id)
    if output_format == "csv":
        from magnus_tui.cli.attempt_rows import ATTEMPT_COLUMNS, attempt_rows

        write_csv(ATTEMPT_COLUMNS, attempt_rows(log))
        return
    from magnus_tui.cli.overview import Overview

    overview = Overview(opened, row, log, series)
    if output_format == "markdown":
        write_parts(overview.markdown())
    else:
        write_lines(overview.lines())
