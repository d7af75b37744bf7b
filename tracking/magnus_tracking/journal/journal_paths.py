"""Where journals are: in a folder of their own beside (or in the folder of) the run.

In a ``file-system`` store the journals of ``<run_id>.json`` are in ``<run_id>.journal/``, in a ``chunked-fs`` run they
are in ``<run_id>/journal/``. Once an attempt has ended, the times of its values stay in a file: ``<run_id>.times``, or
``<run_id>/values.times``. magnus finds none of them: it opens run logs by their exact name and chunks by their prefix.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

_SIDE_SUFFIX = ".journal"
_SIDE_NAME = "journal"
JOURNAL_SUFFIX = ".jsonl"
TIMES_SUFFIX = ".times"
_TIMES_NAME = "values.times"


def journal_folder(root: Path, run_id: str, *, chunked: bool) -> Path:
    """The folder of the journals of a run, whether or not it is there.

    Args:
        root: the folder that holds the run logs.
        run_id: the run.
        chunked: whether the run is a folder of chunks.
    """
    return root / run_id / _SIDE_NAME if chunked else root / (run_id + _SIDE_SUFFIX)


def times_file(root: Path, run_id: str, *, chunked: bool) -> Path:
    """The file that tells when the values of a run were tracked, whether or not it is there; see `journal_folder`."""
    return root / run_id / _TIMES_NAME if chunked else root / (run_id + TIMES_SUFFIX)


def run_beside(name: str) -> str | None:
    """Return the id of the run whose journals are in the folder `name` of a store; None for other names."""
    return name.removesuffix(_SIDE_SUFFIX) if name.endswith(_SIDE_SUFFIX) else None


def is_journal(parts: Sequence[str]) -> bool:
    """Tell by its name alone whether a file is a journal of a run.

    Args:
        parts: of the file's path below the folder of the store.
    """
    if not parts or not parts[-1].endswith(JOURNAL_SUFFIX):
        return False
    beside = len(parts) == 2 and run_beside(parts[0]) is not None
    return beside or (len(parts) == 3 and parts[1] == _SIDE_NAME)


def find_journals(root: Path, run_id: str) -> list[Path]:
    """The journals of a run, oldest first; none where the run is not in flight. What is not a regular file is none."""
    found: list[Path] = []
    for chunked in (False, True):
        try:
            found += [Path(entry.path) for entry in journal_entries(root, run_id, chunked=chunked) if is_file(entry)]
        except (OSError, ValueError):
            continue
    return sorted(found, key=lambda path: path.name)


def journal_entries(root: Path, run_id: str, *, chunked: bool) -> list[os.DirEntry[str]]:
    """What is called like a journal in a folder of journals, as `journal_folder` names it.

    Raises:
        OSError: the folder can't be listed, or is not there.
        ValueError: no folder can be called so.
    """
    with os.scandir(journal_folder(root, run_id, chunked=chunked)) as entries:
        return [entry for entry in entries if entry.name.endswith(JOURNAL_SUFFIX)]


def is_file(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a regular file, or a link to one."""
    try:
        return entry.is_file()
    except OSError:
        return False


def side_folders(root: Path) -> Iterator[tuple[str, bool]]:
    """The runs of a store that have a folder of journals: run id, and whether the run is chunked.

    Raises:
        OSError: the store can't be listed.
    """
    with os.scandir(root) as entries:
        # A path that can't be followed, such as a link to itself, is not a folder to `Path`, and an error to an entry.
        folders = [path for entry in entries if (path := Path(entry.path)).is_dir()]
    for folder in sorted(folders):
        run_id = run_beside(folder.name)
        if run_id is not None:
            yield run_id, False
        elif (folder / _SIDE_NAME).is_dir():
            yield folder.name, True
