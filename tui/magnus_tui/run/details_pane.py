"""The right side of the run screen: the details of the selected step, branch or attempt, a tab at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from magnus_tracking.logs.catalog import CatalogFile
from magnus_tui.charts.chart_options import ChartLook
from magnus_tui.charts.metric_entries import Entry
from magnus_tui.format.seen import Seen
from magnus_tui.run.attempt_logs import Evidence
from magnus_tui.run.log_view import LogView
from magnus_tui.run.metrics_tab import MetricsView
from magnus_tui.run.panes.catalog import catalog_rows
from magnus_tui.run.panes.overview import Surroundings
from magnus_tui.run.selection import Selection
from magnus_tui.run.tabs import TAB_NAMES, TABS, Subject, Tab
from magnus_tui.screen import Showing
from magnus_tui.widgets.detail_view import DetailView
from magnus_tui.widgets.line_view import LineView
from magnus_tui.widgets.newest_in_view import Follower
from magnus_tui.widgets.tab_bar import TabBar

_TELL_OF_LOGS = frozenset({"overview", "attempts", "log"})


class DetailsPane(Vertical):
    """One tab at a time; only the one that is shown is brought up to date.

    A tab's pane is mounted when it is first shown: a run opens in half the time without the others.
    """

    class TabShown(Message):
        """Another tab of what is selected is shown."""

        def __init__(self, tab: str) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tab = TAB_NAMES[0]
        self.selection: Selection | None = None
        self.evidence: Evidence | None = None
        self.around: Surroundings | None = None
        self.files: dict[int, CatalogFile] = {}
        self._entries: Sequence[Entry] = ()
        self._shown_for: dict[str, str] = {}
        self._line: int | datetime | None = None
        self._look = ChartLook()
        self._directions: Mapping[str, str] = {}
        self._following = False

    def compose(self) -> ComposeResult:
        """The tab bar, and the pane of the first tab."""
        yield TabBar(TAB_NAMES)
        with ContentSwitcher(initial=f"tab-{self.tab}"):
            yield self._tab.make(id=f"tab-{self.tab}")

    @property
    def _tab(self) -> Tab:
        return TABS[TAB_NAMES.index(self.tab)]

    def _pane(self, tab: str) -> Widget | None:
        """The pane of a tab; None until it, and all in it, has been mounted."""
        found = self.query(f"#tab-{tab}")
        return found.first() if found and found.first().is_mounted else None

    @property
    def _metrics(self) -> MetricsView | None:
        return cast("MetricsView | None", self._pane("metrics"))

    @property
    def _log(self) -> LogView | None:
        return cast("LogView | None", self._pane("log"))

    @property
    def is_mounting(self) -> bool:
        """Whether the pane that is shown is being mounted."""
        return self._pane(self.tab) is None

    def _once_mounted(self, then: Callable[[], Any]) -> None:
        """Do something with the pane that is shown, once it is there."""
        pane = self.query_one(f"#tab-{self.tab}")
        then() if pane.is_mounted else pane.call_later(then)

    def awaits(self, _verb: str) -> bool:
        """Keys wait for the logs of what was selected, where these are told of."""
        return self.tab in _TELL_OF_LOGS and self.selection is not None and self.evidence is None

    def show_run(self, around: Surroundings, entries: Sequence[Entry]) -> None:
        """Take over a run, just read or read again; what is selected follows by `select`."""
        self.around = around
        self._entries = entries
        self.files = {}
        for tab in TABS:
            if tab.is_of_run or tab.name == "metrics":
                self._shown_for.pop(tab.name, None)

    def select(self, selection: Selection, evidence: Evidence | None, line: int | None = None) -> None:
        """Show a selection.

        Args:
            selection: what is selected.
            evidence: its logs and cause; None while they are being read, when those read before are shown still.
            line: 0-based line of the log to go to.
        """
        if evidence is None and self.evidence is not None and self.evidence.key == selection.item.key:
            evidence = self.evidence
        self.selection, self.evidence = selection, evidence
        self._line = line if line is not None else self._line
        self.update_tab()

    def look_for(self, moment: datetime) -> None:
        """Go to the lines around a moment when a log is shown next."""
        self._line = moment
        self.show_tab("log")

    def show_curve(self, step: str, moment: datetime) -> None:
        """Show a curve of a step with the crosshair at a moment."""
        self.show_tab("metrics")
        self._once_mounted(lambda: self.query_one(MetricsView).show_at(step, moment))

    def show_files(self, files: dict[int, CatalogFile]) -> None:
        """Take over the state of the files of the catalog, by the entry's number."""
        self.files = files
        if self.tab == "catalog":
            self.update_tab()

    def show_tab(self, tab: str) -> None:
        """Show another tab."""
        self.tab = tab
        self.query_one(TabBar).active = TAB_NAMES.index(tab)
        switcher = self.query_one(ContentSwitcher)
        if not self.query(f"#tab-{tab}"):
            pane = self._tab.make(id=f"tab-{tab}")
            pane.display = False
            switcher.mount(pane)
            pane.call_later(self._dress, pane)
        switcher.current = f"tab-{tab}"
        self._once_mounted(self.update_tab)
        if self.selection is not None:
            self.post_message(self.TabShown(tab))

    def _dress(self, pane: Widget) -> None:
        """Show a pane that was just mounted as the user chose it before."""
        if isinstance(pane, MetricsView):
            pane.take_look(self._look)
            pane.take_directions(self._directions)
            pane.follow(self._following)
        elif isinstance(pane, LogView):
            pane.lines.follow(self._following)

    def update_tab(self) -> None:
        """Bring the shown tab up to date."""
        pane = self._pane(self.tab)
        if self.selection is None or pane is None:
            return
        assert self.around is not None
        tab = self._tab
        if tab.looks_around and not self.selection.opened.is_whole:
            return
        about = "the run" if tab.is_of_run else self.selection.item.key
        same = self._shown_for.get(self.tab) == about
        self._shown_for[self.tab] = about
        subject = Subject(self.selection, self.evidence, self.around, self.files, self._entries, self._line)
        tab.show(pane, subject, same)
        if self.tab == "log" and self.evidence is not None:
            self._line = None

    @property
    def follower(self) -> Follower | None:
        """What is shown, if it can lose sight of what is newest."""
        if self.tab == "metrics":
            return self._metrics.follower if self._metrics is not None else None
        return self._log.lines if self.tab == "log" and self._log is not None else None

    def take_look(self, look: ChartLook, directions: Mapping[str, str]) -> None:
        """Draw charts as the user chose it.

        Args:
            look: how.
            directions: by metric, ``min`` or ``max``, as the user said is best.
        """
        self._look, self._directions = look, directions
        if self._metrics is not None:
            self._metrics.take_look(look)
            self._metrics.take_directions(directions)

    def follow(self, on: bool) -> None:
        """Keep the newest values, and the end of the log, in view from now on, or no longer."""
        self._following = on
        if self._metrics is not None:
            self._metrics.follow(on)
        if self._log is not None:
            self._log.lines.follow(on)

    def grow_older(self, now: datetime) -> None:
        """Tell anew what depends on the time, and take in what was written into the log that is shown.

        Args:
            now: naive local time in the zone of the machine that ran.
        """
        if self.around is not None:
            self.around = replace(self.around, now=now)
        if self.tab == "log":
            if self._log is not None:
                self._log.look_again()
        elif self.tab == "overview":
            self.update_tab()

    def seen(self) -> Seen | None:
        """What the shown tab shows."""
        shown, selection = self._shown(), self.selection
        found = cast(Showing, shown).seen() if shown is not None else None
        if found is None or selection is None:
            return None
        if isinstance(shown, DetailView) and self.tab == "catalog":
            found = shown.seen(partial(catalog_rows, selection, self.files), len(selection.catalog))
        of_run = self._tab.is_of_run or self.tab == "metrics"
        about = selection.run_id if of_run else f"{selection.item.key} of {selection.run_id}"
        return found.titled(f"{self.tab} of {about}")

    def focus_content(self) -> None:
        """Give the keys to what is shown."""
        self._once_mounted(self._focus_shown)

    def _focus_shown(self) -> None:
        shown = self._shown()
        if isinstance(shown, MetricsView):
            shown.focus_content()
        elif shown is not None:
            shown.focus()

    def _shown(self) -> Widget | None:
        """What tells the shown tab's content, once it is mounted."""
        return self._log.lines if self.tab == "log" and self._log is not None else self._pane(self.tab)

    def _lines(self) -> LineView | None:
        shown = self._shown()
        return shown if isinstance(shown, LineView) else None

    def copy_text(self) -> str:
        """What is under the cursor of the shown tab."""
        lines = self._lines()
        return lines.copy_text() if lines is not None else ""

    def file_path(self) -> str | None:
        """The file behind what is under the cursor."""
        lines = self._lines()
        return lines.file_path() if lines is not None else None
