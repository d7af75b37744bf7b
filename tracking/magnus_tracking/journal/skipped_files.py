"""What lies among the journals of a run and is passed over when they are read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from magnus_tracking.errors import UnreadableRunError, os_reason
from magnus_tracking.filesystem.regular_files import not_regular, open_binary
from magnus_tracking.journal.journal_paths import is_file, journal_entries, journal_folder
from magnus_tracking.journal.reader import JournalReader


def passed_over(root: Path, run_id: str) -> Iterator[tuple[str, str]]:
    """What is not read among the journals of a run: a name, and why.

    Args:
        root: the folder that holds the run logs.
        run_id: the run.
    """
    for chunked in (False, True):
        try:
            entries = journal_entries(root, run_id, chunked=chunked)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            continue
        except OSError as error:
            yield journal_folder(root, run_id, chunked=chunked).name, os_reason(error)
            continue
        for entry in sorted(entries, key=lambda entry: entry.name):
            reason = _problem(Path(entry.path)) if is_file(entry) else _kind(entry)
            if reason is not None:
                yield entry.name, reason


def _problem(path: Path) -> str | None:
    reader = JournalReader(path)
    try:
        for _ in reader.read_all():
            continue
    except UnreadableRunError as error:
        return error.reason
    if reader.gone:
        return _why_not_opened(path)
    if reader.problem is None and reader.damaged:
        return f"{reader.damaged} damaged {'line' if reader.damaged == 1 else 'lines'}"
    return reader.problem


def _why_not_opened(path: Path) -> str | None:
    try:
        open_binary(path).close()
    except FileNotFoundError:
        # Folded into the run log a moment ago.
        return None
    except OSError as error:
        return os_reason(error)
    return None


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        return os_reason(not_regular(entry.path, entry.stat().st_mode))
    except OSError as error:
        return os_reason(error)
