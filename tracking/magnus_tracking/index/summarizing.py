"""Summaries of the runs that a refresh reads itself, the huge ones by a process beside this one.

Decoding a log of 50 MB holds every thread of a Python process for a tenth of a second, and with them the screen.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack

from magnus_tracking.index.encoding import decode_summary
from magnus_tracking.index.workers import Workers, WorkersLostError
from magnus_tracking.runlog.metric_summary import Detail
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores import RunHandle, Store
from magnus_tracking.stores.handles import HUGE


class Summarizer:
    """Makes the summaries of runs; a context manager.

    Args:
        store: whose runs.
        detail: how much of their metrics is worked out.
        give_way: called before a huge run is read; returns once nothing is more urgent.
    """

    def __init__(self, store: Store, detail: Detail, give_way: Callable[[], None]) -> None:
        self._store = store
        self._detail = detail
        self._give_way = give_way
        self._open = ExitStack()
        self._beside: Workers | None = None
        self._alone = (os.cpu_count() or 1) < 2

    def __enter__(self) -> Summarizer:
        """As it is: a process is started when there is something for it."""
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def __call__(self, handle: RunHandle) -> RunSummary:
        """The summary of a run."""
        if handle.size >= HUGE:
            self._give_way()
        if handle.size >= HUGE and not self._alone:
            try:
                return self._read_beside(handle)
            except WorkersLostError:
                # Without a process of its own this one reads the run.
                self._alone = True
        return self._store.summarize(handle, self._detail)

    def _read_beside(self, handle: RunHandle) -> RunSummary:
        if self._beside is None:
            self._beside = self._open.enter_context(Workers(self._store.root, self._detail, most=1))
        ((_, batch),) = self._beside.read([[os.path.basename(handle.path)]])  # noqa: PTH119 - names may be no UTF-8
        content = batch.runs[0].content
        if not content:
            return self._store.summarize(handle, self._detail)
        return decode_summary(content, handle.path)
