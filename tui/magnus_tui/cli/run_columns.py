"""The columns of a list of runs: a few for people, all of them for CSV."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from magnus_tracking.analysis.liveness import run_state
from magnus_tracking.api.documents import flat_run
from magnus_tracking.runlog.summary import RunSummary
from magnus_tui import format as formats
from magnus_tui.cli.output import OutputFormat
from magnus_tui.cli.store_access import Opened
from magnus_tui.format import side_by_side
from magnus_tui.format.table_columns import MISSING, Column, inferred_time

if TYPE_CHECKING:
    from magnus_tracking.query import Field

RunColumn = Column[RunSummary]

_OPTIONAL = frozenset({"tag", "retries", "failing step", "message"})
_COMMIT = 7
"""Digits of a commit that a table shows."""
_HEADINGS = {"id": "run", "duration": "took", "failing": "failing step"}
"""What a table calls fields whose names in queries are others."""
_STYLES = {"SUCCESS": "green", "FAIL": "red", "UNREADABLE": "red", "PROCESSING": "cyan", "CREATED": "cyan"}


def columns_for(
    output_format: OutputFormat, opened: Opened, runs: Sequence[RunSummary], fields: Sequence[Field]
) -> list[RunColumn]:
    """The columns of `runs`; `fields`, which the query or the sort keys name, come before the other metrics."""
    if output_format in ("csv", "json"):
        return [*_machine_columns(opened), *_parameter_columns(runs), *_metric_columns(runs)]
    named = [_field_column(field) for field in fields]
    taken = {column.name for column in named}
    values = [*named, *_parameter_columns(runs, taken), *_metric_columns(runs, taken)]
    return [*_not_empty(_person_columns(opened), runs), *_told_apart(values)]


def chosen_columns(opened: Opened, runs: Sequence[RunSummary], fields: Sequence[Field]) -> list[RunColumn]:
    """The run, and a column for each of `fields`, whatever its kind."""
    from magnus_tracking.query import Field

    run_id = Field("id")
    return _told_apart([_chosen_column(opened, field) for field in dict.fromkeys([run_id, *fields])])


def _chosen_column(opened: Opened, field: Field) -> RunColumn:
    """The column of a field, with the name and the form that fit its kind."""
    from magnus_tracking.query import Kind, value_of

    if field.key:
        return _field_column(field)
    shown: dict[Kind, Callable[[Any], str]] = {
        Kind.TIME: formats.date_time,
        Kind.CODE: _code,
    }
    return RunColumn(
        "run_id" if field.name == "id" else field.name,
        lambda run: value_of(run, field, opened.context),
        _HEADINGS.get(field.name, field.name),
        shown.get(field.kind, _or_dash),
        side_by_side.listed_durations if field.kind is Kind.SECONDS else None,
        right=field.kind in (Kind.NUMBER, Kind.SECONDS),
        stays=True,
    )


def _code(code: tuple[str, bool | None] | None) -> str:
    return formats.DASH if code is None else f"{code[0][:_COMMIT]}{' dirty' if code[1] else ''}"


def telling_apart(columns: Sequence[RunColumn], runs: Sequence[RunSummary]) -> list[RunColumn]:
    """The run, and the columns in which `runs` differ."""
    found: list[set[str]] = [set() for _ in columns]
    for run in runs:
        for column, values in zip(columns, found, strict=True):
            values.add(json.dumps(value_or_none(column.get(run)), default=str))
    told = zip(columns, found, strict=True)
    return [one for one, values in told if one.title == "run" or one.name == "run_id" or len(values) > 1]


def value_or_none(value: Any) -> Any:
    """The value of a cell as JSON has it: null where there is none."""
    return None if value is MISSING else value


def _not_empty(columns: Sequence[RunColumn], runs: Sequence[RunSummary]) -> list[RunColumn]:
    """The columns without those that only some runs have something for, where none of these has."""
    return [column for column in columns if column.name not in _OPTIONAL or any(map(column.get, runs))]


def _told_apart(columns: Sequence[RunColumn]) -> list[RunColumn]:
    """The columns, a heading that a parameter and a metric share made whole."""
    headings = Counter(column.heading for column in columns)
    return [replace(column, heading="") if headings[column.heading] > 1 else column for column in columns]


def state_of(opened: Opened, run: RunSummary) -> str:
    """The state in which a run is shown; see `run_state`."""
    return run_state(run, opened.liveness(run))


def style_of(state: str) -> str:
    """The rich style of a state on a terminal."""
    return _STYLES.get(state, "yellow")


def _person_columns(opened: Opened) -> list[RunColumn]:
    """What a table shows of every run."""
    return [
        RunColumn(
            "status",
            lambda run: state_of(opened, run),
            show=lambda state: f"{formats.glyph(state)} {formats.value(state)}",
            style=lambda run: style_of(state_of(opened, run)),
            stays=True,
        ),
        RunColumn("run", lambda run: run.run_id, stays=True),
        RunColumn("tag", lambda run: run.tag or None, show=_or_dash),
        RunColumn("started", lambda run: (run.started, run.started_inferred), show=inferred_time, stays=True),
        RunColumn("took", opened.took, show_beside=side_by_side.took, right=True, stays=True),
        RunColumn("steps", lambda run: run, show=_steps, right=True),
        RunColumn("retries", lambda run: run.retries or None, show=_or_nothing, right=True),
        RunColumn("failing step", lambda run: run.failing_step, show=_or_nothing),
        RunColumn("message", lambda run: run.error or run.message, show=_or_nothing, shrinks=True, stays=True),
    ]


def _machine_columns(opened: Opened) -> list[RunColumn]:
    """All that is known of every run, for CSV."""
    last: tuple[RunSummary | None, dict[str, Any]] = (None, {})

    def get(name: str, run: RunSummary) -> Any:
        nonlocal last
        if last[0] is not run:
            last = run, flat_run(opened.run_document(run))
        return last[1][name]

    # The names do not depend on the run, but for its parameters and metrics.
    names = flat_run(opened.run_document(RunSummary("")))
    return [RunColumn(name, partial(get, name)) for name in names]


def _parameter_columns(runs: Sequence[RunSummary], taken: Collection[str] = ()) -> list[RunColumn]:
    names = dict.fromkeys(name for run in runs for name in run.parameters)
    return [
        _value_column(f"param.{name}", name, _parameter(name), runs) for name in names if f"param.{name}" not in taken
    ]


def _metric_columns(runs: Sequence[RunSummary], taken: Collection[str] = ()) -> list[RunColumn]:
    names = dict.fromkeys(name for run in runs for name in run.metrics)
    return [_value_column(f"metric.{name}", name, _last(name), runs) for name in names if f"metric.{name}" not in taken]


def _value_column(name: str, heading: str, get: Callable[[RunSummary], Any], runs: Sequence[RunSummary]) -> RunColumn:
    numeric = all(value is MISSING or isinstance(value, int | float | None) for value in map(get, runs))
    return RunColumn(name, get, heading, show_beside=_values, right=numeric)


def _parameter(name: str) -> Callable[[RunSummary], Any]:
    return lambda run: run.parameters.get(name, MISSING)


def _last(name: str) -> Callable[[RunSummary], Any]:
    return lambda run: run.metrics[name].last if name in run.metrics else MISSING


def _field_column(field: Field) -> RunColumn:
    from magnus_tracking.query import value_of

    heading = field.key if field.aggregate == "last" else f"{field.aggregate} {field.key}"

    def get(run: RunSummary) -> Any:
        value = value_of(run, field)
        written = run.parameters if field.name == "param" else run.metrics if field.aggregate == "last" else ()
        return MISSING if value is None and field.key not in written else value

    return RunColumn(str(field), get, heading, show_beside=_values, right=True, stays=True)


def _values(found: Sequence[Any]) -> list[str]:
    """The values of a column: a dash where there is none, and different ones look different."""
    return side_by_side.values(
        [None if value is MISSING else value for value in found],
        nulls=[place for place, value in enumerate(found) if value is None],
    )


def _or_dash(value: Any) -> str:
    return formats.DASH if value is None else formats.value(value)


def _or_nothing(value: Any) -> str:
    return "" if value is None else formats.value(value)


def _steps(run: RunSummary) -> str:
    if run.error is not None:
        return formats.DASH
    return f"{run.steps.passed}/{run.expected_steps}"
