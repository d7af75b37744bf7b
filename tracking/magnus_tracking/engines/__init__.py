"""The step of a real engine that this process runs inside, and where what it tracks is kept.

magnus 0.5.1 and runnable 0.20 to 0.50 run python and notebook tasks in their own process, where the step is found from
the engine's frames on the stack, and shell tasks in a child, where it is found from the environment, the processes
above and the run log. Nothing here imports an engine, sets a variable or writes into a run log: what is tracked goes
into journals beside the run, which no engine looks at and which readers lay over its log.
"""

from __future__ import annotations

from magnus_tracking.engines.place import EngineStep, Unreachable

__all__ = ["EngineStep", "Unreachable"]
