"""``magnus-tui [STORE]``: opening the explorer, without a command line parser."""

from __future__ import annotations

import sys

from magnus_tracking.errors import MagnusTrackingError


def explore(store: str | None) -> int:
    """Open the explorer on a store and return the exit status of the process.

    Args:
        store: a store or the folder that holds one; None for the one in the current folder.
    """
    import gc

    # Hardly anything that a start makes is garbage; the application turns collection on once it has painted.
    gc.disable()
    from magnus_tracking.stores import STORE_FOLDER
    from magnus_tui.app import run

    try:
        run(STORE_FOLDER if store is None else store)
    except MagnusTrackingError as error:
        from magnus_tui.text import clean

        print(f"magnus-tui: {clean(str(error))}", file=sys.stderr)
        return 1
    return 0
