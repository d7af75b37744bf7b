"""The palette: what can be done on the screen, each with its key, and every run, step and metric by its name."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar, cast

from rich.console import RenderableType
from textual import on
from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.events import Click
from textual.fuzzy import Matcher
from textual.message import Message
from textual.widgets import Button, Input
from textual.worker import WorkerCancelled

from magnus_tui import keys
from magnus_tui.dialogs.dialog import dimmed
from magnus_tui.feed.feed import Feed, Names
from magnus_tui.format.text import clean
from magnus_tui.screen import Explorer, is_working
from magnus_tui.screen_requests import RunRequested, RunsListed

_LEAST_TYPED = 2
"""Characters from which names are looked for."""
_OPERATOR = re.compile(r"[:<>=]")
_MOST_FILTERS = 12
_MOST_NAMES = 20
"""Names of a kind that are offered at once."""
_KEY_CELLS, _NAME_CELLS = 8, 20

_OTHER_WORDS = {
    "best": "top",
    "columns": "params hyperparameters",
    "compare": "diff versus",
    "copy": "clipboard yank",
    "failed_only": "errors broken",
    "failures": "traceback exception error stack",
    "log_difference": "diff",
    "preview": "plot curves",
    "save": "export download csv json markdown screenshot",
    "tab_3": "params hyperparameters",
    "tab_5": "traceback exception stdout stderr output",
}
"""What people call what a verb does, beside its own name and sentence."""
_ORDERS = {
    "slowest runs": "-duration",
    "newest runs": "-started",
    "largest runs": "-size",
    "most retries": "-retries",
}
"""Orders of the list by what people ask for."""


class Palette(CommandPalette):
    """A palette in which enter chooses among what is found for all that is typed, however fast it was."""

    def render(self) -> RenderableType:
        """The dimmed screen below."""
        return dimmed(super().render())

    def on_mount(self) -> None:
        """Say what it is, and how to choose and to leave, as every dialog does."""
        self.query_one("#--input").border_title = "palette"
        hints = (("open", "choose"), ("back", "close"))
        said = "  ".join(f"{keys.shown(verb)} {what}" for verb, what in hints)
        self.query_one(CommandList).border_subtitle = Content(said)

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Leave it once, as a dialog."""
        return super().dismiss(result) if self.is_current else AwaitComplete()

    def _on_click(self, event: Click) -> None:  # type: ignore[override]  # Textual has both kinds
        # Where the terminal has become smaller since, nothing is where the mouse was, which Textual takes for a fault.
        if not self.region.contains(event.screen_x, event.screen_y):
            event.prevent_default()

    @on(Input.Submitted)
    def _choose_from_all(self, event: Input.Submitted) -> None:
        if not self.is_current:
            event.prevent_default().stop()
        elif is_working(self, self._GATHER_COMMANDS_GROUP):
            event.prevent_default().stop()
            work: Callable[[], Any] = self._choose_once_found
            self.run_worker(work, group="choose", exclusive=True, description="what the palette finds")

    async def _choose_once_found(self) -> None:
        for gathering in [one for one in self.workers if one.group == self._GATHER_COMMANDS_GROUP]:
            with contextlib.suppress(WorkerCancelled):
                await gathering.wait()
        if self.is_current and self.query_one(CommandList).highlighted is None:
            # Else enter would highlight the first, as of a list that was just opened.
            self._action_cursor_down()
        self._select_or_command()

    def _select_or_command(self, event: Input.Submitted | Button.Pressed | None = None) -> None:
        # Where enter was pressed twice, the first has chosen, and there is no palette any more.
        if self.is_current:
            super()._select_or_command(event)

    def _action_command_list(self, action: str) -> None:
        # Textual looks for the line of an option in a list that has no room, or whose lines are just being made anew.
        with contextlib.suppress(LookupError):
            super()._action_command_list(action)


class Commands(Provider):
    """Everything that a key does on the screen, and what has no key."""

    def _commands(self) -> Iterator[tuple[str, str, str, str, Callable[[], Any]]]:
        """What is done, in a word, in a sentence and in other words, its key, and how it is done; each key once."""
        app, tables = self.app, getattr(self.screen, "key_tables", (("", keys.APP),))
        by_verb: dict[str, keys.Key] = {}
        for _, table in tables:
            for key in table:
                by_verb.setdefault(key.verb, key)
        by_verb.pop("palette", None)
        for key in by_verb.values():
            press = partial(app.call_later, app.simulate_key, key.keys.split(",")[0])
            yield key.label, key.help, _OTHER_WORDS.get(key.verb, ""), key.display, press
        yield "theme", "Choose the theme", "colors colours dark light", "", app.action_change_theme

    async def discover(self) -> Hits:
        """All commands, in the order of the tables."""
        for name, said, _, key, run in self._commands():
            yield DiscoveryHit(_line(Content(name), Content(said), key), run, said)

    async def search(self, query: str) -> Hits:
        """The commands whose names or sentences match."""
        matcher = self.matcher(query)
        for name, said, words, key, run in self._commands():
            is_meant = len(query) >= _LEAST_TYPED and any(word.startswith(query.casefold()) for word in words.split())
            # The letters of nearly any word are in a sentence one after another.
            in_sentence = matcher.match(said) if _holds(said, query) else 0.0
            if (score := max(matcher.match(name), in_sentence, float(is_meant))) > 0:
                yield Hit(score, _line(matcher.highlight(name), matcher.highlight(said), key), run, said)


class NamedThings(Provider):
    """Every run, step and metric of the store; filters and orders of its list, by the words that people try."""

    feed: ClassVar[Feed]
    _names: Names | None = None

    @classmethod
    def of(cls, feed: Feed) -> type[Provider]:
        """What provides the names of a store."""
        return type("NamesOfStore", (cls,), {"feed": feed})

    async def startup(self) -> None:
        """Ask the index for the names, off the event loop."""
        self._names = await asyncio.to_thread(self._read_names)

    def _read_names(self) -> Names:
        cast("Explorer", self.app).let_answer()
        return self.feed.names()

    async def search(self, query: str) -> Hits:
        """The names that hold what is typed."""
        names, needle = self._names, query.strip().casefold()
        if names is None or len(needle) < _LEAST_TYPED:
            return
        matcher = self.matcher(query)
        kinds: tuple[tuple[str, tuple[str, ...], Callable[[str], Message]], ...] = (
            ("open run", names.runs, RunRequested),
            ("runs with step", names.steps, lambda name: RunsListed(step=name)),
            ("runs by metric", names.metrics, lambda name: RunsListed(metric=name)),
        )
        for said, listed, wanted in kinds:
            found = await asyncio.to_thread(_holding, listed, needle)
            for name in found:
                yield self._hit(matcher, f"{said}  {clean(name)}", wanted(name))
        for name, sort in _ORDERS.items():
            if _holds(name, query):
                yield self._hit(matcher, f"{name} first  sorted by {sort}", RunsListed(sort=sort))
        for asked in await asyncio.to_thread(_filters, self.feed, query.strip()):
            # They need not hold what is typed: ``uncommitted`` means ``code:dirty``.
            text = f"runs where  {clean(asked)}   ({clean(query.strip())})"
            yield self._hit(matcher, text, RunsListed(query=asked))

    def _hit(self, matcher: Matcher, text: str, wanted: Message) -> Hit:
        return Hit(matcher.match(text), matcher.highlight(text), partial(self.app.post_message, wanted), text)


def _line(name: Content, said: Content, key: str) -> Content:
    """A command's key in the colour of keys, its name, and dimmed its sentence, which is cut where there is no room."""
    gap = " " * max(_NAME_CELLS - name.cell_length, 1)
    return Content.assemble((key.ljust(_KEY_CELLS), "$primary"), name, gap, said.stylize("dim not bold"))


def _holds(said: str, query: str) -> bool:
    """Whether a text holds every word that is typed."""
    return all(word in said.casefold() for word in query.casefold().split())


def _filters(feed: Feed, word: str) -> list[str]:
    """Whole queries that a word may mean; the first few."""
    from magnus_tracking.errors import QueryError
    from magnus_tracking.query import parse
    from magnus_tracking.query.completion import complete

    found = []
    for offer in complete(word, len(word), feed.fields(), feed.existing_values):
        with contextlib.suppress(QueryError):
            if offer.start == 0 and _OPERATOR.search(offer.text):
                parse(offer.text)
                found.append(offer.text)
    return found[:_MOST_FILTERS]


def _holding(names: tuple[str, ...], needle: str) -> list[str]:
    """The first names that hold `needle`."""
    found = []
    for name in names:
        if needle in name.casefold():
            found.append(name)
            if len(found) == _MOST_NAMES:
                break
    return found
