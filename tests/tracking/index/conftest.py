"""Indexes of stores that a test may change, closed behind it."""

import pytest

from magnus_tracking.index import RunIndex
from magnus_tracking.stores import open_store


@pytest.fixture
def opened(tmp_path):
    """Opens the index of a project's store; again and again, as several starts of the explorer would."""
    indexes = []

    def open_index(project, **how):
        index = RunIndex.open(open_store(project), tmp_path / "cache", **how)
        indexes.append(index)
        return index

    yield open_index
    for index in indexes:
        index.close()


@pytest.fixture
def refreshed(opened):
    """The index of a project's store, up to date."""

    def open_and_refresh(project):
        index = opened(project)
        index.refresh()
        return index

    return open_and_refresh
