"""What failed in the runs of a store, and what failed and then passed: every run that can have a cause is opened."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from magnus_tracking.runlog.summary import RunSummary
from magnus_tracking.stores import Store

if TYPE_CHECKING:
    from magnus_tracking.analysis.failures import FailedAttempt, FailureGroup
    from magnus_tracking.analysis.flaky import FlakyStep
    from magnus_tracking.runlog.models import RunLog

_FIRST_TOLD, _TOLD_EVERY = 0.3, 1.0
"""Seconds until the first findings are told, and between two reports."""


class StoreFailures:
    """The failures of a store; called from worker threads.

    Args:
        store: the store.
        summaries: gives every run, the latest first.
        count: gives how many there are.
    """

    def __init__(self, store: Store, summaries: Callable[[], Iterator[RunSummary]], count: Callable[[], int]) -> None:
        self._store = store
        self._summaries = summaries
        self._count = count
        self._known: dict[str, tuple[tuple[int, int], Sequence[FailedAttempt]]] = {}

    def groups(self, tell: Callable[[Sequence[FailureGroup], int, int], None], should_stop: Callable[[], bool]) -> None:
        """Group the failed attempts of the whole store by cause; opens the runs that can have one.

        Args:
            tell: called now and then, and at the end, with what was found, how many runs were looked at, of how many.
            should_stop: asked before each run.
        """
        from magnus_tracking.analysis.failures import AT_ONCE, failures_of_store, group, latest_runs, may_have_failures

        total = self._count()
        latest = latest_runs(self._summaries())
        found: list[FailedAttempt] = []
        due = time.monotonic() + _FIRST_TOLD
        done = 0
        summaries = self._summaries()
        while some := list(itertools.islice(summaries, AT_ONCE)):
            self._store.bring_catalogs(run.run_id for run in some if may_have_failures(run))
            for summary in some:
                if should_stop():
                    return
                found += failures_of_store(self._store, [summary], load=self._load_without_values)
                done += 1
                if time.monotonic() > due:
                    began = time.monotonic()
                    tell(group(found, latest), done, total)
                    due = time.monotonic() + max(_TOLD_EVERY, 10 * (time.monotonic() - began))
        tell(group(found, latest), total, total)

    def like(
        self, run: RunSummary, step: str, attempt: int | None, should_stop: Callable[[], bool]
    ) -> list[FailedAttempt] | None:
        """The other failed attempts of the store with the same cause, the latest first; opens the runs that failed.

        What was found in a finished run is kept, because one failed run is looked at after another.

        Args:
            run: the run of the attempt that is asked about.
            step: internal name of its step.
            attempt: its number.
            should_stop: asked before each run.

        Returns:
            None where the attempt's own cause is not known, or when stopped.
        """
        own = [one for one in self._of_run(run) if (one.step, one.attempt) == (step, attempt)]
        if not own:
            return None
        found: list[FailedAttempt] = []
        for summary in self._summaries():
            if should_stop():
                return None
            found += [one for one in self._of_run(summary) if one.signature == own[0].signature]
        found = [one for one in found if (one.run_id, one.step, one.attempt) != (run.run_id, step, attempt)]
        return sorted(found, key=lambda one: one.seen or datetime.min, reverse=True)

    def _of_run(self, run: RunSummary) -> Sequence[FailedAttempt]:
        from magnus_tracking.analysis.failures import failures_of_store, may_have_failures

        if not may_have_failures(run):
            return ()
        state = (run.size, run.mtime_ns)
        known = self._known.get(run.run_id)
        if known is None or known[0] != state:
            known = (state, tuple(failures_of_store(self._store, [run], load=self._load_without_values)))
            if run.is_finished:
                self._known[run.run_id] = known
        return known[1]

    def flaky_steps(self, should_stop: Callable[[], bool]) -> list[FlakyStep]:
        """The steps of the whole store that failed and then passed; opens the runs of the code that failed."""
        from magnus_tracking.analysis.flaky import flaky_steps, outcomes_of_store

        return flaky_steps(outcomes_of_store(self._store, self._summaries, should_stop, self._load_without_values))

    def _load_without_values(self, run_id: str) -> RunLog:
        from magnus_tracking.series.read import load_without_values

        return load_without_values(self._store, run_id)
