"""The filter language over summaries, sorting and grouping; the words are defined in docs/queries.md.

query = parse("status:fail or metric.loss<0.3")
rows = SummaryRows(store.runs())
order(rows, query.select(rows), parse_sort("-metric.loss"))
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from magnus_tracking.lazy_imports import importer

if TYPE_CHECKING:
    from magnus_tracking.analysis.best_values import Direction, best_value, direction_of
    from magnus_tracking.query.completion import Completion, complete
    from magnus_tracking.query.fields import ColumnSource, Context, Field, Kind, SummaryRows, parse_field, value_of
    from magnus_tracking.query.grammar import prepare
    from magnus_tracking.query.grouping import Group, group
    from magnus_tracking.query.ordering import NEWEST_FIRST, SortKey, order, parse_sort
    from magnus_tracking.query.query import Query, parse
    from magnus_tracking.query.unknown_names import missing_names

__all__ = [
    "NEWEST_FIRST",
    "ColumnSource",
    "Completion",
    "Context",
    "Direction",
    "Field",
    "Group",
    "Kind",
    "Query",
    "SortKey",
    "SummaryRows",
    "best_value",
    "complete",
    "direction_of",
    "group",
    "missing_names",
    "order",
    "parse",
    "parse_field",
    "parse_sort",
    "prepare",
    "value_of",
]

_HOMES = MappingProxyType(
    {
        "ColumnSource": "magnus_tracking.query.fields",
        "Completion": "magnus_tracking.query.completion",
        "Context": "magnus_tracking.query.fields",
        "Direction": "magnus_tracking.analysis.best_values",
        "Field": "magnus_tracking.query.fields",
        "Group": "magnus_tracking.query.grouping",
        "Kind": "magnus_tracking.query.fields",
        "NEWEST_FIRST": "magnus_tracking.query.ordering",
        "Query": "magnus_tracking.query.query",
        "SortKey": "magnus_tracking.query.ordering",
        "SummaryRows": "magnus_tracking.query.fields",
        "best_value": "magnus_tracking.analysis.best_values",
        "complete": "magnus_tracking.query.completion",
        "direction_of": "magnus_tracking.analysis.best_values",
        "group": "magnus_tracking.query.grouping",
        "missing_names": "magnus_tracking.query.unknown_names",
        "order": "magnus_tracking.query.ordering",
        "parse": "magnus_tracking.query.query",
        "parse_field": "magnus_tracking.query.fields",
        "parse_sort": "magnus_tracking.query.ordering",
        "prepare": "magnus_tracking.query.grammar",
        "value_of": "magnus_tracking.query.fields",
    }
)
"""The module of each name."""

__getattr__ = importer(__name__, globals(), _HOMES)
