"""``magnus-tui compare``: what differs between runs, or inside one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from magnus_tui.cli import candidates
from magnus_tui.cli.output import OutputFormat, format_option, store_option, write_listing
from magnus_tui.cli.store_access import Opened, open_for_command

if TYPE_CHECKING:
    from magnus_tracking.analysis.compare import Comparison


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", shell_complete=candidates.run_ids)
@store_option
@click.option("--changed", is_flag=True, help="Only what differs.")
@click.option(
    "--baseline",
    metavar="RUN",
    shell_complete=candidates.run_ids,
    help="The run to measure differences from; the first by default.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="PATTERN",
    help="Leave out keys that match, such as `data.*` or `*.duration`; repeatable.",
)
@click.option(
    "--step",
    metavar="STEP",
    shell_complete=candidates.steps,
    help="Compare inside one run: the branches of this step, or its attempts.",
)
@format_option
def command(
    runs: tuple[str, ...],
    store: str,
    changed: bool,
    baseline: str | None,
    ignore: tuple[str, ...],
    step: str | None,
    output_format: OutputFormat,
) -> None:
    """Compare runs: status, parameters, metrics, steps, code, data, configuration, pipeline.

    RUN is a run id, an unambiguous prefix of one, or `latest`. A key has a value for each run, null where the run
    has none; numbers have a difference to the baseline, too.
    """
    from magnus_tui.compare.comparison_columns import machine_columns, person_columns

    opened = open_for_command(store)
    if step is not None:
        comparison = _inside(opened, runs, step, baseline)
    else:
        run_ids, base = opened.find_compared(runs, baseline)
        if len(run_ids) < 2:
            raise click.UsageError("compare needs two runs or more, or --step with one", click.get_current_context())
        comparison = opened.comparison(run_ids, base)
    comparison = comparison.ignoring(ignore)
    if changed:
        comparison = comparison.changed()
    columns = (
        machine_columns(comparison.runs, comparison.baseline)
        if output_format == "csv"
        else person_columns(comparison.runs, comparison.baseline, opened.settings.best)
    )
    write_listing(output_format, columns, comparison.rows, comparison.document, "no differences")


def _inside(opened: Opened, names: Sequence[str], step: str, baseline: str | None) -> Comparison:
    """Compare the branches of a step, else its attempts."""
    from magnus_tracking.analysis.compare import compare_inside
    from magnus_tracking.runlog.tree import find_step

    context = click.get_current_context()
    if len(names) != 1:
        raise click.UsageError("--step compares inside one run", context)
    found = find_step(opened.store.load(opened.find(names[0])), step)
    if not found.branches and not found.attempts:
        raise click.UsageError(f"step {found.internal_name!r} has neither branches nor attempts", context)
    comparison = compare_inside(found)
    if baseline is None:
        return comparison
    if baseline not in comparison.runs:
        raise click.UsageError(f"no column {baseline!r}: the columns are {', '.join(comparison.runs)}", context)
    return comparison.with_baseline(comparison.runs.index(baseline))
