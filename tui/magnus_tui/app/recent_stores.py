"""The stores that were opened last, in the palette."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from textual.command import Hit, Hits, Provider

from magnus_tui.feed.store_history import recent_stores
from magnus_tui.format.text import clean, home_relative

if TYPE_CHECKING:
    from collections.abc import Callable

    from magnus_tui.screen import Explorer


class RecentStores(Provider):
    """Opens another store, which was opened before."""

    async def startup(self) -> None:
        """Read the list of stores, off the event loop."""
        self._stores = await asyncio.to_thread(recent_stores)

    async def search(self, query: str) -> Hits:
        """The stores whose places match."""
        matcher = self.matcher(query)
        app: Explorer = self.app  # type: ignore[assignment]
        for places in () if app.is_web else self._stores:
            if places == app.places:
                continue
            said = f"open store  {' + '.join(clean(home_relative(place)) for place in places)}"
            if (score := matcher.match(said)) > 0:
                open_it: Callable[[], None] = partial(app.open_stores, places)
                yield Hit(score, matcher.highlight(said), open_it, said)
