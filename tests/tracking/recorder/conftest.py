"""A project folder of its own for each test, and no variables of the engine in the environment."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith("MAGNUS_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(params=["file-system", "chunked-fs"])
def store_type(request):
    return request.param


@pytest.fixture
def stored(project):
    """Reads a run back as the store of the explorer does, metrics in flight included."""
    from magnus_tracking.journal.overlays import overlay_run
    from magnus_tracking.journal.reader import read_in_flight
    from magnus_tracking.stores import Store

    def read(run_id):
        root = Path(project) / ".run_log_store"
        journals = read_in_flight(root, run_id)
        handle = Store(root).handle(run_id)
        return overlay_run(handle.format.document(handle), journals)

    return read
