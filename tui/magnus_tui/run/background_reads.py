"""What the run screen reads off the event loop: the run, the logs of what is selected, the files of the catalog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Event

from textual.worker import get_current_worker

from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.logs.catalog import CatalogFile
from magnus_tui.feed.coalesced_worker import LOOKS_FOR_DEATH, CoalescedWorker
from magnus_tui.run.attempt_logs import Evidence, find_alike, read_evidence
from magnus_tui.run.loaded_run import LoadedRun, check_catalog, load_rest, load_run, ready_for_zoom
from magnus_tui.run.screen_interface import RunScreenParts
from magnus_tui.run.selection import Selection
from magnus_tui.run.tree_rows import Item
from magnus_tui.widgets.timed_refresh import Due

SETTLED = 0.04
"""Seconds for which the cursor rests before files are read for what is under it."""

_FIRST_FRAME = 0.5
"""Seconds for which a large run waits at most for the screen to say that it is being read."""

_REST = 0.5
"""Seconds after the run was shown that are left to painting it."""


class RunReader:
    """Reads a run and the files that belong to it, for its screen.

    Attributes:
        painted: set once the screen has shown that the run is being read.
    """

    def __init__(self, screen: RunScreenParts, first_line: int | None) -> None:
        """Read nothing yet.

        Args:
            screen: shows what was read.
            first_line: 0-based line to go to in the log of the first selection.
        """
        self._screen = screen
        self._first_line = first_line
        self.painted = Event()
        self._reading = CoalescedWorker(screen, self._load, "run")
        self._watching = CoalescedWorker(screen, self._look_for_death, "liveness")
        self._watch_due = Due(screen, self._watch)
        self._evidence: dict[str, Evidence] = {}

    def read(self) -> None:
        """Read the run, or read it again."""
        self._reading.request(soon=self._screen.loaded is None)

    @property
    def is_awaited(self) -> bool:
        """Whether the run is being read for the first time."""
        return self._reading.is_awaited

    def look_after(self) -> None:
        """Look now and then, while the run goes on, whether it died or fell silent; nothing tells of it."""
        self._watch_due.within(LOOKS_FOR_DEATH)

    def _watch(self) -> None:
        loaded = self._screen.loaded
        if self._screen.is_current and loaded is not None and loaded.around.liveness in ("live", "silent"):
            self._watching.request()

    def _look_for_death(self) -> Callable[[], None]:
        screen, loaded = self._screen, self._screen.loaded
        if loaded is None or screen.feed.liveness(loaded.opened.summary, screen.app.now()) == loaded.around.liveness:
            return self.look_after
        return self.read

    def _load(self) -> Callable[[], None]:
        screen = self._screen
        first = screen.loaded is None
        if first and self._is_large():
            # While it is parsed nothing else may run: what is being read should stand on the screen by then.
            self.painted.wait(_FIRST_FRAME)
        try:
            loaded = load_run(screen.feed, screen.run_id, screen.app.now(), early=first)
        except MagnusTrackingError as error:
            return partial(screen.show_problem, error)
        return partial(self._show_first if first else screen.show_run, loaded)

    def _is_large(self) -> bool:
        try:
            return self._screen.feed.opener.is_large(self._screen.run_id)
        except MagnusTrackingError:
            return False

    def _show_first(self, loaded: LoadedRun) -> None:
        self._screen.show_run(loaded)
        if loaded.opened.is_whole:
            self._start(partial(self._ready_for_zoom, loaded), "zoom", "a run ready for zoom", exclusive=False)
        else:
            self._start(partial(self._read_rest, loaded), "rest", "the rest of a run", exclusive=False)

    def _start(self, read: Callable[[], None], group: str, description: str, *, exclusive: bool = True) -> None:
        # Without a description a worker describes itself by its arguments, and whole runs take seconds to write out.
        self._screen.run_worker(read, thread=True, exclusive=exclusive, group=group, description=description)

    def _ready_for_zoom(self, loaded: LoadedRun) -> None:
        worker = get_current_worker()
        worker.cancelled_event.wait(_REST)
        ready_for_zoom(loaded, lambda: worker.is_cancelled)

    def _read_rest(self, early: LoadedRun) -> None:
        worker, screen = get_current_worker(), self._screen
        if worker.cancelled_event.wait(_REST):
            return
        try:
            show = partial(self._show_rest, early, load_rest(screen.feed, early))
        except MagnusTrackingError as error:
            show = partial(screen.show_problem, error)
        if not worker.is_cancelled:
            screen.app.call_from_thread(show)

    def _show_rest(self, early: LoadedRun, loaded: LoadedRun) -> None:
        # It may have been read again meanwhile.
        if self._screen.loaded is early:
            self._show_first(loaded)

    def forget_files(self) -> None:
        """Read the files again when they are next asked for, because they may have changed."""
        self._evidence.clear()

    def select(self, item: Item) -> None:
        """Show the details of a row, and read its logs and the files of the catalog."""
        screen = self._screen
        if screen.loaded is None:
            return
        selection = screen.loaded.selection(item)
        evidence = self._evidence.get(item.key)
        line, self._first_line = self._first_line, None
        screen.details.select(selection, evidence, line)
        if evidence is None:
            self._start(partial(self._read_evidence, selection), "evidence", "the logs of an attempt")
        if screen.details.tab == "catalog":
            self.check_catalog(selection)

    def _read_evidence(self, selection: Selection) -> None:
        worker = get_current_worker()
        if self._evidence and worker.cancelled_event.wait(SETTLED):
            return
        evidence = read_evidence(self._screen.feed, selection)
        if not worker.is_cancelled:
            self._screen.app.call_from_thread(self._show_evidence, selection, evidence)

    def _is_read_of(self, selection: Selection) -> bool:
        """Whether what was read for a selection is of the run as it is shown: it may have been read again meanwhile."""
        return self._screen.loaded is not None and self._screen.loaded.opened is selection.opened

    def _show_evidence(self, selection: Selection, evidence: Evidence) -> None:
        if not self._is_read_of(selection):
            return
        self._evidence[evidence.key] = evidence
        if self._screen.selection is selection:
            self._screen.details.select(selection, evidence)
            if evidence.alike is None and selection.item.state == "FAIL":
                self._start(partial(self._look_back, selection, evidence), "alike", "failures of the same cause")

    def _look_back(self, selection: Selection, evidence: Evidence) -> None:
        worker = get_current_worker()
        worker.cancelled_event.wait(SETTLED)
        alike = find_alike(self._screen.feed, selection, lambda: worker.is_cancelled)
        if alike is not None and not worker.is_cancelled:
            self._screen.app.call_from_thread(self._show_evidence, selection, replace(evidence, alike=alike))

    def check_catalog(self, selection: Selection) -> None:
        """Compare the files of the catalog with their hashes, those of the selection first."""
        known = self._screen.details.files
        self._start(partial(self._check_catalog, selection, known), "catalog", "files of the catalog")

    def _check_catalog(self, selection: Selection, known: dict[int, CatalogFile]) -> None:
        worker = get_current_worker()
        screen = self._screen

        def show(files: dict[int, CatalogFile]) -> None:
            if self._is_read_of(selection):
                screen.details.show_files(files)

        def tell(files: dict[int, CatalogFile]) -> None:
            if not worker.is_cancelled:
                screen.app.call_from_thread(show, files)

        check_catalog(screen.feed, selection, known, tell, lambda: worker.is_cancelled)
