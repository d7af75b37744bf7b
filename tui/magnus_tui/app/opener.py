"""Screens whose code, or whose first content, has to be fetched before they open: that is done off the event loop."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual.app import App
from textual.events import Event, Key
from textual.screen import Screen

from magnus_tracking.errors import MagnusTrackingError

T = TypeVar("T")
R = TypeVar("R")

_SOON = 0.06
"""Seconds after which it is said that something is being read; mostly it is there sooner."""
_SAID = 2.0
_LEAVES = frozenset({"escape", "q", "ctrl+q", "ctrl+c"})
"""Keys that are not kept for the screen that is being opened: they give it up."""

_LATE = (
    "magnus_tui.run.screen",
    "magnus_tui.runs.preview_data",
    "magnus_tui.dialogs.help",
    "magnus_tui.compare.screen",
    "magnus_tui.compare.sources",
    "magnus_tui.failures.screen",
    "magnus_tui.runs.columns_dialog",
    "magnus_tui.dialogs.choice",
    "magnus_tui.runs.queries_dialog",
    "magnus_tui.runs.history",
    "magnus_tui.run.timeline_screen",
    "magnus_tui.compare.log_difference",
)
"""Modules of ours that the first screen does without, the likeliest to be wanted next first."""


def import_late_modules(should_stop: Callable[[], bool]) -> None:
    """Import what other screens need; for a worker thread, once the first screen has been painted."""
    for name in _LATE:
        if should_stop():
            return
        importlib.import_module(name)


def is_imported(name: str) -> bool:
    """Whether a module has been imported to its end."""
    module = sys.modules.get(name)
    return module is not None and not getattr(module.__spec__, "_initializing", False)


@dataclass(frozen=True, slots=True)
class LateScreen(Generic[T]):
    """A screen that is made late.

    Attributes:
        prepare: imports and reads what the screen needs, and returns what makes it; called in a thread.
        module: what `prepare` imports, where it does nothing else; once that was done, it takes no time.
    """

    prepare: Callable[[], Callable[[], Screen[T]]]
    module: str | None = None


class LateScreens(App[None]):
    """An application that opens such screens.

    Keys that are pressed meanwhile are kept and go to the screen once it is open, so that a burst of keys means the
    same however long that takes. Escape gives it up.
    """

    _kept: list[Key] | None = None

    def open_screen(self, late: LateScreen[T], then: Callable[[T | None], Any] | None = None) -> None:
        """Open a screen.

        Args:
            late: the screen.
            then: called with what the screen gives when it is left.
        """
        if late.module is not None and is_imported(late.module):
            self.push_screen(late.prepare()(), then)
            return
        self.before_next_key(late.prepare, lambda make: self.push_screen(make(), then))

    def before_next_key(self, prepare: Callable[[], R], then: Callable[[R], Any]) -> None:
        """Do something that takes a while as if it took none: keys that are pressed meanwhile are kept.

        Args:
            prepare: called in a thread.
            then: called with what it returns, on the event loop.
        """
        self._kept = []
        self.run_worker(
            self._prepare(prepare, then), group="opening", exclusive=True, description="what a key asks for"
        )

    async def _prepare(self, prepare: Callable[[], R], then: Callable[[R], Any]) -> None:
        preparing = asyncio.ensure_future(asyncio.to_thread(prepare))
        try:
            done, _ = await asyncio.wait({preparing}, timeout=_SOON)
            if not done:
                self.notify("reading … esc gives it up", timeout=_SAID, markup=False)
            prepared = await preparing
        except MagnusTrackingError as error:
            self._kept = None
            self.notify(str(error), severity="warning", markup=False)
            return
        kept, self._kept = self._kept or (), None
        then(prepared)
        self._press(kept)

    def _press(self, pressed: Sequence[Key]) -> None:
        for key in pressed:
            self.post_message(Key(key.key, key.character))

    async def on_event(self, event: Event) -> None:
        """Keep keys for the screen that is being opened; also those that the screen below has not used."""
        if self._kept is None or not isinstance(event, Key):
            await super().on_event(event)
        elif event.key in _LEAVES:
            self._kept = None
            self.workers.cancel_group(self, "opening")
            if event.key != "escape":
                await super().on_event(event)
        else:
            self._kept.append(event)
