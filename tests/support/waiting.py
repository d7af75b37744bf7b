"""Waiting for what another process or thread will do."""

import time

LONG = 30.0
"""Seconds after which what was waited for is not coming, also on a busy machine."""

_PAUSE = 0.02


def until(look, what, seconds=LONG):
    """Call `look` until it gives something true, and return that.

    Args:
        look: called without arguments.
        what: what is waited for, in words, or a function that tells it when it did not come.
        seconds: how long to wait at most.

    Raises:
        AssertionError: it did not come.
    """
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s for {what() if callable(what) else what}")
        time.sleep(_PAUSE)
