"""One module for each way in which a run lies in a store; a new one is its module and its name in `FORMATS`."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from magnus_tracking.journal.journal_paths import is_journal
from magnus_tracking.stores.formats.base import Format, RunHandle
from magnus_tracking.stores.formats.chunked import CHUNKED
from magnus_tracking.stores.formats.chunked_minio import CHUNKED_MINIO
from magnus_tracking.stores.formats.minio import MINIO
from magnus_tracking.stores.formats.one_file import ONE_FILE

__all__ = [
    "CHUNKED",
    "CHUNKED_MINIO",
    "FORMATS",
    "MINIO",
    "ONE_FILE",
    "TEXT_SUFFIXES",
    "Format",
    "RunHandle",
    "entry_names",
    "handle_of",
    "is_run_file",
    "main_file",
    "run_id_of",
    "text_format",
    "unexamined",
]

FORMATS: tuple[Format, ...] = (ONE_FILE, CHUNKED, MINIO, CHUNKED_MINIO)
"""In the order in which they are asked; of two runs of the same id the earlier format's is taken."""

TEXT_SUFFIXES = tuple(format.suffix for format in FORMATS if format.is_one_text)
"""What the name of a regular file ends in that is a run in one text."""

_SUFFIXES = tuple(format.suffix for format in FORMATS if format.suffix)


def handle_of(name: str, path: str, info: os.stat_result) -> RunHandle | None:
    """Recognise the run at an entry of a store's folder.

    Args:
        name: of the entry.
        path: of the entry.
        info: what the file system says of it.

    Returns:
        None where it is not a run.
    """
    for format in FORMATS:
        handle = format.handle(name, path, info)
        if handle is not None:
            return handle
    return unexamined(name, path) if stat.S_ISDIR(info.st_mode) and name.endswith(TEXT_SUFFIXES) else None


def unexamined(name: str, path: str) -> RunHandle:
    """Return a handle for what can't be examined, so that reading it tells the reason."""
    return RunHandle(run_id_of(name), path, ONE_FILE, 0, 0, 0)


def text_format(name: str) -> Format | None:
    """Return the format of a run in one text whose entry has that name, None for other names."""
    return next((format for format in FORMATS if format.is_one_text and name.endswith(format.suffix)), None)


def entry_names(run_id: str) -> list[str]:
    """Return the names that the entry of a run may have."""
    return list(dict.fromkeys(run_id + format.suffix for format in FORMATS))


def is_run_file(parts: Sequence[str]) -> bool:
    """Tell by its name alone whether a file belongs to a run, or to the journals of one.

    Args:
        parts: of the file's path below the folder of the store.
    """
    return any(format.owns(parts) for format in FORMATS) or is_journal(parts)


def run_id_of(name: str) -> str:
    """Return the id of the run whose entry has that name."""
    if name.endswith(_SUFFIXES):
        for suffix in _SUFFIXES:
            if name.endswith(suffix):
                return name.removesuffix(suffix)
    return name


def main_file(path: Path) -> Path:
    """Return the file to show of the run at `path`: its own, or the first among those in its folder."""
    found = (format.main_file(path) for format in FORMATS)
    return next((file for file in found if file.is_file()), path)
