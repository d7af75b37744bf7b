"""What screens ask the application for: another screen, which `magnus_tui.app.routes` knows how to make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message

from magnus_tracking.runlog.summary import RunSummary


class ScreenRequested(Message):
    """Another screen was asked for; each kind of screen has a request of its own.

    Attributes:
        instead: whether it takes the place of the screen that asks.
    """

    instead: bool = False


@dataclass(eq=False)
class RunRequested(ScreenRequested):
    """A run was asked for.

    Attributes:
        run_id: the run.
        step: internal name of the step to begin on; the failing one if left out.
        attempt: number of the attempt to begin on.
        tab: the tab to begin on, which then has the keys at once.
        line: 0-based line of the log to begin on.
        instead: whether it takes the place of the screen that asks.
    """

    run_id: str
    step: str | None = None
    attempt: int | None = None
    tab: str | None = None
    line: int | None = None
    instead: bool = False


@dataclass(eq=False)
class ComparisonRequested(ScreenRequested):
    """Runs were asked for side by side.

    Attributes:
        run_ids: the runs.
        listed: row ids of the list in whose order they are shown; in the order given if left out.
    """

    run_ids: Sequence[str]
    listed: Sequence[int] | None = None


@dataclass(eq=False)
class LastSuccessRequested(ScreenRequested):
    """A run was asked for beside the last success of its pipeline.

    Attributes:
        run: the run.
        hint: what to try where there is no success, to be added to the reason.
    """

    run: RunSummary
    hint: str = ""


@dataclass(eq=False)
class StepComparisonRequested(ScreenRequested):
    """The branches, or the attempts, of a step were asked for side by side.

    Attributes:
        run_id: the run.
        step: internal name of the step.
    """

    run_id: str
    step: str


@dataclass(eq=False)
class RunsListed(Message):
    """The list was asked for, as it tells of a step or a metric.

    Attributes:
        step: own name of a step that ran in the listed runs.
        metric: name of a metric in whose order all runs are listed.
        query: the filter.
        sort: a sort key.
    """

    step: str | None = None
    metric: str | None = None
    query: str | None = None
    sort: str | None = None


@dataclass(eq=False)
class FailuresRequested(ScreenRequested):
    """The failures of the store were asked for.

    Attributes:
        run_id: of a run; the cause of its failed attempt is entered at once.
        step: internal name of the step that failed.
        attempt: number of the attempt.
    """

    run_id: str | None = None
    step: str = ""
    attempt: int | None = None
