"""Reading the series of one run from its files, in this process or in one of its own.

A process of its own leaves this one free to answer keys: reading a log of 50 MB keeps a core, and with it every thread
of a Python process, for a third of a second.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import msgspec

from magnus_tracking.outline import decode_run_and_text
from magnus_tracking.series import stored
from magnus_tracking.series.apart import take_apart
from magnus_tracking.series.decoding import series_of_apart, series_of_outline
from magnus_tracking.series.light import text_without_long_metrics
from magnus_tracking.series.stored import Loaded
from magnus_tracking.stores.handles import HUGE
from magnus_tracking.stores.outlines import read_outline
from magnus_tracking.stores.reading import read_as

if TYPE_CHECKING:
    from magnus_tracking.stores import RunHandle


def read_series(handle: RunHandle) -> Loaded:
    """The status of a run, its series, and its short text where that is of use.

    Raises:
        UnreadableRunError: its files can't be understood.
    """
    if not handle.chunked:
        return read_huge(handle.path) if handle.size >= HUGE else read_as(handle.path, _take_in)
    outline = read_outline(handle.path, chunked=True)
    return Loaded(outline.status, tuple(series_of_outline(outline)), b"")


def read_huge(path: str) -> Loaded:
    """The same of a run log in one file, whose short text is of use.

    Raises:
        UnreadableRunError: the file can't be understood.
    """
    return read_as(path, lambda data: _take_in(data, light=True))


def goes_beside(handle: RunHandle) -> bool:
    """Whether a run is better read by another process."""
    return handle.size >= HUGE and not handle.chunked and (os.cpu_count() or 1) > 1


def read_beside(handle: RunHandle) -> Loaded | None:
    """The same as `read_series`, read by another process.

    Returns:
        None where nothing is gained by it, and where it did not succeed: reading it here tells why.
    """
    if not goes_beside(handle):
        return None
    # Without -P, what lies in the working folder could be imported in place of the installed modules.
    command = [sys.executable, "-P", "-m", "magnus_tracking.series.worker", handle.path]
    try:
        # A pipe would be read in many small parts, each of which waits for the other threads of this process.
        with tempfile.TemporaryFile() as file:
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                check=True,
            )
            file.seek(0)
            return stored.read(file, os.fstat(file.fileno()).st_size, stored.NO_STATE)
    except (OSError, EOFError, ValueError, msgspec.MsgspecError, sqlite3.DatabaseError, subprocess.SubprocessError):
        return None


def _take_in(data: bytes, *, light: bool = False) -> Loaded:
    apart = take_apart(data)
    outline, text = decode_run_and_text(apart.text)
    series = series_of_apart(outline, apart.metrics)
    if series is None:
        outline, text = decode_run_and_text(data)
        series = series_of_outline(outline)
        short = text_without_long_metrics(text, outline) if light else None
    else:
        short = apart.shown(text_without_long_metrics(text, outline)) if light else None
    return Loaded(outline.status, tuple(series), short or b"")
