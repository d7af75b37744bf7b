"""The series of a run as arrays, read straight from the text of its log, and kept for runs that are finished."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from magnus_tracking.lazy_imports import importer

if TYPE_CHECKING:
    from magnus_tracking.series.cache import SeriesCache
    from magnus_tracking.series.decoding import series_of_outline

__all__ = ["SeriesCache", "series_of_outline"]

_HOMES = MappingProxyType(
    {
        "SeriesCache": "magnus_tracking.series.cache",
        "series_of_outline": "magnus_tracking.series.decoding",
    }
)
"""The module of each name."""

__getattr__ = importer(__name__, globals(), _HOMES)
