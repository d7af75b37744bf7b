"""Several stores shown as one: a folder of links in the cache folder, which everything else reads like any store.

A run keeps its id. Of several runs with the same id the one of the store that was named first is shown.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from magnus_tracking.errors import RunNotFoundError, StoreUnreadableError, os_reason
from magnus_tracking.filesystem.cache_folder import cache_folder, private_folder
from magnus_tracking.journal.journal_paths import TIMES_SUFFIX, journal_folder, run_beside, times_file
from magnus_tracking.journal.stamp import journal_stamp
from magnus_tracking.stores.copy_progress import Progress, Tell
from magnus_tracking.stores.formats import entry_names, run_id_of
from magnus_tracking.stores.run_listing import handle_at
from magnus_tracking.stores.store import Store

_FOLDER = "together"


class StoresTogether(Store):
    """The runs of several stores.

    Args:
        stores: the stores, the one that goes first first.
    """

    def __init__(self, stores: Sequence[Store]) -> None:
        self.members = tuple(stores)
        places = "\n".join(os.path.abspath(store.root) for store in stores)  # noqa: PTH100 - `resolve` looks up links
        key = hashlib.sha256(os.fsencode(places)).hexdigest()[:32]
        folder = cache_folder().absolute() / _FOLDER / key / ".run_log_store"
        try:
            private_folder(folder)
        except OSError as error:
            raise StoreUnreadableError(folder, os_reason(error)) from None
        super().__init__(folder)
        self.left_out = 0
        self._labels = _labels(stores)
        self._owners: dict[str, int] = {}
        self._known: dict[str, tuple[int, ...]] = {}
        self._lock = threading.Lock()

    @property
    def place(self) -> str:
        """See `Store.place`."""
        return " + ".join(store.place for store in self.members)

    @property
    def project_name(self) -> str:
        """See `Store.project_name`."""
        return " + ".join(self._labels)

    @property
    def is_copy(self) -> bool:
        """See `Store.is_copy`."""
        return True

    @property
    def is_several(self) -> bool:
        """See `Store.is_several`."""
        return True

    @property
    def notice(self) -> str | None:
        """See `Store.notice`."""
        if not self.left_out:
            return None
        return f"not listed: {self.left_out:,} files of runs with the id of a run in a store that goes first"

    @property
    def seconds_between_listings(self) -> float:
        """See `Store.seconds_between_listings`; folders of this disk may hold live runs."""
        return super().seconds_between_listings if any(store.is_copy for store in self.members) else 0.5

    @property
    def copied(self) -> float | None:
        """See `Store.copied`."""
        times = [store.copied for store in self.members if store.is_copy]
        return min((time for time in times if time is not None), default=None)

    def home_of(self, run_id: str) -> Store:
        """See `Store.home_of`."""
        owner = self._owner(run_id)
        return self if owner is None else self.members[owner]

    def label_of(self, run_id: str) -> str:
        """See `Store.label_of`."""
        owner = self._owner(run_id)
        return "" if owner is None else self._labels[owner]

    def _owner(self, run_id: str) -> int | None:
        """The place of the store that a run is of; told by its link, where the stores have not been listed yet."""
        owner = self._owners.get(run_id)
        if owner is not None:
            return owner
        for name in entry_names(run_id):
            with contextlib.suppress(OSError):
                folder = os.path.dirname(os.readlink(self.root / name))  # noqa: PTH115, PTH120 - for each run shown
                roots = [os.path.abspath(store.root) for store in self.members]  # noqa: PTH100 - as above
                owner = self._owners[run_id] = roots.index(folder)
                return owner
        return None

    def refresh_copy(self, tell: Tell | None = None, should_stop: Callable[[], bool] | None = None) -> None:
        """See `Store.refresh_copy`; a store that can't be read does not keep the others from being shown."""
        problem: StoreUnreadableError | None = None
        with self._lock:
            listed = _Listed()
            for owner, store in enumerate(self.members):
                try:
                    store.refresh_copy(None, should_stop)
                except StoreUnreadableError as error:
                    problem = problem or error
                try:
                    listed.add(owner, store)
                except OSError as error:
                    reason = os_reason(error)
                    problem = problem or StoreUnreadableError(store.place, reason)
                if should_stop is not None and should_stop():
                    return
            wanted = listed.links()
            changed = self._link(wanted) | self._look()
            self._owners, self.left_out = listed.owners, listed.left_out
        if tell is not None:
            tell(Progress(len(wanted), len(wanted), len(wanted), frozenset(changed)))
        if problem is not None:
            raise problem

    def _link(self, wanted: dict[str, str]) -> set[str]:
        """Make the links as they should be; gives the ids of runs that are new or gone."""
        have: dict[str, str] = {}
        with os.scandir(self.root) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    have[entry.name] = os.readlink(entry.path)  # noqa: PTH115 - for each run
        moved = {name for name in have.keys() | wanted.keys() if have.get(name) != wanted.get(name)}
        try:
            for name in moved:
                link = self.root / name
                if name in have:
                    link.unlink()
                if name in wanted:
                    link.symlink_to(wanted[name])
        except OSError as error:
            raise StoreUnreadableError(self.root, f"no links can be made: {os_reason(error)}") from None
        return {run_beside(name) or run_id_of(name) for name in moved}

    def _look(self) -> set[str]:
        """The ids of runs that have changed since the last look."""
        known: dict[str, tuple[int, ...]] = {}
        with os.scandir(self.root) as entries:
            for entry in entries:
                handle = handle_at(entry, entry.path)
                if handle is not None:
                    stamp = journal_stamp(handle.format.journals(self.root, handle.run_id))
                    known[handle.run_id] = (handle.size, handle.mtime_ns, handle.inode, stamp)
        before, self._known = self._known, known
        return {run_id for run_id, state in known.items() if before.get(run_id, state) != state}

    def bring_catalogs(self, run_ids: Iterable[str]) -> None:
        """See `Store.bring_catalogs`."""
        owned: dict[int, list[str]] = {}
        for run_id in run_ids:
            owner = self._owner(run_id)
            if owner is not None:
                owned.setdefault(owner, []).append(run_id)
        for owner, some in owned.items():
            self.members[owner].bring_catalogs(some)

    def bring_catalog(self, run_id: str) -> None:
        """See `Store.bring_catalog`."""
        owner = self._owner(run_id)
        if owner is None:
            raise RunNotFoundError(run_id, self.place)
        self.members[owner].bring_catalog(run_id)


class _Listed:
    """What several stores hold, the one that goes first first.

    Attributes:
        owners: by run id, the place of the store that a run is of.
        left_out: how many files of runs are not shown, as a store that goes first has a run of their id.
    """

    def __init__(self) -> None:
        self.owners: dict[str, int] = {}
        self.left_out = 0
        self._runs: dict[str, str] = {}
        self._beside: list[tuple[str, int, str, str]] = []

    def add(self, owner: int, store: Store) -> None:
        """Take in the next store.

        Raises:
            OSError: it can't be listed.
        """
        root = os.path.abspath(store.root)  # noqa: PTH100 - the store may itself be a link
        only: set[str] | None = None
        if store.only is not None:
            beside = (find(store.root, store.only, chunked=False).name for find in (journal_folder, times_file))
            only = {*entry_names(store.only), *beside}
        for name in os.listdir(root):  # noqa: PTH208 - names are all that is needed
            if name.startswith(".") or (only is not None and name not in only):
                continue
            path = f"{root}/{name}"
            run_id = _run_beside(name, path)
            if run_id is not None:
                self._beside.append((run_id, owner, name, path))
            elif self.owners.setdefault(run_id_of(name), owner) == owner:
                self._runs[name] = path
            else:
                self.left_out += 1

    def links(self) -> dict[str, str]:
        """By name, where each link is to lead; what lies beside a run is of the same store as the run itself."""
        beside = ((name, path) for run_id, owner, name, path in self._beside if self.owners.get(run_id, owner) == owner)
        return {**dict(beside), **self._runs}


def _run_beside(name: str, path: str) -> str | None:
    """The id of the run beside which a journal's folder, or a file of times, lies; None for the run itself."""
    if name.endswith(TIMES_SUFFIX) and os.path.isfile(path):  # noqa: PTH113 - it is a text
        return name.removesuffix(TIMES_SUFFIX)
    return run_beside(name)


def _labels(stores: Sequence[Store]) -> list[str]:
    """Short names that tell stores apart: the last part of each one's place, with a number where needed."""
    names = [store.project_name for store in stores]
    counts, seen = Counter(names), Counter[str]()
    labels = []
    for name in names:
        seen[name] += 1
        labels.append(f"{name} {seen[name]}" if counts[name] > 1 else name)
    return labels
