"""The debug log: what was read, decided, timed and swallowed, in a file that the user asks for.

Modules log to `logging.getLogger(__name__)`, which costs nothing until `start_debug_log` has been called.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from magnus_tracking.filesystem import regular_files
from magnus_tracking.filesystem.cache_folder import cache_folder, private_file, private_folder

DEBUG_VARIABLE = "MAGNUS_TUI_DEBUG"
"""The environment variable that asks for the log; processes that a command starts see it, too."""

_NAMES = ("magnus_tracking", "magnus_tui")
_LARGEST = 10 << 20
"""Bytes after which a new log is begun when a command starts: some hours of the explorer."""


def debug_log_wanted() -> bool:
    """Return whether the environment asks for the log."""
    return os.environ.get(DEBUG_VARIABLE, "") not in {"", "0"}


def start_debug_log() -> Path | None:
    """Log to ``debug.log`` in the cache folder from now on, also in processes that are started from here.

    Returns:
        The file; None where it can't be written, which does not keep the command from running.
    """
    os.environ[DEBUG_VARIABLE] = "1"
    path = cache_folder() / "debug.log"
    try:
        private_folder(path.parent)
        if path.exists() and path.stat().st_size > _LARGEST:
            path.replace(path.with_suffix(".old.log"))
        private_file(path)
        descriptor, _ = regular_files.open_regular(path, os.O_WRONLY | os.O_APPEND)
    except OSError:
        return None
    handler = logging.StreamHandler(os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace"))
    handler.setFormatter(
        logging.Formatter("%(asctime)s.%(msecs)03d %(process)d %(threadName)s %(name)s: %(message)s", "%F %T")
    )
    for name in _NAMES:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        logger.propagate = False
    logging.getLogger(__name__).debug("%s, Python %s", " ".join(sys.argv), sys.version.split()[0])
    regular_files.tell_of_reading(_log_reading)
    return path


@contextmanager
def timed(logger: logging.Logger, what: str) -> Iterator[None]:
    """Log how long the block took, and what it raised."""
    if not logger.isEnabledFor(logging.DEBUG):
        yield
        return
    start = time.perf_counter()
    try:
        yield
    except BaseException as error:
        logger.debug("%s: %r after %.1f ms", what, error, (time.perf_counter() - start) * 1000)
        raise
    logger.debug("%s: %.1f ms", what, (time.perf_counter() - start) * 1000)


def _log_reading(path: str, size: int) -> None:
    logging.getLogger(regular_files.__name__).debug("read %r, %d bytes", path, size)
