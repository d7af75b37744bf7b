"""From a tracked value to the JSON text that the journal holds."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping
from typing import Any

_PLAIN = (int, float, str, bool)


def encode_value(key: str, value: Any) -> str:
    """The JSON text of a value, NaN and infinities bare.

    Pydantic models become objects by alias, numpy and torch scalars numbers, at every depth.

    Raises:
        TypeError: the value is nothing of the kind; the message names `key`.
    """
    try:
        return _ENCODER.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else ""
        raise TypeError(
            f"metric {key!r}: {reason or f'a value of type {type(value).__name__!r} can not be tracked'}; "
            "give a JSON value, a pydantic model, or a numpy or torch scalar"
        ) from error


def plain_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as JSON values.

    Raises:
        TypeError: a value is none, and which.
    """
    return {key: json.loads(encode_value(key, value)) for key, value in parameters.items()}


def step_index(step: Any) -> int:
    """`step` as an int; numpy integers are taken too.

    Raises:
        TypeError: it is no integer.
    """
    try:
        return operator.index(step)
    except TypeError:
        raise TypeError(f"step {step!r} is no integer: metrics are tracked at whole steps") from None


def _plain(value: Any) -> Any:
    if hasattr(type(value), "model_dump"):
        return value.model_dump(by_alias=True)
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        item = value.item()
        if isinstance(item, _PLAIN):
            return item
    raise TypeError(f"{type(value).__name__} is not a JSON value")


_ENCODER = json.JSONEncoder(default=_plain, separators=(",", ":"))
