"""Opening a run of a store: an immutable snapshot, and what belongs to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from magnus_tracking.journal.journal_paths import find_journals
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores import Store
from magnus_tracking.stores.read_errors import ReadingRun
from magnus_tracking.stores.run_listing import HUGE, WORTH_KEEPING
from magnus_tui.feed.prefetch import SeriesFeed

if TYPE_CHECKING:
    from magnus_tracking.logs.catalog import RunHome
    from magnus_tracking.logs.locate import RunLogs
    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import RunLog
    from magnus_tracking.runlog.outline import RunOutline
    from magnus_tracking.series.times import TrackedTimes
    from magnus_tracking.stores import RunHandle
    from magnus_tracking.stores.live_runs import LiveRuns


class OpenedRun(Struct, frozen=True):
    """A run that was opened: its full log, its row in the list, and its series.

    Attributes:
        run: the full run log.
        summary: the same run in one row.
        series: every metric of every step and attempt.
        outline: of a run of very many steps that was opened early; `run` is validated when it is looked into then, and
            `series` is empty: see `RunOpener.whole`.
    """

    run: RunLog
    summary: RunSummary
    series: tuple[Series, ...]
    outline: RunOutline | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left for later."""
        return self.outline is None


class RunOpener:
    """Opens the runs of a store; called from worker threads.

    Args:
        store: the store.
        series: the series of its runs.
        summary_of: gives the summary that the index has of a run, or None.
    """

    def __init__(self, store: Store, series: SeriesFeed, summary_of: Callable[[str], RunSummary | None]) -> None:
        self._store = store
        self._series = series
        self._summary_of = summary_of
        self._live: LiveRuns | None = None
        self._reading_live = threading.Lock()

    def reading(self, run_id: str) -> ReadingRun:
        """The boundary of one run: what is raised inside costs this run, and is one of the core's errors."""
        return ReadingRun(self._store.root / run_id)

    def open_run(self, run_id: str, *, early: bool = False) -> OpenedRun:
        """A run in full; of a huge finished one, and of one in flight, a short text is in the place of long metrics.

        Args:
            run_id: the run.
            early: whether the outline of a run of very many steps will do at first.

        Raises:
            RunNotFoundError: the run is gone.
            UnreadableRunError: its files can't be understood.
        """
        handle = self._store.handle(run_id)
        if handle.size >= WORTH_KEEPING or find_journals(self._store.root, run_id):
            known = self._known_row(handle)
            run, series, row, outline = self._series.cache.open(run_id, with_row=known is None, early=early)
            summary = known or row
        else:
            from magnus_tracking.runlog.metrics import series_of_run
            from magnus_tracking.series.times import read_times

            run, summary, outline = self._store.load(run_id), self._known_row(handle), None
            series = read_times(self._store.root, handle).attach(series_of_run(run))
        return OpenedRun(run, summary or self._read_row(handle), series, outline)

    def whole(self, opened: OpenedRun) -> OpenedRun:
        """A run that was opened early without anything left for later.

        Raises:
            RunNotFoundError: the run is gone.
        """
        from magnus_tracking.runlog.metrics import series_of_run
        from magnus_tracking.series.times import read_times

        times = read_times(self._store.root, self._store.handle(opened.summary.run_id))
        return replace(opened, series=times.attach(series_of_run(opened.run)), outline=None)

    def times_of(self, run_id: str) -> TrackedTimes:
        """When the values of a finished run were tracked, as far as that is known.

        Raises:
            RunNotFoundError: the run is gone.
        """
        from magnus_tracking.series.times import read_times

        return read_times(self._store.root, self._store.handle(run_id))

    def load(self, run_id: str) -> RunLog:
        """A run in full, without its row and its series.

        Raises:
            RunNotFoundError: the run is gone.
            UnreadableRunError: its files can't be understood.
        """
        return self._store.load(run_id)

    def logs_of(self, run: RunLog, run_id: str) -> RunLogs:
        """The execution logs of a run."""
        from magnus_tracking.logs.locate import RunLogs

        return RunLogs(run, self._store.home_of(run_id), run_id)

    def home_of(self, run: RunLog) -> RunHome:
        """Where the files of a run's catalog lie."""
        from magnus_tracking.logs.catalog import run_home

        return run_home(self._store.home_of(run.run_id), run.run_config)

    def is_large(self, run_id: str) -> bool:
        """Whether reading a run takes longer than a frame.

        Raises:
            RunNotFoundError: the run is gone.
        """
        return self._store.handle(run_id).size >= WORTH_KEEPING

    def is_huge(self, run_id: str) -> bool:
        """Whether a run fills so much memory that special care is taken of it.

        Raises:
            RunNotFoundError: the run is gone.
        """
        return self._store.handle(run_id).size >= HUGE

    def _known_row(self, handle: RunHandle) -> RunSummary | None:
        """The index's row of a finished run, if the run has not changed since."""
        known = self._summary_of(handle.run_id)
        if known is not None and known.is_finished and (known.size, known.mtime_ns) == (handle.size, handle.mtime_ns):
            return known
        return None

    def _read_row(self, handle: RunHandle) -> RunSummary:
        from magnus_tracking.stores.live_runs import LiveRuns  # late: not needed by the first screen

        with self._reading_live:
            self._live = self._live or LiveRuns(self._store)
            return self._live.summarize(handle)
