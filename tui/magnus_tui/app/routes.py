"""The screens that others open: their modules are imported, and what they need at once is read, off the event loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.app.opener import LateScreen
from magnus_tui.feed.feed import Feed
from magnus_tui.runs.columns import PARAMETER, Column, sort_field

if TYPE_CHECKING:
    from magnus_tui.compare.log_comparison import LogComparison
    from magnus_tui.compare.sources import Source


def run(feed: Feed, run_id: str, **where: Any) -> LateScreen[None]:
    """A run; `where` to begin is said in the words of `RunScreen`."""

    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.run.screen import RunScreen

        return partial(RunScreen, feed, run_id, **where)

    return LateScreen(prepare, "magnus_tui.run.screen")


def comparison(feed: Feed, run_ids: Sequence[str]) -> LateScreen[None]:
    """Runs side by side."""

    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.compare.screen import CompareScreen

        return partial(CompareScreen, feed, run_ids)

    return LateScreen(prepare, "magnus_tui.compare.screen")


def marked_comparison(feed: Feed, row_ids: Sequence[int], run_ids: Sequence[str]) -> LateScreen[None]:
    """Marked runs side by side, in the order of the list."""

    def prepare() -> Callable[[], Screen[None]]:
        return comparison(feed, feed.in_order(row_ids, run_ids)).prepare()

    return LateScreen(prepare)


def comparison_inside(feed: Feed, run_id: str, step: str) -> LateScreen[None]:
    """The branches, or the attempts, of a step side by side."""

    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.compare.screen import CompareScreen
        from magnus_tui.compare.sources import StepSource

        source: Source = StepSource(run_id, step)
        return partial(CompareScreen, feed, source)

    return LateScreen(prepare, "magnus_tui.compare.screen")


def log_difference(title: tuple[str, ...], compare: Callable[[], LogComparison]) -> LateScreen[None]:
    """What differs between two logs; `compare` reads them, in a thread."""

    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.compare.log_difference import LogDifferenceScreen

        return partial(LogDifferenceScreen, title, compare)

    return LateScreen(prepare, "magnus_tui.compare.log_difference")


def timeline(feed: Feed, run_id: str) -> LateScreen[str | None]:
    """A run over time."""

    def prepare() -> Callable[[], Screen[str | None]]:
        from magnus_tui.run.timeline_screen import TimelineScreen

        return partial(TimelineScreen, feed, run_id)

    return LateScreen(prepare, "magnus_tui.run.timeline_screen")


def failures(feed: Feed) -> LateScreen[None]:
    """The failures of the store."""

    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.failures.screen import FailuresScreen

        return partial(FailuresScreen, feed)

    return LateScreen(prepare, "magnus_tui.failures.screen")


def history(feed: Feed, summary: RunSummary, metric: Column) -> LateScreen[None]:
    """A metric over the runs of a pipeline."""

    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.runs.history import HistoryScreen

        return partial(HistoryScreen, feed, summary, metric)

    return LateScreen(prepare, "magnus_tui.runs.history")


def groups(feed: Feed, chosen: str) -> LateScreen[str | None]:
    """What the runs can be grouped by."""

    def prepare() -> Callable[[], Screen[str | None]]:
        from magnus_tui.dialogs.choice import ChoiceScreen

        parameters = [name for name in feed.fields() if name.startswith(PARAMETER)]
        options = [("nothing", ""), ("tag", "tag"), ("pipeline", "pipeline"), ("status", "status")]
        options += [(name.removeprefix(PARAMETER), sort_field(name)) for name in parameters]
        return partial(ChoiceScreen, "group by", options, chosen)

    return LateScreen(prepare)


def columns(feed: Feed, chosen: Sequence[str]) -> LateScreen[list[str] | None]:
    """The parameters and metrics that can be columns."""

    def prepare() -> Callable[[], Screen[list[str] | None]]:
        from magnus_tui.runs.columns_dialog import ColumnsScreen

        return partial(ColumnsScreen, feed.fields(), chosen)

    return LateScreen(prepare)


def queries(saved: Mapping[str, str], query: str) -> LateScreen[str | None]:
    """The saved queries."""

    def prepare() -> Callable[[], Screen[str | None]]:
        from magnus_tui.runs.queries_dialog import QueriesScreen

        return partial(QueriesScreen, saved, query)

    return LateScreen(prepare, "magnus_tui.runs.queries_dialog")


def keys_of(screen: Screen[Any]) -> LateScreen[None]:
    """The keys of a screen."""

    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.dialogs.help import HelpScreen

        return partial(HelpScreen, screen)

    return LateScreen(prepare, "magnus_tui.dialogs.help")
