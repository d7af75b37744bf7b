"""Where the index of a store lies: in the user's cache folder, never in the store."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

CACHE_VARIABLE = "MAGNUS_TUI_CACHE"
"""The environment variable that names another cache folder."""

WORTH_KEEPING = 1 << 20
"""Bytes of a run log from which on its series are kept on disk, too."""


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
