"""What an index knows as a whole, by key: its generation, its sums, the default order, the last listing."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any


def read(connection: sqlite3.Connection, *keys: str) -> dict[str, Any]:
    """The values of `keys` that are kept."""
    places = ",".join("?" * len(keys))
    return dict(connection.execute(f"SELECT key, value FROM state WHERE key IN ({places})", keys).fetchall())


def keep(connection: sqlite3.Connection, values: Mapping[str, Any]) -> None:
    """Keep values, inside a transaction.

    The names of 100,000 runs take 3 MB and are seldom others: what is as it was is not written again.
    """
    connection.executemany(
        "INSERT INTO state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value "
        "WHERE value IS NOT excluded.value",
        list(values.items()),
    )


def forget(connection: sqlite3.Connection, key: str) -> None:
    """Keep a value no longer, inside a transaction."""
    connection.execute("DELETE FROM state WHERE key = ?", (key,))


def generation(connection: sqlite3.Connection) -> int:
    """How often the index has been written."""
    number: int = read(connection, "generation")["generation"]
    return number
