"""The index: summaries of a store's runs, kept in the user's cache folder so that lists need not read the store."""

from magnus_tracking.index.refreshing import IndexChanged
from magnus_tracking.index.run_index import GONE, RunIndex

__all__ = ["GONE", "IndexChanged", "RunIndex"]
