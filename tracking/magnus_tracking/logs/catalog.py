"""From a catalog entry to the file that it names, which must lie inside the catalog.

A location is relative to the project folder, or absolute and perhaps of another machine; one outside the project is
read only where the user named it, and beside the store is looked in any case. Likewise a run's folder that is a link
out of its catalog. Entries of stage ``get`` have paths without the run id (runnable 0.12 to 0.50), and others may.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from magnus_tracking.filesystem.regular_files import open_binary
from magnus_tracking.filesystem.shown_paths import shown_path

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import DataCatalog

_BLOCK = 1 << 20
_MD5_DIGITS = 32
_LARGE = 1 << 30
_FINGERPRINT_BLOCK = 1 << 20
_BUCKETS = frozenset({"minio", "s3"})
"""Catalogs of runnable in a bucket, whose runs' folders are in the same bucket as the store by default."""


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
    NOT_ALLOWED = "in a folder that the user has not named"
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


def find_file(entry: DataCatalog, home: CatalogHome | RunHome, run_id: str) -> CatalogFile:
    """The file that `entry` of the run `run_id` names, without reading it."""
    outside = is_odd = False
    home = run_home(home)
    for root, path in _candidates(entry, home, run_id):
        followed = _followed(path, home)
        if followed is None or not followed.is_relative_to(root):
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
        is_odd = True
    if outside:
        return CatalogFile(FileState.OUTSIDE)
    if is_odd:
        # A folder or a pipe, say: it is there.
        return CatalogFile(FileState.UNREADABLE)
    refused = refusal(entry.catalog_handler_location, home, run_id)
    return CatalogFile(FileState.MISSING if refused is None else FileState.NOT_ALLOWED)


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


def check_file(
    entry: DataCatalog, home: CatalogHome | RunHome, run_id: str, hashes: FileHashes | None = None
) -> CatalogFile:
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


def _is_here(_run_id: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class RunHome:
    """Where the catalog of one run may be.

    Attributes:
        project: the folder that locations in the log are relative to.
        beside: the catalogs beside the store, the likeliest first.
        named: the catalogs that the user named, which may lie anywhere.
        configured: the location in the run's configuration; empty where it has none.
        found: the folders of runs that have been looked up, by location and run id, for as long as this object lives.
        refused: likewise what is said of what is not read; see `refusal`.
        real: likewise folders, all links followed, of which very many entries have the same.
        bring: has the files of a run at hand, where the store lies elsewhere.
    """

    project: Path
    beside: tuple[Path, ...]
    named: tuple[Path, ...] = ()
    configured: str = ""
    found: dict[tuple[str, str], list[RunFolder]] = field(default_factory=dict, compare=False, repr=False)
    refused: dict[tuple[str, str], str | None] = field(default_factory=dict, compare=False, repr=False)
    real: dict[Path, Path | None] = field(default_factory=dict, compare=False, repr=False)
    bring: Callable[[str], None] = field(default=_is_here, compare=False, repr=False)


class RunFolder(NamedTuple):
    """Where a catalog keeps the files of a run.

    Attributes:
        catalog: the folder of the catalog.
        folder: the run's own in it.
        real: the same, all links followed.
    """

    catalog: Path
    folder: Path
    real: Path


def run_home(home: CatalogHome | RunHome, config: Mapping[str, Any] | None = None) -> RunHome:
    """Where the catalog of a run is looked for.

    Args:
        home: where the run is, or what this function gave for it.
        config: the `run_config` of the run.
    """
    if isinstance(home, RunHome):
        return home
    named: tuple[Path, ...] = getattr(home, "catalogs", ())
    project = home.project
    store = getattr(home, "root", None)
    if store is not None and config is not None:
        project = project_of(Path(store), _text(config, "run_log_store", "log_folder"))
    beside = [home.catalog, home.catalog.with_name("catalog")]
    if _text(config or {}, "catalog", "service_name") in _BUCKETS:
        # As in the bucket that it was synced from: the folders of runs lie beside the store itself.
        beside.append(project)
    configured = _text(config or {}, "catalog_handler", "catalog_location")
    bring = getattr(home, "bring_catalog", _is_here)
    return RunHome(project, tuple(beside), named, configured, bring=bring)


def _text(config: Mapping[str, Any], service: str, name: str) -> str:
    settings = config.get(service)
    if not isinstance(settings, dict):
        return ""
    inner = settings.get("config")
    found = settings.get(name) or (inner.get(name) if isinstance(inner, dict) else None)
    return found if isinstance(found, str) else ""


def project_of(store: Path, log_folder: str) -> Path:
    """The project folder of a store: as many levels above it as `log_folder` has parts, where its path ends in those.

    Else one level above. It is never the root of the file system, below which everything lies.
    """
    root = store.resolve()
    parts = Path(log_folder).parts if "\x00" not in log_folder and not Path(log_folder).is_absolute() else ()
    for path in (Path(os.path.normpath(Path.cwd() / store)), root):
        if len(parts) > 1 and path.parts[-len(parts) :] == parts and len(path.parts) > len(parts) + 1:
            return path.parents[len(parts) - 1]
    return root.parent


def catalog_folders(location: str, home: CatalogHome | RunHome) -> list[Path]:
    """The folders that are looked through for what a catalog entry with this location names, in their order.

    They are those that the user named, the location in the log, the one in the configuration, and those beside the
    store. A location outside the project folder counts only where the user named it.
    """
    known = run_home(home)
    given = [_allowed(text, known) for text in (location, known.configured)]
    return list(dict.fromkeys([*known.named, *(folder for folder in given if folder is not None), *known.beside]))


def refusal(location: str, home: CatalogHome | RunHome, run_id: str) -> str | None:
    """What is said of a folder of a run that is not read as the user has not named it, and how to allow it.

    It is where the link leads that stands in the place of the run's folder, else the location in the log, or in the
    configuration, outside the project. None where there is no such folder.
    """
    known = run_home(home)
    key = (location, run_id)
    if key not in known.refused:
        known.refused[key] = _refusal(location, known, run_id)
    return known.refused[key]


def _refusal(location: str, home: RunHome, run_id: str) -> str | None:
    for catalog in catalog_folders(location, home):
        folder = catalog / run_id
        real = _real(folder)
        is_link = os.path.islink(folder)  # noqa: PTH114 - a Path raises where it may not look
        if is_link and real is not None and run_folder(catalog, run_id, home) is None:
            return (
                f"the run's folder {shown_path(folder)} is a link to {shown_path(real)}, which lies outside the "
                f"catalog and is only read if you name it: --catalog {shown_path(real)}, or the setting catalogs"
            )
    for text in (location, home.configured):
        if text and "\x00" not in text and _allowed(text, home) is None:
            return (
                f"the log names the catalog {text}, which lies outside the project and is only read if you name it: "
                f"--catalog {text}, or the setting catalogs"
            )
    return None


def run_folder(catalog: Path, run_id: str, home: RunHome) -> Path | None:
    """The folder of a run in a catalog, all links followed.

    None where it leads out of the catalog, and the user has not named where it leads.
    """
    real = _real(catalog / run_id)
    if real is None or _real(catalog) in real.parents:
        return real
    named = filter(None, map(_real, home.named))
    return real if any(real.is_relative_to(folder) for folder in named) else None


def _allowed(location: str, home: RunHome) -> Path | None:
    """The folder that a location names, or None where it may not be read."""
    if not location or "\x00" in location:
        return None
    folder = Path(os.path.normpath(home.project / location))
    if folder in (home.project, Path(folder.anchor)):
        return None
    if any(folder == named or folder.is_relative_to(named) for named in home.named):
        return folder
    try:
        # The folder itself may be a link, as its user made it; the way to it may not lead out of the project.
        inside = folder.parent.resolve().is_relative_to(home.project.resolve())
    except (OSError, ValueError, RuntimeError):
        return None
    return folder if inside and folder.is_relative_to(home.project) else None


def _candidates(entry: DataCatalog, home: RunHome, run_id: str) -> Iterator[tuple[Path, Path]]:
    """Pairs of a run's folder, all links followed, and a path that the entry can mean, which has to lie inside it."""
    relative = entry.catalog_relative_path or entry.name
    # A path without the run id is meant from the run's folder; from the catalog's it would seem to lead out of that.
    has_run_id = Path(os.path.normpath(relative)).is_relative_to(run_id)
    for found in _run_folders(entry.catalog_handler_location, home, run_id):
        if has_run_id:
            yield found.real, found.catalog / relative
        yield found.real, found.folder / relative


def _run_folders(location: str, home: RunHome, run_id: str) -> list[RunFolder]:
    """The folders in which a run's files may lie; found once for all entries that name the same location."""
    key = (location, run_id)
    if key not in home.found:
        home.bring(run_id)
        home.found[key] = [
            RunFolder(catalog, catalog / run_id, real)
            for catalog in catalog_folders(location, home)
            if (real := run_folder(catalog, run_id, home)) is not None
        ]
    return home.found[key]


def _followed(path: Path, home: RunHome) -> Path | None:
    """A path with all links followed; see `_real`. The folder that it lies in is looked at once for all its files."""
    folder = path.parent
    if path.name == ".." or "\x00" in path.name:
        return _real(path)
    if folder not in home.real:
        home.real[folder] = _real(folder)
    real = home.real[folder]
    if real is None:
        return None
    joined = real / path.name
    return _real(joined) if os.path.islink(joined) else joined  # noqa: PTH114 - a Path raises where it may not look


def _real(path: Path) -> Path | None:
    """A path with all links followed; None where they lead nowhere."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        return None
