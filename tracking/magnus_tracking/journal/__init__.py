"""The journal: where the metrics of a running attempt are until it ends.

A run in flight has a folder of journals beside it. Each is an append-only file of JSON lines that belongs to one
attempt (or to the run itself, to tell that its process lives); any process and any language may append to it. Readers
lay what it holds over the run log, so that a live run, and one whose process was killed, show all that was tracked.

    for path in find_journals(root, run_id):
        reader = JournalReader(path)
        records = reader.read_new()      # again and again, for what is new

    journals = read_in_flight(root, run_id)      # or all at once, for one reading of a run: before its log is read,
    overlay_run(document, journals)              # so that an attempt that ends in between is in one of them
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from magnus_tracking.lazy_imports import importer

if TYPE_CHECKING:
    from magnus_tracking.journal.fold import Fold
    from magnus_tracking.journal.format import Header, Record
    from magnus_tracking.journal.overlays import overlay_run
    from magnus_tracking.journal.places import find_journals, journal_folder, side_folders
    from magnus_tracking.journal.reader import InFlight, JournalReader, read_in_flight
    from magnus_tracking.journal.writer_process import WriterState, writer_state

__all__ = [
    "Fold",
    "Header",
    "InFlight",
    "JournalReader",
    "Record",
    "WriterState",
    "find_journals",
    "journal_folder",
    "overlay_run",
    "read_in_flight",
    "side_folders",
    "writer_state",
]

_HOMES = MappingProxyType(
    {
        "Fold": "magnus_tracking.journal.fold",
        "Header": "magnus_tracking.journal.format",
        "InFlight": "magnus_tracking.journal.reader",
        "JournalReader": "magnus_tracking.journal.reader",
        "Record": "magnus_tracking.journal.format",
        "WriterState": "magnus_tracking.journal.writer_process",
        "find_journals": "magnus_tracking.journal.places",
        "journal_folder": "magnus_tracking.journal.places",
        "overlay_run": "magnus_tracking.journal.overlays",
        "read_in_flight": "magnus_tracking.journal.reader",
        "side_folders": "magnus_tracking.journal.places",
        "writer_state": "magnus_tracking.journal.writer_process",
    }
)
"""The module of each name."""

__getattr__ = importer(__name__, globals(), _HOMES)
