"""The tabs of the run screen: one entry in `TABS` names a tab, its key's help, its pane and the pane's content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from magnus_tracking.logs.catalog import CatalogFile
from magnus_tui.charts.metric_entries import Entry
from magnus_tui.keys import Key
from magnus_tui.run.attempt_logs import Evidence
from magnus_tui.run.json_tree import JsonTree
from magnus_tui.run.log_view import LogView
from magnus_tui.run.metrics_tab import MetricsView
from magnus_tui.run.panes.attempts import attempt_lines
from magnus_tui.run.panes.catalog import catalog_lines
from magnus_tui.run.panes.code import code_lines
from magnus_tui.run.panes.overview import Surroundings, overview_lines
from magnus_tui.run.panes.parameters import parameter_lines
from magnus_tui.run.selection import Selection
from magnus_tui.widgets.detail_view import DetailView
from magnus_tui.widgets.page import Line, Page

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import RunLog


@dataclass(frozen=True, slots=True)
class Subject:
    """What the tabs are about.

    Attributes:
        selection: the row of the tree that is selected.
        evidence: its logs and cause; None while they are being read.
        around: facts about the run as a whole.
        files: the state of the catalog's files, by the entry's number.
        entries: the run's series.
        line: 0-based line of the log to go to, or the moment around which it was written.
    """

    selection: Selection
    evidence: Evidence | None
    around: Surroundings
    files: Mapping[int, CatalogFile]
    entries: Sequence[Entry]
    line: int | datetime | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab.

    Attributes:
        name: a word for the bar and the keys.
        help: a sentence for the help screen.
        make: makes its pane, with an `id`.
        show: shows a subject in that pane, and is told whether it is about the same thing as before.
        is_of_run: whether it is about the whole run, whatever is selected.
        looks_around: whether it looks into more steps than the one that is selected, and so waits for the rest of a
            run that was opened early.
    """

    name: str
    help: str
    make: Callable[..., Widget]
    show: Callable[[Any, Subject, bool], None]
    is_of_run: bool = False
    looks_around: bool = False


def _text_tab(name: str, help: str, lines: Callable[[Subject, Page], list[Line]], *, looks_around: bool = False) -> Tab:
    def show(pane: DetailView, subject: Subject, same: bool) -> None:
        pane.show(partial(lines, subject), same=same)

    return Tab(name, help, DetailView, show, looks_around=looks_around)


def _json_tab(name: str, help: str, value: Callable[[RunLog], Any], unfolded: Set[tuple[str, ...]]) -> Tab:
    def show(pane: JsonTree, subject: Subject, same: bool) -> None:
        if not same:
            pane.show(value(subject.selection.run), subject.selection.opened.summary.path, unfolded)

    return Tab(name, help, JsonTree, show, is_of_run=True, looks_around=True)


_KINDS = ("curve", "spans", "value")
"""The kinds of series in the order in which they are shown."""


def _show_metrics(pane: MetricsView, subject: Subject, same: bool) -> None:
    """Show the run's series, curves before single values, those of the selection first."""
    if not same:
        selected = {step.internal_name for step in subject.selection.below}
        order = sorted(subject.entries, key=lambda entry: (_KINDS.index(entry.kind), entry.series.step not in selected))
        pane.show(order)


def _show_log(pane: LogView, subject: Subject, same: bool) -> None:
    step = subject.selection.item.step
    timed = (entry for entry in subject.entries if entry.curve is not None and entry.series.times is not None)
    pane.lines.leads_to_curves = any(entry.series.step == step for entry in timed)
    pane.show(subject.evidence, subject.line, same=same)


def _configuration(run: RunLog) -> dict[str, Any]:
    config = run.run_config
    rest = {name: item for name, item in config.items() if name not in ("dag", "job")}
    return {"configuration": rest, "pipeline": config.get("dag") or config.get("job") or {}}


TABS = (
    _text_tab(
        "overview",
        "How it went, why it failed, the end of its log",
        lambda subject, page: overview_lines(subject.selection, subject.evidence, subject.around, page),
    ),
    Tab("metrics", "Every curve of the run, the selected step's first", MetricsView, _show_metrics, looks_around=True),
    _text_tab(
        "params",
        "Parameters, and what the step changed",
        lambda subject, page: parameter_lines(subject.selection, page),
        looks_around=True,
    ),
    _text_tab(
        "attempts",
        "The attempts one by one",
        lambda subject, page: attempt_lines(subject.selection, subject.evidence, subject.around.liveness, page),
    ),
    Tab("log", "The execution log", LogView, _show_log),
    _text_tab(
        "catalog",
        "Catalog entries, and whether their files are unchanged",
        lambda subject, page: catalog_lines(subject.selection, subject.files, page),
        looks_around=True,
    ),
    _text_tab(
        "code",
        "Which code ran, and what was not committed",
        lambda subject, page: code_lines(subject.selection, page),
        looks_around=True,
    ),
    _json_tab(
        "config",
        "The configuration and the pipeline",
        _configuration,
        frozenset({(), ("configuration",), ("pipeline",), ("pipeline", "steps"), ("pipeline", "nodes")}),
    ),
    _json_tab("raw", "The run log as JSON", lambda run: run, frozenset({(), ("steps",)})),
)
"""The tabs in their order, the digit of each its place."""

TAB_NAMES = tuple(tab.name for tab in TABS)

TAB_KEYS = tuple(
    Key(f"tab_{place + 1}", f"show_tab({place})", tab.name, tab.help, shown=None) for place, tab in enumerate(TABS[:9])
)
"""The keys of the tabs, as far as there are digits."""
