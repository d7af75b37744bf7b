"""Metrics and parameters that come through environment variables.

``MAGNUS_TRACK_<key>`` is a metric at step 0, ``MAGNUS_TRACK_<key>_STEP_<n>`` one at step n, ``MAGNUS_PRM_<key>`` a
parameter.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import MutableMapping
from typing import Any, NamedTuple

from magnus_tracking.errors import RecordingWarning
from magnus_tracking.runlog.numbers_in_text import index_of, is_index

TRACK_PREFIX = "MAGNUS_TRACK_"
PARAMETER_PREFIX = "MAGNUS_PRM_"
RUN_ID_VARIABLE = "MAGNUS_RUN_ID"
TAG_VARIABLE = "MAGNUS_RUN_TAG"
CONFIGURATION_VARIABLE = "MAGNUS_CONFIG_FILE"
JOURNAL_VARIABLE = "MAGNUS_JOURNAL"
ENGINE_RUN_VARIABLES = (RUN_ID_VARIABLE, "RUNNABLE_RUN_ID")

_STEP_INDICATOR = "_STEP_"


class EnvironmentMetric(NamedTuple):
    """One metric that was exported."""

    name: str
    step: int
    value: Any


def take_metrics(environment: MutableMapping[str, str]) -> list[EnvironmentMetric]:
    """Take the metrics out of an environment, which no longer holds their variables then."""
    names = [name for name in environment if name.startswith(TRACK_PREFIX)]
    return [_metric(name, environment.pop(name)) for name in names]


def _metric(variable: str, text: str) -> EnvironmentMetric:
    whole = variable.removeprefix(TRACK_PREFIX)
    key, indicator, step = whole.rpartition(_STEP_INDICATOR)
    if not indicator:
        return EnvironmentMetric(whole, 0, metric_value(text))
    if key and is_index(step):
        return EnvironmentMetric(key, index_of(step), metric_value(text))
    wrong = f"{step!r} is not a step" if key else "no name stands before the step"
    message = f"{variable}: {wrong}, so the value is kept under {whole!r}"
    warnings.warn(message, RecordingWarning, stacklevel=2)
    return EnvironmentMetric(whole, 0, metric_value(text))


def metric_value(text: str) -> Any:
    """The value of a metric's variable: a number, an object, a list, or text.

    A quoted text loses its quotes, as in magnus. Unlike in magnus ``true``, ``false`` and ``null`` stay text, because
    its documentation has no booleans here.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if value is None or isinstance(value, bool) else value


def parameter_value(text: str) -> Any:
    """The value of a parameter's variable: what it is as JSON, else the text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def read_parameters(environment: MutableMapping[str, str]) -> dict[str, Any]:
    """The parameters in an environment by name."""
    return {
        name.removeprefix(PARAMETER_PREFIX): parameter_value(text)
        for name, text in environment.items()
        if name.startswith(PARAMETER_PREFIX) and name != PARAMETER_PREFIX
    }


def parameter_variables(parameters: dict[str, Any]) -> dict[str, str]:
    """The variables that hand parameters to a task, as JSON text as the engine does.

    A name with an equals sign names no variable.
    """
    return {PARAMETER_PREFIX + key: json.dumps(value) for key, value in parameters.items() if "=" not in key}
