"""Asking for what is like a value that was seen: the term of a query that finds it again."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from magnus_tracking.query.fields import Field, Kind
from magnus_tracking.query.matching import as_text
from magnus_tracking.query.nodes import Comparison, Has, IsNan, Node, Not, Pattern


def like(field: Field, value: Any) -> Node | None:
    """What a query asks to find the runs whose `field` is as `value` is.

    Args:
        field: the field.
        value: its value in some run, as the index has it.

    Returns:
        Equality; of a time, its day; for a missing value and NaN, the question for them. None for what no query
        compares: a length of time, and values with others inside.
    """
    if value is None or value == "":
        return Not(Has(field))
    if isinstance(value, float) and math.isnan(value):
        return IsNan(field)
    if isinstance(value, datetime):
        return Comparison(field, "=", Pattern((value.date().isoformat(),)))
    if field.kind is Kind.CODE:
        return Comparison(field, "=", Pattern(("dirty" if value[1] else value[0],)))
    if field.kind is Kind.SECONDS or isinstance(value, list | tuple | dict):
        return None
    return Comparison(field, "=", Pattern((as_text(value),), is_text=isinstance(value, str) and field.kind is Kind.ANY))
