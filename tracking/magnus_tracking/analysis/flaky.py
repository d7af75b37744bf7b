"""Steps that failed and then passed although nothing in the code is known to have changed.

A step is flaky where a failed attempt was followed by one that passed: a later attempt in the same run, or a later run
of the same pipeline at the same commit, both with uncommitted changes or both without; what these changes were is not
kept. A later run may have passed because its parameters were others; that is counted apart, for it says less.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from magnus_tracking.analysis.failures import FailureSource, may_have_failures
from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.runlog.metrics import inputs_of
from magnus_tracking.runlog.times import parse_time
from magnus_tracking.runlog.tree import leaf_steps
from magnus_tracking.runlog.vocabulary import FINAL_STATUSES
from magnus_tracking.stores.read_errors import ReadingRun

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import RunLog
    from magnus_tracking.runlog.summary import RunSummary

Code = tuple[str, str | None, bool | None]
"""A pipeline, its code identifier, and whether the tree had uncommitted changes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt of a step ended.

    Attributes:
        run_id: of which run.
        step: internal name of the step.
        code: what ran.
        passed: whether it succeeded.
        ended: naive local time, None where the log has none.
        inputs: its parameters as JSON, by which two are the same or not.
    """

    run_id: str
    step: str
    code: Code
    passed: bool
    ended: datetime | None
    inputs: str


@dataclass(frozen=True, slots=True)
class FlakyStep:
    """A step that failed and then passed, in the same run or at the same commit.

    Attributes:
        step: its internal name.
        code: what ran.
        attempts: how many attempts of it there were at this commit, `failed` how many of them failed.
        passed_on_retry: failed attempts after which a later attempt of the same run passed.
        passed_in_later_run: failed attempts after which only another run passed, with the same parameters.
        passed_otherwise: failed attempts after which only another run passed, with other parameters.
        last_failed: when it failed last.
        runs: ids of the runs in which it failed, in the order of time.
    """

    step: str
    code: Code
    attempts: int
    failed: int
    passed_on_retry: int
    passed_in_later_run: int
    passed_otherwise: int
    last_failed: datetime | None
    runs: tuple[str, ...]

    @property
    def rate(self) -> float:
        """How many of its attempts failed, from 0 to 1."""
        return self.failed / self.attempts


def outcomes_of_run(run: RunLog, summary: RunSummary) -> list[Outcome]:
    """How the attempts of a run's leaf steps ended, in the order of the log; unfinished ones are left out.

    Args:
        run: the run.
        summary: the same run in one row.
    """
    code = _code(summary)
    return [
        Outcome(
            run_id=summary.run_id,
            step=step.internal_name,
            code=code,
            passed=attempt.status == "SUCCESS",
            ended=parse_time(attempt.end_time),
            inputs=json.dumps(inputs_of(attempt), sort_keys=True),
        )
        for step in leaf_steps(run)
        for attempt in step.attempts
        if attempt.status in FINAL_STATUSES
    ]


def outcomes_of_store(
    store: FailureSource,
    summaries: Callable[[], Iterable[RunSummary]],
    should_stop: Callable[[], bool] = lambda: False,
    load: Callable[[str], RunLog] | None = None,
) -> Iterator[Outcome]:
    """The outcomes that can tell flaky steps, opening only the runs of code that failed at least once.

    Args:
        store: opens runs.
        summaries: gives the runs to look at, each time anew.
        should_stop: asked before each run.
        load: opens a run in another way than the store does; no values of metrics are looked at.
    """
    load = load or store.load
    failed = {_code(summary) for summary in summaries() if may_have_failures(summary)}
    for summary in summaries():
        if should_stop():
            return
        if summary.error is not None or _code(summary) not in failed:
            continue
        try:
            with ReadingRun(summary.path):
                outcomes = outcomes_of_run(load(summary.run_id), summary)
        except MagnusTrackingError:
            continue
        yield from outcomes


def flaky_steps(outcomes: Iterable[Outcome]) -> list[FlakyStep]:
    """The flaky steps among what happened, those that fail most often first.

    Args:
        outcomes: attempts of any runs, in any order.
    """
    by_step: dict[tuple[Code, str], list[Outcome]] = {}
    for outcome in outcomes:
        by_step.setdefault((outcome.code, outcome.step), []).append(outcome)
    found = [_flaky(code, step, attempts) for (code, step), attempts in by_step.items()]
    flaky = [step for step in found if step is not None]
    return sorted(flaky, key=lambda step: (-step.rate, -step.failed, step.step))


def _flaky(code: Code, step: str, attempts: list[Outcome]) -> FlakyStep | None:
    attempts.sort(key=lambda outcome: outcome.ended or datetime.min)
    retried = later = otherwise = 0
    passed_runs: set[str] = set()
    passed_inputs: set[str] = set()
    for outcome in reversed(attempts):
        if outcome.passed:
            passed_runs.add(outcome.run_id)
            passed_inputs.add(outcome.inputs)
        elif outcome.run_id in passed_runs:
            retried += 1
        elif outcome.inputs in passed_inputs:
            later += 1
        elif passed_runs:
            otherwise += 1
    if not retried + later + otherwise:
        return None
    failed = [outcome for outcome in attempts if not outcome.passed]
    return FlakyStep(
        step=step,
        code=code,
        attempts=len(attempts),
        failed=len(failed),
        passed_on_retry=retried,
        passed_in_later_run=later,
        passed_otherwise=otherwise,
        last_failed=failed[-1].ended,
        runs=tuple(dict.fromkeys(outcome.run_id for outcome in failed)),
    )


def _code(summary: RunSummary) -> Code:
    """What ran; where that is not known, the run is like no other."""
    if not summary.pipeline or not summary.commit:
        return (f"\x00{summary.run_id}", None, None)
    return (summary.pipeline, summary.commit, summary.dirty)
