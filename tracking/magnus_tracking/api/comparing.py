"""A comparison of runs, as a table that notebooks draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from magnus_tracking.api import html
from magnus_tracking.api.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from magnus_tracking.analysis.compare import Comparison, Row


class RunComparison(Table):
    """What differs between runs: a row for each key, a column for each run.

    Attributes:
        comparison: the rows with everything that is known of them.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison

    @property
    def runs(self) -> tuple[str, ...]:
        """The ids of the runs."""
        return self.comparison.runs

    @property
    def rows(self) -> Sequence[Row]:
        """The rows: `section`, `key`, `values`, `differs`, `delta`."""
        return self.comparison.rows

    def changed(self) -> RunComparison:
        """Only what differs."""
        return RunComparison(self.comparison.changed())

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dictionary a key: ``section``, ``key``, ``differs``, and a value by the id of each run."""
        return [
            {
                "section": row.section,
                "key": row.key,
                "differs": row.differs,
                **dict(zip(self.runs, row.values, strict=True)),
            }
            for row in self.rows
        ]

    def _repr_html_(self) -> str:
        """The rows as a notebook shows them, what differs in bold."""
        rows = self.to_dicts()
        marked = {(place, run) for place, row in enumerate(rows) if row.pop("differs") for run in self.runs}
        return html.table(rows, marked=marked)
