"""A folder of run logs: its runs as handles, as summaries, and one by one in full."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magnus_tracking.errors import AmbiguousNameError, RunNotFoundError, StoreUnreadableError, UnreadableRunError
from magnus_tracking.filesystem.shown_paths import expanded
from magnus_tracking.journal.journal_paths import find_journals
from magnus_tracking.runlog.default_names import CATALOG_FOLDER
from magnus_tracking.runlog.metric_summary import DEFAULT_DETAIL, FULL_DETAIL, Detail
from magnus_tracking.runlog.summary import RunSummary, summarize, unreadable
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tracking.stores.formats import RunHandle, entry_names
from magnus_tracking.stores.huge_run_outline import outline_in_windows
from magnus_tracking.stores.read_errors import ReadingRun
from magnus_tracking.stores.run_listing import find_handle, is_entry_name, is_huge_text, list_handles

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import RunLog
    from magnus_tracking.stores.copy_progress import Tell

LATEST = "latest"
"""What names the most recently started run on the command line."""


class Store:
    """A run log store, which is only ever read.

    Attributes:
        root: the folder that holds the run logs.
        only: the id of the only run to show, where a single run was opened.
        catalogs: the catalogs that the user named, which are looked through first; see `name_catalogs`.
    """

    def __init__(self, root: Path, only: str | None = None) -> None:
        self.root = root
        self.only = only
        self.catalogs: tuple[Path, ...] = ()

    @property
    def project(self) -> Path:
        """The folder that holds the store; catalog locations are relative to it."""
        return self.root.resolve().parent

    @property
    def catalog(self) -> Path:
        """Where the engines keep the catalog unless they are configured otherwise: beside the store."""
        return self.project / CATALOG_FOLDER

    @property
    def place(self) -> str:
        """The place of the store as its user knows it: its folder, address or archive."""
        return str(self.root)

    @property
    def project_name(self) -> str:
        """What the store is called in a word or two: the folder that holds it."""
        return self.project.name

    @property
    def notice(self) -> str | None:
        """What the user should know of what is not shown, in one line."""
        return None

    @property
    def seconds_between_listings(self) -> float:
        """How long to rest between two refreshes of a copy, where one takes little time."""
        return 5.0

    @property
    def is_several(self) -> bool:
        """Whether several stores are shown as one."""
        return False

    def home_of(self, run_id: str) -> Store:
        """The store that a run lies in: another one where several are shown as one."""
        del run_id
        return self

    def label_of(self, run_id: str) -> str:
        """What the store of a run is called where several are shown as one, else nothing."""
        del run_id
        return ""

    @property
    def is_copy(self) -> bool:
        """Whether what is read is the copy of a store that lies elsewhere."""
        return False

    @property
    def copied(self) -> float | None:
        """When the copy was last brought up to date, in seconds since 1970; None where it never was, or is none."""
        return None

    def refresh_copy(self, tell: Tell | None = None, should_stop: Callable[[], bool] | None = None) -> None:
        """Bring the copy of a store that lies elsewhere up to date; nothing needs doing for any other.

        Args:
            tell: called in this thread with how far it is.
            should_stop: asked now and then; what was fetched until then is kept.

        Raises:
            StoreUnreadableError: the store can't be listed or fetched.
        """

    def refresh_or_keep(self, tell: Tell | None = None) -> str | None:
        """Bring the copy up to date; where that can't be done, an older copy will do.

        Args:
            tell: called in this thread with how far it is.

        Returns:
            Why the older copy is all there is, and how old it is, in one line; None where it is up to date.

        Raises:
            StoreUnreadableError: the store can't be read, and there is no copy of it.
        """
        try:
            self.refresh_copy(tell)
        except StoreUnreadableError as error:
            if self.copied is None:
                raise
            return f"{error}; this is the copy of {datetime.fromtimestamp(self.copied):%Y-%m-%d %H:%M}"
        return None

    def bring_catalog(self, run_id: str) -> None:
        """Have the files of a run in the catalog at hand, where the store lies elsewhere."""

    def bring_catalogs(self, run_ids: Iterable[str]) -> None:
        """Start the same for several runs that are about to be looked at one by one."""

    def name_catalogs(self, paths: Iterable[str]) -> None:
        """Look for catalog files in these folders first, wherever they lie; a relative one is of the current folder."""
        self.catalogs = tuple(expanded(path).absolute() for path in paths)

    def handles(self) -> list[RunHandle]:
        """The runs of the store as the file system sees them, in no particular order.

        Raises:
            StoreUnreadableError: the folder can't be listed.
        """
        return list(self.iter_handles())

    def iter_handles(self) -> Iterator[RunHandle]:
        """The runs of the store one by one, for those who may not need all; raises as `handles` does."""
        return list_handles(self.root, self.only)

    def check(self) -> None:
        """Look whether the store may be listed at all.

        Raises:
            StoreUnreadableError: it may not.
        """
        next(list_handles(self.root, self.only), None)

    def handle(self, run_id: str) -> RunHandle:
        """The handle of one run.

        Raises:
            RunNotFoundError: there is none of this id.
        """
        if self.only is None or run_id == self.only:
            for name in entry_names(run_id):
                handle = find_handle(self.root, name) if is_entry_name(name) else None
                if handle is not None and handle.run_id == run_id:
                    return handle
        raise RunNotFoundError(run_id, self.place)

    def summarize(
        self, handle: RunHandle, detail: Detail = DEFAULT_DETAIL, *, content: bytes | None = None
    ) -> RunSummary:
        """One run in one row; what can't be read is a row with its reason.

        Args:
            handle: the run.
            detail: how much of its metrics is worked out.
            content: the text of a run that is one text, where it has just been read.
        """
        try:
            with ReadingRun(handle.path):
                huge = content is None and is_huge_text(handle)
                in_windows = outline_in_windows(handle.path, detail) if huge else None
                outline = handle.format.outline(handle, content) if in_windows is None else in_windows
                if not self._has_tracked(
                    handle, is_final=outline.status in FINAL_STATUSES, is_read=content is not None
                ):
                    return summarize(handle, outline, detail)
                # Few stores have a run in flight when they are opened: what reads journals is imported when one has.
                from magnus_tracking.stores.live_summary import summarize_in_flight

                return summarize_in_flight(handle, self.root)
        except UnreadableRunError as error:
            where = error.path.name if error.path != Path(handle.path) else ""
            return unreadable(handle, f"{where}: {error.reason}" if where else error.reason)

    def _has_tracked(self, handle: RunHandle, *, is_final: bool, is_read: bool) -> bool:
        """Whether journals beside a run hold what its log does not; its content was read by who saw no journals."""
        if not is_final:
            return bool(find_journals(self.root, handle.run_id))
        if is_read:
            return False
        return os.path.lexists(handle.format.journals(self.root, handle.run_id)) and bool(
            find_journals(self.root, handle.run_id)
        )

    def writer_gone(self, run_id: str) -> bool | None:
        """Whether the processes that write a run are gone from this host, as far as its journals tell.

        An engine writes its log without journals, too: what is older than the log says nothing of its process.

        Returns:
            None without a journal, or where it can't be told from here.
        """
        from magnus_tracking.journal.headers import writer_gone

        try:
            changed = self.handle(run_id).mtime_ns / 1e9
        except RunNotFoundError:
            changed = 0.0
        return writer_gone(self.root, run_id, changed)

    def runs(self) -> list[RunSummary]:
        """Every run as a summary, the most recently started first, all of its metrics summarised completely.

        Raises:
            StoreUnreadableError: the folder can't be listed.
        """
        return newest_first(self.summarize(handle, FULL_DETAIL) for handle in self.handles())

    def load(self, run_id: str) -> RunLog:
        """The full run log of `run_id`.

        Raises:
            RunNotFoundError: there is no run of this id.
            UnreadableRunError: the run's files can't be understood.
        """
        from magnus_tracking.stores.full_run import load_run

        handle = self.handle(run_id)
        with ReadingRun(handle.path):
            return load_run(handle, self.root)

    def document(self, run_id: str) -> dict[str, Any]:
        """The full run log of `run_id` as JSON, which has been held against the models; raises as `load` does."""
        from magnus_tracking.stores.full_run import load_checked_document

        return load_checked_document(self.handle(run_id), self.root)

    def find(self, name: str, summaries: Callable[[], Iterable[RunSummary]] | None = None) -> str:
        """The run id that `name` means: an exact id, then an unambiguous beginning, then ``latest``.

        Args:
            name: what the user typed.
            summaries: where the summaries for ``latest`` come from, if not from reading the store.

        Raises:
            RunNotFoundError: no run is meant.
            AmbiguousNameError: several begin so.
        """
        self.check()
        with contextlib.suppress(RunNotFoundError):
            return self.handle(name).run_id
        ids = [handle.run_id for handle in self.handles()]
        starting = sorted(run_id for run_id in ids if run_id.startswith(name)) if name else []
        if len(starting) == 1:
            return starting[0]
        if starting:
            raise AmbiguousNameError("run", name, starting)
        newest = newest_first(summaries() if summaries else self.runs()) if name == LATEST and ids else []
        if newest:
            return newest[0].run_id
        raise RunNotFoundError(name, self.place, is_empty=not ids)


def newest_first(summaries: Iterable[RunSummary]) -> list[RunSummary]:
    """Runs by when they started, the latest first; what has no time comes last."""
    return sorted(summaries, key=_start_key, reverse=True)


def _start_key(summary: RunSummary) -> tuple[str, str]:
    started = summary.started
    return (started.isoformat(timespec="microseconds") if started else "", summary.run_id)
