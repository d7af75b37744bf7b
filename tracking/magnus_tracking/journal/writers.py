"""Whether anybody still writes the journals of a run."""

from __future__ import annotations

from pathlib import Path

from magnus_tracking.journal.format import Header, decode_header
from magnus_tracking.journal.liveness import WriterState, writer_state
from magnus_tracking.journal.places import find_journals
from magnus_tracking.regular_files import open_binary

_LONGEST_HEADER = 1 << 20


def writer_gone(root: Path, run_id: str) -> bool | None:
    """Whether all processes that write the journals of a run are gone from this host.

    Args:
        root: the folder that holds the run logs.
        run_id: the run.

    Returns:
        None without a journal, or where it can't be told from here.
    """
    headers = [_read_header(path) for path in find_journals(root, run_id)]
    states = {writer_state(header) for header in headers if header is not None}
    if not states or states == {WriterState.UNKNOWN}:
        return None
    return states == {WriterState.GONE}


def _read_header(path: Path) -> Header | None:
    try:
        with open_binary(path) as file:
            return decode_header(file.readline(_LONGEST_HEADER))
    except (OSError, ValueError):
        return None
