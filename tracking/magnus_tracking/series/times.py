"""When the values of a run were tracked: from the file that stays beside its log, and from the journals of attempts."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.filesystem.regular_files import read_bytes
from magnus_tracking.journal.fold import Fold
from magnus_tracking.journal.journal_paths import find_journals, times_file
from magnus_tracking.journal.reader import JournalReader
from magnus_tracking.journal.times import VERSION
from magnus_tracking.runlog.metrics import Series
from magnus_tracking.runlog.times import UNKNOWN, in_ms, parse_time

if TYPE_CHECKING:
    from magnus_tracking.journal.format import Header
    from magnus_tracking.stores import RunHandle

_LARGEST = 256 << 20
"""Files of times larger than this many bytes are not read."""

FAR_MS = 1 << 53
"""Milliseconds that no attempt lasts."""


class Timed(NamedTuple):
    """When the values of one metric were tracked, one time a step index, as `Series.times` has them."""

    indexes: Sequence[int]
    times: Sequence[int]


class TrackedTimes:
    """When the values of a run were tracked, by step, attempt and metric."""

    def __init__(self) -> None:
        self._attempts: dict[str, dict[int, dict[str, Timed]]] = {}

    def add(self, step: str, attempt: int, metrics: Mapping[str, Timed]) -> None:
        """Take in what is known of an attempt, in place of what was known of the same metrics."""
        self._attempts.setdefault(step, {}).setdefault(attempt, {}).update(metrics)

    def add_live(self, header: Header | None, metrics: Mapping[str, Timed]) -> None:
        """The same of an attempt that runs, whose times count from that of the header of its journal."""
        began = parse_time(header.time) if header is not None else None
        if header is None or began is None:
            return
        since = in_ms(began)
        shifted = {
            name: Timed(indexes, array("q", [ms if ms == UNKNOWN else since + ms for ms in times]))
            for name, (indexes, times) in metrics.items()
        }
        self.add(header.step, header.attempt, shifted)

    def attach(self, series: Iterable[Series]) -> tuple[Series, ...]:
        """The same series with their times, as far as these are known."""
        if not self._attempts:
            return tuple(series)
        return tuple(self._with_times(one) for one in series)

    def _with_times(self, series: Series) -> Series:
        attempts = self._attempts.get(series.step)
        if not attempts:
            return series
        # What stands on the step is of its last attempt.
        attempt = max(attempts) if series.attempt is None else series.attempt
        timed = _metric_of(series.name, attempts.get(attempt, {}))
        times = _times_at(series.indexes, timed) if timed is not None else None
        return series if times is None else replace(series, times=times)


def read_times(root: Path, handle: RunHandle) -> TrackedTimes:
    """What the file of times of a run tells; nothing where there is none, or where it can't be read.

    Args:
        root: the folder that holds the run logs.
        handle: the run.
    """
    known = TrackedTimes()
    path = times_file(root, handle.run_id, chunked=not handle.format.is_one_text)
    try:
        data = read_bytes(path, _LARGEST)
    except (OSError, ValueError):
        return known
    for text in filter(None, data.split(b"\n")):
        try:
            line = _LINE.decode(text)
            if line.times == VERSION:
                known.add(line.step, line.attempt, dict.fromkeys(line.metrics, _timed(line)))
        except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
            # Cut short by a full disk, or written by somebody else: what is known otherwise still holds.
            continue
    return known


def read_live_times(root: Path, run_id: str, known: TrackedTimes) -> None:
    """Take in what the journals of a run in flight tell."""
    for path in find_journals(root, run_id):
        reader, fold = JournalReader(path), Fold()
        try:
            for records in reader.read_all():
                fold.add(records)
        except UnreadableRunError:
            # Readers of its values decide whether that is the run's problem.
            continue
        known.add_live(reader.header, {name: _timed_live(by_step) for name, by_step in fold.times().items()})


def _timed_live(by_step: Mapping[int, int | None]) -> Timed:
    return Timed(list(by_step), [UNKNOWN if ms is None or not -FAR_MS < ms < FAR_MS else ms for ms in by_step.values()])


class _Line(msgspec.Struct):
    times: int
    step: str
    attempt: int
    since: str
    metrics: list[str]
    ms: list[int | None]
    first: int = 0
    steps: list[int] | None = None


_LINE = msgspec.json.Decoder(_Line)


def _timed(line: _Line) -> Timed:
    """The times of a line.

    Raises:
        ValueError, OverflowError: they can't be.
    """
    since = parse_time(line.since)
    if since is None or (line.steps is not None and len(line.steps) != len(line.ms)):
        raise ValueError("not a line of times")
    late = accumulate((ms or 0 for ms in line.ms), initial=in_ms(since))
    next(late)
    times = array("q", (UNKNOWN if ms is None else at for ms, at in zip(line.ms, late, strict=True)))
    return Timed(line.steps or range(line.first, line.first + len(times)), times)


def _metric_of(name: str, metrics: Mapping[str, Timed]) -> Timed | None:
    """What is known of a metric, or of the one that it is nested in."""
    while name not in metrics:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return None
    return metrics[name]


def _times_at(indexes: Sequence[int], timed: Timed) -> Sequence[int] | None:
    """The times at some step indexes; None where none is known."""
    if len(indexes) == len(timed.indexes) and (indexes == timed.indexes or list(indexes) == list(timed.indexes)):
        times = timed.times
    else:
        known = dict(zip(timed.indexes, timed.times, strict=True))
        times = array("q", (known.get(index, UNKNOWN) for index in indexes))
    return times if any(time != UNKNOWN for time in times) else None
