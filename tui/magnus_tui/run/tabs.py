"""The right side of the run screen: tabs with what is known of the selected step, branch or attempt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from magnus_tracking.logs.catalog import CatalogFile
from magnus_tui.charts.entries import Entry
from magnus_tui.run.evidence import Evidence
from magnus_tui.run.json_tree import JsonTree
from magnus_tui.run.log_view import LogView
from magnus_tui.run.metrics_view import MetricsView
from magnus_tui.run.panes.attempts import attempt_lines
from magnus_tui.run.panes.catalog import catalog_lines
from magnus_tui.run.panes.code import code_lines
from magnus_tui.run.panes.overview import Surroundings, overview_lines
from magnus_tui.run.panes.parameters import parameter_lines
from magnus_tui.run.selection import Selection
from magnus_tui.widgets.detail_view import DetailView
from magnus_tui.widgets.follower import Follower
from magnus_tui.widgets.line_view import LineView
from magnus_tui.widgets.page import Builder
from magnus_tui.widgets.tab_bar import TabBar

TABS = ("overview", "metrics", "params", "attempts", "log", "catalog", "code", "config", "raw")
_OPEN_OF_CONFIG = frozenset({(), ("configuration",), ("pipeline",), ("pipeline", "steps"), ("pipeline", "nodes")})
_OPEN_OF_RAW = frozenset({(), ("steps",)})


class RunPanes(Vertical):
    """One tab at a time; only the one that is shown is brought up to date."""

    class TabShown(Message):
        """Another tab of what is selected is shown."""

        def __init__(self, tab: str) -> None:
            super().__init__()
            self.tab = tab

    _BUILT: ClassVar[frozenset[str]] = frozenset({"overview", "params", "attempts", "catalog", "code"})

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tab = TABS[0]
        self.selection: Selection | None = None
        self.evidence: Evidence | None = None
        self.around: Surroundings | None = None
        self.files: dict[int, CatalogFile] = {}
        self._entries: Sequence[Entry] = ()
        self._shown_for: dict[str, str] = {}
        self._line: int | None = None

    def compose(self) -> ComposeResult:
        """The tab bar, and a widget a tab."""
        yield TabBar(TABS)
        with ContentSwitcher(initial="tab-overview"):
            for tab in TABS:
                yield self._made(tab)

    def _made(self, tab: str) -> Widget:
        if tab in self._BUILT:
            return DetailView(id=f"tab-{tab}")
        made: dict[str, type[Widget]] = {"metrics": MetricsView, "log": LogView}
        return made.get(tab, JsonTree)(id=f"tab-{tab}")

    def show_run(self, around: Surroundings, entries: Sequence[Entry]) -> None:
        """Take over a run, just read or read again; what is selected follows by `select`."""
        self.around = around
        self._entries = entries
        self.files = {}
        for tab in ("metrics", "config", "raw"):
            self._shown_for.pop(tab, None)

    def select(self, selection: Selection, evidence: Evidence | None, line: int | None = None) -> None:
        """Show what is known of a selection.

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

    def show_tab(self, tab: str) -> None:
        """Show another tab."""
        self.tab = tab
        self.query_one(TabBar).active = TABS.index(tab)
        self.query_one(ContentSwitcher).current = f"tab-{tab}"
        self.update_tab()
        if self.selection is not None:
            self.post_message(self.TabShown(tab))

    def update_tab(self) -> None:
        """Bring the shown tab up to date."""
        selection = self.selection
        if selection is None:
            return
        about = "the run" if self.tab in ("config", "raw") else selection.item.key
        same = self._shown_for.get(self.tab) == about
        self._shown_for[self.tab] = about
        if self.tab in self._BUILT:
            self.query_one(f"#tab-{self.tab}", DetailView).show(self._builder(selection), same=same)
        elif self.tab == "log":
            self.query_one(LogView).show(self.evidence, self._line, same=same)
            self._line = None if self.evidence is not None else self._line
        elif self.tab == "metrics":
            if not same:
                self.query_one(MetricsView).show(self._ordered(selection))
        elif not same:
            self._show_json(selection)

    def _builder(self, selection: Selection) -> Builder:
        evidence, around, files = self.evidence, self.around, self.files
        assert around is not None
        builders: dict[str, Builder] = {
            "overview": lambda page: overview_lines(selection, evidence, around, page),
            "params": lambda page: parameter_lines(selection, page),
            "attempts": lambda page: attempt_lines(selection, evidence, page),
            "catalog": lambda page: catalog_lines(selection, files, page),
            "code": lambda page: code_lines(selection, page),
        }
        return builders[self.tab]

    def _ordered(self, selection: Selection) -> list[Entry]:
        """The run's series, those of what is selected first."""
        names = {step.internal_name for step in selection.below}
        return sorted(self._entries, key=lambda entry: entry.series.step not in names)

    @property
    def _json(self) -> JsonTree:
        return self.query_one(f"#tab-{self.tab}", JsonTree)

    def _show_json(self, selection: Selection) -> None:
        path = selection.opened.summary.path
        if self.tab == "raw":
            self._json.show(selection.run, path, _OPEN_OF_RAW)
            return
        config = selection.run.run_config
        rest = {name: item for name, item in config.items() if name not in ("dag", "job")}
        pipeline: Any = config.get("dag") or config.get("job") or {}
        self._json.show({"configuration": rest, "pipeline": pipeline}, path, _OPEN_OF_CONFIG)

    @property
    def follower(self) -> Follower | None:
        """What is shown, if it can lose sight of what is newest."""
        if self.tab == "metrics":
            return self.query_one(MetricsView).follower
        return self.query_one(LogView).lines if self.tab == "log" else None

    def follow(self, on: bool) -> None:
        """Keep the newest values, and the end of the log, in view from now on, or no longer."""
        self.query_one(MetricsView).follow(on)
        self.query_one(LogView).lines.follow(on)

    def look_again(self) -> None:
        """Take in what was written into the log that is shown."""
        if self.tab == "log":
            self.query_one(LogView).look_again()

    def focus_content(self) -> None:
        """Give the keys to what is shown."""
        if self.tab == "metrics":
            self.query_one(MetricsView).focus_content()
        elif self.tab == "log":
            self.query_one(LogView).lines.focus()
        else:
            self.query_one(f"#tab-{self.tab}").focus()

    def on_tab_bar_chosen(self, event: TabBar.Chosen) -> None:
        """Show the tab that was clicked."""
        self.show_tab(TABS[event.place])
        self.focus_content()

    def leave(self) -> bool:
        """Out of a search by one layer; whether there was one."""
        return self.tab == "log" and self.query_one(LogView).leave()

    def _lines(self) -> LineView | None:
        shown = self.query_one(LogView).lines if self.tab == "log" else self.query_one(f"#tab-{self.tab}")
        return shown if isinstance(shown, LineView) else None

    def copy_text(self) -> str:
        """What is under the cursor of the shown tab."""
        lines = self._lines()
        return lines.copy_text() if lines is not None else ""

    def file_path(self) -> str | None:
        """The file behind what is under the cursor."""
        lines = self._lines()
        return lines.file_path() if lines is not None else None
