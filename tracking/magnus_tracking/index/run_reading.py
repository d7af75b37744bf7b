"""Reading runs for the index: its summary as bytes, and the fingerprint that the file had before it was read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from magnus_tracking.errors import UnreadableRunError
from magnus_tracking.index import listing
from magnus_tracking.index.aggregates import Tally
from magnus_tracking.index.encoding import encode
from magnus_tracking.index.segments import SEGMENT, encode_columns
from magnus_tracking.journal.stamp import journal_stamp
from magnus_tracking.runlog.metric_summary import COMPLETE, Detail
from magnus_tracking.runlog.summary import RunSummary, unreadable
from magnus_tracking.stores import RunHandle
from magnus_tracking.stores.files import read_plain
from magnus_tracking.stores.formats import text_format
from magnus_tracking.stores.read_errors import ReadingRun
from magnus_tracking.stores.run_listing import HUGE, entry_path, find_handle

FIRST_DETAIL = Detail(1 << 16)
"""What a first reading works out, to show all runs sooner: of a long metric only its last value."""

MANY_DETAIL = Detail(1 << 16, ranges=False)
"""The same where there are many runs: of every metric of several steps only its last value, which all lists show."""

_HALF_WRITTEN_SECONDS = 2.0
"""A file that can't be read may be half-written for so long after its last change."""


Summarize = Callable[..., RunSummary]
"""Makes the summary of a run from its handle, and from the `content` of its file where that was read beforehand."""


class ReadRun(msgspec.Struct, array_like=True):
    """A run that was read.

    Attributes:
        fingerprint: to keep with it.
        content: the encoded summary; empty where the run is gone meanwhile.
        depth: what is known of each of its metrics, at least; see `magnus_tracking.runlog.metric_summary`.
        unfinished: whether the run may go on.
        half_written: whether it can't be read, perhaps only because its file is being written.
    """

    fingerprint: int
    content: bytes
    depth: int = COMPLETE
    unfinished: bool = False
    half_written: bool = False


class Segment(msgspec.Struct, array_like=True):
    """What is worked out of runs that fill a segment, where they are read.

    Attributes:
        tally: what they add to the aggregates.
        columns: their values by column, encoded.
    """

    tally: Tally
    columns: dict[str, bytes]


class ReadBatch(msgspec.Struct, array_like=True):
    """Runs that were read together.

    Attributes:
        runs: one a name, in the order of the names.
        segment: of these runs, where they fill one.
    """

    runs: list[ReadRun]
    segment: Segment | None = None


def read_batch(
    names: Sequence[str],
    root: Path,
    summarize: Summarize,
    enough: Callable[[int], bool] | None = None,
    *,
    journals: bool = True,
) -> ReadBatch:
    """Read runs.

    Args:
        names: of their files or folders.
        root: the folder of the store.
        summarize: makes the summary of a run.
        enough: given how many were read, whether that will do.
        journals: see `read_run`.
    """
    runs: list[ReadRun] = []
    summaries: list[RunSummary] = []
    folder = os.fspath(root)
    for name in names:
        if enough is not None and enough(len(runs)):
            break
        run, summary = read_run(name, folder, summarize, journals=journals)
        runs.append(run)
        if summary is not None:
            summaries.append(summary)
    if len(summaries) < SEGMENT:
        return ReadBatch(runs)
    return ReadBatch(runs, Segment(Tally.of(summaries), encode_columns(enumerate(summaries))))


def read_run(
    name: str, root: str | Path, summarize: Summarize, *, journals: bool = True
) -> tuple[ReadRun, RunSummary | None]:
    """Read a run; its summary is None where there is none.

    Args:
        name: of its file or folder.
        root: the folder of the store.
        summarize: makes the summary of a run.
        journals: whether to look for journals beside a file, which costs as much as opening it. A listing that saw
            none says no; one that was made since then makes the next listing differ from what is kept of the run.
    """
    handle, content = (find_handle(root, name), None) if journals else _find_and_read(name, root)
    if handle is None:
        return ReadRun(listing.UNSETTLED, b""), None
    stamp = 0
    if journals or not handle.format.is_one_text:
        stamp = journal_stamp(handle.format.journals(Path(root), handle.run_id))
    mark = listing.settled_fingerprint(handle, stamp)
    summary = summarize(handle) if content is None else summarize(handle, content=content)
    try:
        with ReadingRun(handle.path):
            encoded = encode(summary)
    except UnreadableRunError as error:
        summary = unreadable(handle, error.reason)
        encoded = encode(summary)
    recent = abs(time.time() - handle.mtime_ns / 1e9) < _HALF_WRITTEN_SECONDS
    depth = min([metric.depth for metric in summary.metrics.values()], default=COMPLETE)
    readable = summary.error is None
    unfinished = readable and not summary.is_finished
    return ReadRun(mark, encoded, depth, unfinished, not readable and recent), summary


def _find_and_read(name: str, root: str | Path) -> tuple[RunHandle | None, bytes | None]:
    """A run and the content of its file; without the content where it is not a plain file, or is a huge one."""
    path = entry_path(root, name)
    format = text_format(name)
    plain = read_plain(path, HUGE) if format else None
    if format is None or plain is None:
        return find_handle(root, name), None
    info, content = plain
    return format.handle(name, path, info), content
