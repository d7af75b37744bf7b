"""``magnus-tui metrics``: a row per step index, a column per series."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from magnus_tracking.errors import named
from magnus_tracking.runlog.times import of_ms
from magnus_tui.cli import candidates
from magnus_tui.cli.output import OutputFormat, format_option, store_option, write_listing
from magnus_tui.cli.store_access import open_for_command, warn
from magnus_tui.format.repeated_steps import repeated_steps
from magnus_tui.format.series_columns import series_columns, step_indexes

if TYPE_CHECKING:
    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import RunLog

_PREFIX = "metric."
"""What queries write before the name of a metric."""


@click.command("metrics")
@click.argument("run", shell_complete=candidates.run_ids)
@store_option
@click.option(
    "--step",
    metavar="STEP",
    shell_complete=candidates.steps,
    help="Only this step: its internal name, or an end of it.",
)
@click.option(
    "--metric",
    "names",
    metavar="METRIC",
    multiple=True,
    shell_complete=candidates.metrics,
    help="Only this metric; repeatable.",
)
@click.option("--follow", is_flag=True, help="Keep printing a row for each value as it is tracked.")
@format_option
def command(
    run: str, store: str, step: str | None, names: tuple[str, ...], follow: bool, output_format: OutputFormat
) -> None:
    """Print the metrics that the steps of RUN tracked.

    RUN is a run id, an unambiguous prefix of one, or `latest`. There is a row for each step index and a column for
    each series: a metric of one step and, where the engine keeps them apart, one attempt. Where it is known, the
    column `tracked` tells when the last of a row's values was tracked; the JSON tells it for every value.
    """
    if follow and output_format == "markdown":
        raise click.UsageError("--follow can't write Markdown", click.get_current_context())
    opened = open_for_command(store)
    if follow:
        from magnus_tui.cli.follow_metrics import follow_values

        follow_values(opened, opened.find(run), step, names, output_format)
        return
    run_id = opened.find(run)
    log, known = opened.load_with_series(run_id)
    series = chosen_series(log, known, step, names)
    labels = label_series(series)
    columns = series_columns(series, labels)
    rows = step_indexes(series)
    for said in repeated_steps(series):
        warn(said)
    write_listing(output_format, columns, rows, lambda: document(run_id, series), f"{run_id} has no metrics")


def document(run_id: str, series: Sequence[Series]) -> dict[str, Any]:
    """The JSON of a run's series."""
    return {
        "run_id": run_id,
        "series": [
            {
                "step": one.step,
                "attempt": one.attempt,
                "name": one.name,
                "indexes": one.indexes,
                "values": one.values,
                "times": None if one.times is None else list(map(of_ms, one.times)),
            }
            for one in series
        ],
    }


def chosen_series(log: RunLog, tracked: Sequence[Series], step: str | None, names: Sequence[str]) -> list[Series]:
    """The series of a run that a step and names of metrics choose; what is not given chooses all.

    Raises:
        StepNotFoundError: no step of the run is meant.
        AmbiguousNameError: several are.
        click.ClickException: the run has no metric of one of the names there.
    """
    from magnus_tracking.runlog.tree import find_step

    series = list(tracked)
    if step is not None:
        inside = find_step(log, step).internal_name
        series = [one for one in series if one.step == inside or one.step.startswith(inside + ".")]
    known = dict.fromkeys(one.name for one in series)
    wanted = {name if name in known else name.removeprefix(_PREFIX) for name in names}
    for name in wanted - known.keys():
        where = f"{log.run_id!r}" if step is None else f"step {step!r} of {log.run_id!r}"
        raise click.ClickException(f"no metric {name!r} in {where}: its metrics are {named(list(known))}")
    return [one for one in series if not names or one.name in wanted]


def label_series(series: Sequence[Series]) -> list[str]:
    """A name for each series that no other has: of the metric, and as far as needed of the step and the attempt."""
    by_name = Counter(one.name for one in series)
    by_step = Counter((one.step, one.name) for one in series)
    labels = []
    for one in series:
        label = one.name
        if by_step[one.step, one.name] < by_name[one.name]:
            label = f"{one.step}: {label}"
        if by_step[one.step, one.name] > 1:
            label += " (step)" if one.attempt is None else f" (attempt {one.attempt})"
        labels.append(label)
    return labels
