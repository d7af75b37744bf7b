"""The successful run that another run of its pipeline is held against."""

from __future__ import annotations

from magnus_tracking.analysis.compare.links import last_success
from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.query import parse
from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.feed.feed import Feed
from magnus_tui.format.text import clean


class NoSuccessError(MagnusTrackingError):
    """No run of the pipeline has succeeded, as far as is known."""


def find_last_success(feed: Feed, run: RunSummary, hint: str = "") -> str:
    """The id of the successful run of the same pipeline that `run` is best held against.

    Args:
        feed: the door to the core.
        run: the run.
        hint: what to try where there is none, to be added to the reason.

    Raises:
        NoSuccessError: there is none.
    """
    found = last_success(feed.rows(feed.positions(parse("status:success"), ())), run)
    if found is None:
        raise NoSuccessError(": ".join(filter(None, (_why_none(run, is_reading=feed.is_reading), hint))))
    return found.run_id


def _why_none(run: RunSummary, *, is_reading: bool) -> str:
    if run.error is not None:
        return "this run can't be read, so its pipeline is not known"
    if not run.pipeline:
        return "this run's log does not name its pipeline"
    so_far = " that has been read so far" if is_reading else ""
    is_named = run.dag_hash or run.script
    if run.status == "SUCCESS":
        return f"no other run {'of this pipeline' if is_named else 'with just these steps'}{so_far} has succeeded"
    if is_named:
        return f"no run of this pipeline{so_far} has succeeded"
    tagged = f"run tagged {clean(run.tag)}" if run.tag else "untagged run"
    return f"no {tagged}{so_far} that begins with these steps has succeeded"
