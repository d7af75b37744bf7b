"""The one door of the commands to a store: its runs, the time, and when silence counts as stalled."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import click

from magnus_tracking.api.store import RunStore
from magnus_tracking.errors import ConfigurationError, QueryError
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores import Store, open_store
from magnus_tui import format as formats
from magnus_tui.cli.output import named_catalogs
from magnus_tui.format.text import clean
from magnus_tui.settings import Settings, load_settings, settings_path, use_settings
from magnus_tui.terminal.notification import notification

if TYPE_CHECKING:
    from magnus_tracking.index import RunIndex
    from magnus_tracking.query import Query, SortKey
    from magnus_tracking.stores.copy_progress import Progress

_TOLD_AFTER, _TOLD_EVERY = 0.5, 0.2
"""Seconds before a long refresh first tells how far it is, and between two reports."""

_SELDOM = 200_000
"""New objects between two searches for garbage, which a command makes little of: with Python's 700 that took a third of
the time to show a run log of 240 MB."""


class Opened(RunStore):
    """A store that a command works on.

    Attributes:
        settings: what the user chose for all of this project's tools.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__(store, settings.now(), settings.stalled_after)
        self.settings = settings

    @cached_property
    def index(self) -> RunIndex:
        """The index of the store's runs, brought up to date; what keeps it from being kept is told.

        Raises:
            StoreUnreadableError: the store can't be listed.
        """
        index = super().index
        if index.notice:
            warn(index.notice)
        return index

    def why_no_runs(self) -> str:
        """What a table says where no run is listed."""
        return "no runs match" if self.index.count() else f"there are no runs in {self.store.place}"

    def say_clocks(self, runs: Sequence[RunSummary]) -> None:
        """Say on standard error why some of `runs` have no duration although their logs have times."""
        notes = [(run, note) for run in runs if (note := self.took(run).note) is not None]
        if notes:
            run, note = notes[0]
            others = f" (and {formats.count(len(notes) - 1, 'other run')} without one)" if len(notes) > 1 else ""
            warn(f"{run.run_id} has no duration: {note}{others}")

    def tell_missing(self, query: Query, sort: Sequence[SortKey] = (), *, found: bool = True) -> None:
        """Say on standard error which names in a query and sort keys no run has: they may yet come, or be mistyped.

        Args:
            query: the query.
            sort: the sort keys.
            found: whether some run matches; else the query's words may be meant as a status, say.
        """
        from magnus_tracking.query import Field, missing_names

        index = self.index

        def has(field: Field) -> bool:
            return index.ask(lambda source: any(value is not None for value in source.column(field)), False)

        said = missing_names(query, [key.field for key in sort], index.fields(), index.counts(), has)
        if not found and index.count():
            from magnus_tracking.query.unknown_names import tried_words  # late: for what finds nothing alone

            said += tried_words(query)
        for one in said:
            warn(one)


def open_for_command(path: str) -> Opened:
    """The store at `path`, with the user's settings; a mistake in those is told, and the defaults then hold.

    Raises:
        StoreNotFoundError: there is no store.
        StoreUnreadableError: there is, but it may not be listed.
    """
    try:
        settings = load_settings(settings_path())
    except ConfigurationError as error:
        warn(str(error))
        settings = Settings()
    use_settings(settings)
    gc.set_threshold(_SELDOM)
    store = open_store(path)
    store.name_catalogs([*named_catalogs(), *settings.catalogs_of(store.project)])
    if store.is_copy:
        _refresh_copy(store)
    opened = Opened(store, settings)
    context = click.get_current_context(silent=True)
    if context is not None:
        context.call_on_close(opened.close)
    return opened


def understand(store: str, where: str, sort: Sequence[str] = ()) -> tuple[Query, list[SortKey]]:
    """A query and sort keys for the store at a path, which is opened only to name a field that it has instead.

    Raises:
        QueryError: they can't be understood.
        StoreNotFoundError, StoreUnreadableError: as `open_for_command`.
    """
    from magnus_tracking.query import parse, parse_sort

    try:
        return parse(where), parse_sort(sort)
    except QueryError as error:
        if not error.unknown:
            raise
    return open_for_command(store).understand(where, sort)


def _refresh_copy(store: Store) -> None:
    """Bring the copy of a store that lies elsewhere up to date; if that fails, use an older copy, and say so.

    Raises:
        StoreUnreadableError: the store can't be read, and there is no copy of it.
    """
    shows = sys.stderr.isatty()
    due = time.monotonic() + _TOLD_AFTER

    def tell(progress: Progress) -> None:
        nonlocal due
        if not shows or time.monotonic() < due:
            return
        due = time.monotonic() + _TOLD_EVERY
        fetched = "" if progress.total is None else f", fetched {progress.done:,} of {progress.total:,}"
        print(f"\r\x1b[K{clean(store.place)}: listed {progress.listed:,}{fetched}", end="", file=sys.stderr, flush=True)

    try:
        problem = store.refresh_or_keep(tell)
    finally:
        if shows:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    if problem is not None:
        warn(problem)


def call_back(text: str) -> None:
    """Call a user who may be looking elsewhere back to the terminal, where standard error is one."""
    if sys.stderr.isatty():
        print(notification(text), end="", file=sys.stderr, flush=True)


def warn(message: str) -> None:
    """Say something on standard error that does not keep the command from its work."""
    print(f"magnus-tui: {clean(message)}", file=sys.stderr)
