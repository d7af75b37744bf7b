"""What is kept of the runs outside the store is their user's own, whatever the umask, and what was open is closed."""

import os
import stat

import pytest

from magnus_tracking.filesystem.cache_folder import private_folder
from magnus_tracking.index import RunIndex
from magnus_tracking.stores import open_store
from support.stores import DATA_STORES


def open_to_others(folder):
    return [path for path in (folder, *folder.rglob("*")) if stat.S_IMODE(path.lstat().st_mode) & 0o077]


def make_index(**cache):
    index = RunIndex.open(open_store(DATA_STORES / "magnus-sweep"), **cache)
    index.refresh()
    return index


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_an_index_and_what_is_beside_it_are_private(tmp_path, monkeypatch, umask):
    monkeypatch.setenv("MAGNUS_TUI_CACHE", str(tmp_path / "deep" / "cache"))
    before = os.umask(umask)
    try:
        index = make_index()
        assert open_to_others(tmp_path / "deep") == []
        index.close()
    finally:
        os.umask(before)


def test_what_an_earlier_version_left_open_is_closed(tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    monkeypatch.setenv("MAGNUS_TUI_CACHE", str(cache))
    make_index().close()
    private_folder(cache / "series" / "store")
    (cache / "series" / "store" / "run").write_bytes(b"")
    for log in ("debug.log", "debug.old.log"):
        (cache / log).touch(0o600)
    for path in (cache, *(path for path in cache.rglob("*") if "log" not in path.name)):
        path.chmod(0o755 if path.is_dir() else 0o644)
    index = make_index()
    private_folder(cache / "series" / "store")
    assert open_to_others(cache) == []
    index.close()


def test_a_folder_that_holds_other_things_keeps_its_rights(tmp_path, monkeypatch):
    monkeypatch.setenv("MAGNUS_TUI_CACHE", str(tmp_path))
    (tmp_path / "mine").write_text("")
    tmp_path.chmod(0o755)
    make_index().close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert open_to_others(tmp_path / "index") == []
