"""``magnus-tui [STORE]``: opening the explorer, without a command line parser."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from magnus_tracking.errors import MagnusTrackingError

if TYPE_CHECKING:
    from magnus_tracking.stores import Store
    from magnus_tui.feed.prefetch import SeriesFeed


def explore(store: str | None) -> int:
    """Open the explorer on a store and return the exit status of the process.

    Args:
        store: a store or the folder that holds one; None for the one in the current folder.
    """
    import gc

    # Hardly anything that a start makes is garbage; the application turns collection on once it has painted.
    gc.disable()
    from magnus_tracking.stores import STORE_FOLDER

    opened, series = _open(STORE_FOLDER if store is None else store)
    from magnus_tui.app import ExplorerApp

    try:
        ExplorerApp(opened, series=series).run()
    except MagnusTrackingError as error:
        from magnus_tui.text import clean

        print(f"magnus-tui: {clean(str(error))}", file=sys.stderr)
        return 1
    return 0


def _open(path: str) -> tuple[Store | MagnusTrackingError, SeriesFeed | None]:
    """The store at `path`, or why there is none; and its series, of which what will be asked for first is being read.

    That is done before the application is imported, which takes longer than all else.
    """
    from magnus_tracking.stores import open_store
    from magnus_tui.feed.prefetch import SeriesFeed

    try:
        store = open_store(path)
        store.check()
        series = SeriesFeed(store)
        series.foresee_newest()
    except MagnusTrackingError as error:
        return error, None
    return store, series
