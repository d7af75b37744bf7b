"""File events of a store, as Linux tells them and as `watchfiles` finds them."""

import os
import shutil
import threading
from pathlib import Path

import pytest

from magnus_tracking.follow.inotify import Inotify
from magnus_tracking.follow.watchfiles_events import Stepwise
from support.waiting import LONG, until

EVENT_LIMIT = Path("/proc/sys/fs/inotify/max_queued_events")


@pytest.fixture(params=[Inotify, Stepwise])
def events(request, tmp_path):
    root = tmp_path / "store"
    (root / "old" / "journal").mkdir(parents=True)
    (root / "side.journal").mkdir()
    found = request.param(root)
    yield root, found
    found.close()


def hears(found, name):
    """Whether a name is told; others may come before."""
    return until(lambda: name in found.wait(0.2), f"an event of {name}")


def hears_nothing(found):
    until(lambda: not found.wait(0.2), "an end of the events")
    return not found.wait(0.2)


def written(path):
    with path.open("a") as file:
        file.write("x\n")


@pytest.mark.parametrize("name", ["run.json", "ünïcode ☂.json", "line\nbreak.json", "side.journal", "old"])
def test_what_is_written_is_told_by_the_entry_in_which_it_lies(events, name):
    root, found = events
    if name.endswith(".json"):
        written(root / name)
    else:
        written(root / name / ("journal" if name == "old" else "") / "1.jsonl")
    assert hears(found, name)
    assert hears_nothing(found)


def test_folders_that_come_later_are_watched_as_deep_as_a_run_goes(events):
    root, found = events
    (root / "new" / "journal").mkdir(parents=True)
    assert hears(found, "new")
    written(root / "new" / "journal" / "1.jsonl")
    assert hears(found, "new")
    assert hears_nothing(found)
    written(root / "new" / "journal" / "1.jsonl")
    assert hears(found, "new")


def test_a_folder_under_another_name_is_told_by_that(events):
    root, found = events
    (root / "old").rename(root / "renamed")
    assert hears(found, "renamed")
    assert hears_nothing(found)
    written(root / "renamed" / "journal" / "1.jsonl")
    assert hears(found, "renamed")


def test_a_run_that_goes_is_told(events):
    root, found = events
    shutil.rmtree(root / "old")
    assert hears(found, "old")
    assert not found.lost


def test_reading_is_no_change(events):
    root, found = events
    written(root / "run.json")
    assert hears(found, "run.json")
    assert hears_nothing(found)
    (root / "run.json").read_text()
    assert list((root / "old").iterdir())
    assert hears_nothing(found)


def test_a_store_that_is_deleted_is_lost(events):
    root, found = events
    shutil.rmtree(root)
    until(lambda: found.wait(0.2) is not None and found.lost, "the loss of the store")


def test_who_waits_can_be_woken(events):
    _, found = events
    waiting = threading.Thread(target=found.wait, args=(None,))
    waiting.start()
    found.wake()
    waiting.join(LONG)
    assert not waiting.is_alive()
    found.close()
    found.wake()


def test_where_there_is_no_folder_there_are_no_events(tmp_path):
    with pytest.raises(FileNotFoundError):
        Inotify(tmp_path / "nowhere")


def test_a_folder_that_is_moved_away_is_watched_no_longer(tmp_path):
    root = tmp_path / "store"
    (root / "old" / "journal").mkdir(parents=True)
    found = Inotify(root)
    (root / "old").rename(tmp_path / "away")
    assert hears(found, "old")
    written(tmp_path / "away" / "journal" / "1.jsonl")
    assert hears_nothing(found)
    found.close()


def test_what_can_not_be_watched_costs_its_own_events_only(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "gone").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    found = Inotify(tmp_path)
    written(tmp_path / "run.json")
    assert hears(found, "run.json")
    found.close()


def test_where_more_happened_than_is_kept_everything_is_told(tmp_path):
    count = int(EVENT_LIMIT.read_text()) // 2 + 100
    found = Inotify(tmp_path)
    for number in range(count):
        written(tmp_path / f"{number}.json")
    (tmp_path / "late").mkdir()
    told = set()
    while names := found.wait(0.2):
        told |= names
    assert told == {*(f"{number}.json" for number in range(count)), "late"}
    written(tmp_path / "late" / "RunLog.json")
    assert hears(found, "late")
    found.close()
