"""The one door of the commands to a store: its runs, the time, and when silence counts as stalled."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import click

from magnus_tracking.analysis.liveness import Liveness, StalledRule, Took, known_until, liveness_of, took
from magnus_tracking.errors import ConfigurationError
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores import Store, open_store
from magnus_tui.cli.output import named_catalogs
from magnus_tui.format.text import clean
from magnus_tui.settings import Settings, load_settings, settings_path, use_settings

if TYPE_CHECKING:
    from magnus_tracking.index import RunIndex
    from magnus_tracking.query import Context, Query, SortKey
    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import RunLog


@dataclass
class Opened:
    """A store that a command works on.

    Attributes:
        store: the store.
        settings: what the user chose for all of this project's tools.
        now: the time of the command, naive, in the zone in which the runs' times are read; one that stays moves it on.
    """

    store: Store
    settings: Settings
    now: datetime

    @cached_property
    def index(self) -> RunIndex:
        """The index of the store's runs, brought up to date.

        Raises:
            StoreUnreadableError: the store can't be listed.
        """
        from magnus_tracking.index import RunIndex

        index = RunIndex.open(self.store)
        context = click.get_current_context(silent=True)
        if context is not None:
            context.call_on_close(index.close)
        index.refresh()
        if index.notice:
            warn(index.notice)
        return index

    @cached_property
    def summaries(self) -> Sequence[RunSummary]:
        """Every run of the store in one row, the most recently started first.

        Raises:
            StoreUnreadableError: the store can't be listed.
        """
        return self.index.selected()

    @cached_property
    def rule(self) -> StalledRule:
        """When silence counts as stalled, learnt from all runs of the store."""
        return replace(self.index.stalled_rule(), after=self.settings.stalled_after)

    @property
    def context(self) -> Context:
        """What queries, and the duration and liveness of unfinished runs, depend on."""
        from magnus_tracking.query import Context

        return Context(self.now, self.rule, self.writer_gone)

    def liveness(self, run: RunSummary) -> Liveness | None:
        """Whether an unfinished run is live, silent, stalled or lost; None for a finished or unreadable one."""
        if run.is_finished or run.error is not None:
            return None
        return liveness_of(run, self.now, self.rule, self.writer_gone(run.run_id))

    def writer_gone(self, run_id: str) -> bool | None:
        """Whether the process that writes a run's journal is gone; None without a journal."""
        from magnus_tracking.journal.writers import writer_gone

        return writer_gone(self.store.root, run_id)

    def took(self, run: RunSummary) -> Took:
        """How long a run took, or has taken so far."""
        return took(run, self.now, self.liveness(run))

    def until(self, run: RunSummary) -> datetime:
        """Up to when a run has lasted that is unfinished; see `known_until`."""
        return known_until(run, self.now, self.liveness(run))

    def duration(self, run: RunSummary) -> float | None:
        """The seconds of `took`; None where nobody can tell."""
        return self.took(run).seconds

    def say_clocks(self, runs: Sequence[RunSummary]) -> None:
        """Say on standard error why some of `runs` have no duration although their logs have times."""
        notes = [(run, note) for run in runs if (note := self.took(run).note) is not None]
        if notes:
            run, note = notes[0]
            others = f" (and {len(notes) - 1:,} more runs of such a kind)" if len(notes) > 1 else ""
            warn(f"{run.run_id} has no duration: {note}{others}")

    def select(self, query: Query, sort: Sequence[SortKey] = (), limit: int | None = None) -> list[RunSummary]:
        """The runs that a query matches.

        Args:
            query: which runs.
            sort: by what; what it leaves equal comes with the most recently started first.
            limit: how many at most; None for all.
        """
        index = self.index
        return index.selected(query, sort, self.context, limit)

    def load(self, run_id: str) -> tuple[RunLog, tuple[Series, ...]]:
        """A run log and its series, without the values of long metrics in the log where it is huge.

        Raises:
            RunNotFoundError: there is no such run.
            UnreadableRunError: its files can't be understood.
        """
        from magnus_tracking.series.read import run_and_series

        return run_and_series(self.store, run_id)

    def tell_missing(self, query: Query, sort: Sequence[SortKey] = ()) -> None:
        """Say on standard error which names in a query and sort keys no run has: they may yet come, or be mistyped."""
        from magnus_tracking.query import Field, missing_names

        index = self.index

        def has(field: Field) -> bool:
            return index.ask(lambda source: any(value is not None for value in source.column(field)), False)

        for said in missing_names(query, [key.field for key in sort], index.fields(), index.counts(), has):
            warn(said)

    def find(self, name: str) -> str:
        """The id of the run that RUN means; looks at all runs only for ``latest``.

        Raises:
            RunNotFoundError: there is none.
            AmbiguousNameError: several runs begin so.
        """
        return self.store.find(name, lambda: self.index.selected(most=1))


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
    store = open_store(path)
    store.name_catalogs([*named_catalogs(), *settings.catalogs_of(store.project)])
    return Opened(store, settings, settings.now())


def warn(message: str) -> None:
    """Say something on standard error that does not keep the command from its work."""
    print(f"magnus-tui: {clean(message)}", file=sys.stderr)
