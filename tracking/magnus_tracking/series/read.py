"""Reading the series of one run from its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from magnus_tracking.journal.journal_paths import find_journals
from magnus_tracking.runlog.metric_summary import COMPLETE, summarize_values
from magnus_tracking.runlog.metrics import last_of_series, series_of_run
from magnus_tracking.runlog.outline import decode_run_and_text
from magnus_tracking.runlog.tree import leaf_steps
from magnus_tracking.series.decoding import series_of_outline, series_of_split
from magnus_tracking.series.log_splitting import split_log
from magnus_tracking.series.stored import Loaded
from magnus_tracking.series.stripped_log import LONG, run_of_text, text_without_long_metrics
from magnus_tracking.series.times import read_live_times, read_times
from magnus_tracking.stores.files import read_as, read_parts
from magnus_tracking.stores.run_listing import HUGE, is_huge_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import RunLog
    from magnus_tracking.runlog.summary import RunSummary
    from magnus_tracking.stores import RunHandle, Store


def has_long_metrics(handle: RunHandle) -> bool:
    """Whether a run may hold metrics that are long enough to be read apart; reads no more than it takes to tell.

    A run that is huge because it has many steps holds none: it is best read as what it is. The text of a long metric
    has no closing brace before its end.

    Raises:
        UnreadableRunError: its files can't be read.
    """
    if handle.format.is_one_text:
        return holds_long_metrics(handle.path)
    return handle.format.largest(handle) >= LONG


def holds_long_metrics(path: str) -> bool:
    """The same of a run that is one text; raises as `has_long_metrics` does."""
    return any(b"}" not in part for part in read_parts(path, LONG // 2))


def run_and_series(store: Store, run_id: str) -> tuple[RunLog, tuple[Series, ...]]:
    """A run log and its series; in a huge one that is not in flight, a short text stands for each long metric.

    So a run log of hundreds of megabytes takes little more memory than its bytes.

    Raises:
        RunNotFoundError: there is no such run.
        UnreadableRunError: its files can't be understood.
    """
    handle = store.handle(run_id)
    if is_huge_text(handle) and has_long_metrics(handle):
        loaded = None if find_journals(store.root, run_id) else read_huge(handle.path)
        if loaded is not None and loaded.short:
            return run_of_text(handle.path, loaded.short), read_times(store.root, handle).attach(loaded.series)
    # Before the log, so that what ends in between is in one of them.
    times = read_times(store.root, handle)
    read_live_times(store.root, run_id, times)
    run = store.load(run_id)
    return run, times.attach(series_of_run(run))


def with_all_of_metrics(row: RunSummary, run: RunLog, series: Iterable[Series]) -> RunSummary:
    """The row of a run that was opened, with everything there is to say of metrics whose last value alone it has.

    Args:
        row: of the run.
        run: its log.
        series: every series of the run.
    """
    if all(metric.depth == COMPLETE for metric in row.metrics.values()):
        return row
    last = last_of_series(leaf_steps(run), series)
    metrics = {
        name: metric if metric.depth == COMPLETE or name not in last else summarize_values(last[name].values)
        for name, metric in row.metrics.items()
    }
    return replace(row, metrics=metrics)


def load_without_values(store: Store, run_id: str) -> RunLog:
    """A run log for what looks at no values: of a huge one what `run_and_series` gives; raises as that does."""
    handle = store.handle(run_id)
    return run_and_series(store, run_id)[0] if is_huge_text(handle) else store.load(run_id)


def read_series(handle: RunHandle) -> Loaded:
    """The status of a run, its series, and its short text where that is of use.

    Raises:
        UnreadableRunError: its files can't be understood.
    """
    if handle.format.is_one_text:
        return read_huge(handle.path) if handle.size >= HUGE else read_as(handle.path, _take_in)
    outline = handle.format.outline(handle)
    return Loaded(outline.status, tuple(series_of_outline(outline)), b"")


def read_huge(path: str) -> Loaded:
    """The same of a run that is one text, whose short text is of use.

    Raises:
        UnreadableRunError: the file can't be understood.
    """
    return read_as(path, lambda data: _take_in(data, with_short=True))


def _take_in(data: bytes, *, with_short: bool = False) -> Loaded:
    split = split_log(data)
    outline, text = decode_run_and_text(split.text)
    series = series_of_split(outline, split.metrics)
    if series is None:
        outline, text = decode_run_and_text(data)
        series = series_of_outline(outline)
        short = text_without_long_metrics(text, outline) if with_short else None
    else:
        short = split.shown(text_without_long_metrics(text, outline)) if with_short else None
    return Loaded(outline.status, tuple(series), short or b"")
