"""What can be taken to pandas and polars, and drawn in a notebook: rows of named cells."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from magnus_tracking.api import html

if TYPE_CHECKING:
    import pandas
    import polars


class Table(ABC):
    """Rows of named cells."""

    @abstractmethod
    def to_dicts(self) -> list[dict[str, Any]]:
        """One dictionary a row; times are naive datetimes, durations seconds, what does not apply is None."""

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a data frame; what is nested is JSON text.

        Raises:
            ImportError: pandas is not installed.
        """
        import pandas

        return pandas.DataFrame(self._columns())

    def to_polars(self) -> polars.DataFrame:
        """The rows as a data frame; what is nested is JSON text, and a column of several types is text.

        Raises:
            ImportError: polars is not installed.
        """
        import polars

        return polars.DataFrame(self._columns(), strict=False)

    def _columns(self) -> dict[str, list[Any]]:
        rows = self.to_dicts()
        names = dict.fromkeys(name for row in rows for name in row)
        return {name: [_flat(row.get(name)) for row in rows] for name in names}

    def _repr_html_(self) -> str:
        """The rows as a notebook shows them."""
        return html.table(self.to_dicts())


class Rows(Table):
    """Rows that are known already."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = [dict(row) for row in rows]

    def to_dicts(self) -> list[dict[str, Any]]:
        """See `Table`."""
        return [dict(row) for row in self._rows]

    def __len__(self) -> int:
        return len(self._rows)


def _flat(value: Any) -> Any:
    return json.dumps(value, default=str) if isinstance(value, dict | list | tuple) else value
