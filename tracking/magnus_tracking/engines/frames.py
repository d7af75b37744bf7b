"""The frame in which an engine runs a step, in this process.

Both engines run a step in a function of their own, whatever the kind of the run; while its frame is on the stack of a
thread, or suspended in a coroutine, the step runs. All iterations of a map share one node, so that only the frame tells
them apart.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

_NODE = "_execute_node"
_NODE_ASYNC = "_execute_node_async"
_JOB = "execute_job"
STEP_FUNCTIONS = frozenset({_NODE, _NODE_ASYNC, _JOB})
"""The functions of the engines in which a step runs."""

_ENGINE_MODULES = ("magnus.", "runnable.", "extensions.")


def is_engine_loaded() -> bool:
    """Whether an engine was imported into this process; nothing else is looked at in a process without one."""
    return "magnus.context" in sys.modules or "runnable.context" in sys.modules


def step_frame_above(frame: FrameType | None) -> FrameType | None:
    """The frame in which an engine runs a step, among `frame` and those that called it."""
    while frame is not None:
        if frame.f_code.co_name in STEP_FUNCTIONS and _is_engines(frame):
            return frame
        frame = frame.f_back
    return None


def is_job(frame: FrameType) -> bool:
    """Whether what runs in it is a job."""
    return frame.f_code.co_name == _JOB


def is_async(frame: FrameType) -> bool:
    """Whether what runs in it is a coroutine, which is on no stack while it waits."""
    return frame.f_code.co_name == _NODE_ASYNC


def _is_engines(frame: FrameType) -> bool:
    module = frame.f_globals.get("__name__")
    return isinstance(module, str) and module.startswith(_ENGINE_MODULES) and "self" in frame.f_code.co_varnames


def only_step_frame() -> tuple[FrameType, int] | None:
    """The only frame in which an engine runs a step now, for a thread or task that it did not begin; and its thread.

    Returns:
        None where there is none, or several.
    """
    found = [(frame, thread) for frame, thread in _step_frames() if frame is not None]
    return found[0] if len({id(frame) for frame, _ in found}) == 1 else None


def _step_frames() -> Iterator[tuple[FrameType | None, int]]:
    for thread, frame in sys._current_frames().items():
        yield step_frame_above(frame), thread
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None:
        here = threading.get_ident()
        for coroutine in _waiting_coroutines(asyncio):
            yield step_frame_above(coroutine.cr_frame), here


def _waiting_coroutines(asyncio: Any) -> Iterator[Any]:
    """The coroutines that tasks of this thread's loop wait in, and those that these wait for."""
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:
        # No loop runs in this thread.
        return
    for task in tasks:
        coroutine = task.get_coro()
        while coroutine is not None and getattr(coroutine, "cr_frame", None) is not None:
            yield coroutine
            coroutine = coroutine.cr_await


def is_running(frame: FrameType, thread: int) -> bool:
    """Whether a step's frame is still on the stack of the thread that it ran in."""
    above = sys._current_frames().get(thread)
    while above is not None:
        if above is frame:
            return True
        above = above.f_back
    return False
