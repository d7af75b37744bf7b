"""The trackers by name: a new one of ours is a line of `TRACKERS`, one of another package an entry point of that.

The keys of a tracker's configuration are the parameters of its class.
"""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from magnus_tracking.errors import ConfigurationError
from magnus_tracking.trackers.base import DoNothingTracker, Tracker

TRACKERS = {
    DoNothingTracker.service_name: "magnus_tracking.trackers.base:DoNothingTracker",
    "mlflow": "magnus_tracking.trackers.mlflow:MlflowTracker",
}
"""The class of each, which is imported when it is asked for."""

_GROUP = "magnus_tracking.trackers"
"""The entry points of other packages."""

_EXPECTED: dict[Any, str] = {bool: "true or false", str: "a text", int: "a whole number", float: "a number"}
"""How messages call the types that a parameter of a tracker may have."""

_YES = ("yes", "y", "on", "true", "1")
_NO = ("no", "n", "off", "false", "0")
"""What YAML 1.1, and people, take for true and false."""

_LONGEST = 80
"""Characters of a value that a message shows."""


def create_tracker(name: str, config: Mapping[str, Any]) -> Tracker:
    """The tracker that a configuration names.

    Args:
        name: among `TRACKERS`, or the entry points of other packages.
        config: the parameters of its class.

    Raises:
        ConfigurationError: there is no tracker of that type, it can't be imported, or a key is unknown, missing or of
            another type than the tracker takes.
    """
    if name == DoNothingTracker.service_name and not config:
        return DoNothingTracker()
    from importlib.metadata import EntryPoint, entry_points

    found = {one: EntryPoint(one, target, _GROUP) for one, target in TRACKERS.items()}
    if name not in found:
        # This reads the metadata of every installed package.
        found = {point.name: point for point in entry_points(group=_GROUP)} | found
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise ConfigurationError(f"experiment_tracker: unknown type {name!r}: known are {known}")
    try:
        kind = found[name].load()
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"experiment_tracker {name!r} can't be imported: {error}") from error
    parameters = inspect.signature(kind).parameters
    unknown = next((key for key in config if key not in parameters), None)
    if unknown is not None:
        known = ", ".join(parameters) or "none"
        raise ConfigurationError(f"experiment_tracker {name!r}: unknown key {unknown!r}: known are {known}")
    missing = [key for key, p in parameters.items() if p.default is p.empty and key not in config]
    if missing:
        raise ConfigurationError(f"experiment_tracker {name!r}: {', '.join(missing)} is missing")
    for key, expected in _types(kind).items():
        if key in config:
            _check_type(f"experiment_tracker {name!r}: {key}", config[key], expected)
    tracker: Tracker = kind(**config)
    return tracker


def _types(kind: Callable[..., Any]) -> dict[str, type]:
    """The plain types of the parameters of a tracker, as far as its annotations tell."""
    try:
        parameters = inspect.signature(kind, eval_str=True).parameters
    except (NameError, TypeError, ValueError, AttributeError):
        # Annotations of another package that can't be evaluated tell nothing.
        return {}
    return {name: one.annotation for name, one in parameters.items() if one.annotation in _EXPECTED}


def _check_type(where: str, value: Any, expected: type) -> None:
    accepted = (int, float) if expected is float else expected
    if isinstance(value, accepted) and (expected is bool or not isinstance(value, bool)):
        return
    raise ConfigurationError(f"{where} must be {_EXPECTED[expected]}, not {_said(value)}{_form(value, expected)}")


def _said(value: Any) -> str:
    if isinstance(value, str):
        return f"the text {json.dumps(value, ensure_ascii=False)}"
    return "empty" if value is None else json.dumps(value, default=str)[:_LONGEST]


def _form(value: Any, expected: type) -> str:
    """How the value was probably meant, in YAML."""
    if expected is bool:
        word = str(value).lower()
        meant = "true" if word in _YES else "false" if word in _NO else ""
        return f": write {meant}" if meant else ""
    if expected is str and isinstance(value, bool | int | float):
        return ": put it in quotes"
    if expected in (int, float) and isinstance(value, str):
        with contextlib.suppress(ValueError):
            expected(value)
            return f": write {value}"
    return ""
