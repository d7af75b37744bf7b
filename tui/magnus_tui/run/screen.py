"""One run: its steps as a tree, and everything that is known of the one that is selected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.widgets import Static

from magnus_tracking.analysis.liveness import DEAD
from magnus_tracking.errors import MagnusTrackingError, UnreadableRunError
from magnus_tracking.logs.stamps import stamp_of
from magnus_tracking.runlog.times import parse_time
from magnus_tui import keys
from magnus_tui.charts.chart_options import ChartLook
from magnus_tui.feed.feed import Feed
from magnus_tui.feed.messages import RunsChanged
from magnus_tui.format.seen import Seen
from magnus_tui.format.text import clean
from magnus_tui.run.background_reads import RunReader
from magnus_tui.run.details_pane import DetailsPane
from magnus_tui.run.follow_mode import Following
from magnus_tui.run.loaded_run import LoadedRun
from magnus_tui.run.log_lines import LogLines
from magnus_tui.run.log_view import LogView
from magnus_tui.run.metrics_tab import MetricsView
from magnus_tui.run.placeholder_lines import problem_lines
from magnus_tui.run.screen_interface import RunScreenParts
from magnus_tui.run.step_tree import StepTree
from magnus_tui.run.tabs import TAB_KEYS, TAB_NAMES
from magnus_tui.run.title import run_path, run_status, why_outdated
from magnus_tui.run.tree_rows import next_failure
from magnus_tui.screen import LateScreen, is_working, read_styles
from magnus_tui.screen_requests import FailuresRequested, LastSuccessRequested, RunRequested, StepComparisonRequested
from magnus_tui.widgets.detail_view import DetailView
from magnus_tui.widgets.filter_bar import FilterBar
from magnus_tui.widgets.key_bar import KeyBar
from magnus_tui.widgets.newest_in_view import Follower
from magnus_tui.widgets.side_pane import NARROW
from magnus_tui.widgets.tab_bar import TabBar
from magnus_tui.widgets.timed_refresh import Due
from magnus_tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from magnus_tui.run.timeline_screen import TimelineScreen

_ALIVE_SECONDS, _DEAD_SECONDS = 1.0, 5.0
"""Between two times that a run that goes on is told anew; of one that seems dead only the log may still grow."""


class RunScreen(RunScreenParts):
    """A run, from its steps down to a failed attempt's traceback."""

    CSS = read_styles(__file__, "run.tcss", "steps.tcss", "../widgets/metrics.tcss")
    SCOPED_CSS = False
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.RUN, TAB_KEYS)]
    key_tables: ClassVar = [
        ("run", keys.RUN),
        ("tabs", TAB_KEYS),
        ("steps", keys.TREE),
        ("log", keys.LOG),
        ("metrics", keys.METRICS),
        ("full chart", (keys.CHART_LOG,)),
        ("raw, config", keys.JSON),
        ("long lines", keys.SIDE),
        ("move", keys.MOVE),
        ("everywhere", keys.APP),
    ]

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
        self._reader = RunReader(self, line)
        self._following = Following(self)
        self._wanted = (step, attempt)
        self._first_tab = tab if tab in TAB_NAMES else None
        self._asked_tab: str | None = None
        self._direct = False
        self._alone = False
        self._to_focus = 0
        self._outdated = self._problem_file = ""
        self._aging = Due(self, self._grow_older)
        self.add_class("-notice", update=False)

    def compose(self) -> ComposeResult:
        """Title, filter, steps and details, footer; a notice in their place while there is nothing to show."""
        yield TitleBar()
        yield FilterBar(hides=True)
        # In the first frame already, before a pane that lays out lines knows its room.
        yield Static(f"reading {clean(self.run_id)} …", id="run-reading", markup=False)
        yield DetailView(id="run-notice")
        with Horizontal(id="run-body"):
            yield StepTree(id="steps")
            yield DetailsPane(id="details")
        yield KeyBar()

    def on_mount(self) -> None:
        """Say where you are, and start reading."""
        self.query_one(TitleBar).path = (self.feed.project, self.run_id)
        self._arrange()
        self.app.theme_changed_signal.subscribe(self, lambda _: self.tell())
        self._reader.read()
        self.call_after_refresh(self._reader.painted.set)

    def show_problem(self, error: MagnusTrackingError) -> None:
        """Say why the run can't be read; a run that is shown already stays, and its title says so."""
        if self.loaded is not None:
            self.notify(str(error), severity="warning")
            self._outdated = why_outdated(error)
            self.tell()
            return
        self.add_class("-problem")
        self._problem_file = str(error.path) if isinstance(error, UnreadableRunError) else ""
        self.query_one("#run-notice", DetailView).show(lambda page: problem_lines(error, page), same=False)

    def show_run(self, loaded: LoadedRun) -> None:
        """Show the run, just read or read again; what is selected and unfolded stays."""
        first, self.loaded = self.loaded is None, loaded
        self._outdated = ""
        self._reader.forget_files()
        self.remove_class("-notice", "-problem")
        if first:
            self._take_look()
        self.details.show_run(loaded.around, loaded.entries)
        tab = self._first_tab or self._asked_tab
        if first and tab:
            # Before anything is selected, so that no other tab is drawn first.
            self.details.show_tab(tab)
        summary = loaded.opened.summary
        self.steps.show(
            loaded.items,
            loaded.span,
            set(loaded.folded) if first else None,
            loaded.until(self.app.now()),
            unfinished=not summary.is_finished,
            clock_went_back=summary.clock_note is not None,
        )
        if first:
            self._begin(loaded)
        if self.steps.current is not None:
            # By the time that the tree has told it, a tab without what is selected would have been painted.
            self._reader.select(self.steps.current)
        self.refresh_bindings()
        self._following.look()
        self.tell()
        if self.goes_on:
            self._aging.within(_ALIVE_SECONDS)
            self._reader.look_after()

    def _begin(self, loaded: LoadedRun) -> None:
        key = loaded.first_key(*self._wanted)
        if key is not None:
            self.steps.go_to(key)
        failed = loaded.opened.summary.failing_step is not None
        self._direct = bool(self._first_tab) or (self._is_narrow and failed and not self._asked_tab)
        if self._direct or self._asked_tab:
            self._to_details()
        else:
            self._to_steps()

    def tell(self) -> None:
        """Say where the run stands."""
        if self.loaded is not None:
            bar = self.query_one(TitleBar)
            now, variables = self.app.now(), self.app.theme_variables
            bar.path = run_path(self.feed.project, self.loaded)
            room = max(self.size.width - len(self.run_id) - 8, 0)
            bar.status = run_status(self.loaded, now, variables, room, str(self._following), self._outdated)

    def on_screen_resume(self) -> None:
        """Show what has changed while another screen was on top."""
        self._take_look()
        self._grow_older()
        self._reader.look_after()

    def _take_look(self) -> None:
        self.details.take_look(ChartLook.of(self.app.settings.charts), self.app.settings.best)

    def _grow_older(self) -> None:
        """Tell anew what depends on the time, while the run goes on and is on top."""
        if not self.is_current or self.loaded is None or not self.goes_on or self._outdated:
            return
        now = self.app.now()
        self.steps.advance(self.loaded.until(now))
        self.details.grow_older(now)
        self.tell()
        self._aging.within(_DEAD_SECONDS if self.loaded.around.liveness in DEAD else _ALIVE_SECONDS)

    def runs_changed(self, event: RunsChanged) -> None:
        """Read the run again if it is among those that changed; everything stays where it is."""
        if self.run_id in event.changed | event.removed:
            self._reader.read()

    def awaits(self, verb: str) -> bool:
        """Keys wait for the run, for the pane that they go to, and to open a file of the catalog until it is found."""
        shown_soon = self._to_focus > 0 or self.details.is_mounting
        return self._reader.is_awaited or shown_soon or (verb == "edit" and is_working(self, "catalog"))

    # Following

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A run is followed only while it goes on."""
        return self.goes_on if action == "follow" else super().check_action(action, parameters)

    def action_follow(self) -> None:
        """Follow the run, with what is followed on the screen; resume what was paused; or follow no longer."""
        self._following.toggle()
        if self._following.is_on and self._is_narrow and not self.has_class("-details"):
            self._to_details()
        self.tell()

    def on_follower_paused(self, _event: Follower.Paused) -> None:
        """Say that what is shown is no longer followed."""
        self.tell()

    # What is selected

    def on_step_tree_selected(self, event: StepTree.Selected) -> None:
        """Show the details of the row under the cursor."""
        if self.selection is None or self.selection.item is not event.item:
            self._reader.select(event.item)

    def on_details_pane_tab_shown(self, event: DetailsPane.TabShown) -> None:
        """Look at the files of the catalog once they are asked for."""
        if event.tab == "catalog" and self.selection is not None:
            self._reader.check_catalog(self.selection)

    def seen(self) -> Seen | None:
        """The steps, or the tab that is shown, whichever has the keys."""
        if self.loaded is None:
            return None
        if self.has_class("-details"):
            return self.details.seen()
        return self.steps.seen().titled(f"steps of {self.run_id}")

    # Where the keys go

    @property
    def _is_narrow(self) -> bool:
        return self._alone or self.size.width < NARROW

    def on_resize(self, _event: Resize) -> None:
        """Lay out for the new size."""
        self._arrange()
        self.tell()

    def _arrange(self) -> None:
        self.set_class(self._is_narrow, "-narrow")

    def on_descendant_focus(self) -> None:
        """Know where the keys go, also when the mouse moved them, and say whether what is shown there is followed."""
        if not self.filter_bar.is_typing:  # what is filtered stays in view
            self._set_details(self.details.has_focus_within)
        self.tell()

    def _set_details(self, on: bool) -> None:
        # Only the narrow layout depends on it, and to style everything anew takes as long as a frame.
        self.set_class(on, "-details", update=self._is_narrow)

    def _to_details(self) -> None:
        self._set_details(True)
        self._focus_next(self.details.focus_content)

    def _to_steps(self) -> None:
        self._direct = False
        self._set_details(False)
        self._focus_next(self.steps.focus)

    def _focus_next(self, focus: Callable[[], Any]) -> None:
        """Move the focus once what takes it is displayed."""
        self._to_focus += 1
        self.call_after_refresh(self._focus_now, focus)

    def _focus_now(self, focus: Callable[[], Any]) -> None:
        self._to_focus -= 1
        focus()

    def on_step_tree_entered(self, _event: StepTree.Entered) -> None:
        """Go on to the details."""
        self._to_details()

    def on_metrics_view_left(self, _event: MetricsView.Left) -> None:
        """Out of the metrics."""
        self.action_back()

    def on_metrics_view_copy_requested(self, event: MetricsView.CopyRequested) -> None:
        """Copy a value of the metrics."""
        self.app.copy_and_say(event.text)

    def on_metrics_view_log_wanted(self, event: MetricsView.LogWanted) -> None:
        """Show what the step wrote around a moment."""
        if not self.steps.go_to(f"{event.step}#{event.attempt}"):
            self.steps.go_to(event.step)
        if self.steps.current is not None:
            # Before its log is asked for, so that no other step's is searched.
            self._reader.select(self.steps.current)
        self.details.look_for(event.moment)
        self._to_details()

    def on_log_view_step_wanted(self, event: LogView.StepWanted) -> None:
        """Show the log of another step."""
        self.steps.go_to(event.step)

    def on_log_lines_moment_chosen(self, event: LogLines.MomentChosen) -> None:
        """Show what the step tracked when a line of its log was written."""
        attempt = self.selection.attempt if self.selection else None
        began = parse_time(str(attempt.start_time)) if attempt is not None else None
        moment = stamp_of(event.line, began or self.app.now())
        step = self.selection.step if self.selection else None
        if moment is None or step is None:
            self.notify("no timestamp on this line or above it", timeout=2)
            return
        if began is not None and moment < began - timedelta(hours=1):
            # The clock alone, after midnight.
            moment += timedelta(days=1)
        self.details.show_curve(step.internal_name, moment)
        self._to_details()

    def action_other_pane(self) -> None:
        """Move between the steps and the details."""
        if self.loaded is not None:
            self._to_details() if self.steps.has_focus else self._to_steps()

    def action_alone(self) -> None:
        """Show the pane in focus alone, or both again."""
        self._alone = not self._alone
        self._arrange()

    def action_show_tab(self, place: int) -> None:
        """Show a tab, and give it the keys; one that is asked for early is shown once the run has been read."""
        if self.loaded is None:
            self._asked_tab = TAB_NAMES[place]
            return
        self.leave_filter()
        self.details.show_tab(TAB_NAMES[place])
        self._to_details()

    def on_tab_bar_chosen(self, event: TabBar.Chosen) -> None:
        """Show the tab that was clicked."""
        self.action_show_tab(event.place)

    def action_back(self) -> None:
        """Out of a filter or search, then out of the details, then out of the run."""
        if self.leave_filter():
            return
        if self.loaded is not None and self.has_class("-details") and not self._direct:
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
        found = next_failure(self.steps.items, self.steps.path, step)
        if found is None:
            self.notify("no more failed attempts this way", timeout=2)
        else:
            self.steps.go_to(found)

    def action_next_attempt(self) -> None:
        """Show the next attempt of the step."""
        self._move_to_attempt(1)

    def action_previous_attempt(self) -> None:
        """Show the previous attempt of the step."""
        self._move_to_attempt(-1)

    def _move_to_attempt(self, step: int) -> None:
        found = self.selection.other_attempt(step) if self.selection else None
        if self.selection is None or self.selection.attempt is None:
            self.notify("put the cursor on a step that has attempts", timeout=2)
        elif found is None or not self.steps.go_to(found):
            self.notify("no more attempts of this step this way", timeout=2)

    def action_slowest(self) -> None:
        """Move to the slowest step, then to the next slowest."""
        self.notify(self.steps.go_to_slowest(), timeout=3)

    def action_previous_run(self) -> None:
        """Open the run of this pipeline that started before this one."""
        self._open_beside(-1)

    def action_next_run(self) -> None:
        """Open the run of this pipeline that started after this one."""
        self._open_beside(1)

    def _open_beside(self, step: int) -> None:
        if self.loaded is None:
            self._say_unread()
            return
        summary, tab = self.loaded.opened.summary, self.details.tab if self.has_class("-details") else None

        def go(run_id: str | None) -> None:
            if run_id is None:
                when = "later" if step > 0 else "earlier"
                self.notify(f"no {when} run of this pipeline", timeout=2)
            else:
                self.post_message(RunRequested(run_id, tab=tab, instead=True))

        self.app.before_next_key(partial(self.feed.run_beside, summary, step), go)

    def action_failures(self) -> None:
        """Show where else this failure has happened: its cause, in all runs."""
        selection = self.selection
        if selection is None or selection.step is None or selection.item.state != "FAIL":
            self.post_message(FailuresRequested())
        else:
            number = selection.attempt.attempt_number if selection.attempt else None
            self.post_message(FailuresRequested(self.run_id, selection.step.internal_name, number))

    def action_hide_finished(self) -> None:
        """Hide or show steps that finished without a failure."""
        self.steps.hide_finished = not self.steps.hide_finished

    def action_timeline(self) -> None:
        """Show the run over time, and come back to the step that was looked at there."""
        if self.loaded is not None:
            prepare = partial(self._prepare_timeline, self.steps.current.key if self.steps.current is not None else "")
            self.app.open_screen(LateScreen(prepare, "magnus_tui.run.timeline_screen"), self._come_back)
        else:
            self._say_unread()

    def _prepare_timeline(self, first: str) -> Callable[[], TimelineScreen]:
        from magnus_tui.run.timeline_screen import TimelineScreen  # late: the first frame of a run does without it

        return partial(TimelineScreen, self.feed, self.run_id, first)

    def _come_back(self, key: str | None) -> None:
        if key is not None and not self.steps.go_to(key):
            self.steps.go_to(key.partition("#")[0])

    # What can be done with it

    def _say_unread(self) -> None:
        """Say why a key does nothing here."""
        if self.has_class("-problem"):
            self.notify("this run can't be read", timeout=2)

    def action_copy(self) -> None:
        """Copy what is under the cursor."""
        item = self.steps.current
        text = self.details.copy_text() if self.has_class("-details") else item.key.partition("#")[0] if item else ""
        self.app.copy_and_say(text)

    def action_edit(self) -> None:
        """Open the file behind this: a log, a file of the catalog, or else the run's own."""
        path = self.details.file_path() if self.has_class("-details") else None
        path = path or (self.loaded.opened.summary.path if self.loaded is not None else self._problem_file)
        if path:
            self.app.edit_file(path)
        else:
            self._say_unread()

    def action_compare_last_success(self) -> None:
        """Compare with the last success of this pipeline."""
        if self.loaded is not None:
            self.post_message(LastSuccessRequested(self.loaded.opened.summary))
        else:
            self._say_unread()

    def action_compare_inside(self) -> None:
        """Compare the branches of the selected step, or its attempts."""
        if self.loaded is None:
            self._say_unread()
            return
        run, item = self.loaded.opened.run, self.steps.current
        step = (item.step or "") if item is not None else ""

        def prepare() -> str | None:
            # late: few runs are looked at so
            from magnus_tracking.analysis.compare.branches_and_attempts import comparable_step

            found = comparable_step(run, step) if step else None
            return found.internal_name if found is not None else None

        def compare(found: str | None) -> None:
            if found is None:
                key = keys.shown("compare_inside")
                self.notify(f"{key} needs a step with two branches or two attempts", timeout=3)
            else:
                self.post_message(StepComparisonRequested(self.run_id, step))

        self.app.before_next_key(prepare, compare)
