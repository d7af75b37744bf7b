"""One run: its steps as a tree, and everything that is known of the one that is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Footer
from textual.worker import get_current_worker

from magnus_tracking.catalog import CatalogFile
from magnus_tracking.errors import MagnusTrackingError
from magnus_tui import keys
from magnus_tui.evidence import Evidence, read_evidence
from magnus_tui.feed import Feed
from magnus_tui.messages import RunsChanged
from magnus_tui.opening import LoadedRun, check_catalog, load_run, success_before
from magnus_tui.panes.problem import problem_lines, reading_lines
from magnus_tui.panes.run_title import home_relative, run_path, run_status
from magnus_tui.run_tree import Item, every_item, folded_at_first
from magnus_tui.selection import Selection
from magnus_tui.widgets.detail_view import DetailView
from magnus_tui.widgets.metrics_view import MetricsView
from magnus_tui.widgets.run_panes import TABS, RunPanes
from magnus_tui.widgets.step_tree import StepTree, failures_in
from magnus_tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from magnus_tui.app import ExplorerApp

_NARROW = 110
"""Below this width the steps and the details take turns."""

_SETTLED = 0.04
"""Seconds for which the cursor rests before files are read for what is under it."""


class RunScreen(Screen[None]):
    """A run, from its steps down to a failed attempt's traceback."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.RUN, keys.RUN_TABS)]
    key_tables: ClassVar = [
        ("run", keys.RUN),
        ("tabs", keys.RUN_TABS),
        ("steps", keys.TREE),
        ("log", keys.LOG),
        ("metrics", keys.METRICS),
        ("raw, config", keys.JSON),
        ("move", keys.MOVE),
        ("everywhere", keys.APP),
    ]
    app: ExplorerApp

    def __init__(
        self,
        feed: Feed,
        run_id: str,
        step: str | None = None,
        attempt: int | None = None,
        tab: str | None = None,
        line: int | None = None,
    ) -> None:
        """Make the screen.

        Args:
            feed: the door to the core.
            run_id: the run.
            step: internal name of the step to begin on; the failing one if left out.
            attempt: number of the attempt to begin on.
            tab: the tab to begin on, and whether the keys go to it at once.
            line: 0-based line of the log to begin on.
        """
        super().__init__()
        self.feed = feed
        self.run_id = run_id
        self._wanted = (step, attempt)
        self._first_tab = tab if tab in TABS else None
        self._first_line = line
        self._loaded: LoadedRun | None = None
        self._evidence: dict[str, Evidence] = {}
        self._direct = False

    def compose(self) -> ComposeResult:
        """Title, steps and details, footer; a notice in their place while there is nothing to show."""
        yield TitleBar()
        yield DetailView(id="run-notice")
        with Horizontal(id="run-body"):
            yield StepTree(id="steps")
            yield RunPanes(id="panes")
        yield Footer(compact=True, show_command_palette=False)

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

    def on_mount(self) -> None:
        """Say where you are, and start reading."""
        self.add_class("-notice")
        self.query_one(TitleBar).path = (home_relative(self.feed.store.root), self.run_id)
        self.query_one("#run-notice", DetailView).show(lambda page: reading_lines(self.run_id, page), same=False)
        self._arrange()
        self.set_interval(1, self._tick)
        self.read()

    @work(thread=True, exclusive=True, group="run")
    def read(self) -> None:
        """Read the run, off the event loop."""
        worker = get_current_worker()
        try:
            loaded = load_run(self.feed, self.run_id, self.app.settings.now())
        except MagnusTrackingError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self._show_problem, error)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_run, loaded)

    def _show_problem(self, error: MagnusTrackingError) -> None:
        if self._loaded is not None:
            self.notify(str(error), severity="warning", markup=False)
            return
        self.query_one("#run-notice", DetailView).show(lambda page: problem_lines(error, page), same=False)

    def _show_run(self, loaded: LoadedRun) -> None:
        first, self._loaded = self._loaded is None, loaded
        self._evidence.clear()
        self.remove_class("-notice")
        self.panes.show_run(loaded.around, loaded.entries)
        finished = loaded.opened.summary.is_finished
        folded = folded_at_first(loaded.items) if first else None
        self.steps.show(loaded.items, folded, self.app.settings.now(), unfinished=not finished)
        if first:
            self._begin(loaded)
        elif self.steps.current is not None:
            self._select(self.steps.current)
        self._tell()

    def _begin(self, loaded: LoadedRun) -> None:
        key = loaded.first_key(*self._wanted)
        if key is not None:
            self.steps.go_to(key)
        if self._first_tab:
            self.panes.show_tab(self._first_tab)
        failed = loaded.opened.summary.failing_step is not None
        if self._first_tab or (self._is_narrow and failed):
            self._direct = True
            self._to_details()
        else:
            self._to_steps()

    def _tell(self) -> None:
        if self._loaded is not None:
            bar = self.query_one(TitleBar)
            now, variables = self.app.settings.now(), self.app.theme_variables
            bar.path = run_path(self.feed.store.root, self._loaded)
            bar.status = run_status(self._loaded, now, variables, max(self.size.width - len(self.run_id) - 8, 0))

    def _tick(self) -> None:
        if self._loaded is not None and not self._loaded.opened.summary.is_finished:
            self.steps.advance(self.app.settings.now())
            self._tell()

    def runs_changed(self, event: RunsChanged) -> None:
        """Read the run again if it is among those that changed; everything stays where it is."""
        if self.run_id in event.changed:
            self.read()

    # What is selected

    def on_step_tree_selected(self, event: StepTree.Selected) -> None:
        """Show the details of the row under the cursor."""
        self._select(event.item)

    def _select(self, item: Item) -> None:
        if self._loaded is None:
            return
        selection = self._loaded.selection(item)
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

    # Where the keys go

    @property
    def _is_narrow(self) -> bool:
        return self.size.width < _NARROW

    def on_resize(self, _event: Resize) -> None:
        """Lay out for the new size."""
        self._arrange()
        self._tell()

    def _arrange(self) -> None:
        self.set_class(self._is_narrow, "-narrow")

    def _to_details(self) -> None:
        self.add_class("-details")
        self.call_after_refresh(self.panes.focus_content)

    def _to_steps(self) -> None:
        self._direct = False
        self.remove_class("-details")
        self.call_after_refresh(self.steps.focus)

    def on_step_tree_entered(self, _event: StepTree.Entered) -> None:
        """Go on to the details."""
        self._to_details()

    def on_metrics_view_left(self, _event: MetricsView.Left) -> None:
        """Out of the metrics."""
        self.action_back()

    def on_metrics_view_copy_requested(self, event: MetricsView.CopyRequested) -> None:
        """Copy a value of the metrics."""
        self.app.copy_and_say(event.text)

    def action_other_pane(self) -> None:
        """Move between the steps and the details."""
        if self._loaded is not None:
            self._to_details() if self.steps.has_focus else self._to_steps()

    def action_show_tab(self, place: int) -> None:
        """Show a tab, and give it the keys."""
        if self._loaded is not None:
            self.panes.show_tab(TABS[place])
            self._to_details()

    def action_back(self) -> None:
        """Out of a search, then out of the details, then out of the run."""
        if self.panes.leave():
            return
        if self._loaded is not None and self.has_class("-details") and not self._direct:
            self._to_steps()
            return
        self.dismiss()

    # Attempts and failures

    def action_next_failure(self) -> None:
        """Move to the next failed attempt."""
        self._move_to_failure(1)

    def action_previous_failure(self) -> None:
        """Move to the previous failed attempt."""
        self._move_to_failure(-1)

    def _move_to_failure(self, step: int) -> None:
        if self._loaded is None:
            return
        order = [item.key for item in every_item(self._loaded.items)]
        failed = {item.key for item in failures_in(self._loaded.items)}
        here = order.index(self.steps.current.key) if self.steps.current else -1
        ahead = order[here + 1 :] if step > 0 else order[: max(here, 0)][::-1]
        found = next((key for key in ahead if key in failed), None)
        if found is None:
            self.notify("no other failed attempt this way", timeout=2, markup=False)
        else:
            self.steps.go_to(found)

    def action_next_attempt(self) -> None:
        """Show the next attempt of the step."""
        self._move_to_attempt(1)

    def action_previous_attempt(self) -> None:
        """Show the previous attempt of the step."""
        self._move_to_attempt(-1)

    def _move_to_attempt(self, step: int) -> None:
        selection = self.selection
        attempts = selection.step.attempts if selection and selection.step and not selection.branch else []
        if selection is None or selection.attempt is None or len(attempts) < 2:
            self.notify("there is no other attempt of this step", timeout=2, markup=False)
            return
        place = next(i for i, attempt in enumerate(attempts) if attempt is selection.attempt) + step
        if 0 <= place < len(attempts):
            self.steps.go_to(f"{selection.item.step}#{attempts[place].attempt_number}")
        else:
            self.notify(f"this is the {'last' if step > 0 else 'first'} attempt", timeout=2, markup=False)

    def action_hide_finished(self) -> None:
        """Hide or show steps that finished well."""
        self.steps.hide_finished = not self.steps.hide_finished

    # What can be done with it

    def action_copy(self) -> None:
        """Copy what is under the cursor."""
        item = self.steps.current
        text = self.panes.copy_text() if self.has_class("-details") else item.key.partition("#")[0] if item else ""
        if text:
            self.app.copy_and_say(text)

    def action_edit(self) -> None:
        """Open the file behind this: a log, a file of the catalog, or else the run's own."""
        path = self.panes.file_path() if self.has_class("-details") else None
        if path or self._loaded is not None:
            self.app.edit_file(path or (self._loaded.opened.summary.path if self._loaded else ""))

    def action_follow(self) -> None:
        """Follow the run while it goes on, or no longer."""
        self.app.toggle_following()
        self.notify("following" if self.app.following else "not following any more", timeout=2, markup=False)

    @work(thread=True, exclusive=True, group="compare")
    def action_compare_last_success(self) -> None:
        """Compare with the last success of this pipeline."""
        if self._loaded is None:
            return
        other = success_before(self.feed, self._loaded.opened.summary)
        self.app.call_from_thread(self._compare, other)

    def _compare(self, other: str | None) -> None:
        if other is None:
            self.notify("no run of this pipeline has succeeded", timeout=3, markup=False)
            return
        from magnus_tui.screens.compare import CompareScreen

        self.app.push_screen(CompareScreen(self.feed, [other, self.run_id]))
