"""How a query can go on while it is typed: fields and values that exist in the store, and examples."""

from __future__ import annotations

from collections.abc import Sequence

from magnus_tui.feed.feed import Feed
from magnus_tui.runs.columns import METRIC, PARAMETER
from magnus_tui.widgets.filter_bar import Offer


class QueryCompleter:
    """The likeliest ways to go on with a query."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def offers(self, query: str, cursor: int) -> Sequence[Offer]:
        """What could stand at the cursor, as this store has it."""
        from magnus_tracking.query.completion import complete  # late: the first screen completes nothing

        return complete(query, cursor, self._feed.fields(), self._feed.existing_values)

    def examples(self) -> str:
        """Queries about the store's own names, as far as these need no quotes, and how they are joined."""
        from magnus_tracking.query.completion import written  # late: the first screen completes nothing

        names = [name for name in self._feed.fields() if written(name) == name]
        metric = next((name for name in names if name.startswith(METRIC)), f"{METRIC}loss")
        parameter = next((name for name in names if name.startswith(PARAMETER)), f"{PARAMETER}lr")
        told = (
            f"{metric}<0.3",
            "started>2h (in the last 2 h)",
            "took>5m",
            "not code:dirty",
            f"has:{parameter}",
        )
        return "such as  " + "   ".join(("status:fail", *told)) + "   joined by and, or, ( )"
