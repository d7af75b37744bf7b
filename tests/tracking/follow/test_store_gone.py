"""A store that is deleted, moved, replaced or out of reach while it is followed, by events and by polling."""

import contextlib
import json
import queue
import shutil
import threading

import pytest

from magnus_tracking.follow import Presence, keep_up
from magnus_tracking.index import RunIndex
from magnus_tracking.stores import Store
from support.waiting import LONG, until

GONE = "is gone"


class Following:
    """An index that is kept up to date, and what was said of its store."""

    def __init__(self, root, cache, polling):
        self.index = RunIndex.open(Store(root), cache)
        presence = Presence(root)
        self.index.refresh()
        self.said = queue.Queue()
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=keep_up,
            args=(self.index, self._stop, lambda _: None, polling, lambda *seen: self.said.put(seen), presence),
        )

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(LONG)
        assert not self._thread.is_alive()
        self.index.close()

    def hears(self, text, is_there):
        said, there = self.said.get(timeout=LONG)
        assert text in said
        assert there is is_there
        return said

    def tag_of(self, run_id):
        summary = self.index.summary(run_id)
        return summary and summary.tag


@pytest.fixture(params=["never", "always"], ids=["events", "polling"])
def followed(request, store_copy, tmp_path):
    root = store_copy("magnus-sweep") / ".run_log_store"
    with Following(root, tmp_path / "cache", request.param) as following:
        yield root, following


def write_run(root, run_id, tag):
    model = json.loads((root / "fixed-3.json").read_text()) if (root / "fixed-3.json").exists() else {"status": "FAIL"}
    (root / f"{run_id}.json").write_text(json.dumps({**model, "run_id": run_id, "tag": tag, "steps": {}}))


def is_followed(root, following):
    """Whether a run that is written now arrives; it is written again, as the watch may begin a moment later."""
    for number in range(100):
        write_run(root, "after", f"t{number}")
        with contextlib.suppress(AssertionError):
            until(lambda: following.tag_of("after"), "the run", 1)
            return True
    return False


def deleted(root):
    shutil.rmtree(root)


def moved(root):
    root.rename(root.with_name("elsewhere"))


def parent_moved(root):
    root.parent.rename(root.parent.with_name("elsewhere"))


def parent_deleted(root):
    shutil.rmtree(root.parent)


def made_a_file(root):
    root.rename(root.with_name("elsewhere"))
    root.write_text("no folder")


def made_a_dead_link(root):
    root.rename(root.with_name("elsewhere"))
    root.symlink_to(root.with_name("nowhere"))


@pytest.mark.parametrize("happens", [deleted, moved, parent_moved, parent_deleted, made_a_file, made_a_dead_link])
def test_a_store_that_goes_is_told_and_followed_again_once_it_is_back(followed, happens):
    root, following = followed
    kept = root.parent.with_name("kept")
    shutil.copytree(root, kept)
    happens(root)
    following.hears(GONE, False)
    root.parent.mkdir(exist_ok=True)
    root.unlink(missing_ok=True)
    kept.rename(root)
    following.hears("is back", True)
    assert following.tag_of("fixed-3") == "sweep-2"
    assert is_followed(root, following)


def test_a_store_that_is_moved_back_is_as_it_was(followed):
    root, following = followed
    before = following.index.count()
    moved(root)
    following.hears(GONE, False)
    root.with_name("elsewhere").rename(root)
    following.hears("is back", True)
    assert following.index.count() == before


def replaced_by_another_folder(root):
    root.rename(root.with_name("elsewhere"))
    root.mkdir()


def deleted_and_made_anew(root):
    shutil.rmtree(root)
    root.mkdir()


def made_a_link(root):
    root.rename(root.with_name("elsewhere"))
    root.with_name("other").mkdir()
    root.symlink_to(root.with_name("other"))


@pytest.mark.parametrize("happens", [replaced_by_another_folder, deleted_and_made_anew, made_a_link])
def test_another_store_in_its_place_is_read_and_followed(followed, happens):
    root, following = followed
    happens(root)
    write_run(root, "fixed-3", "of the other store")
    until(lambda: following.tag_of("fixed-3") == "of the other store", "the run of the other store")
    until(lambda: following.index.count() == 1, "the end of the runs that were in the first")
    assert is_followed(root, following)


def test_a_store_that_is_emptied_is_empty_and_followed(followed):
    root, following = followed
    for entry in list(root.iterdir()):
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    until(lambda: following.index.count() == 0, "an empty index")
    assert is_followed(root, following)


@pytest.mark.parametrize("polling", ["never", "always"])
def test_a_store_that_was_gone_from_the_start_is_followed_once_it_is_there(tmp_path, polling, store_copy):
    root = store_copy("magnus-sweep") / ".run_log_store"
    away = root.with_name("away")
    following = Following(root, tmp_path / "cache", polling)
    root.rename(away)
    with following:
        following.hears(GONE, False)
        away.rename(root)
        following.hears("is back", True)
        assert is_followed(root, following)
