"""Whether anybody still writes the journals of a run."""

from __future__ import annotations

from pathlib import Path

from magnus_tracking.journal.headers import read_headed
from magnus_tracking.journal.writer_process import WriterState, writer_state


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
