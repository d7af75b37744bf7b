"""How far the refresh of a copied store has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Progress(NamedTuple):
    """How far a refresh has come.

    Attributes:
        listed: how many files have been listed.
        done: how many of those that are new or changed have been fetched.
        total: how many there are to fetch; None while it lists.
        changed_ids: the runs that changed since the last time.
    """

    listed: int
    done: int
    total: int | None
    changed_ids: frozenset[str]


Tell = Callable[[Progress], None]
"""Told, in the thread that refreshes, how far it is."""
