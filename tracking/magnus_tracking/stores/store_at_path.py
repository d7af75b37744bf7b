"""Recognising a store from a path that the user gave."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from magnus_tracking.errors import StoreNotFoundError
from magnus_tracking.filesystem.shown_paths import expanded
from magnus_tracking.runlog.default_names import OTHER_FOLDERS, STORE_FOLDER
from magnus_tracking.stores.formats import FORMATS, TEXT_SUFFIXES, run_id_of, text_format
from magnus_tracking.stores.remote import is_archive_name, is_url
from magnus_tracking.stores.run_listing import is_folder, is_store_like
from magnus_tracking.stores.store import Store


def open_store(path: str | Path = STORE_FOLDER) -> Store:
    """The store at `path`: a store, the folder that holds one, one run's file, or one run's folder.

    Also the address of a bucket or server (``s3://bucket/prefix``) and an archive, which are read from a copy in the
    cache folder: `Store.refresh_copy` brings that up to date.

    Raises:
        StoreNotFoundError: there is nothing of the kind.
        StoreUnreadableError: there is, but it may not be listed.
    """
    if isinstance(path, str) and is_url(path):
        return _mirrored(path)
    given = expanded(path)
    if not is_folder(given):
        return _open_file(given)
    inside = given / STORE_FOLDER
    if is_folder(inside):
        return Store(inside)
    other = next((given / name for name in OTHER_FOLDERS if is_folder(given / name)), None)
    if other is not None and is_store_like(other):
        return Store(other)
    if any(format.main_file(given).is_file() for format in FORMATS):
        return Store(_parent(given), only=given.resolve().name)
    if given.name == STORE_FOLDER or given.resolve().name == STORE_FOLDER or is_store_like(given):
        return Store(given)
    raise StoreNotFoundError(given, StoreNotFoundError.NO_RUN_LOGS)


def open_stores(paths: Sequence[str | Path]) -> Store:
    """The stores at `paths` shown as one, or the only one; raises as `open_store` does."""
    stores = [open_store(path) for path in paths]
    if len(stores) == 1:
        return stores[0]
    from magnus_tracking.stores.combined_store import StoresTogether  # late: most often there is one

    return StoresTogether(stores)


def _open_file(given: Path) -> Store:
    try:
        is_file = given.is_file()
    except (OSError, ValueError) as error:
        raise StoreNotFoundError(given, str(error)) from None
    if not is_file:
        is_there = given.exists()
        raise StoreNotFoundError(given, StoreNotFoundError.NOT_A_FILE if is_there else StoreNotFoundError.NOTHING_THERE)
    if is_archive_name(given.name):
        return _mirrored(str(given.resolve()))
    folder = given.resolve().parent
    if any(format.main_file(folder) == folder / given.name for format in FORMATS):
        return Store(folder.parent, only=folder.name)
    if text_format(given.name) is None:
        endings = " or ".join(TEXT_SUFFIXES)
        raise StoreNotFoundError(given, StoreNotFoundError.NOT_A_RUN_LOG.format(endings=endings))
    return Store(_parent(given), only=run_id_of(given.name))


def _mirrored(address: str) -> Store:
    # Most stores are folders of this disk.
    from magnus_tracking.stores.remote.store import MirroredStore

    return MirroredStore(address)


def _parent(path: Path) -> Path:
    return path.parent if path.parent != path and path.name else path.resolve().parent
