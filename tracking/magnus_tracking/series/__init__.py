"""The series of a run as arrays, read straight from the text of its log, and kept for runs that are finished."""

from magnus_tracking.series.cache import SeriesCache
from magnus_tracking.series.decoding import series_of_outline

__all__ = ["SeriesCache", "series_of_outline"]
