"""``magnus-tui metrics --follow``: a row for each value, as it is tracked."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from magnus_tracking.analysis.compare.values import same
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
    """Tells the values of a run that were not there at the last look, at whatever index, and those that were replaced.

    A journal may tell attempts apart that the log of the run does not, or the other way round.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], dict[int | None, Series]] = {}

    def of(self, series: Sequence[Series]) -> list[Value]:
        """The new values, by index."""
        found = []
        # Of steps of one name the last counts, as everywhere.
        for one in {(one.step, one.attempt, one.name): one for one in series}.values():
            seen = self._seen.setdefault((one.step, one.name), {})
            before = seen.get(one.attempt)
            if before is not None:
                known = [before]
            else:
                # The same values now have an attempt, or have none any more.
                known = list(seen.values()) if one.attempt is None else list(filter(None, [seen.pop(None, None)]))
            seen[one.attempt] = one
            found += [
                Value(one.step, one.attempt, one.name, one.indexes[place], one.values[place])
                for place in _new_places(one, known)
            ]
        return sorted(found, key=lambda value: value.index)


def _new_places(series: Series, known: Sequence[Series]) -> Iterable[int]:
    """Where a series has values that none of those known has at that index."""
    for one in known:
        count = len(one.indexes)
        if _equal(one.indexes, series.indexes[:count]) and _equal(one.values, series.values[:count]):
            return range(count, len(series.indexes))
    values = [dict(zip(one.indexes, one.values, strict=True)) for one in known]
    return [
        place
        for place, (index, value) in enumerate(zip(series.indexes, series.values, strict=True))
        if not any(index in one and same(one[index], value) for one in values)
    ]


def _equal(left: Sequence[Any], right: Sequence[Any]) -> bool:
    """Whether two parts of a series are the same, as far as that is told at once of a million numbers."""
    if isinstance(left, array) and isinstance(right, array):
        return left.typecode == right.typecode and left.tobytes() == right.tobytes()
    return left == right


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
