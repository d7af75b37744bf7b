"""What every screen stands on: the application as screens see it, screens that open late, style sheets."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from msgspec import Struct
from textual.app import App
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import Worker

from magnus_tui.format.seen import Seen
from magnus_tui.settings import Settings

T = TypeVar("T")
R = TypeVar("R")


class LateScreen(Struct, Generic[T], frozen=True):
    """A screen whose code, or whose first content, has to be fetched before it opens.

    Attributes:
        prepare: imports and reads what the screen needs, and returns what makes it; called in a thread.
        module: what `prepare` imports, where it does nothing else; once that was done, it takes no time.
    """

    prepare: Callable[[], Callable[[], Screen[T]]]
    module: str | None = None


@runtime_checkable
class Showing(Protocol):
    """A screen, or a pane, that can tell what it shows as rows."""

    def seen(self) -> Seen | None:
        """What is shown where the keys go; None where that is a picture alone, or not there yet."""


@runtime_checkable
class Awaiting(Protocol):
    """A screen, or a widget, on which keys may act on what is only being read."""

    def awaits(self, verb: str) -> bool:
        """Whether what a verb acts on was asked for by an earlier key, and is not shown yet.

        Args:
            verb: of `magnus_tui.keys`.
        """


def is_working(node: DOMNode, *groups: str) -> bool:
    """Whether a worker of one of some groups, which `node` started, has not shown yet what it found."""
    return any(one.node is node and one.group in groups and not one.is_finished for one in node.app.workers)


class Explorer(App[None]):
    """The application as screens see it.

    Textual's applications have a metaclass of their own, so it is the type checker that holds the one that extends
    this class to it.

    Attributes:
        settings: the user's choices.
        is_elsewhere: whether an editor has the terminal.
        following: whether changes of the store are taken in as they happen.
        has_store: whether the store is there, as far as is known.
        copying: what is going on with the copy of a store that lies elsewhere; empty when it is up to date.
        copy_problem: why it can't be brought up to date, in one line; None where nothing is amiss.
        places: what opens the store again; empty until that is known.
    """

    settings: Settings
    is_elsewhere: bool
    following: bool
    has_store: bool
    copying: str
    copy_problem: str | None
    places: tuple[str, ...]

    @abstractmethod
    def now(self) -> datetime:
        """The time now, naive, in the zone in which the runs' times are read."""

    @abstractmethod
    def open_screen(self, late: LateScreen[T], then: Callable[[T | None], Any] | None = None) -> None:
        """Open a screen of the same feature; those of other features are asked for by `magnus_tui.screen_requests`.

        Args:
            late: the screen.
            then: called with the screen's result when it is left.
        """

    @abstractmethod
    def before_next_key(self, prepare: Callable[[], R], then: Callable[[R], Any]) -> None:
        """Do something that takes a while as if it took none: keys pressed meanwhile wait for it.

        Args:
            prepare: called in a thread.
            then: called with its result, on the event loop.
        """

    @abstractmethod
    def let_answer(self) -> None:
        """Wait until the keys that were pressed are answered, for some frames at most; called in threads that work.

        Beside one the event loop gets half of the interpreter, so that a key is answered half as fast.
        """

    def should_stop(self, worker: Worker[Any]) -> bool:
        """Whether a worker is to stop, asked between two parts of its work; keys are answered before the next one."""
        self.let_answer()
        return worker.is_cancelled

    @abstractmethod
    def remember(self, **changes: Any) -> None:
        """Keep a choice of the user in the settings file, and for this session in any case."""

    @abstractmethod
    def copy_and_say(self, text: str) -> None:
        """Put `text` on the clipboard of the user's own terminal, and say so."""

    @abstractmethod
    def edit_file(self, path: str) -> None:
        """Open a file in the user's editor."""

    @abstractmethod
    def open_stores(self, places: tuple[str, ...]) -> None:
        """End, and open other stores in place of this one."""

    @abstractmethod
    def call_back(self, text: str) -> None:
        """Say something to a user who may be looking elsewhere: in a toast, by the bell and as a notification."""

    @property
    def is_paused(self) -> bool:
        """Whether the user chose that changes of the store are no longer taken in, though they usually are."""
        return self.settings.follow and not self.following

    @abstractmethod
    def toggle_following(self) -> None:
        """Follow changes of the store from now on, or no longer."""

    @abstractmethod
    def complete_metrics(self) -> None:
        """Read what a question looked at and a first reading left out; screens hear of each batch."""

    @abstractmethod
    def prepare_filter(self) -> None:
        """Make ready what a filter needs, because one is about to be typed."""


def read_styles(module: str, *names: str) -> str:
    """The text of style sheets one after another, read when the module that uses them is imported.

    Textual would read them while it answers keys.

    Args:
        module: the file of a module, beside which they lie.
        names: of their files.
    """
    folder = Path(module).parent
    return "\n".join((folder / name).read_text("utf-8") for name in names)
