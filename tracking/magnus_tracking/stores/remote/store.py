"""A store that lies elsewhere, read from its copy in the cache folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from magnus_tracking.stores.copy_progress import Tell
from magnus_tracking.stores.remote import is_url
from magnus_tracking.stores.remote.mirror import mirror_of
from magnus_tracking.stores.store import Store


class MirroredStore(Store):
    """A store in a bucket, on a server, or in an archive.

    It shows what its copy holds, which may be nothing at first; `refresh_copy` brings it up to date.

    Args:
        url: the address, or the path of the archive.
    """

    def __init__(self, url: str) -> None:
        url = url.rstrip("/") if is_url(url) else url
        self.mirror = mirror_of(url)
        self.mirror.make()
        super().__init__(self.mirror.root.absolute())

    @property
    def place(self) -> str:
        """See `Store.place`."""
        return self.mirror.url

    @property
    def project_name(self) -> str:
        """See `Store.project_name`."""
        place = self.place.removesuffix("/")
        for name in ("/.run_log_store", "/run-logs", "/run_logs"):
            place = place.removesuffix(name)
        return place.rpartition("/")[2]

    @property
    def is_copy(self) -> bool:
        """See `Store.is_copy`."""
        return True

    @property
    def copied(self) -> float | None:
        """See `Store.copied`."""
        return self.mirror.refreshed

    def refresh_copy(self, tell: Tell | None = None, should_stop: Callable[[], bool] | None = None) -> None:
        """See `Store.refresh_copy`."""
        self.mirror.refresh(tell, should_stop)

    def bring_catalog(self, run_id: str) -> None:
        """See `Store.bring_catalog`."""
        self.mirror.bring_catalog(run_id)

    def bring_catalogs(self, run_ids: Iterable[str]) -> None:
        """See `Store.bring_catalogs`."""
        self.mirror.bring_catalogs(run_ids)

    def name_catalogs(self, paths: Iterable[str]) -> None:
        """See `Store.name_catalogs`; addresses are looked at first."""
        given = list(paths)
        self.mirror.name_catalogs([path for path in given if is_url(path)])
        super().name_catalogs(path for path in given if not is_url(path))
