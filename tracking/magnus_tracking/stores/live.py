"""Laying the journals of a run in flight over what its files hold."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magnus_tracking.journal.places import find_journals
from magnus_tracking.runlog.outline import RunOutline, decode_run
from magnus_tracking.runlog.times import local_time
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES

if TYPE_CHECKING:
    from magnus_tracking.journal import InFlight
    from magnus_tracking.stores.formats import RunHandle


def with_journals(document: dict[str, Any], journals: Iterable[InFlight]) -> dict[str, Any]:
    """The run log with what its running attempts have tracked so far, in place; as it is for a finished run.

    Args:
        document: the full run log.
        journals: of the run, read before the log was, so that an attempt that ends in between is in one of them.
    """
    if document.get("status") in FINAL_STATUSES:
        return document
    from magnus_tracking.journal import overlay_run

    return overlay_run(document, journals)


def has_journals(outline: RunOutline, root: Path, run_id: str) -> bool:
    """Whether the run is unfinished and has journals beside it."""
    return outline.status not in FINAL_STATUSES and bool(find_journals(root, run_id))


def outline_with_journals(handle: RunHandle, root: Path) -> RunOutline:
    """The outline of a run in flight, with what its running attempts have tracked so far.

    Args:
        handle: the run.
        root: the folder that holds the run logs.

    Raises:
        ValueError: the document is no run log.
    """
    from magnus_tracking.journal import read_in_flight

    journals = read_in_flight(root, handle.run_id)
    document = with_journals(handle.format.document(handle), journals)
    outline = decode_run(json.dumps(document).encode())
    outline.journal_time = newest_write(root, handle.run_id)
    return outline


def newest_write(root: Path, run_id: str) -> datetime | None:
    """When the newest journal of a run was last appended to, naive local time; None without a journal."""
    times = []
    for path in find_journals(root, run_id):
        try:
            times.append(path.stat().st_mtime)
        except OSError:
            continue
    return local_time(max(times)) if times else None
