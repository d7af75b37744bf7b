"""The functions of the query language, as in ``min(metric.loss)``: a new one is an entry of `FUNCTIONS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from magnus_tracking.runlog.metric_summary import MetricSummary


class Function(NamedTuple):
    """What is asked of a metric.

    Attributes:
        of: the value, of a metric all of whose values are known; None where there is none.
        help: which value it is, in the help.
        elsewhere: what other languages call it.
    """

    of: Callable[[MetricSummary], Any]
    help: str
    elsewhere: tuple[str, ...] = ()


LAST = "last"
"""What a metric's name alone stands for: the only function that needs just the last value."""

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "min": Function(attrgetter("min"), "the least", ("minimum",)),
        "max": Function(attrgetter("max"), "the greatest", ("maximum",)),
        "mean": Function(attrgetter("mean"), "the mean", ("avg", "average")),
        LAST: Function(attrgetter("last"), "the last"),
    }
)
"""By name. The grammar, completion, the help, and the columns of the index follow."""

OF_ALL_VALUES = tuple(name for name in FUNCTIONS if name != LAST)
"""Those that need more than the last value."""
