"""Which screen answers a request: the one place that knows all features.

The modules of screens are imported when they are first asked for, or once the first screen has been painted:
importing them takes longer than painting it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from magnus_tui.feed.feed import Feed
from magnus_tui.format.seen import Seen
from magnus_tui.screen import LateScreen
from magnus_tui.screen_requests import (
    ComparisonRequested,
    FailuresRequested,
    LastSuccessRequested,
    RunRequested,
    ScreenRequested,
    StepComparisonRequested,
)

if TYPE_CHECKING:
    from textual.command import Provider

    from magnus_tui.dialogs.getting_started import GettingStartedScreen

_LATE_MODULES = (
    "magnus_tui.run.screen",
    "magnus_tui.runs.preview_data",
    "magnus_tui.runs.curves_data",
    "magnus_tui.widgets.overlaid_curves",
    "magnus_tui.dialogs.help",
    "magnus_tui.dialogs.go_to",
    "magnus_tui.app.command_palette",
    "magnus_tui.dialogs.save",
    "magnus_tui.app.recent_stores",
    "magnus_tui.compare.screen",
    "magnus_tui.failures.screen",
    "magnus_tui.runs.columns_dialog",
    "magnus_tui.dialogs.choice",
    "magnus_tui.runs.group_facts",
    "magnus_tui.runs.queries_dialog",
    "magnus_tui.runs.history",
    "magnus_tui.run.timeline_screen",
    "magnus_tui.compare.log_difference",
)
"""Modules that the first screen does without, the likeliest to be wanted next first."""


def import_late_modules(should_stop: Callable[[], bool]) -> list[type[Widget]]:
    """Import what other screens need; for a worker thread, once the first screen has been painted.

    Returns:
        The screens and widgets among it.
    """
    found: dict[type[Widget], None] = {}
    for name in _LATE_MODULES:
        if should_stop():
            break
        members = vars(importlib.import_module(name)).values()
        found |= {one: None for one in members if isinstance(one, type) and issubclass(one, Widget)}
    return list(found)


def getting_started_screen() -> type[GettingStartedScreen]:
    """Return the screen for a start without a store, which a start with one does not import."""
    from magnus_tui.dialogs.getting_started import GettingStartedScreen

    return GettingStartedScreen


def screen_for(feed: Feed, request: ScreenRequested) -> LateScreen[None]:
    """The screen that answers a request."""
    return _ROUTES[type(request)](feed, request)


def _run(feed: Feed, request: RunRequested) -> LateScreen[None]:
    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.run.screen import RunScreen  # late, for the first screen's sake

        return partial(
            RunScreen,
            feed,
            request.run_id,
            step=request.step,
            attempt=request.attempt,
            tab=request.tab,
            line=request.line,
        )

    return LateScreen(prepare, "magnus_tui.run.screen")


def _comparison(feed: Feed, request: ComparisonRequested) -> LateScreen[None]:
    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.compare.screen import CompareScreen  # late, for the first screen's sake

        run_ids = request.run_ids if request.listed is None else feed.in_order(request.listed, request.run_ids)
        return partial(CompareScreen, feed, run_ids)

    return LateScreen(prepare, "magnus_tui.compare.screen" if request.listed is None else None)


def _last_success(feed: Feed, request: LastSuccessRequested) -> LateScreen[None]:
    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.compare.screen import CompareScreen  # late, for the first screen's sake
        from magnus_tui.feed.last_success import find_last_success

        return partial(CompareScreen, feed, [find_last_success(feed, request.run, request.hint), request.run.run_id])

    return LateScreen(prepare)


def _step_comparison(feed: Feed, request: StepComparisonRequested) -> LateScreen[None]:
    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.compare.screen import CompareScreen  # late, for the first screen's sake
        from magnus_tui.compare.sources import StepSource

        return partial(CompareScreen, feed, StepSource(request.run_id, request.step))

    return LateScreen(prepare, "magnus_tui.compare.screen")


def _failures(feed: Feed, request: FailuresRequested) -> LateScreen[None]:
    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.failures.screen import FailuresScreen  # late, for the first screen's sake

        if request.run_id is None:
            return partial(FailuresScreen, feed)
        return partial(FailuresScreen, feed, (request.run_id, request.step, request.attempt))

    return LateScreen(prepare, "magnus_tui.failures.screen")


_ROUTES: dict[type[ScreenRequested], Callable[[Feed, Any], LateScreen[None]]] = {
    RunRequested: _run,
    ComparisonRequested: _comparison,
    LastSuccessRequested: _last_success,
    StepComparisonRequested: _step_comparison,
    FailuresRequested: _failures,
}


def palette_of(feed: Feed | None) -> LateScreen[Any]:
    """The palette, with what can be done, the names of the store, and the stores that were opened last."""

    def prepare() -> Callable[[], Screen[Any]]:
        from magnus_tui.app.command_palette import Commands, NamedThings, Palette  # late, for the first screen's sake
        from magnus_tui.app.recent_stores import RecentStores

        providers: list[type[Provider]] = [Commands, RecentStores]
        if feed is not None:
            providers.append(NamedThings.of(feed))
        said = "a command, or the name of a run, step, metric or store"
        return partial(Palette, providers, placeholder=said, id="--command-palette")

    return LateScreen(prepare)


def themes() -> LateScreen[Any]:
    """The themes, in a palette that keys which come too fast do no harm, either."""

    def prepare() -> Callable[[], Screen[Any]]:
        from textual.theme import ThemeProvider

        from magnus_tui.app.command_palette import Palette  # late, for the first screen's sake

        return partial(Palette, [ThemeProvider], placeholder="a theme")

    return LateScreen(prepare)


def go_to(counted: str) -> LateScreen[int]:
    """The line in which a number is typed.

    Args:
        counted: what it is the number of.
    """

    def prepare() -> Callable[[], Screen[int]]:
        from magnus_tui.dialogs.go_to import GoToScreen  # late, for the first screen's sake

        return partial(GoToScreen, counted)

    return LateScreen(prepare, "magnus_tui.dialogs.go_to")


def save(seen: Seen | None, picture: Sequence[Strip], is_read: Callable[[Path], bool]) -> LateScreen[None]:
    """The dialog that copies or saves what is seen; see `magnus_tui.dialogs.save.SaveScreen`."""

    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.dialogs.save import SaveScreen  # late, for the first screen's sake

        return partial(SaveScreen, seen, picture, is_read)

    return LateScreen(prepare, "magnus_tui.dialogs.save")


def keys_of(screen: Screen[Any]) -> LateScreen[None]:
    """The keys of a screen."""

    def prepare() -> Callable[[], Screen[None]]:
        from magnus_tui.dialogs.help import HelpScreen  # late, for the first screen's sake

        return partial(HelpScreen, screen)

    return LateScreen(prepare, "magnus_tui.dialogs.help")
