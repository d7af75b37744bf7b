"""How many steps of a run there are, and how they ended, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from magnus_tui.format.values import count

if TYPE_CHECKING:
    from magnus_tracking.runlog.summary import RunSummary


def step_counts(run: RunSummary) -> str:
    """The leaf steps of a run: ``2 of 5 steps succeeded, 1 failed, 2 skipped``.

    Args:
        run: where it is unfinished, the steps that are planned are among them, as in the list of runs.
    """
    steps = run.steps
    failed = f", {steps.failed:,} failed" if steps.failed else ""
    skipped = f", {steps.skipped:,} skipped" if steps.skipped else ""
    return f"{steps.succeeded:,} of {count(run.expected_steps, 'step')} succeeded{failed}{skipped}"
