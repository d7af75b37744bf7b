"""Words that the engines write, apart from the models so that a summary needs no pydantic."""

COMPOSITE_STEP_TYPES = frozenset({"parallel", "map", "dag", "conditional", "loop"})
"""Step types that hold branches and do no work of their own."""

TERMINAL_STEP_TYPES = frozenset({"success", "fail"})
"""Step types that only mark where a graph ends."""

FINAL_STATUSES = frozenset({"SUCCESS", "FAIL"})
"""Statuses after which the engines write no more."""

OUR_EXECUTOR = "magnus-tracking"
"""The executor's `service_name` in the `run_config` that the tracking core writes."""

JOB_STEP = "job"
"""The name of the one leaf step that a runnable job is shown as."""
