"""Where the series of runs are kept: in the user's cache folder, a folder a store, a file a run."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from magnus_tracking.filesystem.cache_folder import cache_folder, store_key

if TYPE_CHECKING:
    from magnus_tracking.stores import RunHandle


def series_folder(root: Path) -> Path:
    """The folder for the series of the store at `root`."""
    return cache_folder() / "series" / store_key(root)


def file_in(folder: Path, handle: RunHandle) -> Path:
    """The file in `folder` for the series of a run, of any state of it."""
    return folder / hashlib.sha256(os.fsencode(handle.path.rpartition("/")[2])).hexdigest()[:32]


def is_kept(root: Path, handle: RunHandle) -> bool:
    """Whether there is a file for the series of a run of the store at `root`, perhaps of an earlier state of it."""
    try:
        return file_in(series_folder(root), handle).exists()
    except OSError:
        # The cache folder may be one that this user may not look into.
        return False
