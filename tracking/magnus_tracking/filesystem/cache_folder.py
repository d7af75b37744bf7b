"""The user's cache folder, for what can be made again from the stores; nothing is written into a store."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from pathlib import Path

CACHE_VARIABLE = "MAGNUS_TUI_CACHE"
"""The environment variable that names another cache folder."""

_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600
_OTHERS = 0o077
"""What group and others may do, which is nothing here: the values of a run are its user's own."""

_OURS = frozenset({"index", "series", "crashes", "remote", "together", "recent", "debug.log", "debug.old.log"})
"""What there is in a cache folder."""


def cache_folder() -> Path:
    """The folder for what can be made again from the stores; it may be deleted at any time."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen)
    import platformdirs

    return platformdirs.user_cache_path("magnus-tui", appauthor=False)


def store_key(root: Path) -> str:
    """A file name for what is kept about the store at `root`: the same from wherever it is opened."""
    return hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:32]


def private_folder(folder: Path) -> None:
    """Make a folder below the cache folder that nobody else may look into, whatever the umask says.

    One that an earlier version made open to others is closed, with everything in it.

    Raises:
        OSError: it can't be made.
    """
    cache = cache_folder()
    inside = folder.is_relative_to(cache)
    _make(cache if inside else folder)
    if not inside:
        return
    # The user may have named a folder that holds other things, too, and whose rights are none of our business.
    with contextlib.suppress(OSError):
        if _is_open(cache) and _OURS.issuperset(os.listdir(cache)):  # noqa: PTH208 - names are all that is needed
            cache.chmod(_PRIVATE_FOLDER)
    place = cache
    for part in folder.relative_to(cache).parts:
        place /= part
        _make(place)
        with contextlib.suppress(OSError):
            if _is_open(place):
                _close(place)


def private_file(path: Path) -> None:
    """Have a file that nobody else may read, there or not; what is made beside it by SQLite has the same rights.

    Raises:
        OSError: it can't be made.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0), _PRIVATE_FILE))
    with contextlib.suppress(OSError):
        if stat.S_IMODE(path.lstat().st_mode) != _PRIVATE_FILE and not path.is_symlink():
            path.chmod(_PRIVATE_FILE)


def _make(folder: Path) -> None:
    """Make a folder with those above it, each for this user alone."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        with contextlib.suppress(FileExistsError):
            place.mkdir(_PRIVATE_FOLDER)
            place.chmod(_PRIVATE_FOLDER)
    if not folder.is_dir():
        folder.mkdir()


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & _OTHERS)


def _close(folder: Path) -> None:
    """Take all rights of others away from a folder and what is in it; links are left alone."""
    folder.chmod(_PRIVATE_FOLDER)
    for place, folders, files in os.walk(folder):
        for names, rights in ((folders, _PRIVATE_FOLDER), (files, _PRIVATE_FILE)):
            for name in names:
                inner = Path(place, name)
                with contextlib.suppress(OSError):
                    if not inner.is_symlink():
                        inner.chmod(rights)
