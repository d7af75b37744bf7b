"""What the filter bar proposes while a query is typed: fields and values that exist in the store."""

from __future__ import annotations

import asyncio

from textual.suggester import Suggester

from magnus_tui.feed.feed import Feed


class QuerySuggester(Suggester):
    """The likeliest way to go on with a query."""

    def __init__(self, feed: Feed) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._feed = feed

    async def get_suggestion(self, value: str) -> str | None:
        """The query with its last word completed, or None where nothing that exists begins so."""
        if not value.strip() or value.endswith(" "):
            return None
        return await asyncio.to_thread(self._completed, value)

    def _completed(self, value: str) -> str | None:
        from magnus_tracking.query.completion import complete  # late: the first screen completes nothing

        found = complete(value, len(value), self._feed.fields(), self._feed.existing_values)
        for completion in found:
            applied = completion.applied(value)
            if applied.startswith(value) and applied != value:
                return applied
        return None
