"""The summary of a metric that is too long to be held, from its text in parts, in the order of the text.

Each part is a JSON object of its own: ``{"0": 0.5, "1": 0.4}``.
"""

from __future__ import annotations

from array import array
from typing import Any

import msgspec
from msgspec import Raw

from magnus_tracking.runlog.consecutive_steps import SeriesValue
from magnus_tracking.runlog.metric_summary import Detail, MetricSummary, last_of, probe, summarize_values
from magnus_tracking.runlog.nan_marks import is_marked, unmark_all

_VALUES = msgspec.json.Decoder(dict[int, SeriesValue])


class NotPlainError(Exception):
    """The metric is not a series of plain values by ascending index."""


class FromEnd:
    """Finds the last value only, and looks here and there whether the indexes ascend."""

    def __init__(self) -> None:
        self._highest: int | None = None
        self._last: MetricSummary | None = None

    def take(self, part: Raw) -> None:
        """Take in the next part.

        Raises:
            NotPlainError: it does not go on with plain values by ascending index, or ends without a number.
            msgspec.DecodeError: it is not JSON.
        """
        msgspec.json.decode(part, type=Raw)
        probed = probe(part)
        if probed is None or (self._highest is not None and probed.first <= self._highest):
            raise NotPlainError
        self._highest, self._last = probed.highest, probed.summary

    def summary(self, _: Detail) -> MetricSummary:
        """What is known of the metric, for now."""
        if self._last is None:
            raise NotPlainError
        return self._last


class InFull:
    """Takes in all values, numbers at eight bytes each."""

    def __init__(self) -> None:
        self._values: array[float] | list[Any] = array("d")
        self._highest: int | None = None

    def take(self, part: Raw) -> None:
        """Take in the next part; raises as `FromEnd.take` does."""
        try:
            by_index = _VALUES.decode(part)
        except msgspec.ValidationError:
            raise NotPlainError from None
        indexes = list(by_index)
        if not indexes:
            return
        ascending = all(map(int.__lt__, indexes, indexes[1:]))
        if not ascending or (self._highest is not None and indexes[0] <= self._highest):
            raise NotPlainError
        self._highest = indexes[-1]
        values: list[Any] = list(by_index.values())
        if is_marked(part):
            values = unmark_all(values)
        if isinstance(self._values, array) and set(map(type, values)) != {float}:
            self._values = list(self._values)
        self._values.extend(values)

    def summary(self, detail: Detail) -> MetricSummary:
        """What there is to say of the values."""
        if not self._values:
            raise NotPlainError
        return summarize_values(self._values) if detail.ranges else last_of(self._values)
