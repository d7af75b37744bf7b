"""Words that the engines write, apart from the models so that a summary needs no pydantic."""

from typing import Literal

Engine = Literal["magnus", "runnable", "magnus-tracking", "unknown"]
"""What can have written a run log; unknown for one that can't be read."""

COMPOSITE_STEP_TYPES = frozenset({"parallel", "map", "dag", "conditional", "loop"})
"""Step types that hold branches and do no work of their own."""

TERMINAL_STEP_TYPES = frozenset({"success", "fail"})
"""Step types that only mark where a graph ends."""

FINAL_STATUSES = frozenset({"SUCCESS", "FAIL"})
"""Statuses after which the engines write no more."""

GOES_ON = frozenset({"CREATED", "TRIGGERED", "PROCESSING"})
"""Statuses of what has not ended."""

NOT_BEGUN = "CREATED"
"""The status of what was made ready and has not begun."""

SKIPPED = "SKIPPED"
"""The status under which a mocked step is shown."""

OUR_EXECUTOR = "magnus-tracking"
"""The executor's `service_name` in the `run_config` that the tracking core writes."""

JOB_STEP = "job"
"""The name of the one leaf step that a runnable job is shown as."""


def engine_that_wrote(our_executor: bool, use_cached: bool) -> Engine:
    """Which engine wrote a log, told by the fields that are there.

    Args:
        our_executor: whether its `run_config` has the executor of the tracking core.
        use_cached: whether it has a field `use_cached`.
    """
    if our_executor:
        return "magnus-tracking"
    return "magnus" if use_cached else "runnable"
