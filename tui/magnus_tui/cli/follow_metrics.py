"""``magnus-tui metrics --follow``: a row for each value, as it is tracked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from magnus_tui.cli.output import OutputFormat, terminal_width, write_csv, write_json_line, write_lines
from magnus_tui.cli.store_access import Opened
from magnus_tui.cli.tables import layout
from magnus_tui.cli.watched_run import watch
from magnus_tui.format.table_columns import Column

if TYPE_CHECKING:
    from magnus_tracking.runlog.metrics import Series


@dataclass(frozen=True, slots=True)
class Value:
    """A tracked value, where it stands.

    Attributes:
        step: the internal name of the step.
        attempt: the attempt; None where the engine keeps none apart.
        name: of the metric.
        index: the step index.
        value: what was tracked.
    """

    step: str
    attempt: int | None
    name: str
    index: int
    value: Any


_COLUMNS = (
    Column[Value]("step", lambda one: one.step, stays=True),
    Column[Value]("attempt", lambda one: one.attempt, right=True),
    Column[Value]("name", lambda one: one.name, "metric", stays=True),
    Column[Value]("index", lambda one: one.index, right=True, show=str, stays=True),
    Column[Value]("value", lambda one: one.value, right=True, stays=True),
)


class NewValues:
    """Tells the values of a run that were not there at the last look: those beyond the last index of their series.

    A journal tells attempts apart; in the log of a run that has ended, engines keep the same values without them.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], dict[int | None, int]] = {}

    def of(self, series: Sequence[Series]) -> list[Value]:
        """The new values, by index."""
        found = []
        for one in series:
            seen = self._last.setdefault((one.step, one.name), {})
            last = max(seen.values(), default=None) if one.attempt is None else seen.get(one.attempt)
            start = 0 if last is None else bisect_right(one.indexes, last)
            found += [
                Value(one.step, one.attempt, one.name, index, value)
                for index, value in zip(one.indexes[start:], one.values[start:], strict=True)
            ]
            if len(one.indexes) > start:
                seen[one.attempt] = one.indexes[-1]
        return sorted(found, key=lambda value: value.index)


def follow_values(
    opened: Opened, run_id: str, step: str | None, names: Sequence[str], output_format: OutputFormat
) -> None:
    """Write the values of a run, then each as it is tracked, until the run has ended.

    Args:
        opened: the store.
        run_id: the run.
        step: only of this step and those inside, by internal name or an end of it; it may be yet to come.
        names: only of these metrics; none for all.
        output_format: JSON is a line for each value.
    """
    from magnus_tracking.series.live import LiveSeries

    live, new = LiveSeries(opened.store), NewValues()
    widths: dict[str, int] = {}
    is_first = True
    for watched in watch(opened, run_id):
        if not watched.changed:
            continue
        series = live.read(watched.handle) or opened.load_with_series(run_id)[1]
        values = new.of([one for one in series if _is_wanted(one, step, names)])
        if output_format == "json":
            for value in values:
                write_json_line(asdict(value))
        elif output_format == "csv":
            write_csv(_COLUMNS, values, headings=is_first)
            is_first = False
        elif values:
            write_lines(layout(_COLUMNS, values, terminal_width(), widths, headings=is_first))
            is_first = False


def _is_wanted(series: Series, step: str | None, names: Sequence[str]) -> bool:
    if names and series.name not in names:
        return False
    inside = f".{series.step}."
    return step is None or f".{step}." in inside
