"""One run in full: its steps, attempts, parameters, series, logs and failures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from magnus_tracking.api import html
from magnus_tracking.api.table import Rows, Table
from magnus_tracking.errors import AmbiguousNameError, CatalogError
from magnus_tracking.runlog.times import of_ms, parse_time
from magnus_tracking.runlog.tree import find_step, leaf_steps, walk

if TYPE_CHECKING:
    from magnus_tracking.analysis.failures import FailedAttempt
    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import RunLog, StepLog
    from magnus_tracking.runlog.summary import RunSummary
    from magnus_tracking.stores import Store

_MOST_CURVES = 24
"""Charts of a run in a notebook."""


class StoredRun(Table):
    """One run in full, as it was when it was read; as a table, its tracked values.

    Attributes:
        id: its run id.
        log: the run log, as its engine wrote it.
        summary: the run in one row.
        series: each metric of each step, and attempt where the engine keeps them apart. `indexes` and `values` of one
            are sequences that numpy takes as they are; `numbers` has NaN where a value is not a number.
    """

    def __init__(self, store: Store, summary: RunSummary, log: RunLog, series: Sequence[Series]) -> None:
        self.id = summary.run_id
        self.log = log
        self.summary = summary
        self.series = tuple(series)
        self._store = store

    @property
    def status(self) -> str:
        """CREATED, PROCESSING, SUCCESS or FAIL."""
        return self.summary.status

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters at the end of the run, by name."""
        return self.summary.parameters

    @property
    def metrics(self) -> dict[str, Any]:
        """The last value of each metric, by name."""
        return {name: metric.last for name, metric in self.summary.metrics.items()}

    @property
    def steps(self) -> list[StepLog]:
        """Every step, a composite one before those inside it."""
        return [node.step for node in walk(self.log)]

    def step(self, name: str) -> StepLog:
        """A step by its internal name, or an unambiguous end of it.

        Raises:
            StepNotFoundError: there is none.
            AmbiguousNameError: several end so.
        """
        return find_step(self.log, name)

    def curve(self, metric: str, step: str | None = None) -> Series:
        """The series of a metric.

        Args:
            metric: its name.
            step: of which step, where several tracked it.

        Raises:
            KeyError: it was not tracked.
            AmbiguousNameError: several steps or attempts tracked it.
        """
        inside = None if step is None else self.step(step).internal_name
        found = [one for one in self.series if one.name == metric and inside in (None, one.step)]
        if not found:
            raise KeyError(metric)
        if len(found) > 1:
            raise AmbiguousNameError("step", metric, [f"{one.step} (attempt {one.attempt})" for one in found])
        return found[0]

    @property
    def attempts(self) -> Rows:
        """One row for each attempt: step, number, status, when it started and ended, message."""
        return Rows(
            {
                "step": step.internal_name,
                "attempt": attempt.attempt_number,
                "status": attempt.status,
                "started": parse_time(attempt.start_time),
                "ended": parse_time(attempt.end_time),
                "message": attempt.message or None,
            }
            for step in leaf_steps(self.log)
            for attempt in step.attempts
        )

    def text(self, step: str, attempt: int | None = None) -> str:
        """What a step printed, without terminal escapes.

        Args:
            step: as `step` takes it.
            attempt: only this attempt; None for all of them.

        Raises:
            CatalogError: no execution log is there, and why.
        """
        from magnus_tracking.logs.locate import RunLogs
        from magnus_tracking.logs.read import stream_lines

        logs = RunLogs(self.log, self._store, self.id).of(self.step(step))
        found = logs.of_attempt(attempt)
        if not found:
            raise CatalogError(logs.why_none)
        return "".join(f"{line}\n" for one in found for line in stream_lines(one.path))

    @property
    def failures(self) -> list[FailedAttempt]:
        """Its failed attempts, and why each failed."""
        from magnus_tracking.analysis.failures import failures_of_run

        return failures_of_run(self.log, self._store, self.id)

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dictionary for each tracked value: ``step``, ``attempt``, ``metric``, ``index``, ``value``, ``time``."""
        return [
            {
                "step": one.step,
                "attempt": one.attempt,
                "metric": one.name,
                "index": index,
                "value": value,
                "time": of_ms(one.times[place]) if one.times is not None else None,
            }
            for one in self.series
            for place, (index, value) in enumerate(zip(one.indexes, one.values, strict=True))
        ]

    def _repr_html_(self) -> str:
        """The run as a notebook shows it: its facts, parameters, attempts and curves."""
        facts = [
            {"": name, "value": value}
            for name, value in (
                ("status", self.status),
                ("engine", self.summary.engine),
                ("tag", self.summary.tag),
                ("started", self.summary.started),
                ("seconds", self.summary.duration),
                ("failing step", self.summary.failing_step),
                ("message", self.summary.message),
            )
            if value not in (None, "")
        ]
        parts = [f"<h3>{html.text(self.id)}</h3>", html.table(facts)]
        if self.parameters:
            rows = [{"parameter": name, "value": value} for name, value in self.parameters.items()]
            parts += ["<h4>Parameters</h4>", html.table(rows)]
        parts += ["<h4>Attempts</h4>", self.attempts._repr_html_(), *self.charts(_MOST_CURVES)]
        return "".join(parts)

    def charts(self, most: int | None = None) -> list[str]:
        """A chart for each metric that has a curve, as SVG, its steps over one another.

        Args:
            most: of them; None for all.
        """
        return curves([(f"{one.step}", one) for one in self.series])[:most]

    def __repr__(self) -> str:
        return f"<run {self.id}, {self.status}>"


def curves(named: Sequence[tuple[str, Series]]) -> list[str]:
    """A chart for each metric with more than one value, as SVG.

    Args:
        named: what the legend calls each series, and the series.
    """
    by_metric: dict[str, list[tuple[str, Series]]] = {}
    for label, one in named:
        if one.is_curve and len(one.values) > 1:
            attempt = f", attempt {one.attempt}" if one.attempt is not None else ""
            by_metric.setdefault(one.name, []).append((f"{label}{attempt}", one))
    return [html.chart(name, found) for name, found in by_metric.items()]
