"""The stores that were opened last."""

from magnus_tracking.filesystem.cache_folder import cache_folder
from magnus_tracking.stores import open_store, open_stores
from magnus_tui.feed.store_history import recent_stores, remember_store


def test_the_store_that_was_opened_last_comes_first_and_each_comes_once(store_copy):
    sweep, examples = store_copy("magnus-sweep"), store_copy("magnus-examples")
    assert recent_stores() == []
    for project in (sweep, examples, sweep):
        remember_store(open_store(project))
    remember_store(open_stores([sweep, examples]))
    roots = [str(project / ".run_log_store") for project in (sweep, examples)]
    assert recent_stores() == [tuple(roots), (roots[0],), (roots[1],)]


def test_a_damaged_list_is_no_list(store_copy):
    store = open_store(store_copy("magnus-sweep"))
    remember_store(store)
    (cache_folder() / "recent" / "stores.json").write_text('{"a": [')
    assert recent_stores() == []
    remember_store(store)
    assert len(recent_stores()) == 1
