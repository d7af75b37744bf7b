"""The values of series as a table: a row a step index, a column a series."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from magnus_tracking.runlog.times import of_ms
from magnus_tui.format.side_by_side import tracked
from magnus_tui.format.table_columns import MISSING, Column

if TYPE_CHECKING:
    from magnus_tracking.runlog.metrics import Series

_INDEX, _TRACKED = "index", "tracked"
"""What columns are called that hold no series."""


def series_columns(series: Sequence[Series], labels: Sequence[str]) -> list[Column[int]]:
    """The columns of a table whose items are step indexes; the last one tells when values were tracked, if any does.

    Args:
        series: one a column.
        labels: what each is called; one that another column is called has a number behind it.
    """
    return [
        Column[int](_INDEX, lambda index: index, right=True, show=str, stays=True),
        *(
            Column(label, partial(_value_at, one), show_beside=_texts, right=one.is_curve)
            for label, one in zip(_told_apart(labels), series, strict=True)
        ),
        *([Column(_TRACKED, partial(_tracked_at, series))] if any(one.times for one in series) else []),
    ]


def _told_apart(labels: Sequence[str]) -> Iterator[str]:
    taken = {_INDEX, _TRACKED}
    for label in labels:
        names = chain([label], (f"{label} ({number})" for number in count(2)))
        name = next(name for name in names if name not in taken)
        taken.add(name)
        yield name


def step_indexes(series: Sequence[Series]) -> list[int]:
    """Every step index that some series has, ascending."""
    return sorted({index for one in series for index in one.indexes})


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
    for place, text in zip(places, tracked([values[place] for place in places]), strict=True):
        texts[place] = text
    return texts
