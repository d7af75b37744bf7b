"""What the run screen reads off the event loop: the run, the logs of what is selected, the files of the catalog."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import partial

from textual import work
from textual.screen import Screen
from textual.worker import get_current_worker

from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.logs.catalog import CatalogFile
from magnus_tui.feed.coalesced_worker import LOOKS_FOR_DEATH, CoalescedWorker
from magnus_tui.feed.feed import Feed
from magnus_tui.run.evidence import Evidence, read_evidence
from magnus_tui.run.loader import LoadedRun, check_catalog, load_run, ready_for_zoom
from magnus_tui.run.selection import Selection
from magnus_tui.run.step_tree import StepTree
from magnus_tui.run.tabs import RunPanes
from magnus_tui.run.tree_rows import Item
from magnus_tui.screen import Explorer
from magnus_tui.widgets.due import Due

_SETTLED = 0.04
"""Seconds for which the cursor rests before files are read for what is under it."""

_REST = 0.5
"""Seconds after the run was shown that are left to painting it."""


class RunReading(Screen[None]):
    """A screen that reads one run and what belongs to it; how it is shown is up to the class that extends this one.

    Textual's screens have a metaclass of their own, so that it is the type checker that holds that class to it.

    Attributes:
        feed: the door to the core.
        run_id: the run.
        loaded: the run, once it has been read.
    """

    app: Explorer

    def __init__(self, feed: Feed, run_id: str, first_line: int | None = None) -> None:
        """Make the screen.

        Args:
            feed: the door to the core.
            run_id: the run.
            first_line: 0-based line of the log of what is selected first to go to.
        """
        super().__init__()
        self.feed = feed
        self.run_id = run_id
        self.loaded: LoadedRun | None = None
        self._reading = CoalescedWorker(self, self._load, "run")
        self._watching = CoalescedWorker(self, self._look_for_death, "liveness")
        self._watch_due = Due(self, self._watch)
        self._evidence: dict[str, Evidence] = {}
        self._first_line = first_line

    @property
    def steps(self) -> StepTree:
        """The steps."""
        return self.query_one(StepTree)

    @property
    def panes(self) -> RunPanes:
        """The details."""
        return self.query_one(RunPanes)

    @property
    def selection(self) -> Selection | None:
        """What is selected."""
        return self.panes.selection

    def read(self) -> None:
        """Read the run, off the event loop, or read it again."""
        self._reading.request()

    def look_after(self) -> None:
        """Look now and then, while the run goes on, whether it died or fell silent; nothing tells of it."""
        self._watch_due.within(LOOKS_FOR_DEATH)

    def _watch(self) -> None:
        loaded = self.loaded
        if self.is_current and loaded is not None and loaded.around.liveness in ("live", "silent"):
            self._watching.request()

    def _look_for_death(self) -> Callable[[], None]:
        loaded = self.loaded
        if loaded is None or self.feed.liveness(loaded.opened.summary, self.app.now()) == loaded.around.liveness:
            return self.look_after
        return self.read

    def _load(self) -> Callable[[], None]:
        try:
            if self.loaded is not None:
                return partial(self.show_run, load_run(self.feed, self.run_id, self.app.now()))
            return partial(self._show_first, load_run(self.feed, self.run_id, self.app.now(), zoomed=False))
        except MagnusTrackingError as error:
            return partial(self.show_problem, error)

    def _show_first(self, loaded: LoadedRun) -> None:
        self.show_run(loaded)
        self._ready_for_zoom(loaded)

    # Without a description a worker describes itself by its arguments, and whole runs take seconds to write out.
    @work(thread=True, group="zoom", description="a run ready for zoom")
    def _ready_for_zoom(self, loaded: LoadedRun) -> None:
        worker = get_current_worker()
        worker.cancelled_event.wait(_REST)
        ready_for_zoom(loaded, lambda: worker.is_cancelled)

    @abstractmethod
    def show_run(self, loaded: LoadedRun) -> None:
        """Show the run, just read or read again."""

    @abstractmethod
    def show_problem(self, error: MagnusTrackingError) -> None:
        """Say why the run can't be read."""

    def forget_files(self) -> None:
        """Read again what the files say, because they may have changed."""
        self._evidence.clear()

    def select(self, item: Item) -> None:
        """Show the details of a row, and read what the files say of it."""
        if self.loaded is None:
            return
        selection = self.loaded.selection(item)
        evidence = self._evidence.get(item.key)
        line, self._first_line = self._first_line, None
        self.panes.select(selection, evidence, line)
        if evidence is None:
            self._read_evidence(selection)
        if self.panes.tab == "catalog":
            self._check_catalog(selection)

    @work(thread=True, exclusive=True, group="evidence")
    def _read_evidence(self, selection: Selection) -> None:
        worker = get_current_worker()
        if self._evidence and worker.cancelled_event.wait(_SETTLED):
            return
        evidence = read_evidence(self.feed, selection)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_evidence, selection, evidence)

    def _show_evidence(self, selection: Selection, evidence: Evidence) -> None:
        self._evidence[evidence.key] = evidence
        if self.selection is selection:
            self.panes.select(selection, evidence)

    def on_run_panes_tab_shown(self, event: RunPanes.TabShown) -> None:
        """Look at the files of the catalog once they are asked for."""
        if event.tab == "catalog" and self.selection is not None:
            self._check_catalog(self.selection)

    @work(thread=True, exclusive=True, group="catalog")
    def _check_catalog(self, selection: Selection) -> None:
        worker = get_current_worker()

        def tell(files: dict[int, CatalogFile]) -> None:
            if not worker.is_cancelled:
                self.app.call_from_thread(self._show_files, files)

        check_catalog(self.feed, selection, self.panes.files, tell, lambda: worker.is_cancelled)

    def _show_files(self, files: dict[int, CatalogFile]) -> None:
        self.panes.files = files
        if self.panes.tab == "catalog":
            self.panes.update_tab()
