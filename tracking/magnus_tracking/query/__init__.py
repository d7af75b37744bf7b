"""The filter language over summaries, sorting and grouping; the words are defined in docs/queries.md.

query = parse("status:fail or metric.loss<0.3")
rows = SummaryRows(store.runs())
order(rows, query.select(rows), parse_sort("-metric.loss"))
"""

from magnus_tracking.query.best import Direction, best_value, direction_of
from magnus_tracking.query.completion import Completion, complete
from magnus_tracking.query.fields import ColumnSource, Context, Field, Kind, SummaryRows, parse_field, value_of
from magnus_tracking.query.grammar import prepare
from magnus_tracking.query.grouping import Group, group
from magnus_tracking.query.language import Query, parse
from magnus_tracking.query.ordering import NEWEST_FIRST, SortKey, order, parse_sort

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
    "order",
    "parse",
    "parse_field",
    "parse_sort",
    "prepare",
    "value_of",
]
