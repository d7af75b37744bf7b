"""A run as it goes on, for commands that stay until it has ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from magnus_tracking.analysis.liveness import Liveness
from magnus_tracking.runlog.metric_summary import FULL_DETAIL
from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.cli.store_access import Opened, call_back

if TYPE_CHECKING:
    from magnus_tracking.stores import RunHandle


_LIST_EVERY = 5.0
"""Seconds after which a store that lies elsewhere is listed again."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A run at one moment.

    Attributes:
        handle: its files.
        summary: the run in one row.
        liveness: whether it is live, silent, stalled or lost; None once it has ended.
        changed: whether its files have changed since the last look.
    """

    handle: RunHandle
    summary: RunSummary
    liveness: Liveness | None
    changed: bool

    @property
    def goes_on(self) -> bool:
        """Whether it may still change: a run whose writer is gone doesn't."""
        return not self.summary.is_finished and self.summary.error is None and self.liveness != "lost"

    @property
    def said(self) -> str:
        """What became of it, in a few words."""
        run = self.summary
        if run.error is not None:
            return f"can't be read: {run.error}"
        if run.is_finished:
            why = [text for text in (run.failing_step, run.message) if text] if run.status == "FAIL" else []
            return f"{run.status}: {' '.join(why)}" if why else str(run.status)
        return "lost: its process is gone" if self.liveness == "lost" else str(self.liveness)


def watch(opened: Opened, run_id: str, seconds: float | None = None) -> Iterator[Watched]:
    """A run as it is, and again whenever it may have changed, for as long as it goes on; last of all as it ended.

    The user is called back to the terminal when it ends.

    Its files are read again only when they have changed; between changes it is looked at twice a second, for its
    writer may be gone and its execution logs grow.

    Args:
        opened: the store.
        run_id: the run.
        seconds: after which to stop at the latest; None waits for ever.

    Raises:
        RunNotFoundError: there is no such run, or no longer.
    """
    from magnus_tracking.follow import Follower
    from magnus_tracking.journal.stamp import journal_stamp

    store = opened.store
    seen: tuple[RunHandle, int] | None = None
    summary = RunSummary(run_id)
    due = time.monotonic() + _LIST_EVERY

    def look() -> Watched:
        nonlocal seen, summary, due
        if store.is_copy and time.monotonic() >= due:
            # A network that is gone for a while is waited for.
            store.refresh_or_keep()
            due = time.monotonic() + _LIST_EVERY
        handle = store.handle(run_id)
        now = (handle, journal_stamp(handle.format.journals(store.root, run_id)))
        changed = now != seen
        if changed:
            seen, summary = now, store.summarize(handle, FULL_DETAIL)
        opened.now = opened.settings.now()
        return Watched(handle, summary, opened.liveness(summary), changed)

    watched = look()
    yield watched
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set) if seconds is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        for _ in Follower(store, lambda: (run_id,), lambda: (run_id,)).changes(stop) if watched.goes_on else ():
            watched = look()
            if not watched.goes_on:
                call_back(f"{run_id}: {watched.said}")
            yield watched
            if not watched.goes_on:
                return
    finally:
        stop.set()
        if timer is not None:
            timer.cancel()
