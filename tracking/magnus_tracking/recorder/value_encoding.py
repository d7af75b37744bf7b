"""From a tracked value to the JSON text that the journal holds."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping
from typing import Any

from magnus_tracking.runlog.numbers_in_text import INDEX_LIMIT, MOST_DIGITS

_PLAIN = (int, float, str, bool)


def encode_value(key: str, value: Any) -> str:
    """The JSON text of a value, NaN and infinities bare.

    Pydantic models become objects by alias, numpy and torch scalars and arrays of one element numbers, at every depth.

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
    """`step` as an int: whole floats, numpy and torch scalars, and arrays of one of them are taken too.

    Raises:
        TypeError: it is not an integer, or one of more digits than a reader takes.
    """
    value = _item(step)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        index = operator.index(value)
    except TypeError:
        raise TypeError(f"step {step!r} is not an integer: metrics are tracked at whole steps") from None
    if not -INDEX_LIMIT < index < INDEX_LIMIT:
        raise TypeError(f"a step has more than {MOST_DIGITS} digits: readers take it for a name")
    return index


def _plain(value: Any) -> Any:
    if hasattr(type(value), "model_dump"):
        return value.model_dump(by_alias=True)
    item = _item(value)
    if isinstance(item, _PLAIN):
        return item
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _item(value: Any) -> Any:
    """The only element of an array or tensor, whatever its shape; anything else as it is."""
    if not hasattr(type(value), "item"):
        return value
    try:
        return value.item()
    except Exception:  # arrays of other sizes raise whatever their library chose
        return value


_ENCODER = json.JSONEncoder(default=_plain, separators=(",", ":"))
