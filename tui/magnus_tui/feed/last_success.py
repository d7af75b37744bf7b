"""The successful run that another run of its pipeline is held against."""

from __future__ import annotations

from magnus_tracking.analysis.compare.links import last_success
from magnus_tracking.errors import MagnusTrackingError
from magnus_tracking.query import parse
from magnus_tracking.runlog.summary import RunSummary
from magnus_tui.feed.feed import Feed


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
    other = "other run" if run.status == "SUCCESS" else "run"
    so_far = " that has been read so far" if is_reading else ""
    alike = "of this pipeline" if run.dag_hash else "with these steps"
    return f"no {other} {alike}{so_far} has succeeded"
