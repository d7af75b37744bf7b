"""The index: summaries of a store's runs, kept in the user's cache folder so that lists need not read the store."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from magnus_tracking.lazy_imports import importer

if TYPE_CHECKING:
    from magnus_tracking.index.refresher import IndexChanged
    from magnus_tracking.index.run_index import GONE, RunIndex

__all__ = ["GONE", "IndexChanged", "RunIndex"]

_HOMES = MappingProxyType(
    {
        "GONE": "magnus_tracking.index.run_index",
        "IndexChanged": "magnus_tracking.index.refresher",
        "RunIndex": "magnus_tracking.index.run_index",
    }
)
"""The module of each name."""

__getattr__ = importer(__name__, globals(), _HOMES)
