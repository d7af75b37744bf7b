"""The first lines of the journals of a run, without what follows, and whether anybody still writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from magnus_tracking.filesystem.regular_files import open_binary
from magnus_tracking.journal.format import Header, decode_header
from magnus_tracking.journal.journal_paths import find_journals
from magnus_tracking.journal.writer_liveness import WriterState, writer_state

_LONGEST_HEADER = 1 << 20


def read_headers(root: Path, run_id: str) -> list[Header]:
    """What the journals of a run are about, oldest first; those that can't be read are passed over.

    Args:
        root: the folder that holds the run logs.
        run_id: the run.
    """
    return [header for _, header in read_headed(root, run_id)]


def read_headed(root: Path, run_id: str) -> Iterator[tuple[Path, Header]]:
    """The same, each with its file."""
    for path in find_journals(root, run_id):
        header = _read_header(path)
        if header is not None:
            yield path, header


def _read_header(path: Path) -> Header | None:
    try:
        with open_binary(path) as file:
            return decode_header(file.readline(_LONGEST_HEADER))
    except (OSError, ValueError):
        return None


def writer_gone(root: Path, run_id: str, changed: float) -> bool | None:
    """Whether all processes that write the journals of a run are gone from this host.

    Args:
        root: the folder that holds the run logs.
        run_id: the run.
        changed: when its log was last written, in seconds since the epoch; an engine that wrote it later than a journal
            may be another process than that of the journal.

    Returns:
        None without a journal, or where it can't be told from here.
    """
    states = set()
    for path, header in read_headed(root, run_id):
        state = writer_state(header)
        if not (header.engine and state is WriterState.GONE and _last_write(path) < changed):
            states.add(state)
    if not states or states == {WriterState.UNKNOWN}:
        return None
    return states == {WriterState.GONE}


def _last_write(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
