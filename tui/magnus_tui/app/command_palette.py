"""The palette: what can be done on the screen, each with its key, and every run, step and metric by its name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.message import Message

from magnus_tui import keys
from magnus_tui.feed.feed import Feed, Names
from magnus_tui.format.text import clean
from magnus_tui.screen_requests import RunRequested, RunsListed

_LEAST_TYPED = 2
"""Characters from which names are looked for."""
_MOST_NAMES = 20
"""Names of a kind that are offered at once."""
_KEY_CELLS = 8


class Commands(Provider):
    """Everything that a key does on the screen, and what has no key."""

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], Any]]]:
        """What is done, its key, and how it is done."""
        app, tables = self.app, getattr(self.screen, "key_tables", (("", keys.APP),))
        for _, table in tables:
            for key in table:
                if key.verb != "palette":
                    yield key.help, key.display, partial(app.call_later, app.simulate_key, key.keys.split(",")[0])
        yield "Choose the theme", "", app.action_change_theme

    async def discover(self) -> Hits:
        """All commands, in the order of the tables."""
        for said, key, run in self._commands():
            yield DiscoveryHit(_with_key(Content(said), key), run, said)

    async def search(self, query: str) -> Hits:
        """The commands whose sentences match."""
        matcher = self.matcher(query)
        for said, key, run in self._commands():
            if (score := matcher.match(said)) > 0:
                yield Hit(score, _with_key(matcher.highlight(said), key), run, said)


class NamedThings(Provider):
    """Every run, step and metric of the store."""

    feed: ClassVar[Feed]
    _names: Names | None = None

    @classmethod
    def of(cls, feed: Feed) -> type[Provider]:
        """What provides the names of a store."""
        return type("NamesOfStore", (cls,), {"feed": feed})

    async def startup(self) -> None:
        """Ask the index for the names, off the event loop."""
        self._names = await asyncio.to_thread(self.feed.names)

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
                text = f"{said}  {clean(name)}"
                ask = partial(self.app.post_message, wanted(name))
                yield Hit(matcher.match(text), matcher.highlight(text), ask, text)


def _with_key(said: Content, key: str) -> Content:
    """A sentence behind its key, in a column: where a long one is wrapped, no key stands alone."""
    return Content.assemble((key.ljust(_KEY_CELLS), "dim"), said)


def _holding(names: tuple[str, ...], needle: str) -> list[str]:
    """The first names that hold `needle`."""
    found = []
    for name in names:
        if needle in name.casefold():
            found.append(name)
            if len(found) == _MOST_NAMES:
                break
    return found
