"""Where metrics go besides the run log: nowhere, MLflow, or what another package brings."""

from magnus_tracking.trackers.base import DoNothingTracker, RunInfo, Tracker
from magnus_tracking.trackers.registry import create_tracker

__all__ = ["DoNothingTracker", "RunInfo", "Tracker", "create_tracker"]
