"""Where metrics go besides the run log: nowhere, MLflow, or what another package brings.

A tracker is found by its name among the entry points of the group ``magnus_tracking.trackers``; the keys of its
configuration are the parameters of the class that the entry point names.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from magnus_tracking.errors import ConfigurationError
from magnus_tracking.trackers.base import DoNothingTracker, RunInfo, Tracker

GROUP = "magnus_tracking.trackers"

__all__ = ["GROUP", "DoNothingTracker", "RunInfo", "Tracker", "create_tracker"]


def create_tracker(name: str, config: Mapping[str, Any]) -> Tracker:
    """The tracker that a configuration names.

    Args:
        name: under which it is among the entry points.
        config: the parameters of its class.

    Raises:
        ConfigurationError: there is no tracker of that type, it can't be imported, or a key is unknown or missing.
    """
    if name == DoNothingTracker.service_name and not config:
        return DoNothingTracker()
    # Looking for entry points reads the metadata of every installed package, so it is done only when asked for.
    from importlib.metadata import entry_points

    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise ConfigurationError(f"experiment_tracker: unknown type {name!r}: known are {known}")
    try:
        kind = found[name].load()
    except ImportError as error:
        raise ConfigurationError(f"experiment_tracker {name!r} can't be imported: {error}") from error
    parameters = inspect.signature(kind).parameters
    unknown = next((key for key in config if key not in parameters), None)
    if unknown is not None:
        known = ", ".join(parameters) or "none"
        raise ConfigurationError(f"experiment_tracker {name!r}: unknown key {unknown!r}: known are {known}")
    missing = [key for key, p in parameters.items() if p.default is p.empty and key not in config]
    if missing:
        raise ConfigurationError(f"experiment_tracker {name!r}: {', '.join(missing)} is missing")
    tracker: Tracker = kind(**config)
    return tracker
