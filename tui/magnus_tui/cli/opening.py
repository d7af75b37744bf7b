"""The one door of the commands to a store: its runs, the time, and when silence counts as stalled."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from magnus_tracking.errors import ConfigurationError
from magnus_tracking.liveness import Liveness, StalledRule, duration_at, liveness_of
from magnus_tracking.stores import Store, open_store
from magnus_tracking.summary import RunSummary
from magnus_tui.settings import Settings, load_settings, settings_path
from magnus_tui.text import clean

if TYPE_CHECKING:
    from magnus_tracking.query import Field


@dataclass(frozen=True)
class Opened:
    """A store that a command works on.

    Attributes:
        store: the store.
        settings: what the user chose for all of this project's tools.
        now: the time of the command, naive, in the zone in which the runs' times are read.
    """

    store: Store
    settings: Settings
    now: datetime

    @cached_property
    def summaries(self) -> Sequence[RunSummary]:
        """Every run of the store in one row, the most recently started first.

        Raises:
            StoreUnreadableError: the store can't be listed.
        """
        return self.store.runs()

    @cached_property
    def rule(self) -> StalledRule:
        """When silence counts as stalled, learnt from all runs of the store."""
        return StalledRule.learn(self.summaries, self.settings.stalled_after)

    def liveness(self, run: RunSummary) -> Liveness | None:
        """Whether an unfinished run is live, silent, stalled or lost; None for a finished or unreadable one."""
        if run.is_finished or run.error is not None:
            return None
        return liveness_of(run, self.now, self.rule)

    def duration(self, run: RunSummary) -> float | None:
        """Seconds that a run took, or that have passed since an unfinished one started."""
        return duration_at(run, self.now)

    def select(self, where: str | None, sort: Sequence[str] = ()) -> tuple[list[RunSummary], list[Field]]:
        """The runs that a query matches, sorted, and the parameters and metrics that query and keys name.

        Args:
            where: a query; None or blank for all runs.
            sort: sort keys, each text with one or several; none for the most recently started first.

        Raises:
            QueryError: one of them can't be understood.
        """
        from magnus_tracking.query import NEWEST_FIRST, Context, SummaryRows, order, parse, parse_sort

        query = parse(where or "")
        keys = parse_sort(sort) or NEWEST_FIRST
        context = Context(self.now, self.rule)
        rows = SummaryRows(self.summaries, context)
        chosen = order(rows, query.select(rows, context), keys)
        fields = dict.fromkeys([*query.fields(), *(key.field for key in keys)])
        return [self.summaries[position] for position in chosen], [field for field in fields if field.key]

    def find(self, name: str) -> str:
        """The id of the run that RUN means; reads the runs only for ``latest``.

        Raises:
            RunNotFoundError: there is none.
            AmbiguousNameError: several runs begin so.
        """
        return self.store.find(name, lambda: self.summaries)


def open_for_command(path: str) -> Opened:
    """The store at `path`, with the user's settings; a mistake in those is told, and the defaults then hold.

    Raises:
        StoreNotFoundError: there is no store.
        StoreUnreadableError: there is, but it may not be listed.
    """
    try:
        settings = load_settings(settings_path())
    except ConfigurationError as error:
        print(f"magnus-tui: {clean(str(error))}", file=sys.stderr)
        settings = Settings()
    return Opened(open_store(path), settings, settings.now())
