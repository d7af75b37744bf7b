"""Keeping the index of the explored store up to date: verified at the start, followed as the store changes."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from textual.worker import get_current_worker

from magnus_tracking.errors import MagnusTrackingError
from magnus_tui.feed.messages import CopyChanged, RunsChanged, StoreFailed, StoreSeen

if TYPE_CHECKING:
    from magnus_tracking.index import IndexChanged
    from magnus_tui.feed.feed import Feed
    from magnus_tui.screen import Explorer

_REST = 1.0
"""Seconds for which making a filter ready leaves the processor to what is opened first."""

_COMPLETING = "complete"
_VERIFYING = "verify"


class StoreUpdates:
    """The workers that read what changes in the store; the application hears of it by messages."""

    def __init__(self, app: Explorer, feed: Feed) -> None:
        self._app = app
        self._feed = feed
        self._stop_following = threading.Event()
        self._filter_wanted = threading.Event()

    def verify(self) -> None:
        """Bring the list up to date, off the event loop."""
        self._app.run_worker(self._verify, group=_VERIFYING, exclusive=True, thread=True)

    def _verify(self) -> None:
        worker = get_current_worker()
        try:
            self._feed.refresh(self._tell_change, lambda: worker.is_cancelled)
        except MagnusTrackingError as error:
            if not self._app.following:
                self._app.post_message(StoreFailed(str(error)))
                return
        if self._feed.notice:
            self._app.post_message(StoreFailed(self._feed.notice))
        if not self._app.places:
            self._app.places = self._feed.remember()
        if (self._app.following or self._feed.store.is_copy) and not worker.is_cancelled:
            self._app.call_from_thread(self._start_following)
        while not self._filter_wanted.wait(_REST) and len(self._app.screen_stack) > 1 and not worker.is_cancelled:
            # Another screen is open, which needs this thread's time more than the list below it.
            continue
        if not self._app.should_stop(worker):
            self._feed.prepare_queries(self._app.let_answer)

    def complete(self) -> None:
        """Read what a question looked at and a first reading left out, off the event loop; screens hear of each batch.

        Asked again while that goes on, nothing more is begun.
        """
        if not any(worker.group == _COMPLETING and not worker.is_finished for worker in self._app.workers):
            self._app.run_worker(self._complete, group=_COMPLETING, thread=True)

    def _complete(self) -> None:
        worker = get_current_worker()
        self._feed.complete(self._tell_change, lambda: worker.is_cancelled)

    def prepare_filter(self) -> None:
        """Make ready what a filter needs now, because one is about to be typed."""
        self._filter_wanted.set()

    def _start_following(self) -> None:
        self._stop_following.set()
        self._stop_following = threading.Event()
        self._app.run_worker(partial(self._follow, self._stop_following), group="follow", exclusive=True, thread=True)

    def _follow(self, stop: threading.Event) -> None:
        if self._feed.store.is_copy:
            self._feed.keep_copy(stop, self._tell_change, self._tell_copy, lambda: self._app.following)
        else:
            self._feed.keep_up(stop, self._tell_change, self._app.settings.polling, self._tell_store)

    def _tell_copy(self, said: str, problem: str | None) -> None:
        self._app.post_message(CopyChanged(said, problem))

    def _tell_store(self, said: str, is_there: bool) -> None:
        self._app.post_message(StoreSeen(said, is_there))

    def _tell_change(self, batch: IndexChanged) -> None:
        self._app.post_message(RunsChanged(batch.changed_ids, batch.removed_ids, batch.done, batch.total))

    def follow(self, *, on: bool) -> None:
        """Follow changes of the store from now on, or no longer."""
        if on:
            self.verify()
        else:
            self._stop_following.set()

    def stop(self) -> None:
        """Let the workers come to an end."""
        self._stop_following.set()
        self._app.workers.cancel_group(self._app, _VERIFYING)
        self._app.workers.cancel_group(self._app, _COMPLETING)
        self._filter_wanted.set()
