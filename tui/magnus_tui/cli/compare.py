"""``magnus-tui compare``: what differs between runs, or inside one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from magnus_tui.cli import candidates
from magnus_tui.cli.output import OutputFormat, format_option, store_option, write_listing
from magnus_tui.cli.store_access import Opened, open_for_command
from magnus_tui.cli.table_columns import Column

if TYPE_CHECKING:
    from magnus_tracking.analysis.compare import Comparison, Row


_MOST_TEXT = 32
"""Characters of a text that is written whole; of a longer one that differs, what is around the first difference."""


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", shell_complete=candidates.run_ids)
@store_option
@click.option("--changed", is_flag=True, help="Only what differs.")
@click.option(
    "--baseline",
    metavar="RUN",
    shell_complete=candidates.run_ids,
    help="The run that differences are measured from; the first if left out.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="PATTERN",
    help="Leave out keys that match, as in `data.*` or `*.duration`; may be given again.",
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

    RUN is a run id, an unambiguous beginning of one, or `latest`. A key has a value for each run, null where the run
    has none; numbers have a difference to the baseline, too.
    """
    opened = open_for_command(store)
    comparison = _inside(opened, runs, step, baseline) if step is not None else _between(opened, runs, baseline)
    comparison = comparison.ignoring(ignore)
    if changed:
        comparison = comparison.changed()
    columns = _machine_columns(comparison) if output_format == "csv" else _person_columns(comparison, opened)
    write_listing(output_format, columns, comparison.rows, comparison.document, "no differences")


def _between(opened: Opened, names: Sequence[str], baseline: str | None) -> Comparison:
    run_ids = [opened.find(name) for name in names]
    base = opened.find(baseline) if baseline is not None else run_ids[0]
    if base not in run_ids:
        run_ids.insert(0, base)
    if len(run_ids) < 2:
        raise click.UsageError("compare needs two runs or more, or --step with one", click.get_current_context())
    return opened.comparison(run_ids, base)


def _inside(opened: Opened, names: Sequence[str], step: str | None, baseline: str | None) -> Comparison:
    from magnus_tracking.analysis.compare import compare_attempts, compare_branches
    from magnus_tracking.runlog.tree import find_step

    context = click.get_current_context()
    if len(names) != 1:
        raise click.UsageError("--step compares inside one run", context)
    found = find_step(opened.store.load(opened.find(names[0])), step)
    if not found.branches and not found.attempts:
        raise click.UsageError(f"step {found.internal_name!r} has neither branches nor attempts", context)
    comparison = compare_branches(found) if found.branches else compare_attempts(found)
    if baseline is None:
        return comparison
    if baseline not in comparison.runs:
        raise click.UsageError(f"no column {baseline!r}: the columns are {', '.join(comparison.runs)}", context)
    return comparison.with_baseline(comparison.runs.index(baseline))


def _machine_columns(comparison: Comparison) -> list[Column[Row]]:
    def value(column: int) -> Column[Row]:
        return Column(comparison.runs[column], lambda row: row.values[column])

    def delta(column: int) -> Column[Row]:
        return Column(f"delta {comparison.runs[column]}", lambda row: row.delta[column])

    count = range(len(comparison.runs))
    return [
        Column("section", lambda row: row.section),
        Column("key", lambda row: row.key),
        Column("differs", lambda row: row.differs),
        *map(value, count),
        *(delta(column) for column in count if column != comparison.baseline),
    ]


def _person_columns(comparison: Comparison, opened: Opened) -> list[Column[Row]]:
    from magnus_tui.compare.cells import STAR, Cell, cells

    made: dict[str, list[Cell]] = {}

    def cell(row: Row, column: int) -> Cell:
        if row.name not in made:
            made[row.name] = cells(row, comparison.baseline, opened.settings.best)
        return made[row.name][column]

    def text(shown: Any) -> str:
        star = f"{STAR} " if shown.best else ""
        said = shown.excerpt if shown.excerpt and len(shown.text) > _MOST_TEXT else shown.text
        return f"{star}{said}" + (f"  ({shown.change})" if shown.change else "")

    def value(column: int) -> Column[Row]:
        heading = comparison.runs[column] + (" (baseline)" if column == comparison.baseline else "")
        return Column(comparison.runs[column], lambda row: cell(row, column), heading, text, shrinks=True, stays=True)

    return [
        Column("section", lambda row: row.section),
        Column("key", lambda row: row.key, stays=True),
        *map(value, range(len(comparison.runs))),
    ]
