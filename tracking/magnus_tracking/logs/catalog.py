"""From a catalog entry to the file that it names, which must lie inside the catalog.

A location is relative to the project folder, or absolute and perhaps of another machine; beside the store is looked
then too. Entries of stage ``get`` have paths without the run id (runnable 0.12 to 0.50).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from magnus_tracking.regular_files import open_binary

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import DataCatalog

_BLOCK = 1 << 20
_MD5_DIGITS = 32
_LARGE = 1 << 30
_FINGERPRINT_BLOCK = 1 << 20


class CatalogHome(Protocol):
    """Where a store keeps its catalog; see `magnus_tracking.stores.Store`."""

    @property
    def project(self) -> Path:
        """The folder that catalog locations are relative to."""

    @property
    def catalog(self) -> Path:
        """The catalog beside the store."""


class FileState(StrEnum):
    """What became of the file behind a catalog entry."""

    PRESENT = "present"
    ALTERED = "altered"
    MISSING = "missing"
    OUTSIDE = "outside the catalog"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class CatalogFile:
    """The file behind a catalog entry.

    Attributes:
        state: whether it is there; `PRESENT` says nothing of its content unless the hash was checked.
        path: the file; None where it is missing or not allowed.
        size: bytes, None without a file.
    """

    state: FileState
    path: Path | None = None
    size: int | None = None


def find_file(entry: DataCatalog, home: CatalogHome, run_id: str) -> CatalogFile:
    """The file that `entry` of the run `run_id` names, without reading it."""
    outside = False
    for root, path in _candidates(entry, home, run_id):
        if not _is_inside(path, root):
            outside = True
            continue
        try:
            info = path.stat()
        except PermissionError:
            return CatalogFile(FileState.UNREADABLE)
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(info.st_mode):
            return CatalogFile(FileState.PRESENT, path, info.st_size)
    return CatalogFile(FileState.OUTSIDE if outside else FileState.MISSING)


class FileHashes:
    """The hashes of files, each of which is read once, however many entries name it."""

    def __init__(self) -> None:
        self._known: dict[tuple[Path, str], str | None] = {}

    def of(self, path: Path, algorithm: str) -> str | None:
        """The hash of a file; see `file_hash`."""
        key = (path, algorithm)
        if key not in self._known:
            self._known[key] = file_hash(path, algorithm)
        return self._known[key]


def check_file(entry: DataCatalog, home: CatalogHome, run_id: str, hashes: FileHashes | None = None) -> CatalogFile:
    """The file that `entry` names, read and held against the entry's hash.

    Args:
        entry: the entry.
        home: where the catalog is.
        run_id: the run that has it.
        hashes: of the files that have been read for other entries.
    """
    found = find_file(entry, home, run_id)
    if found.path is None or not entry.data_hash:
        return found
    expected = entry.data_hash.lower()
    actual = (hashes or FileHashes()).of(found.path, "md5" if len(expected) == _MD5_DIGITS else "sha256")
    if actual is None:
        return CatalogFile(FileState.UNREADABLE, None, found.size)
    same = expected in (actual, large_file_fingerprint(found.path, found.size or 0))
    state = FileState.PRESENT if same else FileState.ALTERED
    return CatalogFile(state, found.path, found.size)


def file_hash(path: Path, algorithm: str = "sha256") -> str | None:
    """The hash of a file's content in hexadecimal, or None where it can't be read.

    Args:
        path: the file.
        algorithm: ``sha256`` as both engines write, or the ``md5`` of older versions of runnable.
    """
    digest = hashlib.new(algorithm, usedforsecurity=False)
    try:
        with open_binary(path) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()


def large_file_fingerprint(path: Path, size: int) -> str | None:
    """What runnable 0.50 writes as the hash of a file of a gibibyte and more, or None for one that is smaller.

    It is the SHA-256 of the size in digits, the first mebibyte, and the last one.
    """
    if size < _LARGE:
        return None
    digest = hashlib.sha256(str(size).encode())
    try:
        with open_binary(path) as file:
            digest.update(file.read(_FINGERPRINT_BLOCK))
            file.seek(-_FINGERPRINT_BLOCK, os.SEEK_END)
            digest.update(file.read(_FINGERPRINT_BLOCK))
    except OSError:
        return None
    return digest.hexdigest()


def catalog_folders(location: str, home: CatalogHome) -> list[Path]:
    """The folders that a catalog location can mean, the likeliest first."""
    given = Path(location) if location and "\x00" not in location else None
    folders = []
    if given is not None and given.is_absolute():
        if given != Path(given.anchor):
            folders.append(given)
        folders.append(home.project / given.name)
    elif given is not None:
        folder = Path(os.path.normpath(home.project / given))
        if folder.is_relative_to(home.project):
            folders.append(folder)
    folders.append(home.catalog)
    return list(dict.fromkeys(folders))


def _candidates(entry: DataCatalog, home: CatalogHome, run_id: str) -> Iterator[tuple[Path, Path]]:
    """Pairs of a run's folder in a catalog and a path that the entry can mean, which has to lie inside it."""
    relative = entry.catalog_relative_path or entry.name
    for folder in catalog_folders(entry.catalog_handler_location, home):
        root = folder / run_id
        if _is_inside(root, folder):
            yield root, folder / relative
            yield root, root / relative


def _is_inside(path: Path, root: Path) -> bool:
    """Whether `path`, all links followed, lies below `root`."""
    try:
        return path.resolve().is_relative_to(root.resolve()) and path.resolve() != root.resolve().parent
    except (OSError, ValueError, RuntimeError):
        return False
