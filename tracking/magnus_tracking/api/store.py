"""An opened store with what is known of all its runs: the index, the time, and when silence counts as stalled."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from magnus_tracking.analysis.liveness import (
    DEFAULT_STALLED_AFTER,
    Liveness,
    StalledRule,
    Took,
    known_until,
    liveness_of,
    took,
)
from magnus_tracking.api.documents import failure_document, flat_run, run_document
from magnus_tracking.api.run import StoredRun
from magnus_tracking.api.table import Table
from magnus_tracking.errors import QueryError
from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.runlog.times import now as local_now
from magnus_tracking.stores import Store
from magnus_tracking.stores import open_store as open_plain

if TYPE_CHECKING:
    from magnus_tracking.analysis.compare import Comparison
    from magnus_tracking.analysis.failures import FailureGroup
    from magnus_tracking.api.comparing import RunComparison
    from magnus_tracking.index import RunIndex
    from magnus_tracking.query import Context, Query, SortKey
    from magnus_tracking.runlog.metrics import Series
    from magnus_tracking.runlog.models import RunLog


class RunStore:
    """A store of run logs, which is only ever read; `open_store` opens one.

    What is known of its runs is kept in the user's cache folder, so that asking again reads only what has changed.

    Attributes:
        store: its files.
        now: the time up to which unfinished runs have lasted, naive, in the zone in which the runs' times are read.
        stalled_after: the silence after which an unfinished run may count as stalled.
    """

    def __init__(
        self, store: Store, now: datetime | None = None, stalled_after: timedelta = DEFAULT_STALLED_AFTER
    ) -> None:
        self.store = store
        self.now = now or local_now()
        self.stalled_after = stalled_after
        self._closing: weakref.finalize[..., Any] | None = None

    @property
    def path(self) -> Path:
        """The folder that holds the run logs."""
        return self.store.root

    def runs(self, where: str = "", sort: str | Sequence[str] = (), limit: int | None = None) -> Runs:
        """The runs of the store as they are now, the most recently started first.

        Args:
            where: a query, such as ``status:success metric.loss<0.3``; empty for all.
            sort: fields such as ``metric.loss``, downwards with ``-`` in front.
            limit: how many at most.

        Raises:
            QueryError: `where` or `sort` can't be understood.
            StoreUnreadableError: the store can't be listed.
        """
        query, keys = self.understand(where, sort)
        self.look_again()
        return Runs(self, self.select(query, keys, limit))

    def understand(self, where: str, sort: str | Sequence[str] = ()) -> tuple[Query, list[SortKey]]:
        """A query and sort keys as they are written.

        Raises:
            QueryError: they can't be understood; it proposes only parameters and metrics that some run has.
        """
        from magnus_tracking.query import parse, parse_sort

        try:
            return parse(where), parse_sort(sort)
        except QueryError as error:
            if not error.unknown:
                raise
            from magnus_tracking.query.unknown_names import in_store  # late: most queries are understood

            raise in_store(error, self.index.fields()) from None

    def run(self, name: str = "latest") -> StoredRun:
        """One run in full.

        Args:
            name: a run id, an unambiguous beginning of one, or ``latest``.

        Raises:
            RunNotFoundError: no run is meant.
            AmbiguousNameError: several are.
            UnreadableRunError: its files can't be understood.
        """
        return StoredRun(self.store, *self.load_with_row(self.find(name)))

    def compare(self, *names: str, baseline: str | None = None, ignore: Iterable[str] = ()) -> RunComparison:
        """What differs between runs.

        Args:
            names: two runs or more, as `run` takes them.
            baseline: the run that differences are measured from; the first if left out.
            ignore: shell patterns of keys to leave out, such as ``data.*``.

        Raises:
            ValueError: there are fewer than two runs.
            MagnusTrackingError: as `run` raises them.
        """
        from magnus_tracking.api.comparing import RunComparison

        run_ids, base = self.find_compared(names, baseline)
        if len(run_ids) < 2:
            raise ValueError("a comparison needs two runs or more")
        return RunComparison(self.comparison(run_ids, base).ignoring(ignore))

    def find_compared(self, names: Sequence[str], baseline: str | None = None) -> tuple[list[str], str]:
        """The ids of the runs that a comparison is asked of, and that of its baseline, which is one of them.

        Args:
            names: as `run` takes them.
            baseline: likewise; the first of them if left out.

        Raises:
            RunNotFoundError: no run is meant.
            AmbiguousNameError: several are.
        """
        run_ids = [self.find(name) for name in names]
        base = self.find(baseline) if baseline is not None else run_ids[0] if run_ids else ""
        return (run_ids if base in run_ids or not base else [base, *run_ids]), base

    def failures(self, where: str = "") -> Failures:
        """The failed attempts, grouped by cause, the most frequent first.

        Args:
            where: only in runs that this query matches.

        Raises:
            QueryError: it can't be understood.
        """
        from magnus_tracking.analysis.failures import failures_of_store, group, latest_runs

        runs = self.runs(where)
        everything = self.runs() if where else runs
        found = failures_of_store(self.store, runs, load=self.load_without_values)
        return Failures(group(found, latest_runs(everything)))

    def load(self, run_id: str) -> RunLog:
        """The full run log of `run_id`.

        Raises:
            RunNotFoundError: there is no run of this id.
            UnreadableRunError: its files can't be understood.
        """
        return self.store.load(run_id)

    def document(self, run_id: str) -> dict[str, Any]:
        """The full run log of `run_id` as JSON, key for key; raises as `load` does."""
        return self.store.document(run_id)

    def find(self, name: str) -> str:
        """The run id that `name` means: an exact id, then an unambiguous beginning, then ``latest``.

        Raises:
            RunNotFoundError: no run is meant.
            AmbiguousNameError: several begin so.
        """
        return self.store.find(name, lambda: self.index.selected(most=1))

    @cached_property
    def index(self) -> RunIndex:
        """The index of the store's runs, up to date when it was first asked for.

        Raises:
            StoreUnreadableError: the store can't be listed.
        """
        from magnus_tracking.index import RunIndex

        index = RunIndex.open(self.store)
        self._closing = weakref.finalize(self, index.close)
        index.refresh()
        return index

    def close(self) -> None:
        """Let go of the index, which is done anyway when nobody has the store any more."""
        if self._closing is not None:
            self._closing()

    @property
    def every_run(self) -> Sequence[RunSummary]:
        """Every run of the store in one row, the most recently started first; raises as `index` does."""
        return self.index.selected()

    def look_again(self) -> None:
        """Take in what has changed, and the time."""
        had_index = "index" in self.__dict__
        self.now = local_now()
        if had_index:
            self.store.refresh_or_keep()
            self.index.refresh()

    @cached_property
    def rule(self) -> StalledRule:
        """When silence counts as stalled, learnt from all runs of the store."""
        return StalledRule(self.stalled_after, self.index.stalled_rule().longest)

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
        return self.store.writer_gone(run_id)

    def took(self, run: RunSummary) -> Took:
        """How long a run took, or has taken so far."""
        return took(run, self.now, self.liveness(run))

    def until(self, run: RunSummary) -> datetime:
        """Up to when a run has lasted that is unfinished; see `known_until`."""
        return known_until(run, self.now, self.liveness(run))

    def duration(self, run: RunSummary) -> float | None:
        """The seconds of `took`; None where nobody can tell."""
        return self.took(run).seconds

    def run_document(self, run: RunSummary) -> dict[str, Any]:
        """The JSON of one run; what does not apply to it is None."""
        return run_document(run, self.liveness(run), self.duration(run))

    def select(self, query: Query, sort: Sequence[SortKey] = (), limit: int | None = None) -> list[RunSummary]:
        """The runs that a query matches.

        Args:
            query: which runs.
            sort: by what; what it leaves equal comes with the most recently started first.
            limit: how many at most; None for all.
        """
        return self.index.selected(query, sort, self.context, limit)

    def load_with_series(self, run_id: str) -> tuple[RunLog, tuple[Series, ...]]:
        """A run log and its series, without the values of long metrics in the log where it is huge.

        Raises:
            RunNotFoundError: there is no such run.
            UnreadableRunError: its files can't be understood.
        """
        from magnus_tracking.series.read import run_and_series

        return run_and_series(self.store, run_id)

    def load_with_row(self, run_id: str) -> tuple[RunSummary, RunLog, tuple[Series, ...]]:
        """The row of a run, with every number of its metrics, and what `load_with_series` gives; raises as that."""
        from magnus_tracking.series.read import with_all_of_metrics

        log, series = self.load_with_series(run_id)
        row = self.store.summarize(self.store.handle(run_id))
        return with_all_of_metrics(row, log, series), log, series

    def load_without_values(self, run_id: str) -> RunLog:
        """A run log in which a huge one lacks the values of its long metrics; raises as `load_with_series` does."""
        from magnus_tracking.series.read import load_without_values

        return load_without_values(self.store, run_id)

    def comparison(self, run_ids: Sequence[str], baseline: str) -> Comparison:
        """The comparison of some runs by id; raises as `load` does."""
        from magnus_tracking.analysis.compare import compare_subjects
        from magnus_tracking.analysis.compare.runs import run_subject

        subjects = []
        for run_id in run_ids:
            summary = self.store.summarize(self.store.handle(run_id))
            log, series = self.load_with_series(run_id)
            subjects.append(run_subject(log, self.took(summary), series, run_id))
        return compare_subjects(subjects, run_ids.index(baseline))

    def __repr__(self) -> str:
        return f"RunStore({str(self.path)!r})"


class Runs(Table, Sequence[RunSummary]):
    """Some runs of a store, each in one row."""

    def __init__(self, store: RunStore, summaries: Sequence[RunSummary]) -> None:
        self._store = store
        self._summaries = summaries

    @property
    def ids(self) -> list[str]:
        """Their ids."""
        return [run.run_id for run in self._summaries]

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dictionary a run: ``run_id``, ``status``, …, ``param.lr``, and the last value as ``metric.loss``."""
        return [flat_run(self._store.run_document(run)) for run in self._summaries]

    def __len__(self) -> int:
        return len(self._summaries)

    @overload
    def __getitem__(self, place: int) -> RunSummary: ...

    @overload
    def __getitem__(self, place: slice) -> Runs: ...

    def __getitem__(self, place: int | slice) -> RunSummary | Runs:
        if isinstance(place, slice):
            return Runs(self._store, self._summaries[place])
        return self._summaries[place]

    def __iter__(self) -> Iterator[RunSummary]:
        return iter(self._summaries)

    def __repr__(self) -> str:
        return f"<{len(self):,} runs of {self._store.path}>"


class Failures(Table, Sequence["FailureGroup"]):
    """Failed attempts, grouped by cause."""

    def __init__(self, groups: Sequence[FailureGroup]) -> None:
        self._groups = groups

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dictionary a cause: ``signature``, ``exception``, ``message``, ``count``, ``steps``, ``runs``, …."""
        return [failure_document(one) for one in self._groups]

    def __len__(self) -> int:
        return len(self._groups)

    @overload
    def __getitem__(self, place: int) -> FailureGroup: ...

    @overload
    def __getitem__(self, place: slice) -> Failures: ...

    def __getitem__(self, place: int | slice) -> FailureGroup | Failures:
        return Failures(self._groups[place]) if isinstance(place, slice) else self._groups[place]


def open_store(path: str | Path = ".run_log_store") -> RunStore:
    """The store at `path`: a store, the folder that holds one, one run's file, or one run's folder.

    It may also be the address of a bucket (``s3://bucket/prefix``) or an archive. Where that can't be reached and was
    read before, the copy from then is given, with a warning.

    Raises:
        StoreNotFoundError: there is nothing of the kind.
        StoreUnreadableError: there is, but it may not be listed.
    """
    store = open_plain(path)
    problem = store.refresh_or_keep()
    if problem is not None:
        warnings.warn(problem, RuntimeWarning, stacklevel=2)
    return RunStore(store)
