"""One column of a comparison, whatever it is: a run, a branch or an attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from magnus_tracking.runlog.metrics import Series

if TYPE_CHECKING:
    from magnus_tracking.runlog.models import CodeIdentity, StepLog


@dataclass(frozen=True)
class Subject:
    """What is known of one column.

    Attributes:
        name: the heading of the column.
        facts: status, duration and the like.
        inferred: the names of facts that are concluded rather than written.
        parameters: by name, without runnable's wrappers.
        metrics: by metric, the series that gives the value.
        by_step: by (step without `prefix`, metric), the series of that step's latest attempt.
        steps: the steps inside, depth first.
        prefix: what the internal names of those steps begin with in this column alone.
        code: the code identities, in the order of the log.
        configuration: how it was run.
        pipeline: what was run.
        without_logs: whether execution logs don't count as data, as another column's engine does not list them.
    """

    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    inferred: frozenset[str] = frozenset()
    parameters: dict[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Series] = field(default_factory=dict)
    by_step: Mapping[tuple[str, str], Series] = field(default_factory=dict)
    steps: Sequence[StepLog] = ()
    prefix: str = ""
    code: Sequence[CodeIdentity] = ()
    configuration: dict[str, Any] = field(default_factory=dict)
    pipeline: dict[str, Any] = field(default_factory=dict)
    without_logs: bool = False

    def step_name(self, step: StepLog) -> str:
        """The name of a step as columns share it."""
        return step.internal_name.removeprefix(self.prefix)
