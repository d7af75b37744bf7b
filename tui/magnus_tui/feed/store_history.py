"""The stores that were opened last, kept in the cache folder so that the palette can offer them."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Sequence

from magnus_tracking.filesystem.cache_folder import cache_folder, private_folder
from magnus_tracking.filesystem.regular_files import read_bytes
from magnus_tracking.stores import Store

_FILE = "recent/stores.json"
_MOST = 20
_LARGEST = 1 << 18


def places_of(store: Store) -> tuple[str, ...]:
    """What opens a store again, from whatever folder; several places where several stores are shown as one."""
    members = getattr(store, "members", (store,))
    return tuple(one.place if one.is_copy else os.path.abspath(one.root) for one in members)  # noqa: PTH100 - as named


def recent_stores() -> list[tuple[str, ...]]:
    """The places of the stores that were opened last, the last one first; none where that is not known."""
    try:
        found = json.loads(read_bytes(cache_folder() / _FILE, _LARGEST))
        return [tuple(map(str, places)) for places in found if isinstance(places, list) and places][:_MOST]
    except (OSError, ValueError, RecursionError, TypeError):
        return []


def remember_store(store: Store) -> None:
    """Remember a store as the one opened last, if that can be written."""
    if store.only is not None:
        return
    places = places_of(store)
    known: Sequence[tuple[str, ...]] = [one for one in recent_stores() if one != places]
    path = cache_folder() / _FILE
    with contextlib.suppress(OSError):
        private_folder(path.parent)
        descriptor, new = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump([places, *known][:_MOST], file)
        os.replace(new, path)  # noqa: PTH105 - both are texts
