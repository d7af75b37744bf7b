"""What the screens learn of a store through its one door."""

import json
import os
import shutil
import threading
from pathlib import Path

import pytest

from magnus_tracking.errors import RunNotFoundError, UnreadableRunError
from magnus_tracking.filesystem.cache_folder import CACHE_VARIABLE, cache_folder, store_key
from magnus_tracking.stores import open_store
from magnus_tracking.stores.run_listing import HUGE, WORTH_KEEPING
from magnus_tui.feed.feed import Feed
from magnus_tui.feed.prefetch import SeriesFeed
from support.waiting import until


@pytest.fixture
def feed(store_copy):
    """A feed of a store whose summaries are in the index, closed at the end."""
    feed = Feed(open_store(store_copy("sample_runs")))
    feed.refresh(lambda _: None, lambda: False)
    yield feed
    feed.close()


def copy_run(feed, run_id, new_id, **changes):
    root = feed.store.root
    document = json.loads((root / f"{run_id}.json").read_text())
    document.update(run_id=new_id, **changes)
    (root / f"{new_id}.json").write_text(json.dumps(document))


def run_in_one_file(feed):
    return next(path.stem for path in sorted(feed.store.root.glob("*.json")))


@pytest.mark.parametrize("original", ["ham", "a b", 'with "quotes"', "back\\slash", "star*", "Ham"])
def test_reruns_of_a_run_are_those_that_name_it_to_the_letter(feed, original):
    some = run_in_one_file(feed)
    copy_run(feed, some, "first", original_run_id=original)
    copy_run(feed, some, "second", original_run_id=original)
    copy_run(feed, some, "another", original_run_id=f"{original}!")
    copy_run(feed, some, "shouted", original_run_id=original.swapcase())
    feed.refresh(lambda _: None, lambda: False)
    assert sorted(feed.reruns_of(original)) == ["first", "second"]


def test_a_run_without_reruns_has_none(feed):
    assert feed.reruns_of("nobody") == []


@pytest.mark.parametrize("damage", ["gone", "broken"])
def test_a_huge_run_that_was_expected_and_spoils_is_told_of_when_it_is_opened(feed, damage):
    copy_run(feed, run_in_one_file(feed), "huge", parameters={"long": "x" * 2 * WORTH_KEEPING})
    feed.refresh(lambda _: None, lambda: False)
    summary = feed.index.summary("huge")
    path = feed.store.root / "huge.json"
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-10])
    feed.series.prefetch(summary)
    with pytest.raises((RunNotFoundError, UnreadableRunError)):
        feed.opener.open_run("huge")


def test_a_huge_run_that_is_expected_is_opened_as_any_other(feed):
    copy_run(feed, run_in_one_file(feed), "huge", parameters={"long": "x" * 2 * WORTH_KEEPING})
    feed.refresh(lambda _: None, lambda: False)
    feed.series.prefetch(feed.index.summary("huge"))
    assert feed.opener.open_run("huge").run.parameters == {"long": "x" * 2 * WORTH_KEEPING}


@pytest.fixture
def foreseen(feed):
    """The row of a huge run that was just added, as it is shown before anything has been read."""
    copy_run(feed, run_in_one_file(feed), "huge", parameters={"long": "x" * 2 * HUGE})
    return next(one.run for one in feed.provisional() if one.run.run_id == "huge")


def test_a_huge_run_that_is_foreseen_is_read_before_it_is_opened(feed, foreseen, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    feed.series.prefetch_likely(foreseen)
    kept = cache_folder() / "series" / store_key(feed.store.root)
    until(lambda: [path for path in kept.glob("*") if path.name[0] != "."], "the series on disk")


def test_the_newest_run_that_is_begun_before_the_first_screen_is_opened_as_any_other(feed, foreseen):
    series = SeriesFeed(feed.store)
    series.prefetch_newest()
    early = Feed(feed.store, series)
    early.series.prefetch_likely(foreseen)
    assert early.opener.open_run("huge").run.parameters == {"long": "x" * 2 * HUGE}
    early.close()


def test_a_cache_folder_that_is_a_file_is_no_hindrance_to_a_huge_run(feed, foreseen, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file"))
    feed.series.prefetch_newest()
    assert feed.opener.open_run("huge").run.parameters == {"long": "x" * 2 * HUGE}


def children():
    return {
        process for task in Path("/proc/self/task").iterdir() for process in (task / "children").read_text().split()
    }


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the system does not tell of processes there")
def test_a_run_that_was_begun_and_never_opened_is_let_go(feed, foreseen, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    # On a busy machine the millisecond that finding it may take is over before the folder has been looked through.
    monkeypatch.setattr("magnus_tui.feed.prefetch._FINDING_SECONDS", 60.0)
    before = children()
    feed.series.prefetch_newest()
    assert children() > before
    feed.close()
    assert children() == before


def test_a_newest_run_that_is_not_huge_is_left_alone(feed):
    feed.series.prefetch_newest()
    some = run_in_one_file(feed)
    assert feed.opener.open_run(some).run.run_id == some


def test_what_gives_way_waits_for_a_run_that_is_expected(feed, monkeypatch):
    copy_run(feed, run_in_one_file(feed), "huge", parameters={"long": "x" * 2 * HUGE})
    expected = next(one.run for one in feed.provisional() if one.run.run_id == "huge")
    may_end, order = threading.Event(), []

    def load(_run_id):
        may_end.wait(30)
        order.append("read")

    def give_way():
        feed.series.yield_to_ui()
        order.append("gave way")

    monkeypatch.setattr(feed.series.cache, "prefetch", load)
    feed.series.prefetch(expected)
    waiting = threading.Thread(target=give_way)
    waiting.start()
    may_end.set()
    waiting.join()
    assert order == ["read", "gave way"]


def test_nothing_gives_way_any_more_once_the_explorer_is_closed(feed, foreseen, monkeypatch):
    may_end = threading.Event()
    monkeypatch.setattr(feed.series.cache, "prefetch", lambda _run_id: may_end.wait(30))
    feed.series.prefetch(foreseen)
    feed.close()
    feed.series.yield_to_ui()
    may_end.set()


def test_a_huge_run_that_is_foreseen_is_opened_as_any_other(feed, foreseen):
    feed.series.prefetch_likely(None)
    feed.series.prefetch_likely(foreseen)
    opened = feed.opener.open_run("huge")
    feed.refresh(lambda _: None, lambda: False)
    assert opened.run.parameters == {"long": "x" * 2 * HUGE}
    assert repr(opened.summary) == repr(feed.index.summary("huge"))


def test_a_store_that_goes_away_just_after_it_was_opened_lists_no_runs_at_first(feed):
    shutil.rmtree(feed.store.root)
    assert feed.provisional() == []
