"""The run screen as the objects that work for it see it: its run, its widgets, and how to show what was read."""

from __future__ import annotations

from abc import abstractmethod

from magnus_tracking.errors import MagnusTrackingError
from magnus_tui.feed.feed import Feed
from magnus_tui.run.details_pane import DetailsPane
from magnus_tui.run.loaded_run import LoadedRun
from magnus_tui.run.selection import Selection
from magnus_tui.run.step_tree import StepTree
from magnus_tui.screen import Explorer
from magnus_tui.widgets.filtering_screen import FilteringScreen


class RunScreenParts(FilteringScreen[None]):
    """The parts of the run screen.

    Attributes:
        feed: the door to the core.
        run_id: the run.
        loaded: the run, once it has been read.
    """

    app: Explorer
    feed: Feed
    run_id: str
    loaded: LoadedRun | None = None

    @property
    def steps(self) -> StepTree:
        """The steps."""
        return self.query_one(StepTree)

    @property
    def details(self) -> DetailsPane:
        """The details."""
        return self.query_one(DetailsPane)

    @property
    def selection(self) -> Selection | None:
        """What is selected."""
        return self.details.selection

    @property
    def goes_on(self) -> bool:
        """Whether more is to be expected of the run."""
        return self.loaded is not None and not self.loaded.opened.summary.is_finished

    @abstractmethod
    def show_run(self, loaded: LoadedRun) -> None:
        """Show the run, just read or read again."""

    @abstractmethod
    def show_problem(self, error: MagnusTrackingError) -> None:
        """Say why the run can't be read."""
