"""The metrics of a run made ready to be shown: curves, values that change over steps as text, and single values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from magnus_tracking.runlog.metrics import Series
from magnus_tracking.runlog.times import in_ms
from magnus_tui import format
from magnus_tui.charts.prepared_series import PreparedSeries
from magnus_tui.format import side_by_side


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring steps at which a value was the same.

    Attributes:
        first: its first step index.
        last: its last step index.
        text: the value, as it is shown.
    """

    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One series with what it is called and how it is drawn.

    Attributes:
        series: the series.
        label: its name, with its step and attempt in front where others track the same.
        kind: a curve of numbers, spans of other values that change over steps, or a single value.
        curve: the prepared numbers of a curve.
        spans: where other values stayed the same.
    """

    series: Series
    label: str
    kind: Literal["curve", "spans", "value"]
    curve: PreparedSeries | None = None
    spans: Sequence[Span] = ()

    @property
    def key(self) -> tuple[str, int | None, str]:
        """What tells the series from others, also after it has grown."""
        return (self.series.step, self.series.attempt, self.series.name)


def prepare(series: Sequence[Series], *, zoomed: bool = True, began: datetime | None = None) -> list[Entry]:
    """The series made ready for drawing: curves first, then spans, then single values; each in its own order.

    The pyramids are built here, so that drawing costs the same for any length.

    Args:
        series: the series of a run.
        zoomed: see `PreparedSeries.ready`.
        began: when the run did.
    """
    start = None if began is None else in_ms(began)
    steps = Counter(name for name, _ in {(one.name, one.step) for one in series})
    attempts = {(one.step, one.attempt) for one in series}
    several_attempts = {step for step, count in Counter(step for step, _ in attempts).items() if count > 1}
    entries = []
    for one in series:
        label = one.name
        if one.step in several_attempts:
            label = f"#{'last' if one.attempt is None else one.attempt} · {label}"
        if steps[one.name] > 1:
            label = f"{one.step} · {label}"
        if len(one.values) == 1:
            entries.append(Entry(one, label, "value"))
        elif one.is_curve:
            entries.append(Entry(one, label, "curve", PreparedSeries.of(one, label, start).ready(zoomed=zoomed)))
        else:
            entries.append(Entry(one, label, "spans", spans=spans_of(one)))
    order = {"curve": 0, "spans": 1, "value": 2}
    return sorted(entries, key=lambda entry: order[entry.kind])


def spans_of(series: Series) -> list[Span]:
    """The values of a series with the steps over which each stayed."""
    found: list[tuple[int, int, Any]] = []
    pairs = zip(series.indexes, series.values, strict=True)
    for _, run in groupby(pairs, key=lambda pair: format.identity(pair[1])):
        same = list(run)
        found.append((same[0][0], same[-1][0], same[0][1]))
    kinds = {format.identity(value): value for _, _, value in found}
    texts = dict(zip(kinds, side_by_side.values(list(kinds.values())), strict=True))
    return [
        Span(first, last, format.value(None) if value is None else texts[format.identity(value)])
        for first, last, value in found
    ]
