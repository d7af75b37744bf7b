"""``magnus-tui metrics``: a row per step index, a column per series."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from magnus_tracking.errors import named
from magnus_tracking.runlog.times import of_ms
from magnus_tui.cli import candidates
from magnus_tui.cli.output import OutputFormat, format_option, store_option, write_listing
from magnus_tui.cli.store_access import open_for_command
from magnus_tui.cli.table_columns import MISSING, Column
from magnus_tui.format.side_by_side import tracked

if TYPE_CHECKING:
    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import RunLog

_PREFIX = "metric."
"""What queries write before the name of a metric."""
_DIGITS = 6
"""Significant digits of values that they tell from all others in the column."""


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
    help="Only this metric; may be given again.",
)
@click.option("--follow", is_flag=True, help="Stay, and write a row for each value as it is tracked.")
@format_option
def command(
    run: str, store: str, step: str | None, names: tuple[str, ...], follow: bool, output_format: OutputFormat
) -> None:
    """Print the metrics that the steps of RUN tracked.

    RUN is a run id, an unambiguous beginning of one, or `latest`. There is a row for each step index and a column for
    each series: a metric of one step and, where the engine keeps them apart, one attempt. Where it is known, the
    column `tracked` tells when the last of a row's values was tracked; the JSON tells it for every value.
    """
    if follow and output_format == "markdown":
        raise click.UsageError("--follow writes no Markdown", click.get_current_context())
    opened = open_for_command(store)
    if follow:
        from magnus_tui.cli.follow_metrics import follow_values

        follow_values(opened, opened.find(run), step, names, output_format)
        return
    run_id = opened.find(run)
    log, known = opened.load_with_series(run_id)
    series = chosen_series(log, known, step, names)
    labels = label_series(series)
    columns = [
        Column[int]("index", lambda index: index, right=True, show=str, stays=True),
        *(
            Column(label, partial(_value_at, one), show_beside=_texts, right=one.is_curve)
            for label, one in zip(labels, series, strict=True)
        ),
        *([Column("tracked", partial(_tracked_at, series))] if any(one.times for one in series) else []),
    ]
    rows = sorted({index for one in series for index in one.indexes})
    write_listing(output_format, columns, rows, lambda: document(run_id, series), f"{run_id} has no metrics")


def _value_at(series: Series, index: int) -> Any:
    """The value at a step index, or `MISSING`."""
    place = _place(series, index)
    return MISSING if place is None else series.values[place]


def _place(series: Series, index: int) -> int | None:
    place = bisect_left(series.indexes, index)
    return place if place < len(series.indexes) and series.indexes[place] == index else None


def _tracked_at(series: Sequence[Series], index: int) -> datetime | None:
    """When the last of the values at a step index was tracked; None where that is not known of any."""
    times = (of_ms(one.times[place]) for one in series if one.times and (place := _place(one, index)) is not None)
    return max(filter(None, times), default=None)


def _texts(values: Sequence[Any]) -> list[str]:
    """The values of a series, nothing where it has none; different ones look different."""
    places = [place for place, value in enumerate(values) if value is not MISSING]
    texts = [""] * len(values)
    for place, text in zip(places, tracked([values[place] for place in places], _DIGITS), strict=True):
        texts[place] = text
    return texts


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
