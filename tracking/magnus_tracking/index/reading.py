"""One run read for the index: its summary as bytes, and the fingerprint that the file had before it was read."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec

from magnus_tracking.index import listing
from magnus_tracking.index.aggregates import Tally
from magnus_tracking.index.encoding import encode_summary
from magnus_tracking.index.segments import encode_columns
from magnus_tracking.index.values import SEGMENT
from magnus_tracking.stores import Store
from magnus_tracking.stores.handles import find_handle
from magnus_tracking.summary import RunSummary

DEFER_ABOVE = 2048
"""Bytes of a metric's text above which a first reading takes only its last value, to show all runs sooner."""

_HALF_WRITTEN_SECONDS = 2.0
"""A file that can't be read may be half-written for so long after its last change."""


class ReadRun(msgspec.Struct, array_like=True):
    """A run that was read.

    Attributes:
        fingerprint: to keep with it.
        content: the encoded summary; empty where the run is gone meanwhile.
        complete: whether all of its metrics are summarised completely.
        half_written: whether it can't be read, perhaps only because its file is being written.
    """

    fingerprint: int
    content: bytes
    complete: bool = True
    half_written: bool = False


class ReadBatch(msgspec.Struct, array_like=True):
    """Runs that were read together.

    Attributes:
        runs: one a name, in the order of the names.
        tally: what all of them add to the aggregates.
        columns: their values by column, encoded, where the batch is as long as a segment; else nothing.
    """

    runs: list[ReadRun]
    tally: Tally
    columns: dict[str, bytes]


def read_batch(
    store: Store, names: Sequence[str], defer_above: int, enough: Callable[[int], bool] | None = None
) -> ReadBatch:
    """Read the runs called `names`, the first of them where `enough`, given how many were read, says so."""
    runs: list[ReadRun] = []
    summaries: list[RunSummary] = []
    tally = Tally()
    for name in names:
        if enough is not None and enough(len(runs)):
            break
        run, summary = read_run(store, name, defer_above)
        runs.append(run)
        if summary is not None:
            tally.add(summary)
            summaries.append(summary)
    whole = len(summaries) == SEGMENT
    return ReadBatch(runs, tally, encode_columns(enumerate(summaries)) if whole else {})


def read_run(store: Store, name: str, defer_above: int) -> tuple[ReadRun, RunSummary | None]:
    """Read the run in the file or folder called `name`; its summary is None where there is none."""
    handle = find_handle(store.root, name)
    if handle is None:
        return ReadRun(listing.UNSETTLED, b""), None
    mark = listing.settled_fingerprint(handle)
    summary = store.summarize(handle, defer_above)
    recent = abs(time.time() - handle.mtime_ns / 1e9) < _HALF_WRITTEN_SECONDS
    complete = all(metric.complete for metric in summary.metrics.values())
    return ReadRun(mark, encode_summary(summary), complete, summary.error is not None and recent), summary
